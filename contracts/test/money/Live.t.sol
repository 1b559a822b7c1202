// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LiveToken} from "../../src/LiveToken.sol";
import {Base} from "../Base.sol";

contract LiveTest is Base {
    LiveToken private live;

    function setUp() public {
        live = new LiveToken(address(this), 1e27);
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
}
