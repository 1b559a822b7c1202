// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC2981} from "@openzeppelin/contracts/interfaces/IERC2981.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

/// @title Resource: creations, models, props and blueprints, in numbered editions
/// @notice A creator publishes the hash of a content in 1 to 10,000 editions, which the creator owns from then on. The content, its
/// creator, the number of editions and the royalty never change. No burn, no pause, no owner of this contract.
///
/// Each edition is a BEP-721 (ERC-721) title, not a balance of ERC-1155: "number 3 of 10" has its own history and price, and
/// Market trades it by the same calls as land. Editions are not written one by one: an edition belongs to the creator until it moves,
/// so a publication costs the same for one edition and for ten thousand.
///
/// Numbering: creation = keccak256(abi.encode(creator, contentHash)) with the low 32 bits cleared, id = creation | edition, editions
/// count from 1. The creator is in the hash, so nobody can occupy another's content; `publishedAt` says who was first.
contract Resource is ERC721, IERC2309, IERC2981 {
    /// @notice The royalty is above the cap.
    error RoyaltyTooHigh(uint256 royaltyBps, uint256 limit);
    /// @notice A creation has 1 to `limit` editions.
    error EditionsOutOfRange(uint256 editions, uint256 limit);
    /// @notice The caller published this content before.
    error PublishedBefore(uint256 creation);
    /// @notice A content needs a hash.
    error ContentHashMissing();

    /// @notice A content was published in editions `creation + 1` to `creation + editions`.
    event Published(
        uint256 indexed creation,
        address indexed creator,
        bytes32 indexed contentHash,
        Kind kind,
        uint256 editions,
        uint256 royaltyBps
    );

    /// @notice What a content is.
    enum Kind {
        Creation,
        Model,
        Prop,
        Blueprint
    }

    /// @dev One slot and the hash.
    struct Publication {
        address creator;
        uint32 editions;
        uint16 royaltyBps;
        Kind kind;
        uint40 publishedAt;
        bytes32 contentHash;
    }

    /// @notice The royalty never exceeds this, in hundredths of a percent.
    uint256 public constant MAX_ROYALTY_BPS = 1_000;
    /// @notice No creation has more editions.
    uint256 public constant MAX_EDITIONS = 10_000;

    uint256 private constant EDITION_BITS = 32;
    uint256 private constant ALL_BPS = 10_000;

    /// @notice By creation: creator, editions, royalty in hundredths of a percent, kind, time (seconds UTC), SHA-256 of the content.
    mapping(uint256 creation => Publication) public publications;

    constructor() ERC721("Mall Resource", "RESOURCE") {}

    /// @notice The number of a creator's creation, published or not.
    function creationOf(address creator, bytes32 contentHash) public pure returns (uint256) {
        return (uint256(keccak256(abi.encode(creator, contentHash))) >> EDITION_BITS) << EDITION_BITS;
    }

    /// @notice Publishes a content; all editions belong to the caller.
    /// @param contentHash SHA-256 of the content
    /// @param editions how many there will ever be
    /// @param royaltyBps the creator's share of each later sale, in hundredths of a percent
    function publish(bytes32 contentHash, Kind kind, uint256 editions, uint256 royaltyBps)
        external
        returns (uint256 creation)
    {
        if (contentHash == 0) revert ContentHashMissing();
        if (editions == 0 || editions > MAX_EDITIONS) revert EditionsOutOfRange(editions, MAX_EDITIONS);
        if (royaltyBps > MAX_ROYALTY_BPS) revert RoyaltyTooHigh(royaltyBps, MAX_ROYALTY_BPS);
        creation = creationOf(msg.sender, contentHash);
        Publication storage publication = publications[creation];
        if (publication.creator != address(0)) revert PublishedBefore(creation);
        publication.creator = msg.sender;
        publication.editions = uint32(editions);
        publication.royaltyBps = uint16(royaltyBps);
        publication.kind = kind;
        publication.publishedAt = uint40(block.timestamp);
        publication.contentHash = contentHash;
        _increaseBalance(msg.sender, uint128(editions));
        if (editions == 1) emit Transfer(address(0), msg.sender, creation + 1);
        else emit ConsecutiveTransfer(creation + 1, creation + editions, address(0), msg.sender);
        emit Published(creation, msg.sender, contentHash, kind, editions, royaltyBps);
    }

    /// @notice The content as an RFC 6920 name, `ni:///sha-256;...`: it says what the content is, not where a host keeps it.
    function tokenURI(uint256 id) public view override returns (string memory) {
        _requireOwned(id);
        return string.concat("ni:///sha-256;", Base64.encodeURL(abi.encodePacked(_publicationOf(id).contentHash)));
    }

    /// @notice ERC-2981: the creator's share of a sale; nothing for what was never published.
    function royaltyInfo(uint256 id, uint256 price) external view returns (address receiver, uint256 amount) {
        Publication storage publication = _publicationOf(id);
        return (publication.creator, (price * publication.royaltyBps) / ALL_BPS);
    }

    function supportsInterface(bytes4 interfaceId) public view override(ERC721, IERC165) returns (bool) {
        return interfaceId == type(IERC2981).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @dev An edition that never moved belongs to its creator.
    function _ownerOf(uint256 id) internal view override returns (address owner) {
        owner = super._ownerOf(id);
        if (owner == address(0)) {
            Publication storage publication = _publicationOf(id);
            uint256 edition = uint32(id);
            if (edition != 0 && edition <= publication.editions) owner = publication.creator;
        }
    }

    function _publicationOf(uint256 id) private view returns (Publication storage) {
        return publications[(id >> EDITION_BITS) << EDITION_BITS];
    }
}
