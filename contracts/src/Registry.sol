// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Digests that were known to somebody at a time
/// @notice Anchors digests of releases, listing specifications, bills of transit and audit heads: who anchored which digest as what,
/// and when. Entries are kept per author, so nobody can occupy a digest of another; they can only be added. No owner, no pause.
contract Registry {
    /// @notice What a digest stands for.
    enum Kind {
        Release,
        Listing,
        Transit,
        AuditHead
    }

    /// @notice The author anchored this digest as this kind before, at this time (seconds UTC).
    error DigestAnchoredBefore(Kind kind, bytes32 digest, uint256 anchoredOn);
    /// @notice A batch without digests anchors nothing.
    error BatchEmpty();

    event DigestAnchored(address indexed author, Kind indexed kind, bytes32 indexed digest);

    /// @notice When an author anchored a digest as a kind (seconds UTC); 0 where it did not.
    mapping(address author => mapping(Kind kind => mapping(bytes32 digest => uint256 time))) public anchoredAt;

    /// @notice Anchors digests in the name of the caller, all or none.
    function anchor(Kind kind, bytes32[] calldata digests) external {
        if (digests.length == 0) revert BatchEmpty();
        mapping(bytes32 digest => uint256 time) storage own = anchoredAt[msg.sender][kind];
        for (uint256 i = 0; i < digests.length; ++i) {
            bytes32 digest = digests[i];
            uint256 before = own[digest];
            if (before != 0) revert DigestAnchoredBefore(kind, digest, before);
            own[digest] = block.timestamp;
            emit DigestAnchored(msg.sender, kind, digest);
        }
    }
}
