// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base} from "./Base.sol";

/// @title What handlers count that foretell each random act by a model
abstract contract Handler is Base {
    uint256 public wrong; // acts that went otherwise than the model says
    mapping(string act => uint256 count) public went; // how often each act succeeded, and "refused" how often none did

    function _check(bool expected, bool happened, string memory act) internal {
        if (expected != happened) ++wrong;
        ++went[happened ? act : "refused"];
    }
}
