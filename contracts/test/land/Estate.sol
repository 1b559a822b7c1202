// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Mall} from "../../src/Mall.sol";
import {Tierra} from "../../src/Tierra.sol";
import {Base} from "../Base.sol";

/// @title Tierra and its Mall, deployed for each other
abstract contract Estate is Base {
    Tierra public tierra;
    Mall public mall;

    /// @dev Deploys both; the Mall's address follows from the account that deploys it and its nonce.
    function deployLand(address treasury, uint8 nonce) internal {
        // keccak256(rlp([deployer, nonce])) for a nonce from 1 to 127: the Mall comes right after Tierra
        bytes memory seed = abi.encodePacked(hex"d694", address(this), bytes1(nonce + 1));
        tierra = new Tierra(treasury, address(uint160(uint256(keccak256(seed)))));
        mall = new Mall(tierra);
    }

    function sizeOf(uint256 level) internal pure returns (uint256) {
        return level == 0 ? 1 : 4 << (2 * level);
    }
}
