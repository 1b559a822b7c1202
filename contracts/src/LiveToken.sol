// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title LIVE, the money of mall.live
/// @notice A BEP-20 (ERC-20) token with EIP-2612 permit. The supply is made once, at construction: nobody can mint,
/// pause, freeze or take LIVE, and no code here can change.
/// @dev The balances are our own, not OpenZeppelin's ERC20, so that `batchPay` debits the payer once.
contract LiveToken is IERC20Metadata, IERC20Permit, IERC20Errors, EIP712, Nonces {
    /// @notice The supply asked for does not fit into 96 bits, the width of an amount in a packed word.
    error SupplyTooLarge(uint256 supply, uint256 limit);
    /// @notice The permit is past its deadline (seconds UTC).
    error PermitExpired(uint256 deadline);
    /// @notice The permit was signed by another account than its owner.
    error PermitSignerWrong(address signer, address owner);

    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    string public constant name = "LIVE";
    string public constant symbol = "LIVE";
    uint8 public constant decimals = 18;

    uint256 public immutable totalSupply;
    /// @notice The BEP-20 owner: for explorers only, without any right.
    address public immutable getOwner;

    /// @dev A struct, so that a storage pointer finds the slot once for reading and writing.
    struct Holding {
        uint256 amount;
    }

    mapping(address account => Holding) private _holdings;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    /// @param treasury receives the whole supply and is shown as BEP-20 owner
    /// @param supply in wei of LIVE
    constructor(address treasury, uint256 supply) EIP712("LIVE", "1") {
        if (supply > type(uint96).max) revert SupplyTooLarge(supply, type(uint96).max);
        if (treasury == address(0)) revert ERC20InvalidReceiver(treasury);
        getOwner = treasury;
        totalSupply = supply;
        _holdings[treasury].amount = supply;
        emit Transfer(address(0), treasury, supply);
    }

    function balanceOf(address account) external view returns (uint256) {
        return _holdings[account].amount;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < amount) revert ERC20InsufficientAllowance(msg.sender, allowed, amount);
            unchecked {
                // amount <= allowed was checked above
                allowance[from][msg.sender] = allowed - amount;
            }
        }
        _move(from, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        _approve(msg.sender, spender, amount);
        return true;
    }

    /// @notice Sets an allowance by the owner's EIP-712 signature (EIP-2612).
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        if (block.timestamp > deadline) revert PermitExpired(deadline);
        bytes32 content = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _useNonce(owner), deadline));
        address signer = ECDSA.recover(_hashTypedDataV4(content), v, r, s);
        if (signer != owner) revert PermitSignerWrong(signer, owner);
        _approve(owner, spender, value);
    }

    function nonces(address owner) public view override(IERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @notice Pays many receivers from the caller's balance, all or none.
    /// @param payments one word each: receiver (160 bits) << 96 | amount in wei (96 bits)
    function batchPay(uint256[] calldata payments) external {
        Holding storage payer = _holdings[msg.sender];
        uint256 balance = payer.amount;
        uint256 total = 0;
        unchecked {
            // amounts have 96 bits and there are fewer than 2^64; what is credited here is debited below, or all is undone
            for (uint256 i = 0; i < payments.length; ++i) {
                uint256 payment = payments[i];
                address to = address(uint160(payment >> 96));
                uint256 amount = uint96(payment);
                if (to == address(0)) revert ERC20InvalidReceiver(to);
                total += amount;
                _holdings[to].amount += amount;
                emit Transfer(msg.sender, to, amount);
            }
            if (balance < total) revert ERC20InsufficientBalance(msg.sender, balance, total);
            // read again: the payer may be a receiver too
            payer.amount -= total;
        }
    }

    function _move(address from, address to, uint256 amount) private {
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        Holding storage payer = _holdings[from];
        uint256 balance = payer.amount;
        if (balance < amount) revert ERC20InsufficientBalance(from, balance, amount);
        unchecked {
            // amount <= balance was checked above, and all balances add up to the supply
            payer.amount = balance - amount;
            _holdings[to].amount += amount;
        }
        emit Transfer(from, to, amount);
    }

    function _approve(address owner, address spender, uint256 amount) private {
        if (spender == address(0)) revert ERC20InvalidSpender(spender);
        allowance[owner][spender] = amount;
        emit Approval(owner, spender, amount);
    }
}
