// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Island} from "../../src/Island.sol";
import {Base} from "../Base.sol";

/// @title Random sales and leases of Islands, each foretold by a model
contract IslandHandler is Base {
    Island public immutable island;
    address[3] public who;
    uint256 public wrong;
    mapping(uint256 id => address) public ownerOf;
    mapping(uint256 id => address) public tenantOf;
    mapping(uint256 id => uint256) public endOf;
    mapping(uint256 id => address) private _approved;

    constructor() {
        (who[0],) = person("treasury");
        (who[1],) = person("ann");
        (who[2],) = person("bob");
        island = new Island(who[0]);
        for (uint256 id = 1; id <= 100; ++id) {
            ownerOf[id] = who[0];
        }
    }

    function move(uint256 by, uint256 to, uint256 id) external {
        id = _place(id);
        address source = ownerOf[id] == address(0) ? who[0] : ownerOf[id];
        address sender = by % 2 == 0 ? source : who[(by / 2) % 3];
        bool may = ownerOf[id] != address(0) && (sender == source || _approved[id] == sender);
        vm.prank(sender);
        try island.transferFrom(source, who[to % 3], id) {
            if (!may) ++wrong;
        } catch {
            if (may) ++wrong;
        }
        if (!may) return;
        ownerOf[id] = who[to % 3];
        delete _approved[id];
    }

    function approve(uint256 to, uint256 id) external {
        id = 1 + (_place(id) % 100);
        vm.prank(ownerOf[id]);
        island.approve(who[to % 3], id);
        _approved[id] = who[to % 3];
    }

    function lease(uint256 by, uint256 tenant, uint256 id, uint256 term) external {
        id = _place(id);
        address user = tenant % 4 == 3 ? address(0) : who[tenant % 3];
        uint64 end = uint64(vm.getBlockTimestamp() + (term % 10) * 1 hours);
        address sender = by % 2 == 0 && ownerOf[id] != address(0) ? ownerOf[id] : who[(by / 2) % 3];
        bool may = ownerOf[id] != address(0) && (sender == ownerOf[id] || sender == _approved[id]);
        if (runs(id)) may = may && user == tenantOf[id] && end >= endOf[id];
        vm.prank(sender);
        try island.setUser(id, user, end) {
            if (!may) ++wrong;
        } catch {
            if (may) ++wrong;
        }
        if (may) (tenantOf[id], endOf[id]) = (user, end);
    }

    function pass(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + (time % 3) * 1 hours);
    }

    /// Mostly one of few Islands, so that moves meet what earlier ones have left; 0 and 101 are no Islands.
    function _place(uint256 seed) private pure returns (uint256) {
        return (seed / 4) % (seed % 4 == 0 ? 102 : 5);
    }

    function runs(uint256 id) public view returns (bool) {
        return tenantOf[id] != address(0) && endOf[id] >= vm.getBlockTimestamp();
    }
}

contract IslandsTest is Base {
    IslandHandler private h;

    function setUp() public {
        vm.warp(1_800_000_000);
        h = new IslandHandler();
        target(address(h));
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 80
    function invariant_islandsGoAsTheModelSays() public view {
        same(h.wrong(), 0, "moves that went otherwise than the model");
    }

    function afterInvariant() public view {
        uint256[3] memory counts;
        for (uint256 id = 1; id <= 100; ++id) {
            same(h.island().ownerOf(id), h.ownerOf(id), "owner");
            same(h.island().userOf(id), h.runs(id) ? h.tenantOf(id) : address(0), "tenant");
            same(h.island().userExpires(id), h.runs(id) ? h.endOf(id) : 0, "end");
            for (uint256 index = 0; index < 3; ++index) {
                if (h.ownerOf(id) == h.who(index)) ++counts[index];
            }
        }
        for (uint256 index = 0; index < 3; ++index) {
            same(h.island().balanceOf(h.who(index)), counts[index], "balance");
        }
        same(counts[0] + counts[1] + counts[2], 100, "sum of all balances");
    }
}
