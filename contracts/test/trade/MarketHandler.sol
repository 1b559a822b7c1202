// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LiveToken} from "../../src/LiveToken.sol";
import {Market} from "../../src/Market.sol";
import {MarketOrders} from "../../src/MarketOrders.sol";
import {Resource} from "../../src/Resource.sol";
import {Tierra} from "../../src/Tierra.sol";
import {Handler} from "../Handler.sol";

/// @title Random orders and fills, each foretold by a model that keeps a purse per person and an owner per single title
/// @notice Orders are signed first and filled later, again and again, by anybody, so that replays, late fills and fills of cancelled
/// orders are common. `wrong` counts the acts that went otherwise than the model says.
contract MarketHandler is Handler {
    enum Kind {
        Sale,
        Offer,
        Auction,
        Lease
    }

    struct Order {
        Kind kind;
        address maker;
        address meant;
        uint256 title; // below EDITIONS an edition, then a Tierra, the last one the whole square
        uint256 amount;
        uint256 expiry;
        uint256 counter;
        uint256 nonce;
        bool forged;
        uint256 fills;
        address bidder;
        uint256 bid;
        uint256 end;
        bytes signature;
    }

    uint256 public constant PEOPLE = 4;
    uint256 public constant EDITIONS = 4;
    uint256 public constant LAND = 16;
    uint256 public constant SQUARE = EDITIONS + LAND;
    uint256 public constant FIRST = 3 << 10;
    uint256 public constant ROYALTY_BPS = 700;

    LiveToken public live;
    Market public market;
    Resource public resource;
    Tierra public tierra;
    uint256 public creation;
    address[PEOPLE] public who; // the first is the creator of the resource and owns everything at first
    uint256[PEOPLE] private _keys;
    address public till;
    address private _owner;
    Order[] private _orders;

    mapping(address account => uint256) public purse;
    mapping(uint256 title => address) public ownerOf;
    mapping(uint256 title => address) public tenantOf;
    mapping(uint256 title => uint256) public rentEnds;
    mapping(address maker => uint256) public counterOf;
    mapping(address maker => mapping(uint256 counter => mapping(uint256 nonce => bool))) public used;
    uint256 private _feeBps = 250;
    bool private _paused;

    constructor() {
        string[PEOPLE] memory names = ["ann", "bob", "cy", "dee"];
        (_owner,) = person("owner");
        (till,) = person("till");
        live = new LiveToken(address(this), 1e27);
        market = new Market(live, _owner, till, _feeBps);
        resource = new Resource();
        (who[0],) = person(names[0]);
        tierra = new Tierra(who[0], address(1));
        for (uint256 index = 0; index < PEOPLE; ++index) {
            (who[index], _keys[index]) = person(names[index]);
            purse[who[index]] = 1e24;
            live.transfer(who[index], 1e24);
            vm.startPrank(who[index]);
            live.approve(address(market), type(uint256).max);
            resource.setApprovalForAll(address(market), true);
            tierra.setApprovalForAll(address(market), true);
            vm.stopPrank();
        }
        vm.prank(who[0]);
        creation = resource.publish(keccak256("content"), Resource.Kind.Prop, EDITIONS, ROYALTY_BPS);
        for (uint256 title = 0; title < SQUARE; ++title) {
            ownerOf[title] = who[0];
        }
    }

    // ---- reading

    function count() external view returns (uint256) {
        return _orders.length;
    }

    function orderAt(uint256 index) external view returns (Order memory) {
        return _orders[index];
    }

    function place(uint256 title) public view returns (address collection, uint256 level, uint256 id) {
        if (title < EDITIONS) return (address(resource), 0, creation + 1 + title);
        if (title < SQUARE) return (address(tierra), 0, FIRST + title - EDITIONS);
        return (address(tierra), 1, FIRST);
    }

    // ---- acts

    /// Signs an order and keeps it. Makers mostly own what they sell; one signature in eight is another's.
    function sign(uint256 kind, uint256 by, uint256 meant, uint256 title, uint256 amount, uint256 delay, uint256 nonce)
        external
    {
        Order memory o;
        o.kind = Kind(kind % 4);
        o.title = title % (SQUARE + 1);
        if (o.kind == Kind.Lease && o.title < EDITIONS) o.title += EDITIONS;
        address owner = ownerOf[o.title == SQUARE ? EDITIONS : o.title];
        uint256 index = by % PEOPLE;
        if (o.kind != Kind.Offer && by % 5 != 0) {
            while (who[index] != owner) index = (index + 1) % PEOPLE;
        }
        o.maker = who[index];
        o.meant = meant % 4 == 0 ? who[(meant >> 8) % PEOPLE] : address(0);
        o.amount = amount % 16 == 0 ? 0 : bound(amount, 1, 3e23);
        o.expiry = block.timestamp + bound(delay, 0, o.kind == Kind.Auction || delay % 4 == 0 ? 1 days : 20 days);
        o.counter = counterOf[o.maker] + (nonce % 16 == 0 ? 1 : 0);
        o.nonce = 170 + ((nonce >> 8) % 44);
        o.forged = (by >> 16) % 8 == 0;
        o.signature = _signed(_keys[o.forged ? (index + 1) % PEOPLE : index], _digest(o));
        _orders.push(o);
    }

    /// Fills a sale, an offer or a lease that was signed at any time.
    function fill(uint256 by, uint256 which, uint256 count_) external {
        if (_orders.length == 0) return;
        uint256 recent = which % 2 == 0 && _orders.length > 6 ? _orders.length - 6 : 0;
        Order storage o = _orders[recent + (which >> 8) % (_orders.length - recent)];
        if (o.kind == Kind.Auction) return;
        address caller = _caller(by, o);
        if (caller == o.maker) return;
        bool may = !_paused && (o.meant == address(0) || o.meant == caller) && block.timestamp <= o.expiry
            && _fresh(o) && !o.forged && o.amount != 0;
        if (o.kind == Kind.Sale) may = may && _owns(o.maker, o.title) && purse[caller] >= o.amount;
        if (o.kind == Kind.Offer) may = may && _owns(caller, o.title) && purse[o.maker] >= o.amount;
        uint256 time = count_ % 8 < 6 ? 1 + (count_ % 2) : count_ % 4;
        if (o.kind == Kind.Lease) {
            may = may && time >= 1 && time <= 2 && purse[caller] >= o.amount * time && _owns(o.maker, o.title)
                && _rentable(o.title, caller, block.timestamp + time * 1 days);
        }
        Order memory order = o;
        try this.send(order, caller, time) {
            _check(may, true, "fill");
        } catch {
            _check(may, false, "fill");
        }
        if (!may) return;
        used[o.maker][o.counter][o.nonce] = true;
        ++o.fills;
        if (o.kind == Kind.Sale) _trade(o.maker, caller, o.title, o.amount, false);
        if (o.kind == Kind.Offer) _trade(caller, o.maker, o.title, o.amount, false);
        if (o.kind == Kind.Lease) {
            uint256 fee = (o.amount * time * _feeBps) / 10_000;
            purse[caller] -= o.amount * time;
            purse[o.maker] += o.amount * time - fee;
            purse[till] += fee;
            tenantOf[o.title] = caller;
            rentEnds[o.title] = block.timestamp + time * 1 days;
        }
    }

    function bid(uint256 by, uint256 which, uint256 amount) external {
        Order storage o = _auction(which, false);
        address caller = _caller(by, o);
        amount = o.bidder == address(0)
            ? bound(amount, o.amount - o.amount / 8, o.amount + 1e22)
            : bound(amount, o.bid + o.bid / 32, o.bid + o.bid / 8);
        bool may = !_paused && amount <= purse[caller];
        if (o.bidder == address(0)) {
            may = may && block.timestamp <= o.expiry && o.fills == 0 && _fresh(o) && !o.forged && o.amount != 0
                && amount >= o.amount;
        } else {
            may = may && block.timestamp <= o.end && amount * 100 >= o.bid * 105;
        }
        MarketOrders.Auction memory auction = _asAuction(o);
        bytes memory signature = o.signature;
        vm.prank(caller);
        try market.bid(auction, signature, amount) {
            _check(may, true, "bid");
        } catch {
            _check(may, false, "bid");
        }
        if (!may) return;
        if (o.bidder == address(0)) {
            used[o.maker][o.counter][o.nonce] = true;
            o.end = o.expiry;
        } else {
            purse[o.bidder] += o.bid;
        }
        purse[caller] -= amount;
        o.bidder = caller;
        o.bid = amount;
        if (o.end < block.timestamp + 10 minutes) o.end = block.timestamp + 10 minutes;
    }

    function settle(uint256 which) external {
        Order storage o = _auction(which, which % 4 < 2);
        bool may = o.bidder != address(0) && block.timestamp > o.end && _owns(o.maker, o.title);
        MarketOrders.Auction memory auction = _asAuction(o);
        try market.settle(auction) {
            _check(may, true, "settle");
        } catch {
            _check(may, false, "settle");
        }
        if (!may) return;
        _trade(o.maker, o.bidder, o.title, o.bid, true);
        o.bidder = address(0);
        ++o.fills;
    }

    function giveBack(uint256 which) external {
        Order storage o = _auction(which, which % 4 < 2);
        bool may = o.bidder != address(0) && block.timestamp > o.end + 3 days;
        MarketOrders.Auction memory auction = _asAuction(o);
        try market.returnBid(auction) {
            _check(may, true, "giveBack");
        } catch {
            _check(may, false, "giveBack");
        }
        if (!may) return;
        purse[o.bidder] += o.bid;
        o.bidder = address(0);
        ++o.fills;
    }

    function cancel(uint256 by, uint256 nonce) external {
        address maker = who[by % PEOPLE];
        nonce = 170 + (nonce % 44);
        bool may = !used[maker][counterOf[maker]][nonce];
        vm.prank(maker);
        try market.cancel(nonce) {
            _check(may, true, "cancel");
        } catch {
            _check(may, false, "cancel");
        }
        used[maker][counterOf[maker]][nonce] = true;
    }

    function cancelAll(uint256 by) external {
        address maker = who[by % PEOPLE];
        vm.prank(maker);
        market.cancelAll();
        ++counterOf[maker];
        _check(true, true, "cancelAll");
    }

    /// An owner gives a title away beside the market, so that signed orders lose their object.
    function give(uint256 to, uint256 title) external {
        title %= SQUARE;
        (address collection,, uint256 id) = place(title);
        address owner = ownerOf[title];
        vm.prank(owner);
        Resource(collection).transferFrom(owner, who[to % PEOPLE], id);
        ownerOf[title] = who[to % PEOPLE];
        _check(true, true, "give");
    }

    function setTerms(uint256 feeBps, uint256 pause) external {
        _feeBps = bound(feeBps, 0, 500);
        _paused = pause % 4 == 0;
        vm.startPrank(_owner);
        market.setFee(_feeBps, till);
        market.pauseNewBusiness(_paused);
        vm.stopPrank();
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 0, time % 4 == 0 ? 4 days : 12 hours));
    }

    /// @dev Called by the handler itself, so that one `try` serves three kinds.
    function send(Order memory o, address caller, uint256 time) external {
        (address collection, uint256 level, uint256 id) = place(o.title);
        vm.prank(caller);
        if (o.kind == Kind.Sale) {
            market.buy(
                MarketOrders.Sale(o.maker, o.meant, collection, level, id, o.amount, o.expiry, o.counter, o.nonce),
                o.signature
            );
        } else if (o.kind == Kind.Offer) {
            market.accept(
                MarketOrders.Offer(o.maker, o.meant, collection, level, id, o.amount, o.expiry, o.counter, o.nonce),
                o.signature
            );
        } else {
            market.rent(
                MarketOrders.Lease(
                    o.maker, o.meant, collection, level, id, o.amount, 1, 2, o.expiry, o.counter, o.nonce
                ),
                o.signature,
                time
            );
        }
    }

    // ---- the model's rules

    function _fresh(Order storage o) private view returns (bool) {
        return o.counter == counterOf[o.maker] && !used[o.maker][o.counter][o.nonce];
    }

    function _owns(address account, uint256 title) private view returns (bool) {
        if (title < SQUARE) return ownerOf[title] == account;
        for (uint256 each = EDITIONS; each < SQUARE; ++each) {
            if (ownerOf[each] != account) return false;
        }
        return true;
    }

    /// @dev The rent of a title, or of the square around it, hinders; the same tenant of the same title gets a later end.
    function _rentable(uint256 title, address tenant, uint256 expires) private view returns (bool) {
        if (title != SQUARE && rentEnds[SQUARE] >= block.timestamp) return false;
        return rentEnds[title] < block.timestamp || (tenantOf[title] == tenant && expires >= rentEnds[title]);
    }

    function _trade(address seller, address buyer, uint256 title, uint256 price, bool held) private {
        uint256 fee = (price * _feeBps) / 10_000;
        uint256 royalty = title < EDITIONS && seller != who[0] ? (price * ROYALTY_BPS) / 10_000 : 0;
        if (!held) purse[buyer] -= price;
        purse[seller] += price - fee - royalty;
        purse[till] += fee;
        purse[who[0]] += royalty;
        if (title < SQUARE) {
            ownerOf[title] = buyer;
        } else {
            for (uint256 each = EDITIONS; each < SQUARE; ++each) {
                ownerOf[each] = buyer;
            }
        }
    }

    /// @dev An auction; half of the time one that is over and not settled, if there is any.
    function _auction(uint256 which, bool over) private returns (Order storage) {
        uint256 length = _orders.length;
        uint256 recent = which % 2 == 0 && length > 12 ? length - 12 : 0;
        for (uint256 step = 0; step < length - recent; ++step) {
            Order storage o = _orders[recent + ((which >> 8) % length + step) % (length - recent)];
            bool waits = o.bidder != address(0) && block.timestamp > o.end;
            if (o.kind == Kind.Auction && (waits || !over)) return o;
        }
        if (over) return _auction(which, false);
        this.sign(2, which, 1, which >> 64, which, which >> 32, which >> 128);
        return _orders[length];
    }

    function _caller(uint256 by, Order storage o) private view returns (address) {
        if (o.kind == Kind.Offer && by % 4 != 0) return ownerOf[o.title == SQUARE ? EDITIONS : o.title];
        if (o.meant != address(0) && by % 4 != 0) return o.meant;
        return who[(by >> 8) % PEOPLE];
    }

    function _asAuction(Order storage o) private view returns (MarketOrders.Auction memory) {
        (address collection, uint256 level, uint256 id) = place(o.title);
        return MarketOrders.Auction(o.maker, collection, level, id, o.amount, 0, o.expiry, o.counter, o.nonce);
    }

    function _digest(Order memory o) private view returns (bytes32) {
        (address collection, uint256 level, uint256 id) = place(o.title);
        if (o.kind == Kind.Sale) {
            return market.hashSale(
                MarketOrders.Sale(o.maker, o.meant, collection, level, id, o.amount, o.expiry, o.counter, o.nonce)
            );
        }
        if (o.kind == Kind.Offer) {
            return market.hashOffer(
                MarketOrders.Offer(o.maker, o.meant, collection, level, id, o.amount, o.expiry, o.counter, o.nonce)
            );
        }
        if (o.kind == Kind.Auction) {
            return market.hashAuction(
                MarketOrders.Auction(o.maker, collection, level, id, o.amount, 0, o.expiry, o.counter, o.nonce)
            );
        }
        return market.hashLease(
            MarketOrders.Lease(o.maker, o.meant, collection, level, id, o.amount, 1, 2, o.expiry, o.counter, o.nonce)
        );
    }

    function _signed(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
