// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC4907} from "./IERC4907.sol";
import {TierraGrid} from "./TierraGrid.sol";

/// @title The rents of Tierra: who uses a single one or a quad, and until when
/// @notice Custody stays with the owner, a rent ends by itself, and a later owner takes the tenant over.
///
/// Storage: per rented title, single or quad, one word: tenant (160 bits) | end (64 bits, seconds UTC). Per region the latest end that a
/// rent of a quad in it ever had: where it has passed, the squares around a title need no look.
abstract contract TierraRents is TierraGrid, IERC4907 {
    /// @notice A running rent cannot be changed, except that the same tenant may get a later end.
    error RentRunning(uint256 base, uint256 level, address tenant, uint64 expires);

    /// @notice The tenant of a whole quad, or the time its rent ends, has changed.
    event UpdateQuadUser(uint256 indexed base, uint256 indexed level, address indexed user, uint64 expires);

    mapping(uint256 quadKey => uint256 tenantAndEnd) private _rents;
    mapping(uint256 region => uint256 end) private _quadsEnds;

    function userOf(uint256 id) external view returns (address tenant) {
        tenant = address(uint160(_rentOf(id, 0)));
    }

    function userExpires(uint256 id) external view returns (uint256 expires) {
        expires = _rentOf(id, 0) >> 160;
    }

    /// @notice Who rents the quad of `level` around `id` as a whole now, by its own rent or a larger one, and until when; zeros where
    /// nobody does. Rents of smaller parts go before it: `userOf` tells for each Tierra.
    function quadUserOf(uint256 level, uint256 id) external view returns (address user, uint64 expires) {
        uint256 rent = _rentOf(id, level);
        return (address(uint160(rent)), uint64(rent >> 160));
    }

    /// @notice Emits the standard `UpdateUser` for each Tierra of a quad, with what `userOf` and `userExpires` tell now. Anybody may.
    function announceUsers(uint256 level, uint256 base) external {
        uint256 count = _quadSize(level, base);
        for (uint256 id = base; id < base + count; ++id) {
            uint256 rent = _rentOf(id, 0);
            emit UpdateUser(id, address(uint160(rent)), uint64(rent >> 160));
        }
    }

    /// @dev Refuses while this title, or a larger one around it, is rented; the same tenant may get a later end.
    function _setRent(uint256 level, uint256 base, address user, uint64 expires) internal {
        uint256 quadsEnd = _quadsEnds[base >> 10];
        for (uint256 up = level; up <= 4; ++up) {
            // without a rent of a quad that may run still, only the title's own counts
            if (up != level && quadsEnd < block.timestamp) break;
            uint256 rent = _runningAt(base, up);
            if (rent == 0) continue;
            address tenant = address(uint160(rent));
            uint64 until = uint64(rent >> 160);
            if (up != level || user != tenant || expires < until) revert RentRunning(base, up, tenant, until);
        }
        if (level != 0 && expires > quadsEnd) _quadsEnds[base >> 10] = expires;
        _rents[_quadKey(base, level)] = uint256(uint160(user)) | (uint256(expires) << 160);
    }

    /// @dev The rent that holds for a title now: of itself, else of the smallest quad around it that is rented, from `level` up; zero
    /// where none does. A smaller rent can only be older than a larger one (see _setRent), so the first tenant always stays.
    function _rentOf(uint256 id, uint256 level) private view returns (uint256 rent) {
        if (id >= totalSupply) revert ERC721NonexistentToken(id);
        for (; rent == 0 && level <= 4; ++level) {
            rent = _runningAt(id, level);
        }
    }

    /// @dev The word of a rent while it runs, else zero.
    function _runningAt(uint256 id, uint256 level) private view returns (uint256 rent) {
        rent = _rents[_quadKey(id, level)];
        if (uint160(rent) == 0 || rent >> 160 < block.timestamp) rent = 0;
    }
}
