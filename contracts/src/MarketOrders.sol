// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title The signed orders of Market: their form, their signatures, and that each is used once
/// @notice EIP-712 domain: name "Mall Market", version "1", chain id, this contract. Times are in seconds UTC, inclusive; prices in wei of
/// LIVE; `level` 0 is a single title, 1 to 4 a square of Tierra whose first id is `id`; a zero `buyer`, `seller` or `tenant` that is not
/// the maker means anybody:
///
/// - `Sale(address seller,address buyer,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)`
/// - `Offer(address buyer,address seller,address collection,uint256 level,uint256 id,uint256 price,uint256 expiry,uint256 counter,uint256 nonce)`
/// - `Auction(address seller,address collection,uint256 level,uint256 id,uint256 reserve,uint256 startsAt,uint256 endsAt,uint256 counter,uint256 nonce)`
/// - `Lease(address landlord,address tenant,address collection,uint256 level,uint256 id,uint256 pricePerDay,uint256 minDays,uint256 maxDays,uint256 expiry,uint256 counter,uint256 nonce)`
///
/// Each order is filled at most once: it carries the maker's `counter` and a `nonce` not used under it. `cancel` uses up one nonce,
/// `cancelAll` moves the counter on. Nonces below 192 share a word with the counter and are the cheapest.
abstract contract MarketOrders is EIP712 {
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

    constructor() EIP712("Mall Market", "1") {}

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

    /// @dev Checks an order that its taker, the caller, fills now, and uses it up.
    function _take(
        address maker,
        address taker,
        uint256 expiry,
        uint256 counter,
        uint256 nonce,
        bytes32 order,
        bytes calldata signature
    ) internal {
        if (taker != address(0) && taker != msg.sender) revert CallerNotMeant(msg.sender, taker);
        if (block.timestamp > expiry) revert OrderExpired(expiry);
        _use(maker, counter, nonce);
        _requireSignature(maker, order, signature);
    }

    function _use(address maker, uint256 counter, uint256 nonce) internal {
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
    function _requireSignature(address maker, bytes32 order, bytes calldata signature) internal view {
        (address signer, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(order, signature);
        if (failure == ECDSA.RecoverError.NoError && signer == maker) return;
        if (!SignatureChecker.isValidERC1271SignatureNowCalldata(maker, order, signature)) {
            revert SignatureInvalid(maker);
        }
    }
}
