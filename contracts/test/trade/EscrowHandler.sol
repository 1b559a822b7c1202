// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Escrow} from "../../src/Escrow.sol";
import {LiveToken} from "../../src/LiveToken.sol";
import {Handler} from "../Handler.sol";

/// @title Random acts on order lines, each foretold by a model that keeps a purse per person and a record per line
/// @notice `wrong` counts the acts that went otherwise than the model says.
contract EscrowHandler is Handler {
    enum Stage {
        Open,
        Disputed,
        Paid,
        Refunded
    }

    struct Record {
        address buyer;
        address merchant;
        uint256 nonce;
        uint256 amount;
        uint256 until;
        uint256 feeBps;
        Stage stage;
        bool shipped;
        bool buyerReviewed;
        bool merchantReviewed;
        uint256 feeWaiting;
        uint256 ends;
    }

    uint256 public constant PEOPLE = 5;
    bytes32 private constant SPEC = keccak256("spec");

    LiveToken public live;
    Escrow public escrow;
    address[PEOPLE] public who; // two buyers, two merchants, a stranger
    address public owner;
    address public arbiter;
    address public till;
    Record[] public records;

    uint256 public reviews;
    mapping(address account => uint256) public purse;
    uint256 private _feeBps = 250;
    bool private _paused;

    constructor() {
        string[PEOPLE] memory names = ["ann", "bob", "cy", "dee", "eve"];
        (owner,) = person("owner");
        (arbiter,) = person("arbiter");
        (till,) = person("till");
        live = new LiveToken(address(this), 1e27);
        escrow = new Escrow(live, owner, till, _feeBps, arbiter);
        for (uint256 index = 0; index < PEOPLE; ++index) {
            (who[index],) = person(names[index]);
            purse[who[index]] = 1e24;
            live.transfer(who[index], 1e24);
            vm.prank(who[index]);
            live.approve(address(escrow), type(uint256).max);
        }
    }

    function count() external view returns (uint256) {
        return records.length;
    }

    function dealOf(uint256 index) public view returns (Escrow.Deal memory) {
        Record storage line = records[index];
        return Escrow.Deal(line.buyer, line.merchant, SPEC, line.nonce);
    }

    // ---- acts

    /// Opens a cart of one or two lines; small nonces, so that lines meet.
    function create(uint256 by, uint256 to, uint256 amount, uint256 delay, uint256 nonce, bool two) external {
        address buyer = who[by % PEOPLE];
        uint256 lines = two ? 2 : 1;
        Escrow.Line[] memory cart = new Escrow.Line[](lines);
        bool may = !_paused;
        uint256 total = 0;
        for (uint256 index = 0; index < lines; ++index) {
            address merchant = who[(to % PEOPLE + index) % PEOPLE];
            uint256 price = bound(amount >> (index * 32), 0, 3e23);
            uint256 deadline = block.timestamp + bound(delay, 0, 20 days);
            cart[index] = Escrow.Line(merchant, price, deadline, SPEC, nonce % 40);
            may = may && merchant != buyer && price != 0 && _find(buyer, merchant, nonce % 40) == type(uint256).max;
            total += price;
        }
        may = may && total <= purse[buyer];
        vm.prank(buyer);
        try escrow.create(cart) {
            _check(may, true, "create");
        } catch {
            _check(may, false, "create");
        }
        if (!may) return;
        purse[buyer] -= total;
        for (uint256 index = 0; index < lines; ++index) {
            Record storage line = records.push();
            line.buyer = buyer;
            line.merchant = cart[index].merchant;
            line.nonce = cart[index].nonce;
            line.amount = cart[index].amount;
            line.until = cart[index].deadline;
            line.feeBps = _feeBps;
        }
    }

    function ship(uint256 by, uint256 which) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Open);
        Record storage line = records[which];
        address sender = _sender(by, line.merchant);
        bool may = sender == line.merchant && _running(line) && !line.shipped;
        vm.prank(sender);
        try escrow.ship(dealOf(which), SPEC) {
            _check(may, true, "ship");
        } catch {
            _check(may, false, "ship");
        }
        if (may) line.shipped = true;
    }

    function confirm(uint256 by, uint256 which) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Open);
        Record storage line = records[which];
        address sender = _sender(by, line.buyer);
        bool may = sender == line.buyer && _running(line);
        vm.prank(sender);
        try escrow.confirm(dealOf(which)) {
            _check(may, true, "confirm");
        } catch {
            _check(may, false, "confirm");
        }
        if (may) _end(line, line.amount);
    }

    function refund(uint256 by, uint256 which) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Open);
        Record storage line = records[which];
        address sender = _sender(by, line.merchant);
        bool may = _running(line) && (sender == line.merchant || block.timestamp > line.until);
        vm.prank(sender);
        try escrow.refund(dealOf(which)) {
            _check(may, true, "refund");
        } catch {
            _check(may, false, "refund");
        }
        if (may) _end(line, 0);
    }

    function dispute(uint256 by, uint256 which) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Open);
        Record storage line = records[which];
        address sender = _sender(by, by % 2 == 0 ? line.buyer : line.merchant);
        bool party = sender == line.buyer || sender == line.merchant;
        bool may = party && line.stage == Stage.Open && block.timestamp <= line.until;
        vm.prank(sender);
        try escrow.dispute(dealOf(which), SPEC) {
            _check(may, true, "dispute");
        } catch {
            _check(may, false, "dispute");
        }
        if (!may) return;
        line.stage = Stage.Disputed;
        line.until = block.timestamp + 14 days;
    }

    function resolve(uint256 by, uint256 which, uint256 share) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Disputed);
        Record storage line = records[which];
        address sender = _sender(by, arbiter);
        share = share % 4 == 0 ? 0 : bound(share, 0, line.amount + line.amount / 16);
        bool may = sender == arbiter && line.stage == Stage.Disputed && block.timestamp <= line.until
            && share <= line.amount;
        vm.prank(sender);
        try escrow.resolve(dealOf(which), share, SPEC) {
            _check(may, true, "resolve");
        } catch {
            _check(may, false, "resolve");
        }
        if (may) _end(line, share);
    }

    function review(uint256 by, uint256 which) external {
        if (records.length == 0) return;
        which = _pick(which, Stage.Paid);
        Record storage line = records[which];
        address sender = _sender(by, by % 2 == 0 ? line.buyer : line.merchant);
        bool may = line.stage == Stage.Paid
            && ((sender == line.buyer && !line.buyerReviewed) || (sender == line.merchant && !line.merchantReviewed));
        vm.prank(sender);
        try escrow.review(dealOf(which), SPEC) {
            _check(may, true, "review");
        } catch {
            _check(may, false, "review");
        }
        if (!may) return;
        ++reviews;
        if (sender == line.buyer) line.buyerReviewed = true;
        else line.merchantReviewed = true;
    }

    function collect(uint256 first, uint256 second) external {
        if (records.length == 0) return;
        bytes32[] memory ids = new bytes32[](2);
        ids[0] = escrow.idOf(dealOf(first % records.length));
        ids[1] = escrow.idOf(dealOf(second % records.length));
        escrow.collectFees(ids);
        _check(true, true, "collect");
        for (uint256 index = 0; index < 2; ++index) {
            Record storage line = records[(index == 0 ? first : second) % records.length];
            purse[till] += line.feeWaiting;
            line.feeWaiting = 0;
        }
    }

    function setTerms(uint256 feeBps, uint256 pause) external {
        feeBps = bound(feeBps, 0, 550);
        bool may = feeBps <= 500;
        vm.prank(owner);
        try escrow.setFee(feeBps, till) {
            _check(may, true, "setFee");
        } catch {
            _check(may, false, "setFee");
        }
        if (may) _feeBps = feeBps;
        _paused = pause % 4 == 0;
        vm.prank(owner);
        escrow.pauseNewBusiness(_paused);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 0, 8 days));
    }

    // ---- the model's rules

    function _running(Record storage line) private view returns (bool) {
        return line.stage == Stage.Open || line.stage == Stage.Disputed;
    }

    function _end(Record storage line, uint256 share) private {
        uint256 fee = (share * line.feeBps) / 10_000;
        purse[line.merchant] += share - fee;
        purse[line.buyer] += line.amount - share;
        line.feeWaiting = fee;
        line.stage = share == 0 ? Stage.Refunded : Stage.Paid;
        ++line.ends;
    }

    function _find(address buyer, address merchant, uint256 nonce) private view returns (uint256) {
        for (uint256 index = 0; index < records.length; ++index) {
            Record storage line = records[index];
            if (line.buyer == buyer && line.merchant == merchant && line.nonce == nonce) return index;
        }
        return type(uint256).max;
    }

    /// @dev Any line, but mostly one at this stage.
    function _pick(uint256 which, Stage stage) private view returns (uint256) {
        uint256 length = records.length;
        for (uint256 step = 0; step < length && which % 4 != 0; ++step) {
            uint256 index = (which % length + step) % length;
            if (records[index].stage == stage) return index;
        }
        return which % length;
    }

    /// @dev Mostly who may, sometimes anybody, sometimes a power.
    function _sender(uint256 by, address likely) private view returns (address) {
        uint256 dice = (by >> 8) % 8;
        if (dice < 5) return likely;
        if (dice == 5) return owner;
        if (dice == 6) return arbiter;
        return who[by % PEOPLE];
    }
}
