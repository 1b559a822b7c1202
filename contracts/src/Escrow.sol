// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LiveToken} from "./LiveToken.sol";
import {TradeTerms} from "./TradeTerms.sol";

/// @title Escrow of order lines
/// @notice A buyer pays LIVE in; it leaves to the merchant (less the fee fixed when it was paid in) or back to the buyer, nowhere else.
///
/// A line is open until its delivery deadline. The buyer confirms: the merchant is paid. The merchant gives back: the buyer is refunded.
/// Nobody acts: past the deadline anybody may send the money back. Until the deadline either side may dispute; then the arbiter has
/// `RESOLVE_WITHIN` to divide the money, and past that time the default is the same: anybody may send it back to the buyer.
/// Each line ends once. A pause stops new lines only.
///
/// A line has one word of storage. Its parties are not stored: they are in its id, and every call states them (see `Deal`), as the
/// event `LineOpened` told them. The fee of a paid line stays here until somebody calls `collectFees`, so that no buyer pays for
/// the platform's booking. The balance of this contract is the sum of the lines that have not ended and of the fees not yet
/// collected (plus what strangers send to it).
contract Escrow is TradeTerms {
    /// @notice The merchant is nobody, the buyer or this contract.
    error MerchantInvalid(address merchant);
    /// @notice A line holds more than nothing and less than 2^96 wei.
    error AmountOutOfRange(uint256 amount);
    /// @notice The deadline (seconds UTC) is not between now and `MAX_DELIVERY` from now.
    error DeadlineOutOfRange(uint256 deadline, uint256 latest);
    /// @notice A cart has one line or more.
    error CartEmpty();
    /// @notice The buyer opened a line with this merchant, specification and nonce before.
    error LineOpenedBefore(bytes32 id);
    /// @notice The line is not in a state for this: see `State`.
    error LineNotFit(bytes32 id, State state);
    /// @notice Only a party of the line may do this, and not every party everything.
    error CallerNotParty(bytes32 id, address caller);
    /// @notice The line was shipped before.
    error LineShippedBefore(bytes32 id);
    /// @notice The time for this ended then (seconds UTC).
    error TooLate(bytes32 id, uint256 until);
    /// @notice Until then (seconds UTC) only the merchant may send the money back.
    error TooEarly(bytes32 id, uint256 until);
    /// @notice Only the arbiter may do this.
    error CallerNotArbiter(address caller);
    /// @notice A verdict gives the merchant no more than the line holds.
    error VerdictTooLarge(bytes32 id, uint256 toMerchant, uint256 amount);
    /// @notice Each side reviews a paid line once.
    error ReviewedBefore(bytes32 id, address author);

    /// @notice Money came in. These values are the line: whoever knows them can call for it.
    event LineOpened(
        bytes32 indexed id,
        address indexed buyer,
        address indexed merchant,
        uint256 amount,
        uint256 deadline,
        bytes32 spec,
        uint256 nonce,
        uint256 feeBps
    );
    event LineShipped(bytes32 indexed id, bytes32 billOfTransit);
    event LineDisputed(bytes32 indexed id, address indexed by, bytes32 reason, uint256 resolveUntil);
    event LineResolved(bytes32 indexed id, bytes32 verdict);
    /// @notice The merchant got `amount`; `fee` waits for `collectFees`.
    event LinePaid(bytes32 indexed id, uint256 amount, uint256 fee);
    event LineRefunded(bytes32 indexed id, uint256 amount);
    event LineReviewed(bytes32 indexed id, address indexed author, address indexed subject, bytes32 digest);
    event FeesCollected(address indexed receiver, uint256 total);
    event ArbiterAppointed(address indexed arbiter);

    /// @notice Where a line stands. `Paid` and `Refunded` are ends.
    enum State {
        None,
        Open,
        Disputed,
        Paid,
        Refunded
    }

    /// @notice One line of a cart, as its buyer opens it.
    /// @param amount wei of LIVE
    /// @param deadline of delivery, seconds UTC, inclusive
    /// @param spec digest of what was ordered
    /// @param nonce any number the buyer has not used with this merchant and specification
    struct Line {
        address merchant;
        uint256 amount;
        uint256 deadline;
        bytes32 spec;
        uint256 nonce;
    }

    /// @notice What names a line: its id is keccak256(abi.encode(buyer, merchant, spec, nonce)).
    struct Deal {
        address buyer;
        address merchant;
        bytes32 spec;
        uint256 nonce;
    }

    /// @notice What is stored of a line, in one word.
    /// @param amount wei held; of a paid line what went to the merchant, fee included
    /// @param until the delivery deadline, or of a disputed line the arbiter's, seconds UTC, inclusive
    struct Status {
        uint96 amount;
        uint40 until;
        uint16 feeBps;
        State state;
        bool shipped;
        bool buyerReviewed;
        bool merchantReviewed;
        bool feeCollected;
    }

    /// @notice The longest time for delivery.
    uint256 public constant MAX_DELIVERY = 366 days;
    /// @notice The time an arbiter has.
    uint256 public constant RESOLVE_WITHIN = 14 days;

    /// @notice Divides what is disputed between the parties of the line.
    address public arbiter;

    mapping(bytes32 id => Status) private _lines;

    constructor(LiveToken live_, address owner_, address feeReceiver, uint256 feeBps, address arbiter_)
        TradeTerms(live_, owner_, feeReceiver, feeBps)
    {
        _appointArbiter(arbiter_);
    }

    /// @notice Appoints who resolves disputes.
    function appointArbiter(address newArbiter) external onlyOwner {
        _appointArbiter(newArbiter);
    }

    /// @notice The id of a line.
    function idOf(Deal calldata deal) public pure returns (bytes32) {
        return keccak256(abi.encode(deal));
    }

    /// @notice How a line stands.
    function statusOf(bytes32 id) external view returns (Status memory) {
        return _lines[id];
    }

    // ---- opening

    /// @notice Opens the lines of a cart and takes their sum from the caller, all or none. Needs an allowance.
    function create(Line[] calldata cart) external {
        _create(cart);
    }

    /// @notice `create` with the allowance signed as a permit.
    function createWithPermit(Line[] calldata cart, Permit calldata permit) external {
        _usePermit(permit);
        _create(cart);
    }

    // ---- delivering

    /// @notice The merchant states, once, that it shipped.
    /// @param billOfTransit digest of the transport's document
    function ship(Deal calldata deal, bytes32 billOfTransit) external {
        (bytes32 id, Status memory line) = _find(deal);
        if (msg.sender != deal.merchant) revert CallerNotParty(id, msg.sender);
        if (line.state != State.Open && line.state != State.Disputed) revert LineNotFit(id, line.state);
        if (line.shipped) revert LineShippedBefore(id);
        _lines[id].shipped = true;
        emit LineShipped(id, billOfTransit);
    }

    /// @notice The buyer has what was ordered: the merchant is paid. Also ends a dispute.
    function confirm(Deal calldata deal) external {
        (bytes32 id, Status memory line) = _findOpen(deal);
        if (msg.sender != deal.buyer) revert CallerNotParty(id, msg.sender);
        _end(id, deal, line, line.amount);
    }

    /// @notice Sends the money back to the buyer: the merchant at any time, anybody past the deadline (of delivery, or of the arbiter).
    function refund(Deal calldata deal) external {
        (bytes32 id, Status memory line) = _findOpen(deal);
        if (msg.sender != deal.merchant && block.timestamp <= line.until) revert TooEarly(id, line.until);
        _end(id, deal, line, 0);
    }

    // ---- disputing

    /// @notice Either side asks the arbiter, until the delivery deadline.
    /// @param reason digest of the complaint
    function dispute(Deal calldata deal, bytes32 reason) external {
        (bytes32 id, Status memory line) = _find(deal);
        if (msg.sender != deal.buyer && msg.sender != deal.merchant) revert CallerNotParty(id, msg.sender);
        if (line.state != State.Open) revert LineNotFit(id, line.state);
        if (block.timestamp > line.until) revert TooLate(id, line.until);
        uint256 until = block.timestamp + RESOLVE_WITHIN;
        Status storage stored = _lines[id];
        stored.state = State.Disputed;
        stored.until = uint40(until);
        emit LineDisputed(id, msg.sender, reason, until);
    }

    /// @notice The arbiter divides the money of a disputed line.
    /// @param toMerchant wei for the merchant, fee included; the rest goes to the buyer
    /// @param verdict digest of the reasons
    function resolve(Deal calldata deal, uint256 toMerchant, bytes32 verdict) external {
        (bytes32 id, Status memory line) = _find(deal);
        if (msg.sender != arbiter) revert CallerNotArbiter(msg.sender);
        if (line.state != State.Disputed) revert LineNotFit(id, line.state);
        if (block.timestamp > line.until) revert TooLate(id, line.until);
        if (toMerchant > line.amount) revert VerdictTooLarge(id, toMerchant, line.amount);
        emit LineResolved(id, verdict);
        _end(id, deal, line, toMerchant);
    }

    // ---- after the end

    /// @notice A buyer who has paid reviews the merchant, and that merchant the buyer: each once, by digest.
    function review(Deal calldata deal, bytes32 digest) external {
        (bytes32 id, Status memory line) = _find(deal);
        if (line.state != State.Paid) revert LineNotFit(id, line.state);
        Status storage stored = _lines[id];
        address subject;
        if (msg.sender == deal.buyer) {
            if (line.buyerReviewed) revert ReviewedBefore(id, msg.sender);
            stored.buyerReviewed = true;
            subject = deal.merchant;
        } else if (msg.sender == deal.merchant) {
            if (line.merchantReviewed) revert ReviewedBefore(id, msg.sender);
            stored.merchantReviewed = true;
            subject = deal.buyer;
        } else {
            revert CallerNotParty(id, msg.sender);
        }
        emit LineReviewed(id, msg.sender, subject, digest);
    }

    /// @notice Sends the fees of paid lines to the receiver of fees. Lines without a fee to collect are skipped.
    function collectFees(bytes32[] calldata ids) external {
        uint256 total = 0;
        for (uint256 i = 0; i < ids.length; ++i) {
            Status storage line = _lines[ids[i]];
            if (line.state != State.Paid || line.feeCollected) continue;
            line.feeCollected = true;
            total += _feeOf(line.amount, line.feeBps);
        }
        address receiver = terms.feeReceiver;
        live.transfer(receiver, total);
        emit FeesCollected(receiver, total);
    }

    // ---- inside

    function _appointArbiter(address newArbiter) private {
        arbiter = newArbiter;
        emit ArbiterAppointed(newArbiter);
    }

    function _feeOf(uint256 amount, uint256 feeBps) private pure returns (uint256) {
        return (amount * feeBps) / ALL_BPS;
    }

    function _create(Line[] calldata cart) private {
        (, uint256 feeBps) = _openTerms();
        if (cart.length == 0) revert CartEmpty();
        uint256 total = 0;
        for (uint256 i = 0; i < cart.length; ++i) {
            _open(cart[i], feeBps);
            total += cart[i].amount;
        }
        live.transferFrom(msg.sender, address(this), total);
    }

    function _open(Line calldata line, uint256 feeBps) private {
        address merchant = line.merchant;
        uint256 amount = line.amount;
        uint256 deadline = line.deadline;
        if (merchant == address(0) || merchant == msg.sender || merchant == address(this)) {
            revert MerchantInvalid(merchant);
        }
        if (amount == 0 || amount > type(uint96).max) revert AmountOutOfRange(amount);
        if (deadline < block.timestamp || deadline > block.timestamp + MAX_DELIVERY) {
            revert DeadlineOutOfRange(deadline, block.timestamp + MAX_DELIVERY);
        }
        bytes32 id = keccak256(abi.encode(msg.sender, merchant, line.spec, line.nonce));
        Status storage stored = _lines[id];
        if (stored.state != State.None) revert LineOpenedBefore(id);
        // the fields of Status from the lowest bit on, written at once: one by one they would be eight writes
        uint256 word = amount | (deadline << 96) | (feeBps << 136) | (uint256(State.Open) << 152);
        assembly ("memory-safe") {
            sstore(stored.slot, word)
        }
        emit LineOpened(id, msg.sender, merchant, amount, deadline, line.spec, line.nonce, feeBps);
    }

    function _find(Deal calldata deal) private view returns (bytes32 id, Status memory line) {
        id = idOf(deal);
        line = _lines[id];
    }

    /// @dev A line whose money is still here.
    function _findOpen(Deal calldata deal) private view returns (bytes32 id, Status memory line) {
        (id, line) = _find(deal);
        if (line.state != State.Open && line.state != State.Disputed) revert LineNotFit(id, line.state);
    }

    /// @dev Ends a line: `toMerchant` less the fee to the merchant, the rest to the buyer.
    function _end(bytes32 id, Deal calldata deal, Status memory line, uint256 toMerchant) private {
        uint256 amount = line.amount;
        Status storage stored = _lines[id];
        if (toMerchant == 0) {
            stored.state = State.Refunded;
        } else {
            uint256 fee = _feeOf(toMerchant, line.feeBps);
            stored.state = State.Paid;
            stored.amount = uint96(toMerchant);
            live.transfer(deal.merchant, toMerchant - fee);
            emit LinePaid(id, toMerchant - fee, fee);
        }
        if (toMerchant != amount) {
            live.transfer(deal.buyer, amount - toMerchant);
            emit LineRefunded(id, amount - toMerchant);
        }
    }
}
