// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC721Metadata} from "@openzeppelin/contracts/interfaces/IERC721Metadata.sol";
import {ERC721Utils} from "@openzeppelin/contracts/token/ERC721/utils/ERC721Utils.sol";
import {IERC4907} from "./IERC4907.sol";
import {ITierraQuadReceiver} from "./ITierraQuadReceiver.sol";
import {TierraRents} from "./TierraRents.sol";

/// @title Tierra, the land of mall.live
/// @notice 100,100 parcels of 15 m x 15 m as BEP-721 (ERC-721) tokens, all of the treasury from construction on. No mint, no
/// burn, no pause, no owner of this contract: nobody can take a token.
///
/// A Mall is composed by `safeTransferQuad` to `mall`, which gives its title to `from`. No other move goes there, so no land is
/// lost in it.
///
/// TierraGrid says how Tierra are numbered and which squares ("quads") move as one, TierraRents who uses them.
///
/// Storage: per region one word of 64 nibbles, a nibble per block of 4 x 4. The low three bits say which title governs the
/// block (0: the treasury by default; 1..4: the quad of that level), the high bit that some Tierra in it have a title of their own.
/// A title word is owner (160 bits) | approval flag | stamp (95 bits). A title of a single Tierra holds only while its stamp is that
/// of the title that governs its block: the stamp is new whenever a quad takes over blocks, which so voids every title inside at once.
contract Tierra is IERC2309, TierraRents {
    string public constant name = "Tierra";
    string public constant symbol = "TIERRA";

    uint256 private constant OWN_TITLES = 8; // high bit of a nibble
    uint256 private constant LEVEL = 7; // low bits of a nibble
    uint256 private constant EACH_NIBBLE = type(uint256).max / 15;
    uint256 private constant HAS_APPROVAL = 1 << 160; // flag in the title word of a single Tierra
    uint256 private constant STAMP = 161; // first bit of the stamp: level (3 bits), then a count of the quad's take-overs

    /// @notice Owns what was never sold.
    address public immutable treasury;
    /// @notice Holds the quads that are fused to Malls.
    address public immutable mall;

    mapping(uint256 region => uint256 nibbles) private _blocks;
    mapping(uint256 id => uint256 title) private _titles;
    mapping(uint256 quadKey => uint256 title) private _quadTitles;
    mapping(address owner => uint256 count) private _balances;
    mapping(uint256 id => address) private _approvals; // valid only while the title's flag is set
    mapping(address owner => mapping(address operator => bool)) private _operators;

    /// @param mall_ the Mall contract, deployed before or after; it refuses to be deployed anywhere else
    constructor(address treasury_, address mall_) {
        if (treasury_ == address(0) || treasury_ == mall_) revert ERC721InvalidReceiver(treasury_);
        treasury = treasury_;
        mall = mall_;
        _balances[treasury_] = totalSupply;
        emit ConsecutiveTransfer(0, totalSupply - 1, address(0), treasury_);
    }

    // ---- reading

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IERC165).interfaceId || interfaceId == type(IERC721).interfaceId
            || interfaceId == type(IERC721Metadata).interfaceId || interfaceId == type(IERC4907).interfaceId;
    }

    function balanceOf(address owner) external view returns (uint256) {
        if (owner == address(0)) revert ERC721InvalidOwner(owner);
        return _balances[owner];
    }

    function ownerOf(uint256 id) public view returns (address) {
        return address(uint160(_titleOf(id)));
    }

    /// @notice The level and first id of the quad title that `id` belongs to; level 0 where it stands alone.
    function quadOf(uint256 id) external view returns (uint256 level, uint256 base) {
        if (id >= totalSupply) revert ERC721NonexistentToken(id);
        uint256 nibble = _nibbleOf(id);
        level = nibble & LEVEL;
        if (nibble >= OWN_TITLES && _holds(_titles[id], _defaultTitle(id, level))) level = 0;
        base = level == 0 ? id : _baseOf(id, level);
    }

    function getApproved(uint256 id) external view returns (address) {
        return _approvedBy(id, _titleOf(id));
    }

    function isApprovedForAll(address owner, address operator) public view returns (bool) {
        return _operators[owner][operator];
    }

    // ---- approving

    /// @dev Writes the Tierra's own title, so that a later move of its quad voids the approval with it.
    function approve(address to, uint256 id) external {
        uint256 title = _titleOf(id);
        address owner = address(uint160(title));
        if (!_mayManage(owner)) revert ERC721InvalidApprover(msg.sender);
        _markOwnTitle(id);
        _titles[id] = to == address(0) ? title & ~HAS_APPROVAL : title | HAS_APPROVAL;
        _approvals[id] = to;
        emit Approval(owner, to, id);
    }

    function setApprovalForAll(address operator, bool approved) external {
        if (operator == address(0)) revert ERC721InvalidOperator(operator);
        _operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    // ---- moving

    function transferFrom(address from, address to, uint256 id) public {
        if (id >= totalSupply) revert ERC721NonexistentToken(id);
        if (to == address(0) || to == mall) revert ERC721InvalidReceiver(to);
        uint256 title = _titleIn(id, _markOwnTitle(id));
        _requireIn(from, id, title);
        _requireManager(id, title);
        _titles[id] = _withOwner(title, to);
        unchecked {
            // `from` owns this one, and all balances add up to the supply
            _balances[from] -= 1;
            _balances[to] += 1;
        }
        emit Transfer(from, to, id);
    }

    function safeTransferFrom(address from, address to, uint256 id) external {
        safeTransferFrom(from, to, id, "");
    }

    function safeTransferFrom(address from, address to, uint256 id, bytes memory data) public {
        transferFrom(from, to, id);
        ERC721Utils.checkOnERC721Received(msg.sender, from, to, id, data);
    }

    /// @notice Moves several Tierra, all or none.
    function batchTransferFrom(address from, address to, uint256[] calldata ids) external {
        for (uint256 i = 0; i < ids.length; ++i) {
            transferFrom(from, to, ids[i]);
        }
    }

    /// @notice Moves a whole quad that `from` owns in full. Like `transferFrom` it asks no receiver.
    /// @param perToken true: one ERC-721 `Transfer` per Tierra; false: one ERC-2309 `ConsecutiveTransfer`
    function transferQuad(address from, address to, uint256 level, uint256 base, bool perToken) external {
        if (to == mall) revert ERC721InvalidReceiver(to);
        _transferQuad(from, to, level, base, perToken);
    }

    /// @notice `transferQuad` which a receiving contract must accept (see ITierraQuadReceiver). To `mall` it composes a Mall.
    function safeTransferQuad(
        address from,
        address to,
        uint256 level,
        uint256 base,
        bool perToken,
        bytes calldata data
    ) external {
        _transferQuad(from, to, level, base, perToken);
        if (to.code.length == 0 && to != mall) return;
        bytes4 answer = ITierraQuadReceiver(to).onTierraQuadReceived(msg.sender, from, level, base, data);
        if (answer != ITierraQuadReceiver.onTierraQuadReceived.selector) revert ERC721InvalidReceiver(to);
    }

    // ---- renting: custody stays with the owner, the rent ends by itself, and a later owner takes the tenant over

    function setUser(uint256 id, address user, uint64 expires) external {
        _requireManager(id, _titleOf(id));
        _setRent(0, id, user, expires);
        emit UpdateUser(id, user, expires);
    }

    /// @notice Lets `user` use a whole quad, which must have one owner. Rents of smaller parts that run already go on to their end.
    /// One event for all: readers that know ERC-4907 only are told by `announceUsers`.
    function setQuadUser(uint256 level, uint256 base, address user, uint64 expires) external {
        uint256 count = _quadSize(level, base);
        address owner = ownerOf(base);
        if (!_mayManage(owner)) revert ERC721InsufficientApproval(msg.sender, base);
        uint256 mask = _maskOf(count);
        uint256 current = (_blocks[base >> 10] >> _shiftOf(base)) & mask;
        if (current != (EACH_NIBBLE & mask) * level) _requireOwner(owner, base, count, current);
        _setRent(level, base, user, expires);
        emit UpdateQuadUser(base, level, user, expires);
    }

    // ---- inside

    function _mayManage(address owner) private view returns (bool) {
        return msg.sender == owner || _operators[owner][msg.sender];
    }

    function _shiftOf(uint256 id) private pure returns (uint256) {
        return ((id >> 4) & 63) << 2;
    }

    function _nibbleOf(uint256 id) private view returns (uint256) {
        return (_blocks[id >> 10] >> _shiftOf(id)) & 15;
    }

    function _maskOf(uint256 count) private pure returns (uint256) {
        unchecked {
            return count == 1024 ? type(uint256).max : (1 << (count >> 2)) - 1;
        }
    }

    /// @dev The title that holds for `id`: its own, else the one that governs its block.
    function _titleOf(uint256 id) private view returns (uint256) {
        if (id >= totalSupply) revert ERC721NonexistentToken(id);
        return _titleIn(id, _nibbleOf(id));
    }

    function _titleIn(uint256 id, uint256 nibble) private view returns (uint256 title) {
        title = _defaultTitle(id, nibble & LEVEL);
        if (nibble >= OWN_TITLES) {
            uint256 single = _titles[id];
            if (_holds(single, title)) return single;
        }
    }

    function _defaultTitle(uint256 id, uint256 level) private view returns (uint256) {
        return level == 0 ? uint160(treasury) : _quadTitles[_quadKey(id, level)];
    }

    /// @dev Whether a title of a single Tierra was written under the title that governs its block now.
    function _holds(uint256 single, uint256 governing) private pure returns (bool) {
        return single != 0 && (single ^ governing) >> STAMP == 0;
    }

    /// @dev The same stamp with another owner, and no approval.
    function _withOwner(uint256 title, address owner) private pure returns (uint256) {
        return ((title >> STAMP) << STAMP) | uint160(owner);
    }

    function _approvedBy(uint256 id, uint256 title) private view returns (address) {
        return title & HAS_APPROVAL == 0 ? address(0) : _approvals[id];
    }

    /// @dev Requires that `owner` is the owner in the title that holds for `id`.
    function _requireIn(address owner, uint256 id, uint256 title) private pure {
        if (address(uint160(title)) != owner) revert ERC721IncorrectOwner(owner, id, address(uint160(title)));
    }

    /// @dev Requires that the sender is the owner in the title of a single Tierra, its operator or approved for it.
    function _requireManager(uint256 id, uint256 title) private view {
        if (!_mayManage(address(uint160(title))) && _approvedBy(id, title) != msg.sender) {
            revert ERC721InsufficientApproval(msg.sender, id);
        }
    }

    /// @dev Notes that the block of `id` has a title of its own in it. Returns the nibble as it was.
    function _markOwnTitle(uint256 id) private returns (uint256 nibble) {
        uint256 word = _blocks[id >> 10];
        uint256 shift = _shiftOf(id);
        nibble = (word >> shift) & 15;
        if (nibble < OWN_TITLES) _blocks[id >> 10] = word | (OWN_TITLES << shift);
    }

    function _transferQuad(address from, address to, uint256 level, uint256 base, bool perToken) private {
        uint256 count = _quadSize(level, base);
        if (to == address(0)) revert ERC721InvalidReceiver(to);
        if (!_mayManage(from)) revert ERC721InsufficientApproval(msg.sender, base);
        uint256 key = _quadKey(base, level);
        _quadTitles[key] = _withOwner(_takeQuad(from, level, base, count, _quadTitles[key]), to);
        unchecked {
            // `from` owns all of these, and all balances add up to the supply
            _balances[from] -= count;
            _balances[to] += count;
            if (perToken) {
                for (uint256 id = base; id < base + count; ++id) {
                    emit Transfer(from, to, id);
                }
            } else {
                emit ConsecutiveTransfer(base, base + count - 1, from, to);
            }
        }
    }

    /// @dev Proves that `from` owns the whole quad, and makes the quad's title govern all its blocks. Returns that title with the
    /// stamp to write: a new one if other titles governed some of it before.
    function _takeQuad(address from, uint256 level, uint256 base, uint256 count, uint256 title)
        private
        returns (uint256)
    {
        uint256 word = _blocks[base >> 10];
        uint256 shift = _shiftOf(base);
        uint256 mask = _maskOf(count);
        uint256 current = (word >> shift) & mask;
        uint256 wanted = (EACH_NIBBLE & mask) * level;
        if (current == wanted) {
            _requireIn(from, base, title);
            return title;
        }
        _requireOwner(from, base, count, current);
        _blocks[base >> 10] = (word & ~(mask << shift)) | (wanted << shift);
        unchecked {
            return (((title >> (STAMP + 3)) + 1) << (STAMP + 3)) | (level << STAMP);
        }
    }

    /// @dev Checks the owner of every Tierra in the quad.
    function _requireOwner(address owner, uint256 base, uint256 count, uint256 nibbles) private view {
        unchecked {
            uint256 seen = type(uint256).max;
            uint256 governing = 0;
            for (uint256 block_ = base; block_ < base + count; block_ += 16) {
                uint256 nibble = nibbles & 15;
                nibbles >>= 4;
                uint256 level = nibble & LEVEL;
                uint256 key = level == 0 ? 0 : _quadKey(block_, level);
                if (key != seen) {
                    seen = key;
                    governing = _defaultTitle(block_, level);
                }
                if (nibble < OWN_TITLES) {
                    _requireIn(owner, block_, governing);
                    continue;
                }
                for (uint256 id = block_; id < block_ + 16; ++id) {
                    uint256 single = _titles[id];
                    _requireIn(owner, id, _holds(single, governing) ? single : governing);
                }
            }
        }
    }
}
