// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a contract implements to receive whole squares of Tierra by `safeTransferQuad`
interface ITierraQuadReceiver {
    /// @notice Called after the move; anything but this function's selector as answer undoes it.
    function onTierraQuadReceived(address operator, address from, uint256 level, uint256 base, bytes calldata data)
        external
        returns (bytes4);
}
