// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The reward tree as its definition says it, without any of the contract's arithmetic on memory
/// @dev Node 0 is the root, the children of node i are 2i+1 and 2i+2, entry k of n is the leaf at 2n-2-k.
library Tree {
    function build(uint256[] memory entries) internal pure returns (bytes32[] memory nodes) {
        uint256 n = entries.length;
        nodes = new bytes32[](2 * n - 1);
        for (uint256 k; k < n; k++) nodes[2 * n - 2 - k] = keccak256(abi.encodePacked(entries[k]));
        for (uint256 i = n - 1; i > 0; i--) nodes[i - 1] = parent(nodes[2 * i - 1], nodes[2 * i]);
    }

    function parent(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        bytes24 x = bytes24(a);
        bytes24 y = bytes24(b);
        return x < y ? keccak256(abi.encodePacked(x, y)) : keccak256(abi.encodePacked(y, x));
    }

    function proof(bytes32[] memory nodes, uint256 k) internal pure returns (bytes memory path) {
        for (uint256 at = nodes.length - 1 - k; at > 0; at = (at - 1) / 2) {
            path = abi.encodePacked(path, bytes24(nodes[at % 2 == 1 ? at + 1 : at - 1]));
        }
    }

    /// @param chosen bit k is set for entry k; at least one is
    function proofOfMany(bytes32[] memory nodes, uint256[] memory entries, uint256 chosen)
        internal
        pure
        returns (uint256[] memory picked, bytes memory path, uint256[] memory flags)
    {
        uint256[] memory queue = new uint256[](nodes.length);
        uint256 written;
        uint256 n = entries.length;
        picked = new uint256[](n);
        for (uint256 k; k < n; k++) {
            if (chosen >> k & 1 == 0) continue;
            picked[written] = entries[k];
            queue[written++] = 2 * n - 2 - k;
        }
        assembly ("memory-safe") {
            mstore(picked, written)
        }
        flags = new uint256[](1);
        uint256 step;
        for (uint256 read; queue[read] > 0; step++) {
            uint256 at = queue[read++];
            uint256 sibling = at % 2 == 1 ? at + 1 : at - 1;
            if (read < written && queue[read] == sibling) {
                flags[0] |= 1 << step;
                read++;
            } else {
                path = abi.encodePacked(path, bytes24(nodes[sibling]));
            }
            queue[written++] = (at - 1) / 2;
        }
    }
}
