// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Distributor} from "../../src/Distributor.sol";
import {LiveToken} from "../../src/LiveToken.sol";
import {PrizeVault} from "../../src/PrizeVault.sol";
import {Base} from "../Base.sol";
import {Tree} from "./Tree.sol";

/// @title Random acts on vault and distributor, beside a model in plain numbers
/// @dev Every act first works out from the model alone whether it must succeed; a wrong outcome is counted in `wrong`.
contract RewardsHandler is Base {
    uint256 internal constant PEOPLE = 5;
    uint256 internal constant POOLS = 3;
    uint256 internal constant SUPPLY = 1e27;
    uint256 internal constant GIVEN = 1e24;

    LiveToken public live;
    PrizeVault public vault;
    Distributor public distributor;

    address[PEOPLE] public people;
    address public operator = address(0x0FE7A);
    address public owner = address(0x0AAE7);

    // ---- the model
    uint256[POOLS] public pool;
    uint256[POOLS] public fundedAt;
    uint256 public drawn;
    uint256 public claimed;
    uint256 public pushed;
    uint256 public epoch;
    uint256 public epochAt;
    bool public paused;
    uint256[PEOPLE] public won;
    uint256[PEOPLE] public paid;
    uint256[PEOPLE] public pocket;
    uint256 public wrong;
    string public fault;

    uint256[][] private _history;
    bytes32[] private _roots;

    constructor() {
        vm.warp(1_800_000_000);
        live = new LiveToken(address(this), SUPPLY);
        vault = new PrizeVault(live, owner, operator);
        distributor = vault.distributor();
        epochAt = block.timestamp;
        for (uint256 i; i < PEOPLE; i++) {
            people[i] = address(uint160(0x10000 + i * 7919));
            live.transfer(people[i], GIVEN);
            pocket[i] = GIVEN;
            vm.prank(people[i]);
            live.approve(address(vault), type(uint256).max);
        }
    }

    function idOf(uint256 i) public view returns (uint160) {
        return uint160(uint256(keccak256(abi.encode(people[i], uint256(7)))));
    }

    function fund(uint256 who, uint256 amount) external {
        who %= POOLS;
        amount = amount % 50 == 0 ? 0 : bound(amount, 1, GIVEN / 3);
        bool right = amount > 0 && pocket[who] >= amount;
        vm.prank(people[who]);
        try vault.fund(7, amount) returns (uint160 id) {
            if (!check(right && id == idOf(who), "fund")) return;
            pool[who] += amount;
            pocket[who] -= amount;
            fundedAt[who] = block.timestamp;
        } catch {
            check(!right, "fund refused");
        }
    }

    /// A root over everybody's totals, of which two win more; sometimes by a stranger, out of turn or over the pool.
    function settle(uint256 from, uint256 amount, uint256 winner, uint256 oddity) external {
        from %= POOLS;
        winner %= PEOPLE;
        amount = bound(amount, 0, pool[from] + (oddity % 7 == 0 ? 1e18 : 0));
        uint256 next = oddity % 11 == 0 ? epoch : oddity % 13 == 0 ? epoch + 2 : epoch + 1;
        bool stranger = oddity % 17 == 0;
        bool right = next == epoch + 1 && !stranger && !paused && amount <= pool[from];
        won[winner] += amount / 2;
        won[(winner + 1) % PEOPLE] += amount - amount / 2;
        uint256[] memory entries = _entries();
        bytes32 root = Tree.build(entries)[0];
        uint256[] memory draws = new uint256[](2);
        draws[0] = (uint256(idOf(from)) << 96) | (amount / 3);
        draws[1] = (uint256(idOf(from)) << 96) | (amount - amount / 3);
        vm.prank(stranger ? people[winner] : operator);
        try vault.settle(next, root, keccak256("digest"), draws) {
            if (!check(right, "settle")) return;
            pool[from] -= amount;
            drawn += amount;
            epoch = next;
            epochAt = block.timestamp;
            _history.push(entries);
            _roots.push(root);
        } catch {
            check(!right, "settle refused");
            won[winner] -= amount / 2;
            won[(winner + 1) % PEOPLE] -= amount - amount / 2;
        }
    }

    function pay(uint256 from, uint256 amount, uint256 winner, uint256 oddity) external {
        from %= POOLS;
        winner %= PEOPLE;
        amount = bound(amount, 0, pool[from] + (oddity % 7 == 0 ? 1e18 : 0));
        bool right = oddity % 11 != 0 && !paused && amount <= pool[from];
        uint256[] memory words = new uint256[](2);
        words[0] = (uint256(uint160(people[winner])) << 96) | (amount / 2);
        words[1] = (uint256(uint160(people[(winner + 2) % PEOPLE])) << 96) | (amount - amount / 2);
        vm.prank(operator);
        try vault.pay(oddity % 11 == 0 ? epoch : epoch + 1, idOf(from), keccak256("digest"), words) {
            if (!check(right, "pay")) return;
            epoch++;
            epochAt = block.timestamp;
            pool[from] -= amount;
            pushed += amount;
            pocket[winner] += amount / 2;
            pocket[(winner + 2) % PEOPLE] += amount - amount / 2;
        } catch {
            check(!right, "pay refused");
        }
    }

    /// By proof of the root in force or of an older one, with the true amount or another.
    function claim(uint256 who, uint256 age, uint256 oddity) external {
        if (_history.length == 0) return;
        who %= PEOPLE;
        uint256 which = _history.length - 1 - (age % 4 == 0 ? age % _history.length : 0);
        uint256[] memory entries = _history[which];
        bytes memory path = Tree.proof(Tree.build(entries), who);
        uint256 entry = entries[who];
        uint256 total = uint96(entry);
        if (oddity % 5 == 0) entry += 1 + (oddity >> 8) % 1e18;
        if (oddity % 19 == 0) path = abi.encodePacked(path, bytes24(uint192(oddity)));
        bool right = oddity % 5 != 0 && oddity % 19 != 0 && total > paid[who]
            && _roots[which] == _roots[_roots.length - 1];
        vm.prank(people[(who + 1) % PEOPLE]);
        try distributor.claim(entry, path) {
            if (!check(right, "claim")) return;
            _book(who, total);
        } catch {
            check(!right, "claim refused");
        }
    }

    function claimMany(uint256 chosen, uint256 age, uint256 oddity) external {
        if (_history.length == 0) return;
        chosen = bound(chosen, 1, (1 << PEOPLE) - 1);
        uint256 which = _history.length - 1 - (age % 4 == 0 ? age % _history.length : 0);
        uint256[] memory entries = _history[which];
        (uint256[] memory picked, bytes memory path, uint256[] memory flags) =
            Tree.proofOfMany(Tree.build(entries), entries, chosen);
        if (oddity % 5 == 0) picked[oddity % picked.length] += 1e18;
        bool right = oddity % 5 != 0 && _roots[which] == _roots[_roots.length - 1];
        try distributor.claimMany(picked, path, flags) {
            if (!check(right, "claimMany")) return;
            for (uint256 k; k < PEOPLE; k++) {
                uint256 total = uint96(entries[k]);
                if (chosen >> k & 1 == 1 && total > paid[k]) _book(k, total);
            }
        } catch {
            check(!right, "claimMany refused");
        }
    }

    function returnPool(uint256 which, uint256 by) external {
        which %= POOLS;
        address caller = by % 3 == 0 ? operator : people[by % PEOPLE];
        uint256 last = fundedAt[which] > epochAt ? fundedAt[which] : epochAt;
        bool right =
            pool[which] > 0 && (caller == operator || (caller == people[which] && block.timestamp >= last + 30 days));
        vm.prank(caller);
        try vault.returnPool(idOf(which)) {
            if (!check(right, "return")) return;
            pocket[which] += pool[which];
            pool[which] = 0;
        } catch {
            check(!right, "return refused");
        }
    }

    function pause(uint256 by) external {
        bool right = by % 5 != 0;
        vm.prank(right ? owner : operator);
        try vault.pauseDraws(by % 2 == 0) {
            if (!check(right, "pause")) return;
            paused = by % 2 == 0;
        } catch {
            check(!right, "pause refused");
        }
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + time % 12 days);
    }

    function holdings() external view returns (uint256 sum) {
        sum = live.balanceOf(address(this)) + live.balanceOf(address(vault)) + live.balanceOf(address(distributor));
        for (uint256 i; i < PEOPLE; i++) sum += live.balanceOf(people[i]);
    }

    function _book(uint256 who, uint256 total) private {
        claimed += total - paid[who];
        pocket[who] += total - paid[who];
        paid[who] = total;
    }

    function _entries() private view returns (uint256[] memory entries) {
        entries = new uint256[](PEOPLE);
        for (uint256 i; i < PEOPLE; i++) entries[i] = (uint256(uint160(people[i])) << 96) | won[i];
    }

    function check(bool as_, string memory what) private returns (bool) {
        if (as_) return true;
        wrong++;
        fault = what;
        return false;
    }
}
