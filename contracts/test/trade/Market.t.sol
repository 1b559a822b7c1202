// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Resource} from "../../src/Resource.sol";
import {Base} from "../Base.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @title Titles and money on the market agree with a model under random orders and fills
contract MarketTest is Base {
    MarketHandler private h;

    function setUp() public {
        vm.warp(1_800_000_000);
        h = new MarketHandler();
        bytes4[] memory acts = new bytes4[](17);
        acts[0] = MarketHandler.sign.selector;
        acts[1] = MarketHandler.sign.selector;
        acts[2] = MarketHandler.sign.selector;
        acts[3] = MarketHandler.fill.selector;
        acts[4] = MarketHandler.fill.selector;
        acts[5] = MarketHandler.fill.selector;
        acts[6] = MarketHandler.fill.selector;
        acts[7] = MarketHandler.bid.selector;
        acts[8] = MarketHandler.bid.selector;
        acts[9] = MarketHandler.settle.selector;
        acts[10] = MarketHandler.settle.selector;
        acts[11] = MarketHandler.giveBack.selector;
        acts[12] = MarketHandler.cancel.selector;
        acts[13] = MarketHandler.cancelAll.selector;
        acts[14] = MarketHandler.give.selector;
        acts[15] = MarketHandler.setTerms.selector;
        acts[16] = MarketHandler.pass.selector;
        target(address(h), acts);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 80
    function invariant_everyActGoesAsTheModelSaysAndOnlyStandingBidsAreHeld() public view {
        same(h.wrong(), 0, "acts that went otherwise than the model");
        uint256 bids = 0;
        for (uint256 index = 0; index < h.count(); ++index) {
            MarketHandler.Order memory o = h.orderAt(index);
            isTrue(o.fills + (o.bidder == address(0) ? 0 : 1) <= 1, "an order is filled once");
            if (o.bidder != address(0)) bids += o.bid;
        }
        same(h.live().balanceOf(address(h.market())), bids, "held");
        for (uint256 index = 0; index < h.PEOPLE(); ++index) {
            same(h.live().balanceOf(h.who(index)), h.purse(h.who(index)), "purse");
        }
        same(h.live().balanceOf(h.till()), h.purse(h.till()), "till");
    }

    /// Owners and tenants against the model, when a run has ended.
    function afterInvariant() public view {
        for (uint256 title = 0; title < h.SQUARE(); ++title) {
            (address collection,, uint256 id) = h.place(title);
            same(Resource(collection).ownerOf(id), h.ownerOf(title), "owner");
            if (title < h.EDITIONS()) continue;
            uint256 rented = h.rentEnds(title) >= block.timestamp ? title : h.SQUARE();
            address tenant = h.rentEnds(rented) >= block.timestamp ? h.tenantOf(rented) : address(0);
            same(h.tierra().userOf(id), tenant, "tenant");
        }
        same(h.resource().balanceOf(address(h.market())), 0, "editions of the market");
        same(h.tierra().balanceOf(address(h.market())), 0, "land of the market");
    }

    /// The random acts are no idle ones: in a long run each succeeds.
    function test_everyActSucceedsInALongRun() public {
        for (uint256 step = 0; step < 600; ++step) {
            uint256 a = uint256(keccak256(abi.encode(step)));
            uint256 b = uint256(keccak256(abi.encode(a)));
            uint256 c = uint256(keccak256(abi.encode(b)));
            uint256 act = step % 10;
            if (act < 3) h.sign(a, b, c, a >> 32, b >> 32, c >> 32, a >> 64);
            else if (act < 6) h.fill(a, b, c);
            else if (act < 8) h.bid(a, b, c);
            else if (step % 20 == 8) h.settle(a);
            else if (act == 8) h.giveBack(a);
            else if (step % 20 == 9) h.pass(a);
            else if (step % 60 == 19) h.cancel(a, b);
            else h.give(a, b);
            if (step % 150 == 149) h.cancelAll(a);
        }
        same(h.wrong(), 0, "acts that went otherwise than the model");
        string[7] memory acts = ["fill", "bid", "settle", "giveBack", "cancel", "cancelAll", "give"];
        for (uint256 index = 0; index < acts.length; ++index) {
            isTrue(h.went(acts[index]) != 0, acts[index]);
        }
        isTrue(h.went("fill") >= 10 && h.went("bid") >= 10, "many fills and bids");
    }
}
