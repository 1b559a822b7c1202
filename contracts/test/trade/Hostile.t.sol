// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {LiveToken} from "../../src/LiveToken.sol";
import {Market} from "../../src/Market.sol";
import {MarketAuctions} from "../../src/MarketAuctions.sol";
import {MarketOrders} from "../../src/MarketOrders.sol";
import {Resource} from "../../src/Resource.sol";
import {Base} from "../Base.sol";
import {HostileCollection, Wallet} from "./Hostile.sol";

/// @title What hostile collections and contract wallets cannot do on the market
contract HostileTest is Base {
    LiveToken private live;
    Market private market;
    HostileCollection private collection;
    address private ann;
    uint256 private annKey;
    address private bob;
    uint256 private bobKey;
    address private eve = address(0xe7e);
    address private till = address(0x7111);

    function setUp() public {
        vm.warp(1_800_000_000);
        (ann, annKey) = person("ann");
        (bob, bobKey) = person("bob");
        live = new LiveToken(address(this), 1e27);
        market = new Market(live, address(this), till, 500);
        live.transfer(bob, 1e24);
        vm.prank(bob);
        live.approve(address(market), type(uint256).max);
        collection = new HostileCollection(ann);
    }

    function _sale(uint256 id, uint256 price, uint256 nonce) private view returns (MarketOrders.Sale memory) {
        return MarketOrders.Sale(ann, address(0), address(collection), 0, id, price, type(uint64).max, 0, nonce);
    }

    function _auction(uint256 nonce) private view returns (MarketOrders.Auction memory) {
        return MarketOrders.Auction(ann, address(collection), 0, 1, 1e18, 0, block.timestamp + 1 days, 0, nonce);
    }

    function _sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// Whatever a collection asks for, fee and royalty stay below their caps and the parts add up to the price.
    function testFuzz_royaltyAndFeeHaveCaps(uint96 price, uint256 bps, uint256 words, address receiver) public {
        price = uint96(bound(price, 1, 1e24));
        vm.assume(receiver != ann && receiver != bob && receiver != till && receiver != address(this));
        collection.demand(receiver, bps % 3 == 0 ? type(uint256).max : bound(bps, 0, 20_000), bound(words, 0, 400));
        MarketOrders.Sale memory o = _sale(1, price, 0);
        bytes memory signature = _sign(annKey, market.hashSale(o));
        uint256 before = live.balanceOf(receiver);
        vm.prank(bob);
        market.buy(o, signature);
        uint256 royalty = live.balanceOf(receiver) - before;
        uint256 fee = live.balanceOf(till);
        isTrue(royalty * 10 <= price, "royalty above 10%");
        isTrue(fee * 20 <= price, "fee above 5%");
        same(live.balanceOf(ann) + fee + royalty, price, "parts of the price");
        same(live.balanceOf(bob), 1e24 - price, "what the buyer paid");
        if (words % 401 < 2 || receiver == address(0)) same(royalty, 0, "royalty without an answer");
    }

    function test_aCollectionCannotFillItsOrderAgainWhileItIsFilled() public {
        MarketOrders.Sale memory o = _sale(1, 1e18, 7);
        bytes memory signature = _sign(annKey, market.hashSale(o));
        live.transfer(address(collection), 1e19);
        collection.spend(live, address(market));
        collection.callBackWith(address(market), abi.encodeCall(Market.buy, (o, signature)));
        vm.prank(bob);
        market.buy(o, signature);
        isTrue(!collection.callBackWorked(), "filled twice");
        same(live.balanceOf(address(collection)), 1e19, "paid twice");
        same(live.balanceOf(ann), 95e16, "paid once");
    }

    function test_aCollectionCannotTakeTheBidTwiceWhileAnAuctionIsSettled() public {
        live.transfer(address(market), 5e18); // something to steal
        MarketOrders.Auction memory o = _auction(1);
        bytes memory signature = _sign(annKey, market.hashAuction(o));
        vm.prank(bob);
        market.bid(o, signature, 1e18);
        bytes[3] memory attacks = [
            abi.encodeCall(MarketAuctions.settle, (o)),
            abi.encodeCall(MarketAuctions.returnBid, (o)),
            abi.encodeCall(MarketAuctions.bid, (o, signature, 2e18))
        ];
        vm.warp(block.timestamp + 1 days + 4 days);
        uint256 taken = 0;
        for (uint256 index = 0; index < attacks.length; ++index) {
            collection.callBackWith(address(market), attacks[index]);
            (bool settled,) = address(market).call(abi.encodeCall(MarketAuctions.settle, (o)));
            if (settled) ++taken;
            isTrue(!collection.callBackWorked(), "called back");
        }
        same(taken, 1, "settled");
        same(live.balanceOf(address(market)), 5e18, "left in the market");
        same(live.balanceOf(ann), 95e16, "the seller's part");
    }

    function test_aCollectionThatMovesNothingTakesOnlyWhatItsBuyerAgreedTo() public {
        MarketOrders.Lease memory o =
            MarketOrders.Lease(ann, address(0), address(collection), 0, 1, 1e18, 1, 9, type(uint64).max, 0, 3);
        bytes memory signature = _sign(annKey, market.hashLease(o));
        collection.callBackWith(address(market), abi.encodeCall(Market.rent, (o, signature, 2)));
        vm.prank(bob);
        market.rent(o, signature, 2);
        isTrue(!collection.callBackWorked(), "rented twice");
        same(live.balanceOf(bob), 1e24 - 2e18, "what the tenant paid");
    }

    /// LIVE itself as collection: the maker gives away its own coins at most, never those of others who trust the market.
    function test_liveAsCollectionMovesOnlyTheMakersCoins() public {
        MarketOrders.Sale memory o = MarketOrders.Sale(eve, address(0), address(live), 0, 1e20, 1, type(uint64).max, 0, 0);
        bytes memory signature = _sign(annKey, market.hashSale(o));
        vm.prank(eve);
        (bool worked,) = address(market).call(abi.encodeCall(Market.buy, (o, signature)));
        isTrue(!worked, "another's signature");
        o.seller = ann;
        signature = _sign(annKey, market.hashSale(o));
        vm.prank(bob);
        (worked,) = address(market).call(abi.encodeCall(Market.buy, (o, signature)));
        isTrue(!worked, "coins the maker does not have");
        same(live.balanceOf(bob), 1e24, "purse of a bystander");
    }

    function test_anAddressWithoutCodeIsNoCollection() public {
        MarketOrders.Sale memory o = _sale(1, 1e18, 0);
        o.collection = eve;
        bytes memory signature = _sign(annKey, market.hashSale(o));
        vm.prank(bob);
        (bool worked,) = address(market).call(abi.encodeCall(Market.buy, (o, signature)));
        isTrue(!worked, "sold nothing for something");
    }

    // ---- contract wallets (EIP-1271)

    function test_aContractWalletSellsBuysAndIsNotImpersonated() public {
        Resource resource = new Resource();
        Wallet wallet = new Wallet(ann);
        bytes memory publish = abi.encodeCall(Resource.publish, (keccak256("x"), Resource.Kind.Model, 2, 0));
        wallet.run(address(resource), publish);
        wallet.run(address(resource), abi.encodeCall(IERC721.setApprovalForAll, (address(market), true)));
        uint256 first = resource.creationOf(address(wallet), keccak256("x")) + 1;
        MarketOrders.Sale memory o = MarketOrders.Sale(
            address(wallet), address(0), address(resource), 0, first, 1e18, type(uint64).max, 0, 0
        );
        bytes32 digest = market.hashSale(o);
        bytes memory foreign = _sign(bobKey, digest);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(MarketOrders.SignatureInvalid.selector, address(wallet)));
        market.buy(o, foreign);
        bytes memory own = _sign(annKey, digest);
        vm.prank(bob);
        market.buy(o, own);
        same(resource.ownerOf(first), bob, "sold by a wallet");
        same(live.balanceOf(address(wallet)), 95e16, "paid to the wallet");

        wallet.run(address(live), abi.encodeCall(LiveToken.approve, (address(market), type(uint256).max)));
        vm.prank(bob);
        resource.setApprovalForAll(address(market), true);
        MarketOrders.Offer memory back = MarketOrders.Offer(
            address(wallet), address(0), address(resource), 0, first, 5e17, type(uint64).max, 0, 1
        );
        own = _sign(annKey, market.hashOffer(back));
        vm.prank(bob);
        market.accept(back, own);
        same(resource.ownerOf(first), address(wallet), "bought by a wallet");
    }

    /// An account whose key signs and that has code as well (EIP-7702) trades by its key.
    function test_anAccountWithCodeSignsWithItsKey() public {
        vm.etch(ann, hex"00");
        MarketOrders.Sale memory o = _sale(1, 1e18, 0);
        bytes memory signature = _sign(annKey, market.hashSale(o));
        vm.prank(bob);
        market.buy(o, signature);
        same(collection.owner(), bob, "sold");
    }
}
