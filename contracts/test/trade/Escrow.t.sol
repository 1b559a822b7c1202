// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Escrow} from "../../src/Escrow.sol";
import {Base} from "../Base.sol";
import {EscrowHandler} from "./EscrowHandler.sol";

/// @title Money in escrow agrees with a model under random acts
contract EscrowTest is Base {
    EscrowHandler private h;

    function setUp() public {
        vm.warp(1_800_000_000);
        h = new EscrowHandler();
        bytes4[] memory acts = new bytes4[](14);
        acts[0] = EscrowHandler.create.selector;
        acts[1] = EscrowHandler.create.selector;
        acts[2] = EscrowHandler.create.selector;
        acts[3] = EscrowHandler.ship.selector;
        acts[4] = EscrowHandler.confirm.selector;
        acts[5] = EscrowHandler.refund.selector;
        acts[6] = EscrowHandler.dispute.selector;
        acts[7] = EscrowHandler.dispute.selector;
        acts[8] = EscrowHandler.resolve.selector;
        acts[9] = EscrowHandler.resolve.selector;
        acts[10] = EscrowHandler.review.selector;
        acts[11] = EscrowHandler.collect.selector;
        acts[12] = EscrowHandler.setTerms.selector;
        acts[13] = EscrowHandler.pass.selector;
        target(address(h), acts);
    }

    /// forge-config: default.invariant.runs = 12
    /// forge-config: default.invariant.depth = 80
    function invariant_heldIsTheSumOfOpenLinesAndWaitingFees() public view {
        same(h.wrong(), 0, "acts that went otherwise than the model");
        uint256 open = 0;
        for (uint256 index = 0; index < h.count(); ++index) {
            (,,, uint256 amount,,, EscrowHandler.Stage stage,,,, uint256 fee, uint256 ends) = h.records(index);
            bool running = stage == EscrowHandler.Stage.Open || stage == EscrowHandler.Stage.Disputed;
            same(ends, running ? 0 : 1, "ends of a line");
            open += running ? amount : fee;
        }
        same(h.live().balanceOf(address(h.escrow())), open, "held");
        for (uint256 index = 0; index < h.PEOPLE(); ++index) {
            address account = h.who(index);
            same(h.live().balanceOf(account), h.purse(account), "purse");
        }
        same(h.live().balanceOf(h.till()), h.purse(h.till()), "till");
        same(h.live().balanceOf(h.arbiter()) + h.live().balanceOf(h.owner()), 0, "powers earn nothing");
    }

    /// What the escrow says of each line, against the model, when a run has ended.
    function afterInvariant() public view {
        for (uint256 index = 0; index < h.count(); ++index) {
            (,,,, uint256 until,, EscrowHandler.Stage stage, bool shipped, bool buyerDid, bool merchantDid,,) =
                h.records(index);
            Escrow.Status memory status = h.escrow().statusOf(h.escrow().idOf(h.dealOf(index)));
            same(uint256(status.state), uint256(stage) + 1, "state");
            same(status.until, until, "until");
            isTrue(status.shipped == shipped, "shipped");
            isTrue(status.buyerReviewed == buyerDid && status.merchantReviewed == merchantDid, "reviews");
        }
    }

    /// The random acts are no idle ones: in a long run each succeeds.
    function test_everyActSucceedsInALongRun() public {
        for (uint256 step = 0; step < 400; ++step) {
            uint256 a = uint256(keccak256(abi.encode(step)));
            uint256 b = uint256(keccak256(abi.encode(a)));
            uint256 c = uint256(keccak256(abi.encode(b)));
            uint256 act = step % 10;
            if (act < 3) h.create(a, b, c, a >> 32, b >> 32, c % 2 == 0);
            else if (act == 3) h.ship(a, b);
            else if (act == 4) h.confirm(a, b);
            else if (act == 5) h.refund(a, b);
            else if (act == 6) h.dispute(a, b);
            else if (act == 7) h.resolve(a, b, c);
            else if (act == 8) h.review(a, b);
            else if (step % 20 == 9) h.collect(a, b);
            else h.pass(a % 1 days);
        }
        same(h.wrong(), 0, "acts that went otherwise than the model");
        string[8] memory acts = ["create", "ship", "confirm", "refund", "dispute", "resolve", "review", "collect"];
        for (uint256 index = 0; index < acts.length; ++index) {
            isTrue(h.went(acts[index]) > 3, acts[index]);
        }
    }
}
