// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ITierraQuads} from "./ITierraQuads.sol";
import {TradeTerms} from "./TradeTerms.sol";

/// @title How Market pays for a title and moves it
/// @notice Of each price the seller gets what the platform's fee (at most `MAX_FEE_BPS`) and the creator's royalty (ERC-2981, at most
/// `MAX_ROYALTY_BPS`, whatever a collection asks for) leave.
abstract contract MarketSettlement is TradeTerms {
    /// @notice A price is more than nothing and less than 2^96 wei.
    error PriceOutOfRange(uint256 price);

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

    /// @notice The royalty never exceeds this, in hundredths of a percent.
    uint256 public constant MAX_ROYALTY_BPS = 1_000;

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
    ) internal {
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
