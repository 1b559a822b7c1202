// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC4907} from "../../src/IERC4907.sol";
import {Vm} from "../Base.sol";
import {Quarter} from "./Quarter.sol";

/// @title Properties of rents for any place and time
contract RentsTest is Quarter {
    /// A rent holds to its last second and not longer, whatever is done to the land meanwhile.
    function testFuzz_aRentEndsByItself(uint64 expires, uint64 time, uint256 level, uint256 place, bool fused) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        expires = uint64(bound(expires, 1_800_000_000, type(uint64).max));
        time = uint64(bound(time, 1_800_000_000, type(uint64).max));
        vm.prank(treasury);
        tierra.transferQuad(treasury, ann, kind, base, false);
        vm.prank(ann);
        tierra.setQuadUser(kind, base, bob, expires);
        vm.prank(ann);
        tierra.safeTransferQuad(ann, fused ? address(mall) : treasury, kind, base, false, "");
        vm.warp(time);
        bool runs = time <= expires;
        uint256 member = base + (place % size);
        same(tierra.userOf(member), runs ? bob : address(0), "tenant");
        same(tierra.userExpires(member), runs ? expires : 0, "end");
        if (fused) same(mall.userOf(kind * 2 ** 20 + base), runs ? bob : address(0), "tenant of the Mall");
    }

    /// While a rent runs, only its tenant gets it prolonged, never shortened, and no part of it is let anew; a larger square can be
    /// let, and its tenant waits.
    function testFuzz_aRunningRentOnlyGrows(Asked memory asked) public {
        uint256 base = ((asked.place % 97_000) / 1024) * 1024;
        uint256 level = asked.level % 5;
        uint256 other = asked.other % 5;
        asked.end = uint64(bound(asked.end, 1_800_000_000, 1_800_000_009));
        asked.wanted = uint64(bound(asked.wanted, 1_800_000_000, 1_800_000_009));
        _rent(level, base, bob, asked.end);
        if (asked.over) vm.warp(asked.end + 1);
        bool grows = other == level && asked.same && asked.wanted >= asked.end;
        bool may = asked.over || other > level || grows;
        try this.rent(other, base, asked.same ? bob : ann, asked.wanted) {
            isTrue(may, "changed a running rent");
        } catch {
            isTrue(!may, "refused a free place");
        }
        if (may && (asked.over || grows)) {
            _isLet(base, asked.same ? bob : ann, asked.wanted);
        } else {
            _isLet(base, bob, asked.end);
            vm.warp(asked.end + 1);
            _isLet(base, may ? (asked.same ? bob : ann) : address(0), asked.wanted);
        }
    }

    struct Asked {
        uint256 place;
        uint256 level;
        uint256 other;
        uint64 end;
        uint64 wanted;
        bool same;
        bool over;
    }

    function _isLet(uint256 base, address tenant, uint64 end) private view {
        bool runs = end >= vm.getBlockTimestamp();
        same(tierra.userOf(base), runs ? tenant : address(0), "tenant");
        same(tierra.userExpires(base), runs && tenant != address(0) ? end : 0, "end");
    }

    /// @dev Called by the test itself, to catch a refusal.
    function rent(uint256 level, uint256 base, address tenant, uint64 end) external {
        _rent(level, base, tenant, end);
    }

    /// A title may be let exactly while no rent of it or around it runs, however many ran before and whichever ended first.
    function testFuzz_onlyTheRentsThatRunCount(uint256 place, uint256 seed) public {
        uint256 base = ((place % 97_000) / 1024) * 1024;
        uint64[5] memory ends;
        for (uint256 step = 0; step < 12; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            vm.warp(vm.getBlockTimestamp() + ((seed >> 8) % 40));
            uint256 level = seed % 5;
            uint64 end = uint64(vm.getBlockTimestamp() + ((seed >> 16) % 60));
            bool may = true;
            for (uint256 up = level; up < 5; ++up) {
                if (ends[up] >= vm.getBlockTimestamp()) may = false;
            }
            // a neighbour of a quarter of the region's size: its rents must not count here, nor hide those that do
            uint256 side = base + 768;
            if (ends[4] < vm.getBlockTimestamp()) {
                try this.rent(1 + ((seed >> 24) % 3), side, ann, uint64(vm.getBlockTimestamp() + ((seed >> 32) % 9))) {} catch {}
            }
            try this.rent(level, base, address(uint160(0x10000 + step)), end) {
                isTrue(may, "let what is let");
                ends[level] = end;
            } catch {
                isTrue(!may, "refused what is free");
            }
        }
    }

    /// What `announceUsers` tells is what `userOf` and `userExpires` answer.
    function testFuzz_announcedTenantsAreTheTenants(uint256 level, uint256 place, uint256 seed) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        _settle(base, size, seed);
        vm.prank(ann);
        tierra.setQuadUser(kind, base, treasury, uint64(vm.getBlockTimestamp() + 9));
        vm.recordLogs();
        tierra.announceUsers(kind, base);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs.length, size, "events");
        for (uint256 index = 0; index < size; ++index) {
            same(logs[index].topics[0], IERC4907.UpdateUser.selector, "event");
            same(uint256(logs[index].topics[1]), base + index, "token");
            same(address(uint160(uint256(logs[index].topics[2]))), tierra.userOf(base + index), "tenant");
            same(abi.decode(logs[index].data, (uint256)), tierra.userExpires(base + index), "end");
        }
    }

    // ---- inside

    function _rent(uint256 level, uint256 base, address tenant, uint64 end) private {
        vm.prank(treasury);
        if (level == 0) tierra.setUser(base, tenant, end);
        else tierra.setQuadUser(level, base, tenant, end);
    }
}
