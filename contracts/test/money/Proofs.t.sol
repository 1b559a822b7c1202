// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Distributor} from "../../src/Distributor.sol";
import {LiveToken} from "../../src/LiveToken.sol";
import {Base} from "../Base.sol";
import {Tree} from "./Tree.sol";

/// Proofs of any shape; this contract plays the vault.
contract ProofsTest is Base {
    LiveToken private live;
    Distributor private distributor;

    function setUp() public {
        live = new LiveToken(address(this), 1e27);
        distributor = new Distributor(live);
        live.transfer(address(distributor), 1e27);
    }

    function someEntries(uint256 count, uint256 seed) private pure returns (uint256[] memory entries) {
        entries = new uint256[](count);
        for (uint256 i; i < count; i++) {
            uint256 account = uint160(uint256(keccak256(abi.encode(seed, i))));
            entries[i] = (account << 96) | (1e18 + i);
        }
    }

    function testFuzz_everyLeafOfEveryTreeClaimsItsAmount(uint256 count, uint256 seed, uint256 k) public {
        count = bound(count, 1, 40);
        k = bound(k, 0, count - 1);
        uint256[] memory entries = someEntries(count, seed);
        bytes32[] memory nodes = Tree.build(entries);
        distributor.publishRoot(nodes[0]);
        distributor.claim(entries[k], Tree.proof(nodes, k));
        same(live.balanceOf(address(uint160(entries[k] >> 96))), 1e18 + k, "paid");
    }

    function testFuzz_everySubsetOfEveryTreeIsPaidOnce(uint256 count, uint256 seed, uint256 chosen) public {
        count = bound(count, 1, 40);
        chosen = bound(chosen, 1, (1 << count) - 1);
        uint256[] memory entries = someEntries(count, seed);
        bytes32[] memory nodes = Tree.build(entries);
        distributor.publishRoot(nodes[0]);
        (uint256[] memory picked, bytes memory path, uint256[] memory flags) =
            Tree.proofOfMany(nodes, entries, chosen);
        distributor.claimMany(picked, path, flags);
        distributor.claimMany(picked, path, flags);
        for (uint256 k; k < count; k++) {
            uint256 due = chosen >> k & 1 == 1 ? 1e18 + k : 0;
            same(live.balanceOf(address(uint160(entries[k] >> 96))), due, "paid");
        }
    }

    /// No word but an entry of the tree is ever paid, whatever the proof: not a changed amount, not an inner node.
    function testFuzz_noOtherEntryIsPaid(uint256 seed, uint256 k, uint256 word, bytes memory path) public {
        uint256[] memory entries = someEntries(11, seed);
        bytes32[] memory nodes = Tree.build(entries);
        distributor.publishRoot(nodes[0]);
        k %= 11;
        if (word % 2 == 0) (word, path) = (entries[k] ^ (word | 1), Tree.proof(nodes, k));
        else if (word % 3 == 0) word = uint256(nodes[k]);
        for (uint256 i; i < 11; i++) vm.assume(word != entries[i]);
        vm.expectRevert(Distributor.ProofInvalid.selector);
        distributor.claim(word, path);
        uint256[] memory words = new uint256[](1);
        words[0] = word;
        vm.expectRevert(Distributor.ProofInvalid.selector);
        distributor.claimMany(words, path, new uint256[](1));
    }

    /// Random flags and nodes never pay an entry that the tree does not hold, beside one that it does.
    function testFuzz_noShapeOfProofSmugglesAnEntryIn(uint256 seed, uint256 k, uint256 extra, uint256 flag) public {
        uint256[] memory entries = someEntries(6, seed);
        bytes32[] memory nodes = Tree.build(entries);
        distributor.publishRoot(nodes[0]);
        k %= 6;
        bytes memory path = Tree.proof(nodes, k);
        uint256[] memory words = new uint256[](2);
        words[k % 2] = entries[k];
        words[1 - k % 2] = extra;
        for (uint256 i; i < 6; i++) vm.assume(extra != entries[i]);
        uint256[] memory flags = new uint256[](1);
        flags[0] = flag;
        vm.expectRevert(Distributor.ProofInvalid.selector);
        distributor.claimMany(words, path, flags);
    }

    /// Lower totals in a later root take nothing back, and higher ones pay the difference.
    function testFuzz_rootsFollowEachOther(uint96[8] memory totals) public {
        address who = address(0xBEEF);
        uint256 most;
        for (uint256 i; i < 8; i++) {
            uint256 total = totals[i] % 5 == 0 ? most : totals[i] % 1e26;
            uint256 entry = (uint256(uint160(who)) << 96) | total;
            distributor.publishRoot(keccak256(abi.encodePacked(entry)));
            if (totals[i] % 2 == 0) {
                uint256[] memory words = new uint256[](1);
                words[0] = entry;
                vm.recordLogs();
                distributor.claimMany(words, "", new uint256[](0));
                same(vm.getRecordedLogs().length, total > most ? 1 : 0, "what was paid is skipped");
            } else {
                bytes memory refusal = abi.encodeWithSelector(Distributor.NothingToClaim.selector, who, total, most);
                if (total <= most) vm.expectRevert(refusal);
                distributor.claim(entry, "");
            }
            if (total > most) most = total;
            same(live.balanceOf(who), most, "the most ever won");
            same(distributor.claimed(who), most, "claimed");
        }
    }

    function testFuzz_onlyTheVaultPublishes(address caller, bytes32 root) public {
        vm.assume(caller != address(this));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(Distributor.CallerNotVault.selector, caller));
        distributor.publishRoot(root);
    }

    /// What LIVE says about too little money passes through a claim unchanged.
    function test_aClaimOverTheBalanceIsRefusedByLive() public {
        uint256 entry = (uint256(uint160(address(0xBEEF))) << 96) | (1e27 + 1);
        distributor.publishRoot(keccak256(abi.encodePacked(entry)));
        vm.expectRevert(
            abi.encodeWithSignature(
                "ERC20InsufficientBalance(address,uint256,uint256)", address(distributor), 1e27, 1e27 + 1
            )
        );
        distributor.claim(entry, "");
        same(distributor.claimed(address(0xBEEF)), 0, "nothing booked");
    }
}
