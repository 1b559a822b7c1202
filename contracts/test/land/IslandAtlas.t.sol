// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Island} from "../../src/Island.sol";
import {Base} from "../Base.sol";

/// @title The list of Islands, read from the contract
contract IslandAtlasTest is Base {
    Island private island;

    function setUp() public {
        island = new Island(address(this));
    }

    /// A hundred names and sizes, no two the same; a test in Python compares each with the list.
    function test_allIslandsDifferInNameAndSize() public view {
        bytes32[] memory names = new bytes32[](101);
        uint256[] memory sides = new uint256[](101);
        for (uint256 id = 1; id <= 100; ++id) {
            names[id] = keccak256(bytes(island.nameOf(id)));
            sides[id] = island.sideOf(id);
            isTrue(bytes(island.nameOf(id)).length > 5 && sides[id] >= 150 && sides[id] % 15 == 0, "name and size");
            for (uint256 other = 1; other < id; ++other) {
                isTrue(names[id] != names[other] && sides[id] != sides[other], "two alike");
            }
        }
        same(names[1], keccak256("Aristotle"), "the first");
        same(names[71], keccak256("Marie Curie"), "one of them");
        same(names[100], keccak256("Rosalind Franklin"), "the last");
        same(sides[1], 315, "size of the first");
        same(sides[100], 1260, "size of the last");
    }
}
