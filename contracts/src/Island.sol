// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {IERC4907} from "./IERC4907.sol";
import {IslandAtlas} from "./IslandAtlas.sol";

/// @title Island, the hundred islands of mall.live
/// @notice 100 BEP-721 (ERC-721) tokens with ids 1 to 100, all of the treasury from construction on. Each has the name of a scientist
/// and a size of its own, both part of the code. An Island is sold whole and leased by ERC-4907 without custody: the lease ends by
/// itself and a sale does not end it. No mint, no burn, no pause, no owner of this contract: nobody can take a token.
contract Island is ERC721, IERC4907 {
    /// @notice A running lease cannot be changed, except that the same tenant may get a later end.
    error LeaseRunning(uint256 id, address tenant, uint64 expires);

    uint256 public constant totalSupply = IslandAtlas.COUNT;

    uint256 private constant TIERRA_M = 15;

    /// @notice Owns what was never sold.
    address public immutable treasury;

    mapping(uint256 id => uint256 tenantAndExpiry) private _leases;

    constructor(address treasury_) ERC721("Island", "ISLAND") {
        if (treasury_ == address(0)) revert ERC721InvalidReceiver(treasury_);
        treasury = treasury_;
        _increaseBalance(treasury_, uint128(totalSupply));
        for (uint256 id = 1; id <= totalSupply; ++id) {
            emit Transfer(address(0), treasury_, id);
        }
    }

    // ---- reading

    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(IERC4907).interfaceId || super.supportsInterface(interfaceId);
    }

    /// @notice The scientist that the Island is named after.
    function nameOf(uint256 id) public view returns (string memory) {
        _requireOwned(id);
        bytes memory names = IslandAtlas.NAMES;
        uint256 start = id == 1 ? 0 : _endOf(id - 1);
        bytes memory found = new bytes(_endOf(id) - start);
        for (uint256 place = 0; place < found.length; ++place) {
            found[place] = names[start + place];
        }
        return string(found);
    }

    /// @notice Length of the Island's side in metres. No two are equal.
    function sideOf(uint256 id) public view returns (uint256) {
        _requireOwned(id);
        return TIERRA_M * uint8(IslandAtlas.SIDES[id - 1]);
    }

    /// @notice The metadata itself, in a data URI: it needs no server and cannot change.
    function tokenURI(uint256 id) public view override returns (string memory) {
        string memory side = Strings.toString(sideOf(id));
        return string.concat(
            "data:application/json;base64,",
            Base64.encode(
                bytes(
                    string.concat(
                        '{"name":"',
                        nameOf(id),
                        ' Island","description":"Island ',
                        Strings.toString(id),
                        " of 100 in mall.live, ",
                        side,
                        " m x ",
                        side,
                        ' m"}'
                    )
                )
            )
        );
    }

    function userOf(uint256 id) external view returns (address tenant) {
        (tenant,) = _leaseOf(id);
    }

    function userExpires(uint256 id) external view returns (uint256 expires) {
        (, expires) = _leaseOf(id);
    }

    // ---- leasing

    function setUser(uint256 id, address user, uint64 expires) external {
        _checkAuthorized(_ownerOf(id), msg.sender, id);
        (address tenant, uint64 until) = _leaseOf(id);
        if (tenant != address(0) && (user != tenant || expires < until)) revert LeaseRunning(id, tenant, until);
        _leases[id] = uint256(uint160(user)) | (uint256(expires) << 160);
        emit UpdateUser(id, user, expires);
    }

    // ---- inside

    /// @dev The tenant now and the end of the lease in seconds UTC, inclusive; zeros where nobody leases the Island.
    function _leaseOf(uint256 id) private view returns (address tenant, uint64 expires) {
        _requireOwned(id);
        uint256 lease = _leases[id];
        tenant = address(uint160(lease));
        expires = uint64(lease >> 160);
        if (tenant == address(0) || expires < block.timestamp) return (address(0), 0);
    }

    function _endOf(uint256 id) private pure returns (uint256) {
        return (uint256(uint8(IslandAtlas.ENDS[2 * id - 2])) << 8) | uint8(IslandAtlas.ENDS[2 * id - 1]);
    }

    /// @dev What was never moved is the treasury's: the construction writes no owner.
    function _ownerOf(uint256 id) internal view override returns (address owner) {
        owner = super._ownerOf(id);
        if (owner == address(0) && id != 0 && id <= totalSupply) owner = treasury;
    }
}
