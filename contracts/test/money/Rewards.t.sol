// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base} from "../Base.sol";
import {RewardsHandler} from "./RewardsHandler.sol";

contract RewardsTest is Base {
    RewardsHandler private h;

    function setUp() public {
        h = new RewardsHandler();
        bytes4[] memory acts = new bytes4[](10);
        acts[0] = h.fund.selector;
        acts[1] = h.settle.selector;
        acts[2] = h.settle.selector;
        acts[3] = h.claim.selector;
        acts[4] = h.claim.selector;
        acts[5] = h.claimMany.selector;
        acts[6] = h.pay.selector;
        acts[7] = h.returnPool.selector;
        acts[8] = h.pause.selector;
        acts[9] = h.pass.selector;
        target(address(h), acts);
    }

    /// Every act had the outcome that the model expects.
    function invariant_everyActEndsAsTheModelSays() public view {
        same(h.wrong(), 0, h.fault());
    }

    /// The vault holds the sum of its pools, the distributor what was drawn and not claimed.
    function invariant_moneyIsWhereTheModelSays() public view {
        same(h.live().balanceOf(address(h.vault())), h.pool(0) + h.pool(1) + h.pool(2), "vault = pools");
        same(h.live().balanceOf(address(h.distributor())), h.drawn() - h.claimed(), "distributor = drawn - claimed");
        for (uint256 i; i < 5; i++) {
            same(h.live().balanceOf(h.people(i)), h.pocket(i), "pocket");
            same(h.distributor().claimed(h.people(i)), h.paid(i), "claimed");
            isTrue(h.paid(i) <= h.won(i), "nobody got more than it has won");
        }
        for (uint256 i; i < 3; i++) {
            (address funder, uint96 balance, uint40 fundedAt) = h.vault().pools(h.idOf(i));
            same(balance, h.pool(i), "pool");
            same(fundedAt, h.fundedAt(i), "fundedAt");
            same(funder, h.fundedAt(i) == 0 ? address(0) : h.people(i), "funder");
        }
    }

    function invariant_epochsAndSupplyAreTheModels() public view {
        same(h.vault().epoch(), h.epoch(), "epoch");
        same(h.vault().epochAt(), h.epochAt(), "epochAt");
        isTrue(h.vault().paused() == h.paused(), "paused");
        same(h.live().totalSupply(), 1e27, "supply");
        same(h.holdings(), 1e27, "all LIVE");
    }
}
