"""Finds, checks and calls plugins. One that fails harms nobody else."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import logging
import pkgutil
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pluggy

from host.config import Config, Plain
from host.errors import MallError
from host.hookspecs import PROJECT, Finding, Setting, Specs

log = logging.getLogger(__name__)
MAX_FAILURES = 5
FAILURE_WINDOW_S = 3600.0
BUNDLED = "plugins"


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin that is in use and the hooks that it implements."""

    name: str
    module: str
    hooks: tuple[str, ...]


class Plugins:
    """The plugin manager.

    Bundled plugins are the folders under `plugins/` that hold a `plugin.py`; others come by the entry point
    group `mall_live`. Removing any of them leaves a host that starts.
    """

    def __init__(self, config: Config, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Specs)
        self._failures: dict[str, deque[float]] = defaultdict(deque)
        self._settings: dict[tuple[str, str], Setting] = {}

    def discover(self) -> None:
        """Register every plugin there is, then check them all.

        Raises:
            MallError: plugin.bad_hook, plugin.cannot_import, plugin.unknown_setting.
        """
        for name, module in bundled():
            self._load(name, partial(importlib.import_module, module))
        for entry in importlib.metadata.entry_points(group=PROJECT):
            self._load(entry.name, entry.load)
        self.check()

    def register(self, plugin: object, name: str) -> None:
        """Add one plugin.

        Raises:
            MallError: plugin.bad_hook when it names arguments or hooks that do not exist.
        """
        try:
            self._manager.register(plugin, name)
        except pluggy.PluginValidationError as error:
            raise MallError("plugin.bad_hook", f"Plugin {name}: {error}", plugin=name) from error

    def check(self) -> None:
        """Refuse hooks that nobody declared, wrappers, and settings that nobody reads."""
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise MallError(
                "plugin.bad_hook", f"{error}. See docs/hooks.md for the hooks there are."
            ) from error
        for hook in _hooks(self._manager):
            for impl in hook.get_hookimpls():
                if impl.hookwrapper or impl.wrapper:
                    raise MallError(
                        "plugin.bad_hook", f"Plugin {impl.plugin_name}: {hook.name} may not be a wrapper.",
                        plugin=impl.plugin_name, hook=hook.name,
                    )  # fmt: skip
        self._settings = {(name, s.name): s for name, answer in self.ask("mall_settings") for s in answer}
        for plugin, table in self._config.plugins.items():
            for key, value in table.items():
                self._check_setting(plugin, key, value)

    def findings(self, hook: str, /, **arguments: Any) -> list[Finding]:
        """What all implementations of a checking hook find. One that fails blocks: no check is no pass."""
        found: list[Finding] = []
        for impl in list(getattr(self._manager.hook, hook).get_hookimpls()):
            try:
                found += [
                    f
                    for f in impl.function(*(arguments[name] for name in impl.argnames)) or ()
                    if _is_finding(f)
                ]
            except Exception:
                self._failed(impl.plugin_name, hook)
                text = f"The check of plugin {impl.plugin_name} failed; try again, or ask the operator."
                found.append(Finding("block", "plugin.check_failed", text))
        return found

    def ask(self, hook: str, /, **arguments: Any) -> list[tuple[str, Any]]:
        """Call every implementation, fenced; returns (plugin name, answer) of those that answered not None."""
        answers = []
        for impl in list(getattr(self._manager.hook, hook).get_hookimpls()):
            try:
                answer = impl.function(*(arguments[name] for name in impl.argnames))
            except Exception:
                self._failed(impl.plugin_name, hook)
            else:
                if answer is not None:
                    answers.append((impl.plugin_name, answer))
        return answers

    def fenced(self, plugin: str, call: Callable[..., None], *arguments: Any) -> None:
        """Call a function that a plugin handed over (a message handler), as fenced as a hook."""
        if self._manager.has_plugin(plugin):
            try:
                call(*arguments)
            except Exception:
                self._failed(plugin, getattr(call, "__name__", "handler"))

    def setting(self, plugin: str, name: str) -> Plain:
        """The operator's value or the declared default.

        Raises:
            MallError: plugin.unknown_setting.
        """
        declared = self._settings.get((plugin, name))
        if declared is None:
            raise MallError(
                "plugin.unknown_setting", f"Plugin {plugin} declares no setting {name!r}.", plugin=plugin
            )
        return self._config.plugins.get(plugin, {}).get(name, declared.default)

    def infos(self) -> list[PluginInfo]:
        """What is in use, by name."""
        found = []
        for name, plugin in self._manager.list_name_plugin():
            hooks = tuple(sorted(c.name for c in self._manager.get_hookcallers(plugin) or ()))
            found.append(PluginInfo(name, getattr(plugin, "__name__", type(plugin).__name__), hooks))
        return sorted(found, key=lambda info: info.name)

    def _load(self, name: str, load: Callable[[], object]) -> None:
        try:
            plugin = load()
        except Exception as error:
            raise MallError(
                "plugin.cannot_import", f"Plugin {name} cannot be imported: {error!r}. Mend or remove it.",
                plugin=name,
            ) from error  # fmt: skip
        self.register(plugin, name)

    def _check_setting(self, plugin: str, key: str, value: Plain) -> None:
        declared = self._settings.get((plugin, key))
        if declared is None:
            known = ", ".join(sorted(f"{p}.{k}" for p, k in self._settings)) or "none"
            raise MallError(
                "plugin.unknown_setting", f"[plugins.{plugin}] {key} is declared by no plugin. Known: {known}.",
                plugin=plugin, setting=key,
            )  # fmt: skip
        wanted = type(declared.default)
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise MallError(
                "config.bad_value", f"[plugins.{plugin}] {key} must be a {wanted.__name__}, not {value!r}.",
                place=f"plugins.{plugin}.{key}",
            )  # fmt: skip

    def _failed(self, plugin: str, where: str) -> None:
        log.exception("plugin %s failed in %s", plugin, where)
        now, times = self._clock(), self._failures[plugin]
        times.append(now)
        while times and now - times[0] > FAILURE_WINDOW_S:
            times.popleft()
        if len(times) >= MAX_FAILURES and self._manager.has_plugin(plugin):
            self._manager.unregister(name=plugin)
            log.error(
                "plugin %s failed %d times in an hour and is taken out until the next start",
                plugin,
                len(times),
            )


def _is_finding(answer: object) -> bool:
    if not isinstance(answer, Finding):
        raise TypeError(f"a finding was expected, not {type(answer).__name__}")
    return True


def bundled() -> Iterator[tuple[str, str]]:
    """Name and module of each plugin folder that lies beside the host."""
    package = importlib.util.find_spec(BUNDLED)
    for found in pkgutil.iter_modules(package.submodule_search_locations if package else ()):
        module = f"{BUNDLED}.{found.name}.plugin"
        if found.ispkg and importlib.util.find_spec(module):
            yield found.name, module


def _hooks(manager: pluggy.PluginManager) -> Iterator[pluggy.HookCaller]:
    for name in dir(Specs):
        if name.startswith("mall_"):
            yield getattr(manager.hook, name)
