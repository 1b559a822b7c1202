// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "../../src/Registry.sol";
import {Resource} from "../../src/Resource.sol";
import {Base} from "../Base.sol";

/// @title Editions of resources and anchored digests, under random values
contract RecordsTest is Base {
    uint256 private constant PEOPLE = 3;
    uint256 private constant EDITIONS = 8;

    /// Random moves of a creation's editions agree with one owner per edition; the sum of balances is the number of editions.
    function testFuzz_editionsHaveOneOwnerEach(uint256 seed, uint8 moves, uint256 royaltyBps) public {
        Resource resource = new Resource();
        royaltyBps = bound(royaltyBps, 0, 1_000);
        address[PEOPLE] memory who = [address(0xa11), address(0xb0b), address(0xc7)];
        address[EDITIONS] memory owners;
        vm.prank(who[0]);
        uint256 creation = resource.publish(bytes32(seed | 1), Resource.Kind.Model, EDITIONS, royaltyBps);
        for (uint256 edition = 0; edition < EDITIONS; ++edition) {
            owners[edition] = who[0];
        }
        for (uint256 step = 0; step < moves % 32; ++step) {
            uint256 dice = uint256(keccak256(abi.encode(seed, step)));
            uint256 edition = dice % EDITIONS;
            address sender = who[(dice >> 8) % PEOPLE];
            address from = who[(dice >> 16) % PEOPLE];
            address to = who[(dice >> 24) % PEOPLE];
            vm.prank(sender);
            try resource.transferFrom(from, to, creation + 1 + edition) {
                isTrue(sender == from && from == owners[edition], "moved by another");
                owners[edition] = to;
            } catch {
                isTrue(sender != from || from != owners[edition], "the owner could not move it");
            }
        }
        uint256[PEOPLE] memory counts;
        for (uint256 edition = 0; edition < EDITIONS; ++edition) {
            same(resource.ownerOf(creation + 1 + edition), owners[edition], "owner");
            for (uint256 index = 0; index < PEOPLE; ++index) {
                if (owners[edition] == who[index]) ++counts[index];
            }
        }
        for (uint256 index = 0; index < PEOPLE; ++index) {
            same(resource.balanceOf(who[index]), counts[index], "balance");
        }
        (address receiver, uint256 amount) = resource.royaltyInfo(creation + 1, 1e18);
        same(receiver, who[0], "the creator stays");
        same(amount, (1e18 * royaltyBps) / 10_000, "the royalty stays");
    }

    /// What is anchored stays as it was, whatever is anchored later.
    function testFuzz_anchorsStay(bytes32[] calldata digests, address author, uint8 kind, uint32 later) public {
        Registry registry = new Registry();
        Registry.Kind kind_ = Registry.Kind(kind % 4);
        bytes32[] memory one = new bytes32[](1);
        one[0] = keccak256("first");
        vm.warp(1_800_000_000);
        vm.prank(author);
        registry.anchor(kind_, one);
        vm.warp(1_800_000_000 + uint256(later));
        vm.prank(author);
        try registry.anchor(kind_, digests) {
            for (uint256 index = 0; index < digests.length; ++index) {
                same(registry.anchoredAt(author, kind_, digests[index]), block.timestamp, "new");
                isTrue(digests[index] != one[0], "anchored twice");
            }
        } catch {}
        vm.prank(author);
        vm.expectRevert();
        registry.anchor(kind_, one);
        same(registry.anchoredAt(author, kind_, one[0]), 1_800_000_000, "first");
    }
}
