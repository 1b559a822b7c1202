"""What operators ask of the host about its chain: status, comparison, settlement, proofs."""

from __future__ import annotations

import json
from typing import Any

from contracts import deploy, proofs
from host import chains
from host.economy import amounts, claims, epochs, outbox, reconcile
from host.economy.settlement import Done
from host.errors import MallError
from host.queries import Queries, moment

OPERATOR_NAME = "operator"


class ChainCommands(Queries):
    """The verbs of `mall chain` that a host answers."""

    def chain_status(self) -> dict[str, Any]:
        """Where the chain and the settlement stand."""
        k, rows = self._k, self._k.rows
        head, final = k.chain.head(), k.chain.finalized()
        step, compared = outbox.open_step(rows), reconcile.last(rows)
        operator = k.signers.operator.address
        return {
            "chain": k.chain.chain_id, "head": head.number, "final": final.number, "read": k.read_block,
            "alarms": [str(alarm) for alarm in k.chain.alarms()],
            "contracts": {name: d.address for name, d in k.deployment.contracts.items()},
            "operator": operator, "operator_coin_wei": str(k.chain.balance(operator)),
            "treasury": k.treasury, "treasury_live": self._live_of(k.treasury)["live"],
            "epoch": epochs.last(rows),
            "claims": self._counts("select state, count(*) n from claims group by state"),
            "open": _shown(step) if step else "nothing",
            "own": [_shown(own) for own in outbox.own_open(rows)],
            "compared": _compared(compared),
            "pools": self._pools(),
        }  # fmt: skip

    def chain_verify(self) -> dict[str, Any]:
        """Compare the contracts' code and every figure of the books with the chain; before, check an embedded chain's
        blocks against their headers, from the first one on.

        Raises:
            ChainError: chain.corrupt, chain.wrong_code, chain.other_release.
        """
        audited = chains.audit(self._k.chain)
        deploy.verify(self._k.chain, self._k.deployment)
        found = self._k.settlement.check(full=True)
        differences = reconcile.halted(self._k.rows)
        return {
            "contracts": {name: f"{d.address} as deployed" for name, d in self._k.deployment.contracts.items()},
            "blocks": f"{audited} as sealed" if audited else "kept by others",
            "block": found.block, "figures": len(found.items), "differences": differences or "none",
            "agrees": not differences,
        }  # fmt: skip

    def settle(self, retry: str = "", give_up: str = "") -> dict[str, Any]:
        """Settle what is booked now; first, with an operator's reason, take a stuck step up again or give it up."""
        if retry and give_up:
            raise MallError("settle.one_of", "Take it up again or give it up, not both.")
        settlement, answer = self._k.settlement, {}
        if retry:
            answer["taken_up"] = settlement.retry(OPERATOR_NAME, retry)
        if give_up:
            answer["given_up"] = f"epoch {settlement.give_up(OPERATOR_NAME, give_up)}"
        self._k.follow()
        done = self._k.settle()
        self._k.follow()
        return {
            **answer,
            "did": [_done(one) for one in done[:-1]],
            "now": f"{done[-1].did}: {done[-1].detail}" if done[-1].detail else done[-1].did,
            "code": done[-1].code,
        }

    def export_proofs(self) -> dict[str, Any]:
        """The proofs of everybody who has something to get, by the root in force."""
        rows = self._k.rows
        epoch = epochs.in_force(rows)
        if not epoch:
            raise MallError("proofs.no_epoch", "No epoch was settled yet: there is nothing to prove.")
        tree, who = epochs.tree_of(rows, epoch), epochs.addresses_of(rows, epoch)
        file = proofs.made_of(
            self._k.deployment.chain_id, self._k.deployment.distributor.address, epoch, tree, who
        )
        made: dict[str, Any] = json.loads(proofs.dump(file))
        return made

    def held_claims(self) -> dict[str, Any]:
        """Claims that wait for a person, oldest first."""
        found = claims.list_claims(self._k.rows, state="held", limit=1000)
        return {
            "held": [
                {"claim": c.id, "live": amounts.show(c.amount), "player": c.player, "placement": c.placement,
                 "session": c.session, "filed": moment(c.filed_at), "why": c.detail}
                for c in reversed(found)
            ]
        }  # fmt: skip

    def decide_claim(self, claim: int, pay: bool, reason: str) -> dict[str, Any]:
        """A person's word on a claim that is held: it is paid, or its reservation freed."""
        if not reason.strip():
            raise MallError("claim.no_reason", "Say why, in a few words: it goes into the audit trail.")
        decided = self._k.write(lambda tx: claims.decide_held(tx, claim, OPERATOR_NAME, pay, reason))
        return {"claim": decided.id, "state": decided.state, "live": amounts.show(decided.amount)}

    def _pools(self) -> list[dict[str, Any]]:
        rows = self._k.rows
        back = set(self._k.sends.pools_to_return(1))
        found = rows.all("select id, placement, name from pools order by id desc limit 50")
        return [
            {
                "pool": int(row["id"]), "name": row["name"], "placement": row["placement"],
                "left": amounts.show(claims.left(rows, int(row["id"]))),
                "goes_back": bool(back & self._vault_pools(int(row["id"]))),
            }
            for row in found
        ]  # fmt: skip

    def _vault_pools(self, pool: int) -> set[str]:
        return {str(r["id"]) for r in self._k.rows.all("select id from vault_pools where pool = ?", pool)}

    def _counts(self, query: str) -> dict[str, int]:
        return {str(row["state"]): int(row["n"]) for row in self._k.rows.all(query)}


def _shown(step: outbox.Step) -> dict[str, Any]:
    return {
        "step": step.key,
        "state": step.state,
        "tx": step.tx_hash or "",
        "why": step.reason,
        "code": step.code,
    }


def _done(one: Done) -> str:
    return " ".join(
        part for part in (one.did, f"epoch {one.epoch}" if one.epoch else "", one.step, one.tx) if part
    )


def _compared(found: tuple[float, int, int, str] | None) -> str:
    if found is None:
        return "never"
    at, block, figures, differences = found
    verdict = f"DIFFER: {differences}" if differences else "agree"
    return f"{moment(at)}, block {block}, {figures} figures {verdict}"
