"""Verbs about what happened: replay a recorded session, verify a claim."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from host.cli.frame import out, show, verb
from host.config import Config
from host.errors import MallError

if TYPE_CHECKING:
    from host.play.proof import Replayed
    from host.play.retention import Listed

LISTED = 200


def add_to(cli: click.Group) -> None:
    """Declare the verbs."""

    @verb(
        cli,
        "replay",
        "mall replay --list",
        "mall replay 12-k7m2p9xq4t",
        "mall replay 12-k7m2p9xq4t --steps --json",
    )
    @click.argument("session", required=False)
    @click.option("--list", "listing", is_flag=True, help="List the newest recordings.")
    @click.option("--placement", type=click.IntRange(min=0), help="With --list: of this placement only.")
    @click.option("--steps", is_flag=True, help="Show each step: its time, its events, what came out.")
    @click.pass_context
    def replay(
        ctx: click.Context,
        config: Config,
        session: str | None,
        listing: bool,
        placement: int | None,
        steps: bool,
    ) -> dict[str, Any] | None:
        """Run a recorded session again and say whether it comes out the same. Exit code 1 where it does not."""
        from host.play.proof import replay_session
        from host.play.retention import listed

        if listing:
            return {"recordings": [_row(one) for one in listed(config.recordings, placement, LISTED)]}
        if not session:
            raise MallError("cli.no_session", "Name a session; `mall replay --list` shows them.")
        told = _steps(config, session, quiet=ctx.obj) if steps else []
        replayed = replay_session(config, session)
        answer = _replayed(session, replayed)
        show(answer | ({"shown": told} if steps and ctx.obj else {}), ctx.obj)
        if not replayed.result.identical:
            ctx.exit(1)
        return None

    @verb(cli, "verify", "mall verify 7", "mall verify 7 --json")
    @click.argument("claim", type=click.IntRange(min=1))
    @click.pass_context
    def verify(ctx: click.Context, config: Config, claim: int) -> None:
        """Prove a reward: from the recorded session to the books and the chain. Exit code 1 where it is not proven."""
        from host.economy import amounts
        from host.play.proof import prove

        proof = prove(config, claim)
        verdict = "proven" if proof.proven else "NOT proven"
        found = proof.claim
        if ctx.obj:
            show(
                {
                    "claim": found.id, "session": found.session, "number": found.number, "state": found.state,
                    "player": found.player, "address": found.address, "wei": str(found.amount),
                    "live": amounts.show(found.amount), "tx": found.tx, "proven": proof.proven,
                    "lines": [{"name": line.name, "ok": line.ok, "text": line.text} for line in proof.lines],
                },
                True,
            )  # fmt: skip
        else:
            for line in proof.lines:
                mark = {True: "[green]ok[/]    ", False: "[bold red]FAILED[/]", None: "[dim]later[/] "}[
                    line.ok
                ]
                out.print(f"{mark} [bold]{line.name:<9}[/] ", end="")
                out.print(line.text, markup=False)
            out.print(
                f"claim {found.id}, {amounts.show(found.amount)} to player {found.player}, {found.state}: {verdict}"
            )
        if not proof.proven:
            ctx.exit(1)


def _replayed(session: str, replayed: Replayed) -> dict[str, Any]:
    from sandbox.record_show import show_command, show_event

    header, result = replayed.header, replayed.result
    answer: dict[str, Any] = {
        "session": session,
        "package": f"{header.package} {header.version}",
        "verdict": replayed.verdict,
        "identical": result.identical,
        "same_sandbox": replayed.same_sandbox,
        "steps": result.steps,
        "events": result.events,
        "recorded_s": round(result.recorded_s, 2),
        "took_s": round(result.took_s, 3),
        "times_real_time": round(result.recorded_s / max(result.took_s, 1e-6), 1),
        "steps_per_s": round(result.steps / max(result.took_s, 1e-6)),
        "ended": result.ended.why if result.ended else result.ending,
        "faults": [f"{told.code} {told.message} {told.place}".strip() for told in result.told],
    }
    found = result.difference
    if found is not None:
        answer["difference"] = {"step": found.step, "time": _time(found.now), "problem": found.problem}
        answer["events_in"] = [show_event(event) for event in found.events]
        answer["commands_out"] = [show_command(command) for command in found.commands]
        answer["faults_out"] = [f"{f.code} {f.message} {f.file}:{f.line}" for f in found.faults]
    return answer


def _steps(config: Config, session: str, *, quiet: bool) -> list[dict[str, Any]]:
    """Every step with what goes in and what comes out again; printed as it comes unless `quiet`."""
    from host.play.proof import played_steps
    from sandbox.record_show import read_events, show_command, show_event

    told = []
    for played, commands in played_steps(config, session):
        events = [show_event(event) for event in read_events(played.step.events)]
        made = [show_command(command) for command in commands]
        faults = [f"{fault.code} {fault.message}" for fault in played.faults]
        if quiet:
            told.append(
                {"step": played.number, "time": played.step.now, "same": played.same, "events": events,
                 "commands": made, "faults": faults}
            )  # fmt: skip
            continue
        out.print(
            f"{played.number:>6} {_time(played.step.now)} {'' if played.same else 'DIFFERS'}", markup=False
        )
        for sign, text in itertools.chain(
            (("<", text) for text in events), ((">", text) for text in made), (("!", text) for text in faults)
        ):
            out.print(f"       {sign} {text}", markup=False)
    return told


def _row(one: Listed) -> dict[str, Any]:
    header, ended = one.header, one.ended
    return {
        "session": header.session,
        "package": f"{header.package} {header.version}",
        "began": _time(header.now),
        "steps": ended.steps if ended else "",
        "faults": ended.faults if ended else "",
        "kib": round(one.size / 1024, 1),
        "ended": ended.why if ended else "runs, or the host was killed",
    }


def _time(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return repr(at)
