// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {Distributor} from "./Distributor.sol";
import {LiveToken} from "./LiveToken.sol";

/// @title Prize pools, drawn once per epoch
/// @notice Keeps LIVE in pools of one funder each. The operator draws from pools for won prizes only; what is left of a pool
/// can go nowhere but back to its funder. The owner appoints the operator and may pause draws; neither can take a balance,
/// and nothing here can be replaced. The balance of this contract is the sum of its pools (plus what strangers send to it).
contract PrizeVault is Ownable2Step {
    /// @notice Only the operator may do this.
    error CallerNotOperator(address caller);
    /// @notice The operator may return the pool at any time, its funder once the operator has been silent for `ABANDONED_AFTER`.
    error PoolNotReturnable(uint160 poolId, address caller, uint256 funderMayFrom);
    /// @notice Epochs are settled in order, each once.
    error EpochNotNext(uint256 given, uint256 expected);
    /// @notice A pool holds less than the draw asks for.
    error PoolTooSmall(uint160 poolId, uint256 balance, uint256 draw);
    /// @notice A pool is funded with more than nothing and with less than 2^96 wei.
    error AmountOutOfRange(uint256 amount);
    /// @notice The pool holds nothing.
    error PoolEmpty(uint160 poolId);
    /// @notice Draws are paused by the owner.
    error DrawsArePaused();

    event PoolFunded(uint160 indexed poolId, address indexed funder, uint256 indexed number, uint256 amount);
    event PoolReturned(uint160 indexed poolId, address indexed funder, uint256 amount);
    event EpochSettled(uint256 indexed epoch, bytes32 root, bytes32 digest, uint256 total);
    event EpochPaid(uint256 indexed epoch, uint160 indexed poolId, bytes32 digest, uint256 total);
    event OperatorAppointed(address indexed operator);
    event DrawsPaused(bool paused);

    /// @notice A funder may take a pool back by itself after this long without an epoch.
    uint256 public constant ABANDONED_AFTER = 30 days;

    /// @dev Funder and balance share a slot, so a draw writes one word.
    struct Pool {
        address funder;
        uint96 balance;
        uint40 fundedAt;
    }

    LiveToken public immutable live;
    Distributor public immutable distributor;

    /// @notice Draws for prizes.
    address public operator;
    /// @notice Number of the last epoch.
    uint40 public epoch;
    /// @notice Time of the last epoch, in seconds UTC.
    uint40 public epochAt;
    /// @notice True while the owner keeps the operator from drawing.
    bool public paused;
    mapping(uint160 poolId => Pool) public pools;

    constructor(LiveToken live_, address owner_, address operator_) Ownable(owner_) {
        live = live_;
        distributor = new Distributor(live_);
        operator = operator_;
        epochAt = uint40(block.timestamp);
        emit OperatorAppointed(operator_);
    }

    modifier onlyOperator() {
        if (msg.sender != operator) revert CallerNotOperator(msg.sender);
        _;
    }

    /// @notice Appoints the account that settles epochs.
    function appointOperator(address newOperator) external onlyOwner {
        operator = newOperator;
        emit OperatorAppointed(newOperator);
    }

    /// @notice Stops or allows draws. Claims and the return of abandoned pools are never stopped.
    function pauseDraws(bool on) external onlyOwner {
        paused = on;
        emit DrawsPaused(on);
    }

    /// @notice The id of a funder's pool. Derived from the funder, so nobody can occupy another's pool.
    function poolIdOf(address funder, uint256 number) public pure returns (uint160) {
        return uint160(uint256(keccak256(abi.encode(funder, number))));
    }

    /// @notice Moves LIVE of the caller into its pool `number`. Needs an allowance.
    function fund(uint256 number, uint256 amount) external returns (uint160 poolId) {
        if (amount == 0 || amount > type(uint96).max) revert AmountOutOfRange(amount);
        poolId = poolIdOf(msg.sender, number);
        Pool storage pool = pools[poolId];
        pool.funder = msg.sender;
        pool.balance += uint96(amount);
        pool.fundedAt = uint40(block.timestamp);
        live.transferFrom(msg.sender, address(this), amount);
        emit PoolFunded(poolId, msg.sender, number, amount);
    }

    /// @notice Sends what is left of a pool back to its funder.
    function returnPool(uint160 poolId) external {
        Pool storage pool = pools[poolId];
        address funder = pool.funder;
        uint256 amount = pool.balance;
        if (amount == 0) revert PoolEmpty(poolId);
        if (msg.sender != operator) {
            uint256 from = (pool.fundedAt > epochAt ? pool.fundedAt : epochAt) + ABANDONED_AFTER;
            if (msg.sender != funder || block.timestamp < from) revert PoolNotReturnable(poolId, msg.sender, from);
        }
        pool.balance = 0;
        live.transfer(funder, amount);
        emit PoolReturned(poolId, funder, amount);
    }

    /// @notice Settles an epoch: draws from pools, hands the sum to the distributor, publishes the new root.
    /// @param newEpoch the last epoch plus one
    /// @param root of the cumulative tree after this epoch
    /// @param digest of the batch of rewards that the draws pay for, for audits
    /// @param draws one word each: pool id (160 bits) << 96 | amount (96 bits)
    function settle(uint256 newEpoch, bytes32 root, bytes32 digest, uint256[] calldata draws) external onlyOperator {
        _beginEpoch(newEpoch);
        uint256 total = 0;
        for (uint256 i = 0; i < draws.length; ++i) {
            uint256 draw = uint96(draws[i]);
            _draw(uint160(draws[i] >> 96), draw);
            total += draw;
        }
        if (total != 0) live.transfer(address(distributor), total);
        distributor.publishRoot(root);
        emit EpochSettled(newEpoch, root, digest, total);
    }

    /// @notice Settles an epoch whose few rewards come from one pool, without the tree: pays the winners at once.
    /// @param payments one word each: winner (160 bits) << 96 | amount (96 bits)
    function pay(uint256 newEpoch, uint160 poolId, bytes32 digest, uint256[] calldata payments) external onlyOperator {
        _beginEpoch(newEpoch);
        uint256 total = 0;
        unchecked {
            // 96 bits each, and fewer than 2^64 of them
            for (uint256 i = 0; i < payments.length; ++i) {
                total += uint96(payments[i]);
            }
        }
        _draw(poolId, total);
        live.batchPay(payments);
        emit EpochPaid(newEpoch, poolId, digest, total);
    }

    function _beginEpoch(uint256 newEpoch) private {
        if (paused) revert DrawsArePaused();
        uint256 expected = uint256(epoch) + 1;
        if (newEpoch != expected) revert EpochNotNext(newEpoch, expected);
        epoch = uint40(expected);
        epochAt = uint40(block.timestamp);
    }

    function _draw(uint160 poolId, uint256 amount) private {
        Pool storage pool = pools[poolId];
        uint256 balance = pool.balance;
        if (balance < amount) revert PoolTooSmall(poolId, balance, amount);
        unchecked {
            // amount <= balance was checked above
            pool.balance = uint96(balance - amount);
        }
    }
}
