"""The command line: help with examples, JSON everywhere, one clear error with an exit code for bad input."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from host.accounts.models import SYSTEM
from host.cli import cli
from host.kernel import open_kernel
from host.story import nearest_plot
from tests.hosting import config, write_package

VERBS = sorted(
    f"{name} {inner}".strip()
    for name, command in cli.commands.items()
    for inner in (command.commands if isinstance(command, click.Group) else [""])
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def refused(*arguments: str) -> dict[str, str]:
    done = run(*arguments, "--json")
    assert done.exit_code == 1, done.output
    error: dict[str, str] = json.loads(done.output)["error"]
    return error


def answered(*arguments: str) -> dict[str, object]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.output)
    return found


def test_the_verbs_are_those_that_were_promised() -> None:
    assert {"play", "demo", "check", "publish", "approve", "enable", "balance", "status", "doctor"} <= set(
        VERBS
    )


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_shows_examples_and_speaks_json(verb: str) -> None:
    text = run(*verb.split(), "--help").output
    assert f"mall {verb}" in text.split("Examples:")[1]
    assert "--json" in text
    assert text.split("Usage:")[1].strip().count("\n") > 2


def test_a_creation_goes_from_folder_to_parcel_by_three_verbs(data: Path, tmp_path: Path) -> None:
    folder = write_package(
        tmp_path / "game", 'mall.world.spawn { id = "a", model = "box", at = { 1, 0, 1 } }'
    )
    at = ("--data", str(data))
    assert answered("check", str(folder), *at)["verdict"] == "ready to publish"
    published = answered("publish", str(folder), *at)
    assert published["state"] == "scanned"
    assert answered("publish", str(folder), *at)["release"] == published["release"]
    release = str(published["release"])
    assert refused("enable", release, "--tierra", "5", *at)["code"] == "placement.release_state"
    assert answered("approve", release, *at)["state"] == "approved"
    enabled = answered("enable", release, "--tierra", str(nearest_plot(1, 1)), *at)
    assert enabled["state"] == "enabled"
    assert answered("status", *at)["placements"] == {"enabled": 1}


@pytest.mark.parametrize(
    ("arguments", "code", "place"),
    [
        (("check", "/nowhere"), "package.unreadable", "/nowhere"),
        (("publish", "/nowhere"), "package.unreadable", "/nowhere"),
        (("approve", "99"), "release.unknown", "99"),
        (("enable", "99", "--tierra", "5"), "release.unknown", "99"),
        (("enable", "1", "--tierra", "5", "--fund", "daily"), "cli.bad_option", "--fund"),
        (("enable", "1", "--tierra", "5", "--fund", "daily=1e9"), "amount.bad", "1e9"),
        (("balance", "Nobody"), "account.unknown", "Nobody"),
        (("balance", "0x1234"), "account.bad_address", "0x1234"),
        (("balance", "0x52908400098527886e0F7030069857D2E4169EE7"), "account.bad_address", "0x5290"),
        (("play", "--headless", "--port", "70000"), "config.bad_value", "--port"),
    ],
)
def test_bad_input_gets_one_error_that_names_the_value(
    data: Path, arguments: tuple[str, ...], code: str, place: str
) -> None:
    error = refused(*arguments, "--data", str(data))
    assert error["code"] == code
    assert place in error["message"]


def test_a_holder_without_the_land_is_refused_by_name(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "game", "mall.log('hi')", ())
    at = ("--data", str(data))
    release = str(answered("publish", str(folder), *at)["release"])
    answered("approve", release, *at)
    error = refused("enable", release, "--tierra", "5", "--key", str(tmp_path / "stranger.key"), *at)
    assert error["code"] == "land.not_holder"
    assert "Tierra 5" in error["message"]
    assert answered("status", *at)["placements"] == {}


def test_findings_are_shown_all_at_once_with_file_and_line(data: Path, tmp_path: Path) -> None:
    folder = write_package(tmp_path / "bad", "local x = = 1\n", files={"lib/two.lua": "return {\n  1 2\n}"})
    error = refused("check", str(folder), "--data", str(data))
    assert error["code"] == "package.findings"
    assert "init.lua:1" in error["message"]
    assert "lib/two.lua:2" in error["message"]


def test_a_key_file_that_others_can_read_is_refused(data: Path, tmp_path: Path) -> None:
    key = tmp_path / "open.key"
    key.write_text("11" * 32)
    key.chmod(0o644)
    folder = write_package(tmp_path / "game", "mall.log('hi')", ())
    error = refused("publish", str(folder), "--key", str(key), "--data", str(data))
    assert error["code"] == "key.open_to_others"
    assert "11" * 32 not in json.dumps(error)


@pytest.mark.usefixtures("engine")
def test_doctor_names_every_layer(data: Path) -> None:
    checks = "\n".join(str(line) for line in answered("doctor", "--data", str(data))["checks"])  # type: ignore[attr-defined]
    for what in ("Python", "data folder", "game port", "Godot engine", "seccomp"):
        assert what in checks


def test_a_newer_release_takes_the_place_of_the_older_and_a_paused_one_runs_again(
    data: Path, tmp_path: Path
) -> None:
    at, tierra = ("--data", str(data)), str(nearest_plot(1, 1))

    def enable(version: str, lua: str) -> dict[str, object]:
        folder = write_package(tmp_path / version, lua, (), version=version)
        release = str(answered("publish", str(folder), *at)["release"])
        answered("approve", release, *at)
        return answered("enable", release, "--tierra", tierra, *at)

    first = enable("1.0.0", "mall.log('one')")
    second = enable("1.0.1", "mall.log('two')")
    assert (second["placement"], second["version"], second["state"]) == (
        first["placement"],
        "1.0.1",
        "enabled",
    )
    with open_kernel(config(data)) as kernel:
        kernel.write(
            lambda tx: kernel.placements.pause(tx, SYSTEM, int(str(first["placement"])), "for a test")
        )
    assert answered("status", *at)["placements"] == {"paused": 1}
    assert answered("enable", "2", "--tierra", tierra, *at)["state"] == "enabled"
    other = write_package(tmp_path / "other", "mall.log('x')", (), id="ada/other")
    release = str(answered("publish", str(other), *at)["release"])
    answered("approve", release, *at)
    assert refused("enable", release, "--tierra", tierra, *at)["code"] == "placement.occupied"
