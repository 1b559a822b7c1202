// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {MarketOrders} from "./MarketOrders.sol";
import {MarketSettlement} from "./MarketSettlement.sol";

/// @title The English auctions of Market
/// @notice This contract holds the highest bid, so that it is firm; a bid that was only signed could be taken back by moving
/// the LIVE. Who is outbid gets the money back at once: LIVE calls nobody and refuses no receiver, so that payment cannot fail. The
/// title stays with the seller, as everywhere in this mall; if the seller does not have it any more when the auction has ended, the
/// bidder takes the bid back after `SETTLE_WITHIN`. The balance of this contract is the sum of the bids that stand (plus what
/// strangers send to it).
abstract contract MarketAuctions is MarketOrders, MarketSettlement {
    /// @notice The auction starts then (seconds UTC).
    error AuctionNotStarted(uint256 startsAt);
    /// @notice The auction ended then (seconds UTC).
    error AuctionEnded(uint256 endedAt);
    /// @notice The auction runs, or its settlement is awaited, until then (seconds UTC).
    error AuctionNotOver(uint256 until);
    /// @notice The auction would hold a bid for longer than `MAX_AUCTION`.
    error AuctionTooLong(uint256 endsAt, uint256 latest);
    /// @notice A bid is at least the reserve, and at least `MIN_RAISE_BPS` above the bid that stands.
    error BidTooLow(uint256 bid, uint256 least);
    /// @notice No bid stands in this auction.
    error NoBid(bytes32 order);

    /// @notice A bid stands now; the auction ends then (seconds UTC) unless somebody bids again.
    event BidPlaced(bytes32 indexed order, address indexed bidder, uint256 amount, uint256 endsAt);
    /// @notice A bid went back to its bidder.
    event BidReturned(bytes32 indexed order, address indexed bidder, uint256 amount);

    /// @dev The bid that stands, in one slot.
    struct Bid {
        address bidder;
        uint96 amount;
    }

    /// @notice A bid raises the last one by this or more, in hundredths of a percent.
    uint256 public constant MIN_RAISE_BPS = 500;
    /// @notice The longest time from the first bid to the signed end.
    uint256 public constant MAX_AUCTION = 90 days;
    /// @notice An auction goes on for this long after each bid.
    uint256 public constant EXTENSION = 10 minutes;
    /// @notice The time in which an ended auction can only be settled; past it the bidder may take the bid back too.
    uint256 public constant SETTLE_WITHIN = 3 days;

    mapping(bytes32 order => Bid) private _bids;
    /// @dev The end of an auction that late bids have moved; 0 where none did.
    mapping(bytes32 order => uint256 endsAt) private _movedEnds;

    /// @notice The bid that stands in an auction (none: zeros) and when the auction ends (seconds UTC; 0 before a late bid moved it).
    function bidOf(bytes32 order) external view returns (address bidder, uint256 amount, uint256 movedEnd) {
        Bid storage top = _bids[order];
        return (top.bidder, top.amount, _movedEnds[order]);
    }

    /// @notice Bids in an auction; the first bid opens it.
    /// @param signature of the seller; looked at only for the first bid
    function bid(Auction calldata o, bytes calldata signature, uint256 amount) external {
        _bid(o, signature, amount);
    }

    /// @notice `bid` with the allowance signed as a permit.
    function bidWithPermit(Auction calldata o, bytes calldata signature, uint256 amount, Permit calldata permit)
        external
    {
        _usePermit(permit);
        _bid(o, signature, amount);
    }

    /// @notice Gives the title of an ended auction to the highest bidder and the money to the seller. Anybody may call; never paused.
    function settle(Auction calldata o) external {
        bytes32 order = hashAuction(o);
        Bid memory top = _takeBid(order);
        uint256 end = _endOf(order, o.endsAt);
        if (block.timestamp <= end) revert AuctionNotOver(end);
        Terms memory now_ = terms;
        _settle(
            order,
            o.seller,
            top.bidder,
            true,
            o.collection,
            o.level,
            o.id,
            top.amount,
            now_.feeReceiver,
            now_.feeBps
        );
    }

    /// @notice Gives the bid of an ended auction back that nobody could settle in time. Anybody may call; never paused.
    function returnBid(Auction calldata o) external {
        bytes32 order = hashAuction(o);
        Bid memory top = _takeBid(order);
        uint256 until = _endOf(order, o.endsAt) + SETTLE_WITHIN;
        if (block.timestamp <= until) revert AuctionNotOver(until);
        live.transfer(top.bidder, top.amount);
        emit BidReturned(order, top.bidder, top.amount);
    }

    // ---- inside

    function _bid(Auction calldata o, bytes calldata signature, uint256 amount) private {
        _openTerms();
        bytes32 order = hashAuction(o);
        Bid memory last = _bids[order];
        uint256 end = _endOf(order, o.endsAt);
        if (block.timestamp > end) revert AuctionEnded(end);
        uint256 least = o.reserve;
        if (last.bidder == address(0)) {
            if (block.timestamp < o.startsAt) revert AuctionNotStarted(o.startsAt);
            if (end > block.timestamp + MAX_AUCTION) revert AuctionTooLong(end, block.timestamp + MAX_AUCTION);
            if (least == 0) revert PriceOutOfRange(0);
            _use(o.seller, o.counter, o.nonce);
            _requireSignature(o.seller, order, signature);
        } else {
            least = last.amount + Math.ceilDiv(last.amount * MIN_RAISE_BPS, ALL_BPS);
        }
        if (amount < least) revert BidTooLow(amount, least);
        _bids[order] = Bid(msg.sender, SafeCast.toUint96(amount));
        if (end - block.timestamp < EXTENSION) {
            end = block.timestamp + EXTENSION;
            _movedEnds[order] = end;
        }
        live.transferFrom(msg.sender, address(this), amount);
        emit BidPlaced(order, msg.sender, amount, end);
        if (last.bidder != address(0)) {
            live.transfer(last.bidder, last.amount);
            emit BidReturned(order, last.bidder, last.amount);
        }
    }

    function _endOf(bytes32 order, uint256 signedEnd) private view returns (uint256) {
        uint256 moved = _movedEnds[order];
        return moved == 0 ? signedEnd : moved;
    }

    function _takeBid(bytes32 order) private returns (Bid memory top) {
        top = _bids[order];
        if (top.bidder == address(0)) revert NoBid(order);
        delete _bids[order];
    }
}
