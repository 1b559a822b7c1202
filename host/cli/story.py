"""The verb `demo`."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any

import click

from host.cli.creation import pairs
from host.cli.frame import out, verb
from host.cli.running import ready_engine
from host.config import Config

if TYPE_CHECKING:
    from host.demo import Told


def add_to(cli: click.Group) -> None:
    """Declare the verb."""

    @verb(cli, "demo", "mall demo", "mall demo --headless", "mall demo --set target=5")
    @click.option("--headless", is_flag=True, help="Draw nothing, also where Xvfb is there.")
    @click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="A setting of the game.")
    @click.pass_context
    def demo(
        ctx: click.Context, config: Config, headless: bool, settings: tuple[str, ...]
    ) -> dict[str, Any] | None:
        """Tell the whole story: publish, approve, enable, play, win, and be paid on the chain."""
        from host.demo import Demo

        engine = ready_engine()
        pictures = (
            not headless and engine.renders and (engine.tree is not None or shutil.which("Xvfb") is not None)
        )
        steps: list[Told] = []

        def tell(step: Told) -> None:
            steps.append(step)
            if not ctx.obj:
                facts = "  ".join(f"{key} {value}" for key, value in step.facts.items())
                out.print(
                    f"[green]✓[/] {step.number:>2} [bold]{step.name:<8}[/] {step.seconds:6.2f} s  ", end=""
                )
                out.print(facts, markup=False, soft_wrap=True)

        asyncio.run(Demo(config, engine, tell, pairs(settings, "--set"), pictures=pictures).run())
        if ctx.obj:
            return {"steps": [{"step": s.name, "seconds": round(s.seconds, 3), **s.facts} for s in steps]}
        out.print("[bold green]The reward is in the player's wallet.[/]")
        return None
