// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";
import {IERC721Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

/// @title How Tierra are numbered, and which squares of them there are
/// @notice id = region << 10 | morton(x, y) with x, y in 0..31. So every aligned square ("quad") of side 4, 8, 16 or 32 is one range of
/// ids. Its level is 1, 2, 3 or 4; level 0 means a single Tierra.
abstract contract TierraGrid is IERC721Metadata, IERC721Errors {
    /// @notice Not an aligned square of level 1 to 4 within the land.
    error QuadInvalid(uint256 level, uint256 base);

    uint256 public constant totalSupply = 100_100;

    /// @notice The metadata itself, in a data URI: it needs no server and cannot change.
    function tokenURI(uint256 id) external pure returns (string memory) {
        if (id >= totalSupply) revert ERC721NonexistentToken(id);
        uint256 x = 0;
        uint256 y = 0;
        unchecked {
            for (uint256 bit = 0; bit < 5; ++bit) {
                x |= ((id >> bit) & (1 << bit));
                y |= ((id >> (bit + 1)) & (1 << bit));
            }
        }
        return string.concat(
            "data:application/json,%7B%22name%22:%22Tierra%20",
            Strings.toString(id),
            "%22,%22description%22:%2215%20m%20x%2015%20m%20in%20region%20",
            Strings.toString(id >> 10),
            ",%20column%20",
            Strings.toString(x),
            ",%20row%20",
            Strings.toString(y),
            "%22%7D"
        );
    }

    /// @dev Ids share their upper bits within a quad; the level in bits 32 and up keeps the levels apart. Level 0 gives the id.
    function _quadKey(uint256 id, uint256 level) internal pure returns (uint256) {
        unchecked {
            return level == 0 ? id : (level << 32) | (id >> (2 * level + 2));
        }
    }

    function _baseOf(uint256 id, uint256 level) internal pure returns (uint256) {
        unchecked {
            uint256 bits = 2 * level + 2;
            return (id >> bits) << bits;
        }
    }

    /// @dev Tierra in the quad: 16, 64, 256 or 1024. Reverts unless it is a whole aligned quad of the land.
    function _quadSize(uint256 level, uint256 base) internal pure returns (uint256 count) {
        if (level == 0 || level > 4 || base >= totalSupply) revert QuadInvalid(level, base);
        unchecked {
            count = 4 << (2 * level);
            if (base & (count - 1) != 0 || base + count > totalSupply) revert QuadInvalid(level, base);
        }
    }
}
