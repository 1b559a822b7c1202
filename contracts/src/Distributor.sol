// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {LiveToken} from "./LiveToken.sol";

/// @title Pays rewards out by proof
/// @notice Holds only LIVE that a PrizeVault has drawn from its pools, so its balance bounds what any root can pay. A leaf says
/// how much an account has won in all; the contract pays what of that it has not paid yet. Anybody may push a claim: the money
/// goes to the account in the leaf and nowhere else. Payments show as LIVE `Transfer` events from this contract.
contract Distributor {
    /// @notice Only the vault may publish a root.
    error CallerNotVault(address caller);
    /// @notice The proof does not lead to the root in force.
    error ProofInvalid();
    /// @notice The account has been paid this cumulative amount, or more, already.
    error NothingToClaim(address account, uint256 cumulative, uint256 claimed);
    /// @notice A batch without entries proves nothing.
    error BatchEmpty();

    LiveToken public immutable live;
    address public immutable vault;

    /// @notice Root of the tree of (account, cumulative amount) in force.
    bytes32 public root;

    /// @dev A struct, so that a storage pointer finds the slot once for reading and writing.
    struct Payout {
        uint256 amount;
    }

    mapping(address account => Payout) private _payouts;

    constructor(LiveToken live_) {
        live = live_;
        vault = msg.sender;
    }

    /// @notice Wei of LIVE paid to an account so far.
    function claimed(address account) external view returns (uint256) {
        return _payouts[account].amount;
    }

    /// @notice Puts the root of a new epoch in force. The vault calls it after it has sent the money.
    function publishRoot(bytes32 newRoot) external {
        if (msg.sender != vault) revert CallerNotVault(msg.sender);
        root = newRoot;
    }

    /// @notice The leaf of an account: keccak256(keccak256(abi.encode(account, cumulative))). Hashed twice so that no inner
    /// node can pass for a leaf.
    function leafOf(address account, uint256 cumulative) public pure returns (bytes32) {
        bytes32 inner = Hashes.efficientKeccak256(bytes32(uint256(uint160(account))), bytes32(cumulative));
        assembly ("memory-safe") {
            mstore(0, inner)
            inner := keccak256(0, 32)
        }
        return inner;
    }

    /// @notice Pays `account` everything up to `cumulative` that it has not got yet.
    function claim(address account, uint256 cumulative, bytes32[] calldata proof) external {
        if (_climb(leafOf(account, cumulative), proof) != root) revert ProofInvalid();
        Payout storage payout = _payouts[account];
        uint256 paid = payout.amount;
        if (cumulative <= paid) revert NothingToClaim(account, cumulative, paid);
        payout.amount = cumulative;
        unchecked {
            // cumulative > paid was checked above
            live.transfer(account, cumulative - paid);
        }
    }

    /// @notice Pays many accounts with one proof. Entries paid before are skipped, so a claim that came first spoils no batch.
    /// @param entries one word each: account (160 bits) << 96 | cumulative amount (96 bits), in the order of the proof
    /// @param proof the sibling hashes which the entries do not give
    /// @param flagWords bit i (from the lowest of word 0) is 1 where step i joins two known nodes, 0 where it takes a proof hash
    function claimMany(uint256[] calldata entries, bytes32[] calldata proof, uint256[] calldata flagWords) external {
        if (entries.length == 0) revert BatchEmpty();
        uint256[] memory payments = new uint256[](entries.length);
        uint256 owed = 0;
        bytes32[] memory nodes = new bytes32[](2 * entries.length + proof.length - 1);
        for (uint256 i = 0; i < entries.length; ++i) {
            address account = address(uint160(entries[i] >> 96));
            uint256 cumulative = uint96(entries[i]);
            nodes[i] = leafOf(account, cumulative);
            Payout storage payout = _payouts[account];
            uint256 paid = payout.amount;
            if (cumulative > paid) {
                payout.amount = cumulative;
                unchecked {
                    // cumulative > paid, and the difference stays within 96 bits
                    payments[owed++] = (uint256(uint160(account)) << 96) | (cumulative - paid);
                }
            }
        }
        if (_rootOf(nodes, entries.length, proof, flagWords) != root) revert ProofInvalid();
        if (owed == 0) return;
        assembly ("memory-safe") {
            mstore(payments, owed) // shortens the array to the entries in use
        }
        live.batchPay(payments);
    }

    /// @dev The root over `node` and its siblings. What OpenZeppelin's MerkleProof.processProofCalldata does, without a branch per
    /// level: the smaller hash of each pair lands at 0, the larger at 32.
    function _climb(bytes32 node, bytes32[] calldata proof) private pure returns (bytes32) {
        assembly ("memory-safe") {
            let end := add(proof.offset, shl(5, proof.length))
            for { let at := proof.offset } lt(at, end) { at := add(at, 32) } {
                let sibling := calldataload(at)
                let place := shl(5, gt(node, sibling))
                mstore(place, node)
                mstore(xor(place, 32), sibling)
                node := keccak256(0, 64)
            }
        }
        return node;
    }

    /// @dev Joins nodes in the order of a queue: `nodes` starts with the leaves and receives each parent behind them. Every
    /// node but the last is consumed exactly once, and only after it was written.
    function _rootOf(bytes32[] memory nodes, uint256 leaves, bytes32[] calldata proof, uint256[] calldata flagWords)
        private
        pure
        returns (bytes32)
    {
        uint256 written = leaves;
        uint256 read = 0;
        uint256 proofRead = 0;
        uint256 steps = nodes.length - leaves;
        for (uint256 i = 0; i < steps; ++i) {
            bytes32 left = nodes[read++];
            bytes32 right;
            if ((flagWords[i >> 8] >> (i & 255)) & 1 != 0) {
                if (read >= written) revert ProofInvalid();
                right = nodes[read++];
            } else {
                if (proofRead >= proof.length) revert ProofInvalid();
                right = proof[proofRead++];
            }
            nodes[written++] = Hashes.commutativeKeccak256(left, right);
        }
        if (proofRead != proof.length || read != written - 1) revert ProofInvalid();
        return nodes[written - 1];
    }
}
