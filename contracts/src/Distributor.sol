// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

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

    /// @dev Bytes of a node in a proof. 192 bits: a second tree for a root takes 2^192 hashes, two entries of one leaf 2^96.
    uint256 private constant NODE = 24;

    LiveToken public immutable live;
    address public immutable vault;

    /// @notice Root of the tree of accounts and their cumulative amounts in force.
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

    /// @notice The leaf of an entry: the hash of its one word. An inner node is the hash of two nodes, the smaller one first,
    /// of which only the first 24 bytes count; 32 bytes make a leaf and 48 a node, so neither passes for the other.
    function leafOf(uint256 entry) public pure returns (bytes32 leaf) {
        assembly ("memory-safe") {
            mstore(0, entry)
            leaf := keccak256(0, 32)
        }
    }

    /// @notice Pays an account everything up to its cumulative amount that it has not got yet.
    /// @param entry account (160 bits) << 96 | cumulative amount in wei (96 bits)
    /// @param proof the sibling nodes from the leaf upwards, 24 bytes each
    function claim(uint256 entry, bytes calldata proof) external {
        if (_climb(leafOf(entry), proof) != root) revert ProofInvalid();
        address account = address(uint160(entry >> 96));
        uint256 cumulative = uint96(entry);
        Payout storage payout = _payouts[account];
        uint256 paid = payout.amount;
        if (cumulative <= paid) revert NothingToClaim(account, cumulative, paid);
        payout.amount = cumulative;
        unchecked {
            // cumulative > paid was checked above
            _pay(account, cumulative - paid);
        }
    }

    /// @notice Pays many accounts with one proof. Entries paid before are skipped, so a claim that came first spoils no batch.
    /// @param entries as in `claim`, in the order of the proof
    /// @param proof the sibling nodes which the entries do not give, 24 bytes each
    /// @param flagWords bit i (from the lowest of word 0) is 1 where step i joins two known nodes, 0 where it takes a proof node
    function claimMany(uint256[] calldata entries, bytes calldata proof, uint256[] calldata flagWords) external {
        if (entries.length == 0) revert BatchEmpty();
        if (proof.length % NODE != 0) revert ProofInvalid();
        uint256[] memory payments = new uint256[](entries.length);
        uint256 owed = 0;
        bytes32[] memory nodes = new bytes32[](2 * entries.length + proof.length / NODE - 1);
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 entry = entries[i];
            nodes[i] = leafOf(entry);
            Payout storage payout = _payouts[address(uint160(entry >> 96))];
            uint256 cumulative = uint96(entry);
            uint256 paid = payout.amount;
            if (cumulative > paid) {
                payout.amount = cumulative;
                unchecked {
                    // cumulative > paid, so the account's bits stay as they are
                    payments[owed++] = entry - paid;
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

    /// @dev `live.transfer` without reading its answer: LIVE gives true or reverts, and what it reverts with is passed on.
    function _pay(address account, uint256 amount) private {
        address token = address(live);
        bytes4 selector = LiveToken.transfer.selector;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(0, selector)
            mstore(4, account)
            mstore(36, amount) // lies over a part of 0x40, which is put back
            if iszero(call(gas(), token, 0, 0, 68, 0, 0)) {
                returndatacopy(free, 0, returndatasize())
                revert(free, returndatasize())
            }
            mstore(0x40, free)
        }
    }

    /// @dev The root over `node` and its siblings. A node is written first and its sibling copied over or before it, so that
    /// the 48 bytes hold the smaller one first; three levels a turn save two jumps.
    function _climb(bytes32 node, bytes calldata proof) private pure returns (bytes32) {
        assembly ("memory-safe") {
            let at := proof.offset
            let end := add(at, proof.length)
            let place := 0
            for { } lt(add(at, 71), end) { at := add(at, 72) } {
                place := mul(24, gt(node, calldataload(at)))
                mstore(place, node)
                calldatacopy(sub(24, place), at, 24)
                node := keccak256(0, 48)
                place := mul(24, gt(node, calldataload(add(at, 24))))
                mstore(place, node)
                calldatacopy(sub(24, place), add(at, 24), 24)
                node := keccak256(0, 48)
                place := mul(24, gt(node, calldataload(add(at, 48))))
                mstore(place, node)
                calldatacopy(sub(24, place), add(at, 48), 24)
                node := keccak256(0, 48)
            }
            for { } lt(at, end) { at := add(at, 24) } {
                place := mul(24, gt(node, calldataload(at)))
                mstore(place, node)
                calldatacopy(sub(24, place), at, 24)
                node := keccak256(0, 48)
            }
        }
        return node;
    }

    /// @dev Joins nodes in the order of a queue: `nodes` starts with the leaves and receives each parent behind them. Every
    /// node but the last is consumed exactly once, and only after it was written.
    function _rootOf(bytes32[] memory nodes, uint256 leaves, bytes calldata proof, uint256[] calldata flagWords)
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
                right = bytes32(bytes24(proof[proofRead:]));
                proofRead += NODE;
            }
            nodes[written++] = _join(left, right);
        }
        if (proofRead != proof.length || read != written - 1) revert ProofInvalid();
        return nodes[written - 1];
    }

    function _join(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        if (left > right) (left, right) = (right, left);
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(24, right)
            node := keccak256(0, 48)
        }
    }
}
