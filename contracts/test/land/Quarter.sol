// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Estate} from "./Estate.sol";

/// @title Land with three people, and the quads that its tests choose
abstract contract Quarter is Estate {
    address internal treasury;
    address internal ann;
    address internal bob;

    function setUp() public {
        (treasury,) = person("treasury");
        (ann,) = person("ann");
        (bob,) = person("bob");
        deployLand(treasury, 1);
        vm.warp(1_800_000_000);
    }

    function _quad(uint256 level, uint256 place) internal pure returns (uint256 kind, uint256 base, uint256 size) {
        kind = [1, 2, 1, 2, 3, 1, 2, 4][level % 8];
        size = sizeOf(kind);
        base = ((place % 100_100) / size) * size;
        if (base + size > 100_100) base = 0;
    }

    /// @dev Gives the quad to ann in pieces: quads, single titles, approvals and rents as the seed says.
    function _settle(uint256 base, uint256 size, uint256 seed) internal {
        for (uint256 block_ = base; block_ < base + size; block_ += 16) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint64 end = uint64(vm.getBlockTimestamp() + (seed % 1000));
            if (seed % 3 != 0) {
                vm.prank(treasury);
                tierra.transferQuad(treasury, ann, 1, block_, false);
            }
            for (uint256 id = block_; id < block_ + 16; ++id) {
                if (seed % 3 == 0) {
                    vm.prank(treasury);
                    tierra.transferFrom(treasury, ann, id);
                }
                if ((seed >> (id % 16 + 8)) % 8 == 0) {
                    vm.prank(ann);
                    tierra.approve(bob, id);
                }
                if ((seed >> (id % 16 + 40)) % 8 == 0) {
                    vm.prank(ann);
                    tierra.setUser(id, bob, end);
                }
            }
        }
    }
}
