// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Handler} from "../Handler.sol";
import {Estate} from "./Estate.sol";

/// @title Random moves of one region, each foretold by a model that keeps everything per single Tierra
/// @notice The model knows no quads, nibbles or stamps: an owner, an approval and the rents of each level for each Tierra, and the
/// owner of each Mall. `wrong` counts the moves that went otherwise than the model says.
contract LandHandler is Estate, Handler {
    struct Grant {
        address tenant;
        uint64 expires;
    }

    uint256 public constant FIRST = 3 << 10;
    uint256 public constant COUNT = 1024;
    uint256 public constant PEOPLE = 4;

    address[PEOPLE] public who; // the first is the treasury, the last owns nothing at first and is often an agent

    mapping(uint256 id => address) public ownerOf;
    mapping(uint256 id => address) public approvedFor;
    mapping(uint256 level => mapping(uint256 id => Grant)) private _grants;
    mapping(address owner => mapping(address agent => bool)) private _agents;
    mapping(uint256 mallId => address) public titleOf;
    uint256[] private _titles;
    mapping(uint256 mallId => address) private _titleApproved;
    mapping(address owner => mapping(address agent => bool)) private _titleAgents;

    constructor() {
        (who[0],) = person("treasury");
        (who[1],) = person("ann");
        (who[2],) = person("bob");
        (who[3],) = person("agent");
        deployLand(who[0], 1);
        for (uint256 id = FIRST; id < FIRST + COUNT; ++id) {
            ownerOf[id] = who[0];
        }
    }

    // ---- moves

    function moveOne(uint256 by, uint256 from, uint256 to, uint256 id) external {
        id = _place(id);
        address source = _source(from, id);
        address target = who[to % PEOPLE];
        address sender = _sender(by, from % 8 == 0 ? ownerOf[id] : source); // who may move it can still name a wrong owner
        bool may = ownerOf[id] == source && (_manages(sender, source) || approvedFor[id] == sender);
        vm.prank(sender);
        try tierra.transferFrom(source, target, id) {
            _check(may, true, "moveOne");
        } catch {
            _check(may, false, "moveOne");
        }
        if (may) _own(id, 1, target);
    }

    function moveQuad(uint256 by, uint256 from, uint256 to, uint256 level, uint256 place, bool perToken) external {
        (uint256 kind, uint256 base, uint256 count) = _quad(level, place);
        address source = _source(from, base);
        address target = who[to % PEOPLE];
        address sender = _sender(by, source);
        bool may = _manages(sender, source) && _ownsAll(source, base, count);
        vm.prank(sender);
        try tierra.transferQuad(source, target, kind, base, perToken) {
            _check(may, true, "moveQuad");
        } catch {
            _check(may, false, "moveQuad");
        }
        if (may) _own(base, count, target);
    }

    /// Brings up to 64 Tierra into one hand, one by one, so that quads of single titles are common.
    function gather(uint256 to, uint256 level, uint256 place) external {
        (, uint256 base, uint256 count) = _quad(level % 2, place);
        address target = who[to % PEOPLE];
        for (uint256 id = base; id < base + count; ++id) {
            address source = ownerOf[id];
            if (source == address(mall) || source == target) continue;
            vm.prank(source);
            tierra.transferFrom(source, target, id);
            _own(id, 1, target);
        }
    }

    function approve(uint256 by, uint256 to, uint256 id) external {
        id = _place(id);
        address owner = ownerOf[id];
        address target = to % 4 == 0 ? address(0) : who[to % PEOPLE];
        address sender = _sender(by, owner);
        bool may = _manages(sender, owner);
        vm.prank(sender);
        try tierra.approve(target, id) {
            _check(may, true, "approve");
        } catch {
            _check(may, false, "approve");
        }
        if (may) approvedFor[id] = target;
    }

    function appoint(uint256 owner, bool allowed, bool forTitles) external {
        address principal = who[owner % PEOPLE];
        vm.prank(principal);
        if (forTitles) mall.setApprovalForAll(who[3], allowed);
        else tierra.setApprovalForAll(who[3], allowed);
        (forTitles ? _titleAgents : _agents)[principal][who[3]] = allowed;
    }

    // ---- Malls

    function compose(uint256 by, uint256 level, uint256 place) external {
        (uint256 kind, uint256 base, uint256 count) = _quad(level, place);
        address source = _source(1, base);
        address sender = _sender(by, source);
        bool may = _manages(sender, source) && _ownsAll(source, base, count);
        vm.prank(sender);
        try tierra.safeTransferQuad(source, address(mall), kind, base, false, "") {
            _check(may, true, "compose");
        } catch {
            _check(may, false, "compose");
        }
        if (!may) return;
        _own(base, count, address(mall));
        titleOf[titleId(kind, base)] = source;
        _titles.push(titleId(kind, base));
    }

    /// A plain move to the Mall never works.
    function sendPlainly(uint256 level, uint256 place) external {
        (uint256 kind, uint256 base,) = _quad(level, place);
        address source = _source(1, base);
        vm.prank(source);
        try tierra.transferFrom(source, address(mall), base) {
            ++wrong;
        } catch {}
        vm.prank(source);
        try tierra.transferQuad(source, address(mall), kind, base, false) {
            ++wrong;
        } catch {}
    }

    function decompose(uint256 by, uint256 level, uint256 place, bool perToken) external {
        (uint256 kind, uint256 base, uint256 count) = _mall(level, place);
        uint256 id = titleId(kind, base);
        address owner = titleOf[id];
        address sender = _sender(by, owner);
        bool may = _managesTitle(sender, id);
        vm.prank(sender);
        try mall.decompose(id, perToken) {
            _check(may, true, "decompose");
        } catch {
            _check(may, false, "decompose");
        }
        if (!may) return;
        _own(base, count, owner);
        delete titleOf[id];
        delete _titleApproved[id];
        for (uint256 index = 0; index < _titles.length; ++index) {
            if (_titles[index] == id) _titles[index] = _titles[_titles.length - 1];
        }
        _titles.pop();
    }

    function moveTitle(uint256 by, uint256 to, uint256 level, uint256 place) external {
        (uint256 kind, uint256 base,) = _mall(level, place);
        uint256 id = titleId(kind, base);
        address owner = titleOf[id];
        address target = who[to % PEOPLE];
        address sender = _sender(by, owner);
        bool may = _managesTitle(sender, id);
        vm.prank(sender);
        try mall.transferFrom(owner, target, id) {
            _check(may, true, "moveTitle");
        } catch {
            _check(may, false, "moveTitle");
        }
        if (!may) return;
        titleOf[id] = target;
        delete _titleApproved[id];
    }

    function approveTitle(uint256 to, uint256 level, uint256 place) external {
        (uint256 kind, uint256 base,) = _mall(level, place);
        uint256 id = titleId(kind, base);
        if (titleOf[id] == address(0)) return;
        vm.prank(titleOf[id]);
        mall.approve(who[to % PEOPLE], id);
        _titleApproved[id] = who[to % PEOPLE];
    }

    // ---- rents

    function rentOne(uint256 by, uint256 tenant, uint256 id, uint256 term) external {
        id = _place(id);
        Grant memory grant = _grant(tenant, term);
        address sender = _sender(by, ownerOf[id]);
        bool may = (_manages(sender, ownerOf[id]) || approvedFor[id] == sender) && _free(0, id, grant);
        vm.prank(sender);
        try tierra.setUser(id, grant.tenant, grant.expires) {
            _check(may, true, "rentOne");
        } catch {
            _check(may, false, "rentOne");
        }
        if (may) _grants[0][id] = grant;
    }

    function rentQuad(uint256 by, uint256 tenant, uint256 level, uint256 place, uint256 term) external {
        (uint256 kind, uint256 base, uint256 count) = _quad(level, place);
        Grant memory grant = _grant(tenant, term);
        address owner = ownerOf[base];
        address sender = _sender(by, owner);
        bool may = _manages(sender, owner) && _ownsAll(owner, base, count) && _free(kind, base, grant);
        vm.prank(sender);
        try tierra.setQuadUser(kind, base, grant.tenant, grant.expires) {
            _check(may, true, "rentQuad");
        } catch {
            _check(may, false, "rentQuad");
        }
        if (may) _let(kind, base, count, grant);
    }

    function rentMall(uint256 by, uint256 tenant, uint256 level, uint256 place, uint256 term) external {
        (uint256 kind, uint256 base, uint256 count) = _mall(level, place);
        uint256 id = titleId(kind, base);
        Grant memory grant = _grant(tenant, term);
        address sender = _sender(by, titleOf[id]);
        bool may = _managesTitle(sender, id) && _free(kind, base, grant);
        vm.prank(sender);
        try mall.setUser(id, grant.tenant, grant.expires) {
            _check(may, true, "rentMall");
        } catch {
            _check(may, false, "rentMall");
        }
        if (may) _let(kind, base, count, grant);
    }

    function rentPart(uint256 by, uint256 tenant, uint256 level, uint256 part, uint256 place, uint256 term) external {
        (uint256 kind, uint256 base,) = _mall(level, place);
        uint256 id = titleId(kind, base);
        part %= 5;
        uint256 count = sizeOf(part);
        uint256 first = (base / count) * count + ((term % 3) * count);
        Grant memory grant = _grant(tenant, term);
        address sender = _sender(by, titleOf[id]);
        bool inside = part < kind && first >= base && first < base + sizeOf(kind);
        bool may = _managesTitle(sender, id) && inside && _free(part, first, grant);
        vm.prank(sender);
        try mall.setPartUser(id, part, first, grant.tenant, grant.expires) {
            _check(may, true, "rentPart");
        } catch {
            _check(may, false, "rentPart");
        }
        if (may) _let(part, first, count, grant);
    }

    function pass(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + (time % 4 days));
    }

    // ---- what the model says

    function titleId(uint256 level, uint256 base) public pure returns (uint256) {
        return level * 2 ** 20 + base;
    }

    /// The rent that holds for a Tierra: of the smallest level from `level` up that runs.
    function rentOf(uint256 level, uint256 id) public view returns (address, uint256) {
        for (; level <= 4; ++level) {
            if (_runs(_grants[level][id])) return (_grants[level][id].tenant, _grants[level][id].expires);
        }
        return (address(0), 0);
    }

    function _runs(Grant memory grant) private view returns (bool) {
        return grant.tenant != address(0) && grant.expires >= vm.getBlockTimestamp();
    }

    /// Whether no rent of this level or a larger one stands against the grant.
    function _free(uint256 level, uint256 id, Grant memory grant) private view returns (bool) {
        for (uint256 up = level; up <= 4; ++up) {
            Grant memory old = _grants[up][id];
            if (!_runs(old)) continue;
            if (up > level || old.tenant != grant.tenant || old.expires > grant.expires) return false;
        }
        return true;
    }

    function _manages(address sender, address owner) private view returns (bool) {
        return sender == owner || _agents[owner][sender];
    }

    function _managesTitle(address sender, uint256 id) private view returns (bool) {
        address owner = titleOf[id];
        return owner != address(0) && (sender == owner || _titleAgents[owner][sender] || _titleApproved[id] == sender);
    }

    function _ownsAll(address owner, uint256 base, uint256 count) private view returns (bool) {
        for (uint256 id = base; id < base + count; ++id) {
            if (ownerOf[id] != owner) return false;
        }
        return true;
    }

    function _own(uint256 base, uint256 count, address owner) private {
        for (uint256 id = base; id < base + count; ++id) {
            ownerOf[id] = owner;
            delete approvedFor[id];
        }
    }

    function _let(uint256 level, uint256 base, uint256 count, Grant memory grant) private {
        for (uint256 id = base; id < base + count; ++id) {
            _grants[level][id] = grant;
        }
    }

    // ---- choosing

    /// Mostly the owner of the place, so that moves succeed; never the Mall, which moves by its own functions only.
    function _source(uint256 seed, uint256 id) private view returns (address) {
        return seed % 4 == 0 || ownerOf[id] == address(mall) ? who[(seed / 4) % PEOPLE] : ownerOf[id];
    }

    /// Mostly who is entitled.
    function _sender(uint256 seed, address entitled) private view returns (address) {
        return seed % 4 < 2 || entitled == address(0) || entitled == address(mall) ? who[(seed / 4) % PEOPLE] : entitled;
    }

    /// Mostly a quad that is a Mall.
    function _mall(uint256 level, uint256 place) private view returns (uint256 kind, uint256 base, uint256 count) {
        if (_titles.length == 0 || level % 4 == 0) return _quad(level / 4, place);
        uint256 id = _titles[place % _titles.length];
        kind = id / 2 ** 20;
        return (kind, id % 2 ** 20, sizeOf(kind));
    }

    /// Mostly in the first 8 x 8 Tierra, so that moves meet what earlier ones have left.
    function _place(uint256 seed) private pure returns (uint256) {
        return FIRST + ((seed / 4) % (seed % 4 == 0 ? COUNT : 64));
    }

    /// Small quads come more often than large ones.
    function _quad(uint256 level, uint256 place) private pure returns (uint256 kind, uint256 base, uint256 count) {
        kind = [1, 2, 1, 2, 1, 3, 2, 4][level % 8];
        count = sizeOf(kind);
        base = (_place(place) / count) * count;
    }

    function _grant(uint256 tenant, uint256 term) private view returns (Grant memory) {
        address user = tenant % 8 == 0 ? address(0) : who[tenant % PEOPLE];
        return Grant(user, uint64(vm.getBlockTimestamp() + (term % 10 days)));
    }
}
