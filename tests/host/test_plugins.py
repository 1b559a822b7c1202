"""One failing plugin harms nobody else; what is wrong is fatal at the start and named."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pluggy
import pytest

from host.config import Config
from host.errors import MallError
from host.hookspecs import PROJECT, Setting, Verdict, hookimpl
from host.plugins import MAX_FAILURES, Plugins, bundled


def plugins(tmp_path: Path, settings: Mapping[str, Any] | None = None) -> Plugins:
    return Plugins(Config(data=tmp_path, plugins=settings or {}), clock=lambda: 0.0)


class Denies:
    @hookimpl
    def mall_permission(self, action: str) -> Verdict:
        return Verdict(False, f"no {action}")


class Raises:
    calls = 0

    @hookimpl
    def mall_permission(self) -> Verdict:
        self.calls += 1
        raise ZeroDivisionError


def ask(manager: Plugins) -> list[tuple[str, Any]]:
    return manager.ask("mall_permission", actor="a", roles=frozenset(), action="walk", subject="s")


def test_a_raising_plugin_does_not_stop_the_others(tmp_path: Path) -> None:
    manager = plugins(tmp_path)
    manager.register(Denies(), "denies")
    manager.register(Raises(), "raises")
    assert ask(manager) == [("denies", Verdict(False, "no walk"))]


def test_a_plugin_that_keeps_failing_is_taken_out(tmp_path: Path) -> None:
    manager, bad = plugins(tmp_path), Raises()
    manager.register(bad, "raises")
    for _ in range(MAX_FAILURES + 3):
        ask(manager)
    assert bad.calls == MAX_FAILURES
    assert manager.infos() == []


def test_an_unknown_hook_is_fatal(tmp_path: Path) -> None:
    class Typo:
        @hookimpl
        def mall_permision(self) -> None: ...

    manager = plugins(tmp_path)
    manager.register(Typo(), "typo")
    with pytest.raises(MallError, match="mall_permision") as caught:
        manager.check()
    assert caught.value.code == "plugin.bad_hook"


def test_an_unknown_argument_is_fatal(tmp_path: Path) -> None:
    class Wrong:
        @hookimpl
        def mall_permission(self, who: str) -> None: ...

    with pytest.raises(MallError, match="who"):
        plugins(tmp_path).register(Wrong(), "wrong")


def test_wrappers_are_refused(tmp_path: Path) -> None:
    class Wraps:
        @pluggy.HookimplMarker(PROJECT)(wrapper=True)
        def mall_permission(self):
            return (yield)

    manager = plugins(tmp_path)
    manager.register(Wraps(), "wraps")
    with pytest.raises(MallError, match="wrapper"):
        manager.check()


class Sets:
    @hookimpl
    def mall_settings(self) -> list[Setting]:
        return [Setting("radius", 25.0, "metres")]


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"sets": {"radios": 1.0}}, "plugin.unknown_setting"),
        ({"gone": {"radius": 1.0}}, "plugin.unknown_setting"),
        ({"sets": {"radius": "far"}}, "config.bad_value"),
    ],
)
def test_settings_that_nobody_declares_are_refused(tmp_path: Path, table: Any, code: str) -> None:
    manager = plugins(tmp_path, table)
    manager.register(Sets(), "sets")
    with pytest.raises(MallError) as caught:
        manager.check()
    assert caught.value.code == code


def test_the_operator_overrides_a_default(tmp_path: Path) -> None:
    for table, expected in (({}, 25.0), ({"sets": {"radius": 3}}, 3)):
        manager = plugins(tmp_path, table)
        manager.register(Sets(), "sets")
        manager.check()
        assert manager.setting("sets", "radius") == expected


def test_the_bundled_chat_is_found_and_sound(tmp_path: Path) -> None:
    assert ("chat", "plugins.chat.plugin") in list(bundled())
    manager = plugins(tmp_path)
    manager.discover()
    assert [info.name for info in manager.infos() if info.module == "plugins.chat.plugin"] == ["chat"]


def test_a_check_that_fails_blocks(tmp_path: Path) -> None:
    class Broken:
        @hookimpl
        def mall_claim_check(self) -> list[Any]:
            raise ZeroDivisionError

    class Wrong:
        @hookimpl
        def mall_claim_check(self) -> list[Any]:
            return ["not a finding"]

    for plugin in (Broken(), Wrong()):
        manager = plugins(tmp_path)
        manager.register(plugin, "broken")
        (finding,) = manager.findings("mall_claim_check", claim={})
        assert (finding.level, finding.code) == ("block", "plugin.check_failed")
