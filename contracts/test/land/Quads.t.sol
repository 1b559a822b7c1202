// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {IERC2309} from "@openzeppelin/contracts/interfaces/IERC2309.sol";
import {ITierraQuadReceiver} from "../../src/ITierraQuadReceiver.sol";
import {Mall} from "../../src/Mall.sol";
import {Tierra} from "../../src/Tierra.sol";
import {Vm} from "../Base.sol";
import {Quarter} from "./Quarter.sol";

/// @dev Sends every quad that it receives on to `heir`, while it is asked whether it accepts it.
contract PassingOn is ITierraQuadReceiver {
    address private immutable heir;

    constructor(address heir_) {
        heir = heir_;
    }

    function onTierraQuadReceived(address, address, uint256 level, uint256 base, bytes calldata)
        external
        returns (bytes4)
    {
        Tierra(msg.sender).transferQuad(address(this), heir, level, base, false);
        return ITierraQuadReceiver.onTierraQuadReceived.selector;
    }
}

/// @dev Accepts with the wrong answer.
contract Refusing is ITierraQuadReceiver {
    function onTierraQuadReceived(address, address, uint256, uint256, bytes calldata) external pure returns (bytes4) {
        return 0x00000001;
    }
}

/// @title Properties of quads and Malls for any place and time
contract QuadsTest is Quarter {
    /// A quad exists where its level is 1 to 4, its first id a multiple of its size, and its last id on the land.
    function testFuzz_onlyWholeAlignedQuadsExist(uint256 level, uint256 base, bool aligned, bool huge) public {
        level = huge ? level : bound(level, 0, 6);
        // as often at the end of the land as anywhere else
        base = huge ? base : base % 2 == 0 ? bound(base, 0, 100_100) : bound(base, 99_300, 100_600);
        uint256 size = level >= 1 && level <= 4 ? [16, 64, 256, 1024][level - 1] : 16;
        if (aligned) base -= base % size;
        bool exists = level >= 1 && level <= 4 && base % size == 0 && base < 100_100 && base + size <= 100_100;
        vm.prank(treasury);
        try tierra.transferQuad(treasury, ann, level, base, false) {
            isTrue(exists, "moved what is no quad");
            same(tierra.balanceOf(ann), size, "balance");
            same(tierra.ownerOf(base), ann, "first");
            same(tierra.ownerOf(base + size - 1), ann, "last");
            if (base > 0) same(tierra.ownerOf(base - 1), treasury, "before");
            if (base + size < 100_100) same(tierra.ownerOf(base + size), treasury, "after");
        } catch {
            isTrue(!exists, "a quad did not move");
        }
    }

    /// The last region has 772 Tierra: of each size the last square that fits moves, and the next one does not.
    function test_noSquareReachesBeyondTheLand() public {
        for (uint256 level = 1; level <= 4; ++level) {
            uint256 size = sizeOf(level);
            uint256 beyond = (100_100 / size) * size;
            vm.prank(treasury);
            try tierra.transferQuad(treasury, treasury, level, beyond, false) {
                isTrue(false, "moved more than there is");
            } catch {}
            vm.prank(treasury);
            tierra.transferQuad(treasury, treasury, level, beyond - size, false);
        }
        same(tierra.balanceOf(treasury), 100_100, "all land");
    }

    /// Composing and decomposing changes nothing but that approvals inside are gone.
    function testFuzz_decomposeUndoesCompose(uint256 level, uint256 place, uint256 seed, bool perToken) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        _settle(base, size, seed);
        bytes32 before = _picture(base, size);
        vm.prank(ann);
        tierra.safeTransferQuad(ann, address(mall), kind, base, perToken, "");
        uint256 id = kind * 2 ** 20 + base;
        same(mall.ownerOf(id), ann, "title");
        same(tierra.balanceOf(address(mall)), size, "held");
        same(mall.mallOf(base + (seed % size)), id, "member");
        vm.prank(ann);
        mall.decompose(id, perToken);
        same(_picture(base, size), before, "owners, balances and rents");
        same(tierra.balanceOf(address(mall)), 0, "still held");
        same(mall.balanceOf(ann), 0, "titles");
        for (uint256 member = base; member < base + size; ++member) {
            same(tierra.getApproved(member), address(0), "approval");
        }
    }

    /// Titles and approvals from before a quad's move are void for ever, whichever quads take the land over in between.
    function testFuzz_oldTitlesNeverComeBack(uint256 place, uint8[6] calldata levels, uint256 seed) public {
        uint256 base = ((place % 97) << 10) + ((place / 97) % 16) * 64;
        vm.prank(treasury);
        tierra.transferQuad(treasury, ann, 2, base, false);
        for (uint256 step = 0; step < levels.length; ++step) {
            seed = uint256(keccak256(abi.encode(seed)));
            (address holder, address next) = step % 2 == 0 ? (ann, bob) : (bob, ann);
            // the holder trades and approves single Tierra of all blocks ...
            for (uint256 id = base + (seed % 16); id < base + 64; id += 16) {
                vm.prank(holder);
                tierra.transferFrom(holder, next, id);
                vm.prank(next);
                tierra.transferFrom(next, holder, id);
                vm.prank(holder);
                tierra.approve(treasury, id);
            }
            // ... and everything goes on, as one quad of 8 x 8 or as four of 4 x 4
            uint256 level = 1 + (levels[step] % 2);
            for (uint256 part = base; part < base + 64; part += sizeOf(level)) {
                vm.prank(holder);
                tierra.transferQuad(holder, next, level, part, false);
            }
            // single titles count in every block again, the old ones do not
            for (uint256 block_ = base; block_ < base + 64; block_ += 16) {
                vm.prank(next);
                tierra.transferFrom(next, next, block_ + ((seed >> 8) % 16));
            }
            for (uint256 id = base; id < base + 64; ++id) {
                same(tierra.ownerOf(id), next, "owner");
                same(tierra.getApproved(id), address(0), "approval");
            }
        }
    }

    /// Nobody else moves or lets a Tierra while an approval stands, and the approved account only this one.
    function testFuzz_onlyTheApprovedMayMove(address caller, uint256 id) public {
        vm.assume(caller != treasury && caller != bob && caller != address(0));
        id %= 100_099;
        vm.prank(treasury);
        tierra.approve(bob, id);
        for (uint256 step = 0; step < 2; ++step) {
            // a stranger with this Tierra, the approved account with the next one
            address sender = step == 0 ? caller : bob;
            vm.prank(sender);
            try tierra.transferFrom(treasury, sender, id + step) {
                isTrue(false, "moved without an approval");
            } catch {}
            vm.prank(sender);
            try tierra.setUser(id + step, sender, type(uint64).max) {
                isTrue(false, "let without an approval");
            } catch {}
        }
        vm.prank(bob);
        tierra.transferFrom(treasury, ann, id);
        same(tierra.ownerOf(id), ann, "moved by the approved account");
        same(tierra.getApproved(id), address(0), "used up");
    }

    /// Strict readers of ERC-721 hear of every Tierra, in order, exactly once; others of the range.
    function testFuzz_aMoveTellsWhatItMoved(uint256 level, uint256 place, bool perToken) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        vm.recordLogs();
        vm.prank(treasury);
        tierra.transferQuad(treasury, ann, kind, base, perToken);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        same(logs.length, perToken ? size : 1, "events");
        if (!perToken) {
            same(logs[0].topics[0], IERC2309.ConsecutiveTransfer.selector, "event");
            same(uint256(logs[0].topics[1]), base, "first");
            same(abi.decode(logs[0].data, (uint256)), base + size - 1, "last");
            return;
        }
        for (uint256 index = 0; index < size; ++index) {
            same(logs[index].topics[0], IERC721.Transfer.selector, "event");
            same(uint256(logs[index].topics[1]), uint256(uint160(treasury)), "from");
            same(uint256(logs[index].topics[2]), uint256(uint160(ann)), "to");
            same(uint256(logs[index].topics[3]), base + index, "token");
        }
    }

    /// Only the owner of a Mall's title lets, moves or ends it, whoever made the call.
    function testFuzz_aMallObeysItsOwner(address caller, uint256 level, uint256 place) public {
        vm.assume(caller != ann && caller != address(0));
        (uint256 kind, uint256 base,) = _quad(level, place);
        uint256 id = _compose(ann, kind, base);
        bytes[5] memory calls = [
            abi.encodeCall(mall.setUser, (id, caller, type(uint64).max)),
            abi.encodeCall(mall.setPartUser, (id, 0, base, caller, type(uint64).max)),
            abi.encodeCall(mall.decompose, (id, false)),
            abi.encodeCall(mall.transferFrom, (ann, caller, id)),
            abi.encodeCall(mall.approve, (caller, id))
        ];
        for (uint256 index = 0; index < calls.length; ++index) {
            vm.prank(caller);
            (bool done,) = address(mall).call(calls[index]);
            isTrue(!done, "a stranger had a way");
        }
        for (uint256 index = 0; index < 2; ++index) {
            address sink = index == 0 ? address(mall) : address(tierra);
            vm.prank(ann);
            try mall.transferFrom(ann, sink, id) {
                isTrue(false, "a title was lost in the land contracts");
            } catch {}
        }
    }

    /// Of a Mall every smaller square and single Tierra inside it can be let, and nothing else.
    function testFuzz_partsOfAMallLieInIt(uint256 level, uint256 place, uint256 part, uint256 step) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        uint256 id = _compose(ann, kind, base);
        // the Malls on both sides are somebody else's
        if (base >= size) _compose(bob, kind, base - size);
        if (base + 2 * size <= 100_100) _compose(bob, kind, base + size);
        part %= 6;
        step %= 3 * size;
        uint256 first = step % 4 == 0 ? base + size : base + step - (base < size ? 0 : size);
        first = (first / sizeOf(part)) * sizeOf(part);
        bool inside = part < kind && first >= base && first < base + size;
        vm.prank(ann);
        try mall.setPartUser(id, part, first, bob, type(uint64).max) {
            isTrue(inside, "let what is no part");
            same(tierra.userOf(first), bob, "first");
            same(tierra.userOf(first + sizeOf(part) - 1), bob, "last");
            same(mall.userOf(id), address(0), "the whole is not let");
        } catch {
            isTrue(!inside, "refused a part");
        }
    }

    /// Only Tierra can make titles, and only for land that came.
    function testFuzz_noTitleWithoutLand(address caller, address from, uint256 level, uint256 base) public {
        vm.assume(caller != address(tierra));
        vm.prank(caller);
        try mall.onTierraQuadReceived(caller, from, level, base, "") {
            isTrue(false, "a title from nothing");
        } catch {}
        vm.prank(caller);
        try mall.decompose((level % 16) * 2 ** 20 + (base % 2 ** 20), false) {
            isTrue(false, "decomposed what is no Mall");
        } catch {}
    }

    /// Land knows its Mall before that is deployed, and keeps quads until it is.
    function testFuzz_noQuadGoesToAMallThatIsNotThere(address nowhere, uint256 level, uint256 place) public {
        vm.assume(nowhere.code.length == 0 && nowhere != treasury);
        vm.assume(uint160(nowhere) > 0xffff); // no precompile, which would answer
        (uint256 kind, uint256 base,) = _quad(level, place);
        Tierra other = new Tierra(treasury, nowhere);
        vm.prank(treasury);
        try other.safeTransferQuad(treasury, nowhere, kind, base, false, "") {
            isTrue(false, "fused into nothing");
        } catch {}
        vm.prank(treasury);
        tierra.safeTransferQuad(treasury, nowhere, kind, base, false, "");
        same(tierra.ownerOf(base), nowhere, "an account needs not answer");
    }

    /// A Mall is of one Tierra only, and that Tierra of this Mall only.
    function test_aMallRefusesLandOfAnotherMall() public {
        try new Mall(tierra) {
            isTrue(false, "a second Mall");
        } catch {}
        try new Tierra(address(mall), address(mall)) {
            isTrue(false, "a Mall that has land without titles");
        } catch {}
        try new Tierra(address(0), address(mall)) {
            isTrue(false, "land of nobody");
        } catch {}
    }

    /// Safe moves ask the receiver; one that sends the quad on while it is asked leaves the heir as owner of all of it.
    function testFuzz_receiversAreAsked(uint256 level, uint256 place) public {
        (uint256 kind, uint256 base, uint256 size) = _quad(level, place);
        address refusing = address(new Refusing());
        vm.prank(treasury);
        try tierra.safeTransferQuad(treasury, refusing, kind, base, false, "") {
            isTrue(false, "the receiver refused");
        } catch {}
        vm.prank(treasury);
        try tierra.safeTransferQuad(treasury, address(this), kind, base, false, "") {
            isTrue(false, "a contract without an answer");
        } catch {}
        same(tierra.balanceOf(treasury), 100_100, "nothing moved");
        address passing = address(new PassingOn(bob));
        vm.prank(treasury);
        tierra.safeTransferQuad(treasury, passing, kind, base, false, "");
        same(tierra.balanceOf(bob), size, "heir");
        same(tierra.balanceOf(passing), 0, "between");
        same(tierra.ownerOf(base + size - 1), bob, "last");
    }

    // ---- inside

    /// @dev Gives the quad to somebody and fuses it.
    function _compose(address owner, uint256 level, uint256 base) private returns (uint256) {
        vm.prank(treasury);
        tierra.transferQuad(treasury, owner, level, base, false);
        vm.prank(owner);
        tierra.safeTransferQuad(owner, address(mall), level, base, false, "");
        return level * 2 ** 20 + base;
    }

    /// @dev All that can be asked about a quad and its neighbours, approvals left out.
    function _picture(uint256 base, uint256 size) private view returns (bytes32 picture) {
        uint256 first = base < 16 ? 0 : base - 16;
        uint256 end = base + size + 16 > 100_100 ? 100_100 : base + size + 16;
        for (uint256 id = first; id < end; ++id) {
            picture = keccak256(abi.encode(picture, tierra.ownerOf(id), tierra.userOf(id), tierra.userExpires(id)));
        }
        picture = keccak256(abi.encode(picture, tierra.balanceOf(ann), tierra.balanceOf(treasury)));
    }
}
