// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IERC4907} from "./IERC4907.sol";
import {ITierraQuads} from "./ITierraQuads.sol";
import {LiveToken} from "./LiveToken.sol";
import {MarketAuctions} from "./MarketAuctions.sol";
import {TradeTerms} from "./TradeTerms.sol";

/// @title Market: signed orders for titles, paid in LIVE
/// @notice Trades any ERC-721 title (Tierra, Mall, Island, Resource) and, with `level` 1 to 4, whole squares of Tierra. A maker signs an
/// order (EIP-712; contract wallets by EIP-1271), a taker fills it here. The maker's titles and LIVE stay with the maker until then;
/// all it needs is this contract's approval on the collection and an allowance of LIVE.
///
/// MarketOrders describes the orders, MarketAuctions the auctions, MarketSettlement who gets what of a price. Rents owe the fee and, being
/// no sale, no royalty.
///
/// A collection can be any code. Every function has done its bookkeeping and its payments before it calls one with the power to call
/// back, and does nothing after; whoever calls back finds the order used and the bid gone. No lock is needed for that.
contract Market is MarketAuctions {
    /// @notice The lease is for `minDays` to `maxDays`.
    error DaysOutOfRange(uint256 count, uint256 minDays, uint256 maxDays);
    /// @notice The title belongs to another than the landlord.
    error LandlordNotOwner(address landlord, address owner);

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

    constructor(LiveToken live_, address owner_, address feeReceiver, uint256 feeBps)
        TradeTerms(live_, owner_, feeReceiver, feeBps)
    {}

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

    function _buy(Sale calldata o, bytes calldata signature) private {
        (address feeReceiver, uint256 feeBps) = _openTerms();
        bytes32 order = hashSale(o);
        _take(o.seller, o.buyer, o.expiry, o.counter, o.nonce, order, signature);
        _settle(order, o.seller, msg.sender, false, o.collection, o.level, o.id, o.price, feeReceiver, feeBps);
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
}
