// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LiveToken} from "../../src/LiveToken.sol";
import {Base} from "../Base.sol";

/// Random acts on LIVE beside plain balances and allowances.
contract LiveHandler is Base {
    LiveToken public live = new LiveToken(address(this), 1e27);
    address[4] public people;
    uint256[4] public held;
    uint256[4][4] public allowed;
    uint256[4] public nonces;
    uint256 public wrong;

    constructor() {
        for (uint256 i; i < 4; i++) {
            people[i] = vm.addr(i + 1);
            live.transfer(people[i], 1e26);
            held[i] = 1e26;
        }
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        (from, to, amount) = (from % 4, to % 4, near(amount, held[from % 4]));
        bool right = held[from] >= amount;
        vm.prank(people[from]);
        try live.transfer(people[to], amount) {
            if (!check(right)) return;
            held[from] -= amount;
            held[to] += amount;
        } catch {
            check(!right);
        }
    }

    function transferFrom(uint256 from, uint256 to, uint256 by, uint256 amount) external {
        (from, to, by) = (from % 4, to % 4, by % 4);
        uint256 allowance = allowed[from][by];
        amount = near(amount, amount % 2 == 0 && allowance < held[from] ? allowance : held[from]);
        bool right = held[from] >= amount && allowance >= amount;
        vm.prank(people[by]);
        try live.transferFrom(people[from], people[to], amount) {
            if (!check(right)) return;
            held[from] -= amount;
            held[to] += amount;
            if (allowance != type(uint256).max) allowed[from][by] -= amount;
        } catch {
            check(!right);
        }
    }

    function approve(uint256 from, uint256 by, uint256 amount) external {
        (from, by) = (from % 4, by % 4);
        if (amount % 5 == 0) amount = type(uint256).max;
        vm.prank(people[from]);
        live.approve(people[by], amount);
        allowed[from][by] = amount;
    }

    function permit(uint256 from, uint256 by, uint256 amount, uint256 oddity) external {
        (from, by) = (from % 4, by % 4);
        uint256 deadline = oddity % 7 == 0 ? block.timestamp - 1 : block.timestamp + oddity % 2;
        uint256 nonce = nonces[from] + (oddity % 5 == 0 ? 1 : 0);
        bytes32 content = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                people[from],
                people[by],
                amount,
                nonce,
                deadline
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", live.DOMAIN_SEPARATOR(), content));
        uint256 signer = oddity % 3 == 0 ? (from + 1) % 4 : from;
        bool right = oddity % 7 != 0 && oddity % 5 != 0 && signer == from;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer + 1, digest);
        try live.permit(people[from], people[by], amount, deadline, v, r, s) {
            if (!check(right)) return;
            nonces[from]++;
            allowed[from][by] = amount;
        } catch {
            check(!right);
        }
    }

    function batchPay(uint256 from, uint256 seed, uint256 count) external {
        from %= 4;
        count %= 7;
        uint256[] memory words = new uint256[](count);
        uint256[4] memory credit;
        uint256 total;
        for (uint256 i; i < count; i++) {
            uint256 to = uint256(keccak256(abi.encode(seed, i))) % 4;
            uint256 amount = uint256(keccak256(abi.encode(seed, i, "amount"))) % (held[from] / 4 + 2);
            words[i] = (uint256(uint160(people[to])) << 96) | amount;
            credit[to] += amount;
            total += amount;
        }
        bool right = held[from] >= total;
        vm.prank(people[from]);
        try live.batchPay(words) {
            if (!check(right)) return;
            for (uint256 i; i < 4; i++) held[i] += credit[i];
            held[from] -= total;
        } catch {
            check(!right);
        }
    }

    /// @dev Any amount up to `edge` and a little more, the edge itself and the first beyond it often.
    function near(uint256 seed, uint256 edge) private pure returns (uint256) {
        if (edge == type(uint256).max) return seed;
        return seed % 5 == 0 ? edge : seed % 5 == 1 ? edge + 1 : bound(seed, 0, edge);
    }

    function check(bool as_) private returns (bool) {
        if (!as_) wrong++;
        return as_;
    }
}

contract LiveTest is Base {
    LiveHandler private h;
    LiveToken private live;

    function setUp() public {
        vm.warp(1_800_000_000);
        live = new LiveToken(address(this), 1e27);
        h = new LiveHandler();
        target(address(h));
    }

    function invariant_balancesAllowancesAndSupplyAreTheModels() public view {
        same(h.wrong(), 0, "an act ended otherwise than the model says");
        uint256 sum = h.live().balanceOf(address(h));
        for (uint256 i; i < 4; i++) {
            same(h.live().balanceOf(h.people(i)), h.held(i), "balance");
            same(h.live().nonces(h.people(i)), h.nonces(i), "nonce");
            sum += h.held(i);
            for (uint256 j; j < 4; j++) {
                same(h.live().allowance(h.people(i), h.people(j)), h.allowed(i, j), "allowance");
            }
        }
        same(sum, 1e27, "all balances are the supply");
        same(h.live().totalSupply(), 1e27, "supply");
    }

    /// A packed word pays exactly the receiver and the amount in it.
    function testFuzz_wordsPayWhoTheyName(address to, uint96 amount) public {
        vm.assume(to != address(0) && to != address(this));
        amount = uint96(bound(amount, 0, 1e27));
        uint256[] memory words = new uint256[](1);
        words[0] = (uint256(uint160(to)) << 96) | amount;
        live.batchPay(words);
        same(live.balanceOf(to), amount, "receiver");
        same(live.balanceOf(address(this)), 1e27 - amount, "payer");
    }

    /// Any words at all: a batch does what its transfers would do, or nothing.
    function testFuzz_aBatchIsItsTransfers(uint256[] memory words, uint256 supply) public {
        supply = bound(supply, 0, type(uint96).max);
        LiveToken one = new LiveToken(address(this), supply);
        LiveToken other = new LiveToken(address(this), supply);
        bool right = true;
        uint256 rest = supply;
        for (uint256 i; i < words.length; i++) {
            (address to, uint256 amount) = (address(uint160(words[i] >> 96)), uint96(words[i]));
            right = right && to != address(0) && rest >= amount;
            if (!right) break;
            rest -= amount;
            other.transfer(to, amount);
        }
        try one.batchPay(words) {
            isTrue(right, "paid what transfers could not");
            for (uint256 i; i < words.length; i++) {
                address to = address(uint160(words[i] >> 96));
                same(one.balanceOf(to), other.balanceOf(to), "as by transfers");
            }
            same(one.balanceOf(address(this)), rest, "payer");
        } catch {
            isTrue(!right, "refused what transfers could");
            same(one.balanceOf(address(this)), supply, "nothing moved");
        }
    }

    /// What a batch credits to its payer does not pay for the batch; with the balance it may be paid, and nothing is made.
    function testFuzz_aBatchIsNotPaidWithWhatItCredits(uint96 toSelf, uint96 more, bool covered) public {
        uint256 supply = 1e27;
        toSelf = uint96(bound(toSelf, 1, supply));
        uint256 rest = supply - toSelf;
        // half of the runs on each side of what the balance covers: two random amounts are hardly ever too much together
        more = uint96(covered ? bound(more, 0, rest) : bound(more, rest + 1, supply));
        uint256[] memory words = new uint256[](2);
        words[0] = (uint256(uint160(address(this))) << 96) | toSelf;
        words[1] = (uint256(uint160(address(1))) << 96) | more;
        LiveToken one = new LiveToken(address(this), supply);
        bool right = uint256(toSelf) + more <= supply;
        try one.batchPay(words) {
            isTrue(right, "paid with its own credit");
            same(one.balanceOf(address(this)), supply - more, "payer");
        } catch {
            isTrue(!right, "refused what the balance covers");
        }
    }

    /// A word that names nobody undoes its batch, however well the balance covers it.
    function testFuzz_aBatchBurnsNothing(uint96 paid, uint96 burnt) public {
        uint256[] memory words = new uint256[](2);
        words[0] = (uint256(uint160(address(1))) << 96) | bound(paid, 0, 5e26);
        words[1] = bound(burnt, 0, 5e26);
        vm.expectRevert(abi.encodeWithSignature("ERC20InvalidReceiver(address)", address(0)));
        live.batchPay(words);
        same(live.balanceOf(address(this)), 1e27, "nothing moved");
    }

    function testFuzz_supplyHasNinetySixBits(uint256 supply, bool nearly) public {
        uint256 edge = type(uint96).max;
        if (nearly) supply = bound(supply, edge - 1, edge + 2);
        if (supply > type(uint96).max) vm.expectRevert();
        new LiveToken(address(this), supply);
    }
}
