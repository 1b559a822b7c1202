// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {LiveToken} from "./LiveToken.sol";

/// @title What Market and Escrow share: the fee, the pause of new business, and payment by permit
/// @notice The owner sets the fee, within a cap that no code can lift, and may stop new business. It holds no power over money or
/// titles, and cannot stop what ends a piece of business: refunds, returns, settlements, cancellations.
abstract contract TradeTerms is Ownable2Step {
    /// @notice The fee is above the cap.
    error FeeTooHigh(uint256 feeBps, uint256 limit);
    /// @notice Fees need a receiver.
    error FeeReceiverMissing();
    /// @notice The owner has stopped new business.
    error NewBusinessIsPaused();

    event FeeChanged(uint256 feeBps, address indexed receiver);
    event NewBusinessPaused(bool paused);

    /// @notice The fee never exceeds this, in hundredths of a percent.
    uint256 public constant MAX_FEE_BPS = 500;

    uint256 internal constant ALL_BPS = 10_000;

    /// @notice A signed allowance of LIVE (EIP-2612) from the caller to this contract.
    struct Permit {
        uint256 value;
        uint256 deadline;
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @dev One slot, read once by each new piece of business.
    struct Terms {
        address feeReceiver;
        uint16 feeBps;
        bool paused;
    }

    LiveToken public immutable live;

    /// @notice Receiver of the fee, the fee in hundredths of a percent, and whether new business is stopped.
    Terms public terms;

    constructor(LiveToken live_, address owner_, address feeReceiver, uint256 feeBps) Ownable(owner_) {
        live = live_;
        _setFee(feeBps, feeReceiver);
    }

    /// @notice Sets the fee of business to come.
    function setFee(uint256 feeBps, address receiver) external onlyOwner {
        _setFee(feeBps, receiver);
    }

    /// @notice Stops or allows new business.
    function pauseNewBusiness(bool on) external onlyOwner {
        terms.paused = on;
        emit NewBusinessPaused(on);
    }

    function _setFee(uint256 feeBps, address receiver) private {
        if (feeBps > MAX_FEE_BPS) revert FeeTooHigh(feeBps, MAX_FEE_BPS);
        if (receiver == address(0)) revert FeeReceiverMissing();
        terms.feeBps = uint16(feeBps);
        terms.feeReceiver = receiver;
        emit FeeChanged(feeBps, receiver);
    }

    /// @dev The terms for a new piece of business.
    function _openTerms() internal view returns (address feeReceiver, uint256 feeBps) {
        Terms memory now_ = terms;
        if (now_.paused) revert NewBusinessIsPaused();
        return (now_.feeReceiver, now_.feeBps);
    }

    /// @dev Turns the caller's permit into an allowance. A permit that somebody has already handed in gave its allowance then, so a
    /// refusal is no failure: the payment that follows decides.
    function _usePermit(Permit calldata permit) internal {
        try live.permit(msg.sender, address(this), permit.value, permit.deadline, permit.v, permit.r, permit.s) {} catch {}
    }
}
