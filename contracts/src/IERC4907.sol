// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ERC-4907, rental of a token without custody
/// @dev https://eips.ethereum.org/EIPS/eip-4907; the interface id is 0xad092b5c.
interface IERC4907 {
    /// @notice The tenant of a token, or the time its rent ends, has changed.
    event UpdateUser(uint256 indexed tokenId, address indexed user, uint64 expires);

    /// @notice Lets `user` use the token until `expires` (seconds UTC, inclusive).
    function setUser(uint256 tokenId, address user, uint64 expires) external;

    /// @notice The tenant, or zero when nobody rents the token now.
    function userOf(uint256 tokenId) external view returns (address);

    /// @notice When the rent of `userOf` ends, or zero.
    function userExpires(uint256 tokenId) external view returns (uint256);
}
