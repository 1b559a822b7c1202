// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IERC4907} from "./IERC4907.sol";
import {LiveToken} from "./LiveToken.sol";
import {TradeTerms} from "./TradeTerms.sol";

/// @dev What Tierra offers for whole squares.
interface ITierraQuads {
    function transferQuad(address from, address to, uint256 level, uint256 base, bool perToken) external;
    function setQuadUser(uint256 level, uint256 base, address user, uint64 expires) external;
}

/// @title Market: signed orders for titles, paid in LIVE
/// @notice Trades any ERC-721 title (Tierra, Mall, Island, Resource) and, with `level` 1 to 4, whole squares of Tierra. A maker signs an
/// order (EIP-712; contract wallets by EIP-1271), a taker fills it here. The maker's titles and LIVE stay with the maker until then;
/// all it needs is this contract's approval on the collection and an allowance of LIVE.
///
/// Orders (domain: name "Mall Market", version "1", chain id, this contract; times in seconds UTC, inclusive; prices in wei of LIVE;
/// `level` 0 is a single title, 1 to 4 a square of Tierra whose first id is `id`; a zero `buyer`, `seller` or `tenant` that is not
/// the maker means anybody):
///
/// - `Sale(address seller,address buyer,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)`
/// - `Offer(address buyer,address seller,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)`
/// - `Auction(address seller,address collection,uint256 level,uint256 id,uint256 reserve,uint256 startsAt,uint256 endsAt,uint256 counter,uint256 nonce)`
/// - `Lease(address landlord,address tenant,address collection,uint256 level,uint256 id,uint256 pricePerDay,uint256 minDays,uint256 maxDays,uint256 expiry,uint256 counter,uint256 nonce)`
///
/// Each order is filled at most once: it carries the maker's `counter` and a `nonce` not used under it. `cancel` uses up one nonce,
/// `cancelAll` moves the counter on. Nonces below 192 share a word with the counter and are the cheapest.
///
/// English auctions: this contract holds the highest bid, so that it is firm; a bid that was only signed could be taken back by moving
/// the LIVE. Who is outbid gets the money back at once: LIVE calls nobody and refuses no receiver, so that payment cannot fail. The
/// title stays with the seller, as everywhere in this mall; if the seller does not have it any more when the auction has ended, the
/// bidder takes the bid back after `SETTLE_WITHIN`. The balance of this contract is the sum of the bids that stand (plus what
/// strangers send to it).
///
/// Of each price the seller gets what the platform's fee (at most `MAX_FEE_BPS`) and the creator's royalty (ERC-2981, at most
/// `MAX_ROYALTY_BPS`, whatever a collection asks for) leave. Rents owe the fee and, being no sale, no royalty.
///
/// A collection can be any code. Every function has done its bookkeeping and its payments before it calls one with the power to call
/// back, and does nothing after; whoever calls back finds the order used and the bid gone. No lock is needed for that.
contract Market is TradeTerms, EIP712 {
    /// @notice The order is past its end (seconds UTC).
    error OrderExpired(uint256 expiry);
    /// @notice The order was filled, opened or cancelled before.
    error OrderUsed(address maker, uint256 nonce);
    /// @notice The order is of another counter than the maker's now: all orders of its counter are cancelled.
    error OrderCounterWrong(address maker, uint256 given, uint256 current);
    /// @notice The maker has not signed this.
    error SignatureInvalid(address maker);
    /// @notice The order is for another account than the caller.
    error CallerNotMeant(address caller, address meant);
    /// @notice A price is more than nothing and less than 2^96 wei.
    error PriceOutOfRange(uint256 price);
    /// @notice The lease is for `minDays` to `maxDays`.
    error DaysOutOfRange(uint256 count, uint256 minDays, uint256 maxDays);
    /// @notice The title belongs to another than the landlord.
    error LandlordNotOwner(address landlord, address owner);
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

    /// @notice A title changed hands. The seller got price - fee - royalty.
    event Sold(
        bytes32 indexed order,
        address indexed seller,
        address indexed buyer,
        address collection,
        uint256 level,
        uint256 id,
        uint256 price,
        uint256 fee,
        uint256 royalty
    );
    /// @notice A title was rented out until `expires` (seconds UTC). The landlord got price - fee.
    event RentedOut(
        bytes32 indexed order,
        address indexed landlord,
        address indexed tenant,
        address collection,
        uint256 level,
        uint256 id,
        uint256 expires,
        uint256 price,
        uint256 fee
    );
    /// @notice A bid stands now; the auction ends then (seconds UTC) unless somebody bids again.
    event BidPlaced(bytes32 indexed order, address indexed bidder, uint256 amount, uint256 endsAt);
    /// @notice A bid went back to its bidder.
    event BidReturned(bytes32 indexed order, address indexed bidder, uint256 amount);
    event OrderCancelled(address indexed maker, uint256 counter, uint256 nonce);
    event AllOrdersCancelled(address indexed maker, uint256 newCounter);

    struct Sale {
        address seller;
        address buyer;
        address collection;
        uint256 level;
        uint256 id;
        uint256 price;
        uint256 expiry;
        uint256 counter;
        uint256 nonce;
    }

    struct Offer {
        address buyer;
        address seller;
        address collection;
        uint256 level;
        uint256 id;
        uint256 price;
        uint256 expiry;
        uint256 counter;
        uint256 nonce;
    }

    struct Auction {
        address seller;
        address collection;
        uint256 level;
        uint256 id;
        uint256 reserve;
        uint256 startsAt;
        uint256 endsAt;
        uint256 counter;
        uint256 nonce;
    }

    struct Lease {
        address landlord;
        address tenant;
        address collection;
        uint256 level;
        uint256 id;
        uint256 pricePerDay;
        uint256 minDays;
        uint256 maxDays;
        uint256 expiry;
        uint256 counter;
        uint256 nonce;
    }

    /// @dev The bid that stands, in one slot.
    struct Bid {
        address bidder;
        uint96 amount;
    }

    /// @notice The royalty never exceeds this, in hundredths of a percent.
    uint256 public constant MAX_ROYALTY_BPS = 1_000;
    /// @notice A bid raises the last one by this or more, in hundredths of a percent.
    uint256 public constant MIN_RAISE_BPS = 500;
    /// @notice The longest time from the first bid to the signed end.
    uint256 public constant MAX_AUCTION = 90 days;
    /// @notice An auction goes on for this long after each bid.
    uint256 public constant EXTENSION = 10 minutes;
    /// @notice The time in which an ended auction can only be settled; past it the bidder may take the bid back too.
    uint256 public constant SETTLE_WITHIN = 3 days;

    bytes32 private constant SALE_TYPEHASH = keccak256(
        "Sale(address seller,address buyer,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)"
    );
    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "Offer(address buyer,address seller,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)"
    );
    bytes32 private constant AUCTION_TYPEHASH = keccak256(
        "Auction(address seller,address collection,uint256 level,uint256 id,uint256 reserve,uint256 startsAt,uint256 endsAt,uint256 counter,uint256 nonce)"
    );
    bytes32 private constant LEASE_TYPEHASH = keccak256(
        "Lease(address landlord,address tenant,address collection,uint256 level,uint256 id,uint256 pricePerDay,uint256 minDays,uint256 maxDays,uint256 expiry,uint256 counter,uint256 nonce)"
    );

    uint256 private constant NEAR_NONCES = 192; // nonces in the word of the counter

    /// @dev Per maker: counter << 192 | used nonces below 192.
    mapping(address maker => uint256 counterAndUsed) private _books;
    /// @dev Used nonces from 192 on, 256 in a word.
    mapping(address maker => mapping(uint256 counter => mapping(uint256 page => uint256 used))) private _pages;
    mapping(bytes32 order => Bid) private _bids;
    /// @dev The end of an auction that late bids have moved; 0 where none did.
    mapping(bytes32 order => uint256 endsAt) private _movedEnds;

    constructor(LiveToken live_, address owner_, address feeReceiver, uint256 feeBps)
        TradeTerms(live_, owner_, feeReceiver, feeBps)
        EIP712("Mall Market", "1")
    {}

    // ---- reading

    /// @notice The digest that the maker of a sale signs; it names the order in events.
    function hashSale(Sale calldata o) public view returns (bytes32) {
        uint256 place;
        assembly {
            place := o
        }
        return _hashOrder(SALE_TYPEHASH, place, 9);
    }

    function hashOffer(Offer calldata o) public view returns (bytes32) {
        uint256 place;
        assembly {
            place := o
        }
        return _hashOrder(OFFER_TYPEHASH, place, 9);
    }

    function hashAuction(Auction calldata o) public view returns (bytes32) {
        uint256 place;
        assembly {
            place := o
        }
        return _hashOrder(AUCTION_TYPEHASH, place, 9);
    }

    function hashLease(Lease calldata o) public view returns (bytes32) {
        uint256 place;
        assembly {
            place := o
        }
        return _hashOrder(LEASE_TYPEHASH, place, 11);
    }

    /// @notice The counter that a maker's orders must carry.
    function counterOf(address maker) external view returns (uint256) {
        return _books[maker] >> NEAR_NONCES;
    }

    /// @notice Whether an order of the maker's counter with this nonce was filled, opened or cancelled.
    function isUsed(address maker, uint256 nonce) external view returns (bool) {
        uint256 book = _books[maker];
        if (nonce < NEAR_NONCES) return (book >> nonce) & 1 != 0;
        return (_pages[maker][book >> NEAR_NONCES][nonce >> 8] >> (nonce & 255)) & 1 != 0;
    }

    /// @notice The bid that stands in an auction (none: zeros) and when the auction ends (seconds UTC; 0 before a late bid moved it).
    function bidOf(bytes32 order) external view returns (address bidder, uint256 amount, uint256 movedEnd) {
        Bid storage top = _bids[order];
        return (top.bidder, top.amount, _movedEnds[order]);
    }

    // ---- cancelling: never paused

    /// @notice Uses up a nonce under the caller's counter. An auction that has a bid cannot be cancelled.
    function cancel(uint256 nonce) external {
        uint256 counter = _books[msg.sender] >> NEAR_NONCES;
        _use(msg.sender, counter, nonce);
        emit OrderCancelled(msg.sender, counter, nonce);
    }

    /// @notice Cancels every order of the caller that was not filled or opened.
    function cancelAll() external {
        uint256 counter = (_books[msg.sender] >> NEAR_NONCES) + 1;
        _books[msg.sender] = counter << NEAR_NONCES;
        emit AllOrdersCancelled(msg.sender, counter);
    }

    // ---- sales

    /// @notice Buys what a seller has signed away. The caller pays.
    function buy(Sale calldata o, bytes calldata signature) external {
        _buy(o, signature);
    }

    /// @notice `buy` with the allowance signed as a permit.
    function buyWithPermit(Sale calldata o, bytes calldata signature, Permit calldata permit) external {
        _usePermit(permit);
        _buy(o, signature);
    }

    /// @notice Sells to a buyer who has signed an offer. The caller gives the title.
    function accept(Offer calldata o, bytes calldata signature) external {
        (address feeReceiver, uint256 feeBps) = _openTerms();
        bytes32 order = hashOffer(o);
        _take(o.buyer, o.seller, o.expiry, o.counter, o.nonce, order, signature);
        _settle(order, msg.sender, o.buyer, false, o.collection, o.level, o.id, o.price, feeReceiver, feeBps);
    }

    // ---- auctions

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

    // ---- rents

    /// @notice Rents a title from now on for `count` days. The caller pays and becomes the tenant (ERC-4907); the rent ends by itself.
    function rent(Lease calldata o, bytes calldata signature, uint256 count) external {
        _rent(o, signature, count);
    }

    /// @notice `rent` with the allowance signed as a permit.
    function rentWithPermit(Lease calldata o, bytes calldata signature, uint256 count, Permit calldata permit)
        external
    {
        _usePermit(permit);
        _rent(o, signature, count);
    }

    // ---- inside

    /// @dev The digest of an order of so many words: they lie in the calldata as EIP-712 wants them hashed. Addresses with dirty upper
    /// bits make another digest here and a revert where they are read.
    function _hashOrder(bytes32 typeHash, uint256 place, uint256 words) private view returns (bytes32) {
        bytes32 content;
        assembly ("memory-safe") {
            let free := mload(64)
            let size := shl(5, words)
            mstore(free, typeHash)
            calldatacopy(add(free, 32), place, size)
            content := keccak256(free, add(size, 32))
        }
        return _hashTypedDataV4(content);
    }

    function _buy(Sale calldata o, bytes calldata signature) private {
        (address feeReceiver, uint256 feeBps) = _openTerms();
        bytes32 order = hashSale(o);
        _take(o.seller, o.buyer, o.expiry, o.counter, o.nonce, order, signature);
        _settle(order, o.seller, msg.sender, false, o.collection, o.level, o.id, o.price, feeReceiver, feeBps);
    }

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

    function _rent(Lease calldata o, bytes calldata signature, uint256 count) private {
        (address feeReceiver, uint256 feeBps) = _openTerms();
        bytes32 order = hashLease(o);
        _take(o.landlord, o.tenant, o.expiry, o.counter, o.nonce, order, signature);
        if (count == 0 || count < o.minDays || count > o.maxDays) revert DaysOutOfRange(count, o.minDays, o.maxDays);
        uint256 price = o.pricePerDay * count;
        if (price == 0 || price > type(uint96).max) revert PriceOutOfRange(price);
        uint64 expires = SafeCast.toUint64(block.timestamp + count * 1 days);
        uint256 fee = (price * feeBps) / ALL_BPS;
        // setUser asks only whether this contract is an operator of the owner, so the owner must be the one who has signed
        address owner = IERC721(o.collection).ownerOf(o.id);
        if (owner != o.landlord) revert LandlordNotOwner(o.landlord, owner);
        live.transferFrom(msg.sender, owner, price - fee);
        if (fee != 0) live.transferFrom(msg.sender, feeReceiver, fee);
        if (o.level == 0) IERC4907(o.collection).setUser(o.id, msg.sender, expires);
        else ITierraQuads(o.collection).setQuadUser(o.level, o.id, msg.sender, expires);
        emit RentedOut(order, owner, msg.sender, o.collection, o.level, o.id, expires, price, fee);
    }

    /// @dev Checks an order that its taker, the caller, fills now, and uses it up.
    function _take(
        address maker,
        address taker,
        uint256 expiry,
        uint256 counter,
        uint256 nonce,
        bytes32 order,
        bytes calldata signature
    ) private {
        if (taker != address(0) && taker != msg.sender) revert CallerNotMeant(msg.sender, taker);
        if (block.timestamp > expiry) revert OrderExpired(expiry);
        _use(maker, counter, nonce);
        _requireSignature(maker, order, signature);
    }

    function _use(address maker, uint256 counter, uint256 nonce) private {
        uint256 book = _books[maker];
        uint256 current = book >> NEAR_NONCES;
        if (counter != current) revert OrderCounterWrong(maker, counter, current);
        if (nonce < NEAR_NONCES) {
            uint256 bit = 1 << nonce;
            if (book & bit != 0) revert OrderUsed(maker, nonce);
            _books[maker] = book | bit;
        } else {
            mapping(uint256 page => uint256 used) storage pages = _pages[maker][counter];
            uint256 page = pages[nonce >> 8];
            uint256 bit = 1 << (nonce & 255);
            if (page & bit != 0) revert OrderUsed(maker, nonce);
            pages[nonce >> 8] = page | bit;
        }
    }

    /// @dev A key's signature is tried first, so that an account with a key needs no look at its code, and one that has code as well
    /// (EIP-7702) can sign with its key.
    function _requireSignature(address maker, bytes32 order, bytes calldata signature) private view {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(order, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == maker) return;
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(maker, order, signature)) {
            revert SignatureInvalid(maker);
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

    /// @dev Pays for the title, from the buyer or (`held`) from the bid kept here, and moves it.
    function _settle(
        bytes32 order,
        address seller,
        address buyer,
        bool held,
        address collection,
        uint256 level,
        uint256 id,
        uint256 price,
        address feeReceiver,
        uint256 feeBps
    ) private {
        if (price == 0 || price > type(uint96).max) revert PriceOutOfRange(price);
        (address creator, uint256 royalty) = _royaltyOf(collection, id, price);
        if (creator == seller) royalty = 0;
        uint256 fee;
        unchecked {
            // 96 bits of price; fee and royalty together stay far below it
            fee = (price * feeBps) / ALL_BPS;
            _pay(buyer, held, seller, price - fee - royalty);
        }
        if (fee != 0) _pay(buyer, held, feeReceiver, fee);
        if (royalty != 0) _pay(buyer, held, creator, royalty);
        if (level == 0) IERC721(collection).transferFrom(seller, buyer, id);
        else ITierraQuads(collection).transferQuad(seller, buyer, level, id, false);
        emit Sold(order, seller, buyer, collection, level, id, price, fee, royalty);
    }

    function _pay(address buyer, bool held, address to, uint256 amount) private {
        if (held) live.transfer(to, amount);
        else live.transferFrom(buyer, to, amount);
    }

    /// @dev What ERC-2981 asks for, cut at the cap; nothing from a collection that does not answer. Reads two words of the answer and
    /// no more, so that a collection cannot make the caller pay for a long one.
    function _royaltyOf(address collection, uint256 id, uint256 price)
        private
        view
        returns (address creator, uint256 royalty)
    {
        bytes4 selector = IERC2981.royaltyInfo.selector;
        bool answered;
        assembly ("memory-safe") {
            let question := mload(64)
            mstore(question, selector)
            mstore(add(question, 4), id)
            mstore(add(question, 36), price)
            answered := staticcall(gas(), collection, question, 68, 0, 64)
            answered := and(answered, gt(returndatasize(), 63))
            creator := shr(96, shl(96, mload(0)))
            royalty := mload(32)
        }
        if (!answered || creator == address(0)) return (address(0), 0);
        unchecked {
            // 96 bits of price
            uint256 cap = (price * MAX_ROYALTY_BPS) / ALL_BPS;
            if (royalty > cap) royalty = cap;
        }
    }
}
