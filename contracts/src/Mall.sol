// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IERC4907} from "./IERC4907.sol";
import {ITierraQuadReceiver} from "./ITierraQuadReceiver.sol";
import {Tierra} from "./Tierra.sol";

/// @title Mall, aligned squares of 4, 8, 16 or 32 Tierra a side that are fused to one title
/// @notice Compose: the owner of a quad sends it here by `tierra.safeTransferQuad(owner, mall, level, base, perToken, "")`, and gets
/// the Mall's title in the same transaction. No approval is needed. Decompose: `decompose` burns the title and gives the quad to its
/// owner. While fused the Tierra stay here and cannot move; Tierra refuses every other way to send land here, so a title exists
/// exactly when its quad is held by this contract.
///
/// Numbering: id = level << 20 | base, with level 1..4 and the number of the square's first Tierra.
///
/// Rents live in Tierra alone: what runs when a Mall is composed goes on to its end, and a Mall's rent survives its sale and its end as
/// a Mall. Nobody owns this contract, nothing can be paused, and nobody can take a title.
contract Mall is ERC721, IERC4907, ITierraQuadReceiver {
    /// @notice Only Tierra tells of land received.
    error NotTierra(address caller);
    /// @notice This Tierra was deployed for another Mall.
    error TierraOfAnotherMall(address tierra, address mall);
    /// @notice Not a smaller part of this Mall.
    error PartInvalid(uint256 id, uint256 level, uint256 base);

    /// @notice A quad has become a Mall.
    event MallComposed(uint256 indexed id, address indexed owner, uint256 level, uint256 base);
    /// @notice A Mall has become a quad of single Tierra again.
    event MallDecomposed(uint256 indexed id, address indexed owner, uint256 level, uint256 base);

    uint256 private constant BASE_BITS = 20;

    /// @notice The land.
    Tierra public immutable tierra;

    constructor(Tierra tierra_) ERC721("Mall", "MALL") {
        if (tierra_.mall() != address(this)) revert TierraOfAnotherMall(address(tierra_), tierra_.mall());
        tierra = tierra_;
    }

    // ---- reading

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC4907).interfaceId || interfaceId == type(ITierraQuadReceiver).interfaceId
            || super.supportsInterface(interfaceId);
    }

    /// @notice The metadata itself, in a data URI: it needs no server and cannot change.
    function tokenURI(uint256 id) public view override returns (string memory) {
        _requireOwned(id);
        (uint256 level, uint256 base) = quadOf(id);
        string memory side = Strings.toString(2 << level);
        return string.concat(
            "data:application/json,%7B%22name%22:%22Mall%20",
            side,
            "%20x%20",
            side,
            "%20at%20Tierra%20",
            Strings.toString(base),
            "%22,%22description%22:%22A%20square%20of%20",
            Strings.toString(4 << (2 * level)),
            "%20Tierra%20of%20mall.live%22%7D"
        );
    }

    /// @notice The id that the Mall of a quad has, or would have.
    function idOf(uint256 level, uint256 base) public pure returns (uint256) {
        return (level << BASE_BITS) | base;
    }

    /// @notice The quad of an id: its level (side 2 << level) and first Tierra.
    function quadOf(uint256 id) public pure returns (uint256 level, uint256 base) {
        return (id >> BASE_BITS, id & ((1 << BASE_BITS) - 1));
    }

    /// @notice The Mall that a Tierra is fused into, or zero.
    function mallOf(uint256 tierraId) external view returns (uint256) {
        if (tierra.ownerOf(tierraId) != address(this)) return 0;
        (uint256 level, uint256 base) = tierra.quadOf(tierraId);
        return idOf(level, base);
    }

    /// @notice The tenant of the whole Mall, or zero. Rents of parts go before it: `tierra.userOf` tells for each Tierra.
    function userOf(uint256 id) external view returns (address tenant) {
        (tenant,) = _rentOf(id);
    }

    function userExpires(uint256 id) external view returns (uint256 expires) {
        (, expires) = _rentOf(id);
    }

    // ---- composing and decomposing

    /// @notice Called by Tierra when a quad has come here: gives `from` the Mall's title.
    function onTierraQuadReceived(address, address from, uint256 level, uint256 base, bytes calldata)
        external
        returns (bytes4)
    {
        if (msg.sender != address(tierra)) revert NotTierra(msg.sender);
        uint256 id = idOf(level, base);
        _mint(from, id);
        emit MallComposed(id, from, level, base);
        return ITierraQuadReceiver.onTierraQuadReceived.selector;
    }

    /// @notice Burns the title and gives the quad to the owner. Rents go on to their end.
    /// @param perToken true: one ERC-721 `Transfer` per Tierra; false: one ERC-2309 `ConsecutiveTransfer`
    function decompose(uint256 id, bool perToken) external {
        address owner = _update(address(0), id, msg.sender);
        (uint256 level, uint256 base) = quadOf(id);
        emit MallDecomposed(id, owner, level, base);
        tierra.transferQuad(address(this), owner, level, base, perToken);
    }

    // ---- renting, by the rules of Tierra

    /// @notice Lets `user` use the whole Mall. Rents of parts that run already go on to their end.
    function setUser(uint256 id, address user, uint64 expires) external {
        _checkAuthorized(_ownerOf(id), msg.sender, id);
        (uint256 level, uint256 base) = quadOf(id);
        tierra.setQuadUser(level, base, user, expires);
        emit UpdateUser(id, user, expires);
    }

    /// @notice Lets `user` use a part of the Mall: a smaller quad, or a single Tierra (level 0). Tierra emits the event.
    function setPartUser(uint256 id, uint256 level, uint256 base, address user, uint64 expires) external {
        _checkAuthorized(_ownerOf(id), msg.sender, id);
        (uint256 whole, uint256 first) = quadOf(id);
        if (level >= whole || base < first || base >= first + (4 << (2 * whole))) revert PartInvalid(id, level, base);
        if (level == 0) tierra.setUser(base, user, expires);
        else tierra.setQuadUser(level, base, user, expires);
    }

    // ---- inside

    function _rentOf(uint256 id) private view returns (address, uint64) {
        _requireOwned(id);
        (uint256 level, uint256 base) = quadOf(id);
        return tierra.quadUserOf(level, base);
    }

    /// @dev Titles that neither contract could ever give back are refused.
    function _update(address to, uint256 id, address auth) internal override returns (address) {
        if (to == address(this) || to == address(tierra)) revert ERC721InvalidReceiver(to);
        return super._update(to, id, auth);
    }
}
