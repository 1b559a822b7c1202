// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base} from "../Base.sol";
import {LandHandler} from "./LandHandler.sol";

/// @title Random moves of land and Malls agree with a model of single Tierra
contract LandTest is Base {
    LandHandler private h;

    function setUp() public {
        h = new LandHandler();
        vm.warp(1_800_000_000);
        bytes4[] memory moves = new bytes4[](18);
        moves[0] = LandHandler.moveOne.selector;
        moves[1] = LandHandler.moveOne.selector;
        moves[2] = LandHandler.moveQuad.selector;
        moves[3] = LandHandler.moveQuad.selector;
        moves[4] = LandHandler.gather.selector;
        moves[5] = LandHandler.approve.selector;
        moves[6] = LandHandler.appoint.selector;
        moves[7] = LandHandler.compose.selector;
        moves[8] = LandHandler.compose.selector;
        moves[9] = LandHandler.sendPlainly.selector;
        moves[10] = LandHandler.decompose.selector;
        moves[11] = LandHandler.moveTitle.selector;
        moves[12] = LandHandler.approveTitle.selector;
        moves[13] = LandHandler.rentOne.selector;
        moves[14] = LandHandler.rentQuad.selector;
        moves[15] = LandHandler.rentMall.selector;
        moves[16] = LandHandler.rentPart.selector;
        moves[17] = LandHandler.pass.selector;
        target(address(h), moves);
    }

    /// The moves are chosen so that each of them succeeds often: else a random run would prove little.
    function test_randomMovesReachEveryCase() public {
        uint256 seed = 1;
        for (uint256 step = 0; step < 300; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            _move(step % 15, seed);
        }
        same(h.wrong(), 0, "moves that went otherwise than the model");
        string[11] memory moves = [
            "moveOne",
            "moveQuad",
            "approve",
            "compose",
            "decompose",
            "moveTitle",
            "rentOne",
            "rentQuad",
            "rentMall",
            "rentPart",
            "refused"
        ];
        for (uint256 index = 0; index < moves.length; ++index) {
            isTrue(h.went(moves[index]) > 1, moves[index]);
        }
    }

    function _move(uint256 kind, uint256 s) private {
        (uint256 a, uint256 b, uint256 c, uint256 d) = (s >> 32, s >> 64, s >> 96, s >> 128);
        if (kind == 0) h.moveOne(s, a, b, c);
        else if (kind == 1) h.moveQuad(s, a, b, c, d, s % 3 == 0);
        else if (kind == 2) h.gather(a, b, c);
        else if (kind == 3) h.approve(s, a, b);
        else if (kind == 4) h.appoint(a, b % 2 == 0, c % 2 == 0);
        else if (kind == 5) h.compose(s, a, b);
        else if (kind == 6) h.sendPlainly(a, b);
        else if (kind == 7) h.moveTitle(s, a, b % 3, c);
        else if (kind == 8) h.approveTitle(a, b, c);
        else if (kind == 9) h.rentOne(s, a, b, c);
        else if (kind == 10) h.rentQuad(s, a, b, c, d);
        else if (kind == 11) h.rentMall(s, a, b, c, d);
        else if (kind == 12) h.rentPart(s, a, b, 0, c, d);
        else if (kind == 13) h.decompose(s, a, b, false);
        else h.pass(a);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 80
    function invariant_everyMoveGoesAsTheModelSays() public view {
        same(h.wrong(), 0, "moves that went otherwise than the model");
        uint256 sum = h.tierra().balanceOf(address(h.mall()));
        for (uint256 index = 0; index < h.PEOPLE(); ++index) {
            sum += h.tierra().balanceOf(h.who(index));
        }
        same(sum, 100_100, "sum of all balances");
    }

    /// The whole region against the model, when a run has ended.
    function afterInvariant() public view {
        uint256 first = h.FIRST();
        uint256 fused = 0;
        uint256[] memory counts = new uint256[](h.PEOPLE());
        for (uint256 id = first; id < first + h.COUNT(); ++id) {
            address owner = h.tierra().ownerOf(id);
            same(owner, h.ownerOf(id), "owner");
            same(h.tierra().getApproved(id), h.approvedFor(id), "approval");
            (address tenant, uint256 until) = h.rentOf(0, id);
            same(h.tierra().userOf(id), tenant, "tenant");
            same(h.tierra().userExpires(id), until, "end of the rent");
            for (uint256 index = 0; index < counts.length; ++index) {
                if (owner == h.who(index)) ++counts[index];
            }
            if (owner == address(h.mall())) {
                ++fused;
                isTrue(h.titleOf(h.mall().mallOf(id)) != address(0), "fused land has a Mall");
            } else {
                same(h.mall().mallOf(id), 0, "free land has no Mall");
            }
        }
        for (uint256 index = 0; index < counts.length; ++index) {
            uint256 elsewhere = index == 0 ? 100_100 - h.COUNT() : 0;
            same(h.tierra().balanceOf(h.who(index)), counts[index] + elsewhere, "balance");
        }
        same(_titledLand(first), fused, "land held by the Mall is land of its titles");
        same(h.tierra().balanceOf(address(h.mall())), fused, "balance of the Mall");
    }

    /// Each title that the model knows exists, and no other; its whole quad is held. Returns how many Tierra they hold.
    function _titledLand(uint256 first) private view returns (uint256 held) {
        for (uint256 level = 1; level <= 4; ++level) {
            uint256 count = 4 << (2 * level);
            for (uint256 base = first; base < first + h.COUNT(); base += count) {
                uint256 id = h.titleId(level, base);
                address owner = h.titleOf(id);
                try h.mall().ownerOf(id) returns (address told) {
                    same(told, owner, "owner of a Mall");
                    held += count;
                    for (uint256 member = base; member < base + count; ++member) {
                        same(h.tierra().ownerOf(member), address(h.mall()), "member");
                    }
                    (address tenant, uint256 until) = h.rentOf(level, base);
                    same(h.mall().userOf(id), tenant, "tenant of a Mall");
                    same(h.mall().userExpires(id), until, "end of a Mall's rent");
                } catch {
                    same(owner, address(0), "a Mall that the model knows is missing");
                }
            }
        }
    }
}
