"""LIVE, PrizeVault and Distributor: money is neither made, lost nor taken."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.bindings import Contract, deploy_intent, pack, pool_id
from contracts.chain import ChainRevert
from contracts.merkle import CumulativeTree

ETHER = 10**18
DIGEST = b"\x11" * 32


def settle(world: Any, epoch: int, tree: CumulativeTree, *draws: int) -> Any:
    return world.send(world.operator, world.vault, "settle", epoch, tree.root, DIGEST, list(draws))


def funded(world: Any, amount: int = 100 * ETHER) -> int:
    world.fund(world.operator, 1, amount)
    return pool_id(world.operator.address, 1)


def test_the_whole_supply_is_with_the_treasury_and_known_to_explorers(world: Any) -> None:
    ask = world.live.call
    assert ask(world.chain, "totalSupply") == ask(world.chain, "balanceOf", world.operator.address) == 10**27
    shown = [ask(world.chain, name) for name in ("name", "symbol", "decimals", "getOwner")]
    assert shown == ["LIVE", "LIVE", 18, world.operator.address]


def test_a_supply_over_96_bits_is_refused(world: Any) -> None:
    intent = deploy_intent("big", world.operator.address, "LiveToken", world.operator.address, 2**96)
    outcome = world.chain.simulate(None, intent.data, sender=world.operator.address)
    assert not outcome.success


def test_transfers_keep_to_balance_and_allowance(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    world.send(world.operator, world.live, "transfer", ann.address, 5)
    world.refused("ERC20InsufficientBalance", ann, world.live, "transfer", bob.address, 6)
    world.refused("ERC20InsufficientAllowance", bob, world.live, "transferFrom", ann.address, bob.address, 1)
    world.refused("ERC20InvalidReceiver", ann, world.live, "transfer", "0x" + "00" * 20, 1)
    world.send(ann, world.live, "approve", bob.address, 3)
    world.send(bob, world.live, "transferFrom", ann.address, bob.address, 2)
    assert world.live.call(world.chain, "allowance", ann.address, bob.address) == 1
    assert (world.balance(ann.address), world.balance(bob.address)) == (3, 2)
    world.send(ann, world.live, "transfer", ann.address, 3)
    assert world.balance(ann.address) == 3


def test_batch_pay_is_all_or_none(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    world.send(world.operator, world.live, "transfer", ann.address, 10)
    world.refused(
        "ERC20InsufficientBalance", ann, world.live, "batchPay", [pack(bob.address, 6), pack(bob.address, 5)]
    )
    assert world.balance(bob.address) == 0
    world.refused(
        "ERC20InsufficientBalance", ann, world.live, "batchPay", [pack(ann.address, 9), pack(bob.address, 2)]
    )
    world.refused("ERC20InvalidReceiver", ann, world.live, "batchPay", [pack(0, 1)])
    receipt = world.send(
        ann, world.live, "batchPay", [pack(bob.address, 5), pack(ann.address, 4), pack(bob.address, 1)]
    )
    assert (world.balance(ann.address), world.balance(bob.address)) == (4, 6)
    assert [event.args["value"] for event in world.events(receipt)] == [5, 4, 1]


def permit_arguments(world: Any, owner: Any, signer: Any, value: int, deadline: int) -> tuple[Any, ...]:
    from eth_account import Account
    from eth_account.messages import encode_typed_data

    spender = world.person("bob").address
    domain = {
        "name": "LIVE",
        "version": "1",
        "chainId": world.chain.chain_id,
        "verifyingContract": world.live.address,
    }
    fields = [
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ]
    message = {
        "owner": owner.address,
        "spender": spender,
        "value": value,
        "nonce": world.live.call(world.chain, "nonces", owner.address),
        "deadline": deadline,
    }
    typed = encode_typed_data(domain, {"Permit": [{"name": n, "type": t} for n, t in fields]}, message)
    signed = Account.sign_message(typed, signer.reveal())
    r, s = (int(part).to_bytes(32, "big") for part in (signed.r, signed.s))
    return owner.address, spender, value, deadline, signed.v, r, s


def test_permit_sets_an_allowance_once_and_only_by_its_owner(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    late = world.chain.head().timestamp
    good = permit_arguments(world, ann, ann, 7, late)
    world.refused("PermitSignerWrong", bob, world.live, "permit", *permit_arguments(world, ann, bob, 7, late))
    world.send(bob, world.live, "permit", *good)
    assert world.live.call(world.chain, "allowance", ann.address, bob.address) == 7
    world.refused("PermitSignerWrong", bob, world.live, "permit", *good)
    world.refused("PermitExpired", bob, world.live, "permit", *permit_arguments(world, ann, ann, 7, late - 1))


def test_a_reward_is_drawn_settled_and_claimed_once(world: Any) -> None:
    ann, stranger = world.person("ann"), world.person("stranger")
    pool = funded(world)
    tree = CumulativeTree({ann.address: 3 * ETHER})
    receipt = settle(world, 1, tree, pack(pool, 3 * ETHER))
    event = world.events(receipt)[-1]
    assert (event.name, event.args) == (
        "EpochSettled",
        {"epoch": 1, "root": tree.root, "digest": DIGEST, "total": 3 * ETHER},
    )
    claim = (tree.entry(ann.address), tree.proof(ann.address))
    world.send(stranger, world.distributor, "claim", *claim)
    assert (world.balance(ann.address), world.balance(stranger.address)) == (3 * ETHER, 0)
    facts = world.refused("NothingToClaim", ann, world.distributor, "claim", *claim)
    assert facts == {"account": ann.address, "cumulative": 3 * ETHER, "claimed": 3 * ETHER}
    world.refused(
        "ProofInvalid", ann, world.distributor, "claim", pack(ann.address, 4 * ETHER), tree.proof(ann.address)
    )


def test_a_replayed_or_skipped_epoch_is_refused(world: Any) -> None:
    pool = funded(world)
    tree = CumulativeTree({world.person("ann").address: 1})
    arguments = (1, tree.root, DIGEST, [pack(pool, 1)])
    world.send(world.operator, world.vault, "settle", *arguments)
    facts = world.refused("EpochNotNext", world.operator, world.vault, "settle", *arguments)
    assert facts == {"given": 1, "expected": 2}
    world.refused("EpochNotNext", world.operator, world.vault, "pay", 3, pool, DIGEST, [])


def test_only_the_right_role_may_act(world: Any) -> None:
    ann = world.person("ann")
    pool = funded(world)
    world.refused("CallerNotOperator", ann, world.vault, "settle", 1, DIGEST, DIGEST, [])
    world.refused("CallerNotOperator", ann, world.vault, "pay", 1, pool, DIGEST, [pack(ann.address, 1)])
    world.refused("PoolNotReturnable", ann, world.vault, "returnPool", pool)
    world.refused("OwnableUnauthorizedAccount", ann, world.vault, "appointOperator", ann.address)
    world.refused("OwnableUnauthorizedAccount", ann, world.vault, "pauseDraws", True)
    world.refused("CallerNotVault", world.operator, world.distributor, "publishRoot", DIGEST)


def test_a_draw_over_the_pool_moves_nothing(world: Any) -> None:
    pool = funded(world, 5)
    other = pool_id(world.operator.address, 2)
    world.refused(
        "PoolTooSmall",
        world.operator,
        world.vault,
        "settle",
        1,
        DIGEST,
        DIGEST,
        [pack(pool, 5), pack(other, 1)],
    )
    world.refused(
        "PoolTooSmall",
        world.operator,
        world.vault,
        "settle",
        1,
        DIGEST,
        DIGEST,
        [pack(pool, 3), pack(pool, 3)],
    )
    assert world.vault.call(world.chain, "pools", pool)[:2] == (world.operator.address, 5)


def test_a_pause_stops_draws_but_neither_claims_nor_returns(world: Any) -> None:
    ann = world.person("ann")
    pool = funded(world, 10)
    tree = CumulativeTree({ann.address: 4})
    settle(world, 1, tree, pack(pool, 4))
    world.send(world.operator, world.vault, "pauseDraws", True)
    world.refused("DrawsArePaused", world.operator, world.vault, "settle", 2, tree.root, DIGEST, [])
    world.refused("DrawsArePaused", world.operator, world.vault, "pay", 2, pool, DIGEST, [])
    world.send(ann, world.distributor, "claim", tree.entry(ann.address), tree.proof(ann.address))
    world.send(world.operator, world.vault, "returnPool", pool)
    assert (world.balance(ann.address), world.balance(world.vault.address)) == (4, 0)


def test_a_pool_goes_back_to_its_funder_and_nowhere_else(world: Any) -> None:
    ann = world.person("ann")
    world.send(world.operator, world.live, "transfer", ann.address, 50)
    world.fund(ann, 7, 50)
    pool = world.vault.call(world.chain, "poolIdOf", ann.address, 7)
    assert pool == pool_id(ann.address, 7)
    before = world.balance(world.operator.address)
    world.send(world.operator, world.vault, "returnPool", pool)
    assert (world.balance(ann.address), world.balance(world.operator.address)) == (50, before)
    world.refused("PoolEmpty", world.operator, world.vault, "returnPool", pool)


def test_a_funder_takes_back_an_abandoned_pool_alone(world: Any) -> None:
    ann, bob = world.person("ann"), world.person("bob")
    world.send(world.operator, world.live, "transfer", ann.address, 50)
    world.chain.increase_time(40 * 86_400)
    world.fund(ann, 1, 50)
    pool = pool_id(ann.address, 1)
    facts = world.refused("PoolNotReturnable", ann, world.vault, "returnPool", pool)
    assert facts["funderMayFrom"] == world.chain.head().timestamp + 30 * 86_400
    world.chain.increase_time(30 * 86_400)
    world.refused("PoolNotReturnable", bob, world.vault, "returnPool", pool)
    world.send(ann, world.vault, "returnPool", pool)
    assert world.balance(ann.address) == 50


def test_a_pushed_batch_skips_what_was_claimed_before(world: Any) -> None:
    people = [world.person(f"player {number}").address for number in range(5)]
    pool = funded(world)
    tree = CumulativeTree({who: (place + 1) * ETHER for place, who in enumerate(people)})
    settle(world, 1, tree, pack(pool, 15 * ETHER))
    world.send(world.operator, world.distributor, "claim", tree.entry(people[2]), tree.proof(people[2]))
    many = tree.multiproof(people)
    for paid in (4, 0):  # the second time everything is stale, and that is no error
        receipt = world.send(
            world.operator, world.distributor, "claimMany", many.entries, many.proof, many.flag_words
        )
        assert len(receipt.logs) == paid
        assert [world.balance(who) for who in people] == [(place + 1) * ETHER for place in range(5)]
    assert world.balance(world.distributor.address) == 0


def test_a_root_that_takes_back_pays_nothing_and_keeps_what_was_paid(world: Any) -> None:
    ann, bob = world.person("ann").address, world.person("bob").address
    pool = funded(world)
    tree = CumulativeTree({ann: 9, bob: 2})
    settle(world, 1, tree, pack(pool, 20))
    world.send(world.operator, world.distributor, "claim", tree.entry(ann), tree.proof(ann))
    lower = CumulativeTree({ann: 4, bob: 2})
    settle(world, 2, lower)
    world.refused(
        "NothingToClaim", world.operator, world.distributor, "claim", lower.entry(ann), lower.proof(ann)
    )
    many = lower.multiproof([ann, bob])
    world.send(world.operator, world.distributor, "claimMany", many.entries, many.proof, many.flag_words)
    assert (world.balance(ann), world.balance(bob)) == (9, 2)
    assert world.distributor.call(world.chain, "claimed", ann) == 9


def test_an_account_named_twice_in_a_batch_is_paid_once(world: Any) -> None:
    ann, bob = world.person("ann").address, world.person("bob").address
    pool = funded(world)
    tree = CumulativeTree({ann: 5, bob: 7})
    settle(world, 1, tree, pack(pool, 100))
    twice = pack(ann, 5)
    # The same leaf twice leads to no honest root, so the batch fails as a whole ...
    world.refused("ProofInvalid", world.operator, world.distributor, "claimMany", [twice, twice], b"", [1])
    # ... and where a root does hold an account twice, with the same or another amount, the larger amount is paid once.
    odd = CumulativeTree({ann: 5}).root
    pair = world.distributor.call(world.chain, "leafOf", twice)
    assert pair == odd
    from contracts.address import keccak256

    world.send(world.operator, world.vault, "settle", 2, keccak256(pair[:24] + pair[:24]), DIGEST, [])
    world.send(world.operator, world.distributor, "claimMany", [twice, twice], b"", [1])
    assert world.balance(ann) == 5


def test_malformed_batches_are_refused(world: Any) -> None:
    people = [world.person(f"player {number}").address for number in range(9)]
    pool = funded(world)
    tree = CumulativeTree(dict.fromkeys(people, 3))
    settle(world, 1, tree, pack(pool, 27))
    many = tree.multiproof(people[:3])
    push = (world.operator, world.distributor, "claimMany")
    world.refused("BatchEmpty", *push, [], tree.root[:24], [0])
    world.refused("ProofInvalid", *push, many.entries, many.proof + tree.root[:24], many.flag_words)
    world.refused("ProofInvalid", *push, many.entries, many.proof[:-24], many.flag_words)
    world.refused("ProofInvalid", *push, many.entries, many.proof + b"\0", many.flag_words)
    world.refused("ProofInvalid", *push, many.entries, many.proof, [0])
    world.refused("ProofInvalid", *push, many.entries, many.proof, [2**256 - 1])
    world.refused(
        "ProofInvalid", *push, [pack(people[0], 99), *many.entries[1:]], many.proof, many.flag_words
    )
    world.refused("Panic", *push, many.entries, many.proof, [])
    assert sum(world.balance(who) for who in people) == 0


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["fund", "settle", "pay", "claim", "push", "return"]),
        st.integers(0, 2),
        st.integers(1, 40),
    ),
    min_size=4,
    max_size=14,
)


EXPECTED_REFUSALS = ("PoolTooSmall", "PoolEmpty", "NothingToClaim", "ERC20InsufficientBalance")


@settings(max_examples=10, deadline=None)
@given(actions=ACTIONS)
def test_money_adds_up_after_any_sequence(new_world: Any, actions: list[tuple[str, int, int]]) -> None:
    world = new_world()
    people = [world.person(f"person {number}") for number in range(3)]
    for person in people:
        world.send(world.operator, world.live, "transfer", person.address, 1000)
    pools: dict[int, int] = {}
    totals: dict[str, int] = {}
    settled: CumulativeTree | None = None
    epoch = drawn = claimed = 0
    for action, index, amount in actions:
        who = people[index]
        pool = pool_id(who.address, 1)
        try:
            if action == "fund":
                world.fund(who, 1, amount)
                pools[pool] = pools.get(pool, 0) + amount
            elif action == "settle":
                winner = people[(index + 1) % 3].address
                wanted = {**totals, winner: totals.get(winner, 0) + amount}
                settle(world, epoch + 1, CumulativeTree(wanted), pack(pool, amount))
                epoch, drawn, totals, settled = epoch + 1, drawn + amount, wanted, CumulativeTree(wanted)
                pools[pool] -= amount
            elif action == "pay":
                world.send(
                    world.operator, world.vault, "pay", epoch + 1, pool, DIGEST, [pack(who.address, amount)]
                )
                epoch += 1
                pools[pool] -= amount
            elif action == "claim" and settled is not None and who.address in totals:
                before = world.balance(who.address)
                proof = settled.proof(who.address)
                world.send(who, world.distributor, "claim", settled.entry(who.address), proof)
                claimed += world.balance(who.address) - before
            elif action == "push" and settled is not None:
                before = sum(world.balance(each) for each in totals)
                many = settled.multiproof(list(totals))
                world.send(who, world.distributor, "claimMany", many.entries, many.proof, many.flag_words)
                claimed += sum(world.balance(each) for each in totals) - before
            elif action == "return":
                world.send(world.operator, world.vault, "returnPool", pool)
                pools[pool] = 0
        except ChainRevert as refusal:
            if refusal.error not in EXPECTED_REFUSALS:
                raise
        assert world.balance(world.vault.address) == sum(pools.values())
        assert world.balance(world.distributor.address) == drawn - claimed
        paid = sum(world.distributor.call(world.chain, "claimed", each) for each in totals)
        assert paid == claimed <= drawn
    holders = [world.operator, *people]
    contracts: list[Contract] = [world.vault, world.distributor]
    held = sum(world.balance(key.address) for key in holders) + sum(
        world.balance(each.address) for each in contracts
    )
    assert held == 10**27
