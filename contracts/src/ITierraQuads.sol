// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What Tierra offers for whole squares.
interface ITierraQuads {
    function transferQuad(address from, address to, uint256 level, uint256 base, bool perToken) external;
    function setQuadUser(uint256 level, uint256 base, address user, uint64 expires) external;
}
