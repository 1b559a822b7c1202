// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title LIVE, the money of mall.live
/// @notice A BEP-20 (ERC-20) token with EIP-2612 permit. The supply is made once, at construction: nobody can mint,
/// pause, freeze or take LIVE, and no code here can change.
contract LiveToken is ERC20, ERC20Permit {
    /// @notice The supply asked for does not fit into 96 bits, the width of an amount in a packed word.
    error SupplyTooLarge(uint256 supply, uint256 limit);

    /// @dev BEP-20 asks for an owner to show; it holds no power over this contract.
    address private immutable _bep20Owner;

    /// @param treasury receives the whole supply and is shown as BEP-20 owner
    /// @param supply in wei of LIVE (18 decimals)
    constructor(address treasury, uint256 supply) ERC20("LIVE", "LIVE") ERC20Permit("LIVE") {
        if (supply > type(uint96).max) revert SupplyTooLarge(supply, type(uint96).max);
        _bep20Owner = treasury;
        _mint(treasury, supply);
    }

    /// @notice The BEP-20 owner: for explorers only, without any right.
    function getOwner() external view returns (address) {
        return _bep20Owner;
    }

    /// @notice Pays many receivers from the caller's balance, all or none.
    /// @param payments one word each: receiver (160 bits) << 96 | amount in wei (96 bits)
    function batchPay(uint256[] calldata payments) external {
        uint256 count = payments.length;
        for (uint256 i = 0; i < count; ++i) {
            uint256 payment = payments[i];
            _transfer(msg.sender, address(uint160(payment >> 96)), uint96(payment));
        }
    }
}
