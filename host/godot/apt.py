"""A private apt: the system's own apt-get with folders of ours, so that nothing of the system changes.

It keeps the administrator's settings (proxy, passwords, validity of dates) and replaces folders, sources,
keyring and hooks only. It needs no root. Formats: apt.conf(5), sources.list(5), apt-get(8).
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from host.errors import MallError

KEYRING_PACKAGE = "debian-archive-keyring"
_UNTRUSTED = ("NO_PUBKEY", "EXPKEYSIG", "is not signed", "Missing key", "couldn't be verified", "BADSIG")
_DISK_FULL = ("No space left", "enough free space", "Disk quota exceeded")
_URI_LINE = re.compile(r"^'([^']+)' (\S+) (\d+) SHA256:([0-9a-f]{64})$")

Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Deb:
    """One package file of a plan: its name in the archive folder, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


class UntrustedSuiteError(Exception):
    """A suite whose signature the keyring at hand does not prove. Internal: callers try another key or mirror."""


class PrivateApt:
    """apt-get in a folder of its own.

    Args:
        folder: where lists and archives lie; it is created, and may be there from a run that was cut off.
        architecture: Debian's name of the machine, such as `amd64`.
        lock_fd: a descriptor that each child inherits, so that a lock on it outlives a killed parent.
        apt_folder: the system's own settings.
    """

    def __init__(
        self, folder: Path, architecture: str, lock_fd: int, apt_folder: Path = Path("/etc/apt")
    ) -> None:
        if re.search(r"[\"\n\\]", str(folder)):
            raise MallError(
                "engine.unsupported_system",
                "The cache folder's name holds a quote, a backslash or a line break, which apt.conf cannot "
                "carry. Set XDG_CACHE_HOME to a plainer place.",
                folder=str(folder),
            )
        self.folder = folder
        self.architecture = architecture
        self._lock_fd = lock_fd
        for part in ("state/lists/partial", "cache/archives/partial", "cache/none/partial", "parts", "log"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text("")
        self._write_settings(apt_folder)

    def update(self, uri: str, suites: Sequence[str], keyring: Path, tick: Tick) -> None:
        """Fetches and verifies the package lists of these suites.

        Raises:
            UntrustedSuiteError: the keyring does not prove the signature.
            MallError: `engine.download_failed`, `engine.disk_full`.
        """
        rows = [
            f"deb [arch={self.architecture} signed-by={keyring}] {uri} {suite} main\n" for suite in suites
        ]
        (self.folder / "sources.list").write_text("".join(rows))
        self._get(["update", "-o", "APT::Update::Error-Mode=any"], tick)

    def candidate(self, package: str) -> str | None:
        """The version that the lists offer of a package, or None."""
        shown = self._run(["apt-cache", "policy", package])
        found = re.search(r"^\s*Candidate: (\S+)$", shown, re.MULTILINE)
        return None if found is None or found[1] == "(none)" else found[1]

    def plan(self, packages: Sequence[str]) -> list[Deb]:
        """The package files that these packages and all they need consist of, for a system that has none.

        Raises:
            MallError: `engine.download_failed` when the suite cannot satisfy them at this moment.
        """
        none = self.folder / "cache/none"
        shown = self._get(
            ["install", "-qq", "--yes", "--print-uris", "-o", f"Dir::Cache::archives={none}", *packages], None
        )
        found = [_URI_LINE.match(line.strip()) for line in shown.splitlines()]
        return [Deb(row[2], int(row[3]), row[4]) for row in found if row]

    def download(self, packages: Sequence[str], tick: Tick) -> Path:
        """Fetches what `plan` lists; what an earlier run already fetched is kept. Returns the folder."""
        self._get(["install", "--yes", "--download-only", *packages], tick)
        return self.folder / "cache/archives"

    def unpack(self, deb: Path, tree: Path) -> None:
        """Unpacks one package file. None of its scripts run.

        Raises:
            MallError: `engine.download_failed`, `engine.disk_full`.
        """
        self._run(["dpkg-deb", "--extract", str(deb), str(tree)])

    def newer_keyring(self, uri: str, suites: Sequence[str], keyring: Path) -> Path:
        """The keyring that a suite, itself proved by `keyring`, ships in its keyring package.

        This is how Debian hands new archive keys to old releases, so the chain of trust has no gap.

        Raises:
            UntrustedSuiteError: as `update`; MallError as `update`.
        """
        self.update(uri, suites, keyring, lambda _done: None)
        debs = self.plan([KEYRING_PACKAGE])
        archives = self.download([KEYRING_PACKAGE], lambda _done: None)
        tree = self.folder / "keyring"
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        for deb in debs:
            self.unpack(archives / deb.name, tree)
        found = find_keyring(tree / "usr/share/keyrings")
        if found is None:
            raise MallError(
                "engine.download_failed",
                f"The package {KEYRING_PACKAGE} holds no keyring where one was expected. Install a newer "
                f"{KEYRING_PACKAGE} on the system and try again.",
            )
        # Kept outside the tree: the next step of the chain unpacks over it.
        kept = self.folder / f"keyring-{'-'.join(suites)}.gpg"
        shutil.copyfile(found, kept)
        return kept

    def _write_settings(self, apt_folder: Path) -> None:
        folder, system = self.folder, apt_folder / "apt.conf"
        # apt reads: this file, the system's apt.conf.d, then Dir::Etc::main. The last word must be ours.
        (folder / "first.conf").write_text(f'Dir::Etc::main "{folder}/last.conf";\n')
        include = f'#include "{system}";\n' if system.is_file() else ""
        (folder / "last.conf").write_text(
            f"{include}"
            "#clear APT::Architectures;\n#clear APT::Default-Release;\n#clear DPkg::Pre-Install-Pkgs;\n"
            "#clear DPkg::Pre-Invoke;\n#clear DPkg::Post-Invoke;\n#clear APT::Update::Pre-Invoke;\n"
            "#clear APT::Update::Post-Invoke;\n#clear APT::Update::Post-Invoke-Success;\n"
            f'APT::Architecture "{self.architecture}";\n'
            f'APT::Architectures {{ "{self.architecture}"; }};\n'
            'APT::Install-Recommends "false";\nAPT::Install-Suggests "false";\n'
            'APT::Keep-Downloaded-Packages "true";\nAPT::Get::AllowUnauthenticated "false";\n'
            # Root would drop to a user who may not enter this user's cache folder.
            'APT::Sandbox::User "root";\n'
            'Acquire::Languages "none";\nAcquire::ForceHash "SHA256";\n'
            'Acquire::AllowInsecureRepositories "false";\nAcquire::AllowWeakRepositories "false";\n'
            'Acquire::AllowDowngradeToInsecureRepositories "false";\n'
            f'Dir::State "{folder}/state";\nDir::State::lists "lists/";\n'
            f'Dir::State::status "{folder}/status";\n'
            f'Dir::Cache "{folder}/cache";\nDir::Cache::archives "archives/";\n'
            'Dir::Cache::pkgcache "pkgcache.bin";\nDir::Cache::srcpkgcache "";\n'
            f'Dir::Etc::sourcelist "{folder}/sources.list";\nDir::Etc::sourceparts "{folder}/parts";\n'
            f'Dir::Etc::preferences "{folder}/no-preferences";\nDir::Etc::preferencesparts "{folder}/parts";\n'
            f'Dir::Log "{folder}/log";\n'
        )

    def _get(self, arguments: Sequence[str], tick: Tick | None) -> str:
        return self._run(["apt-get", *arguments], tick)

    def _run(self, command: Sequence[str], tick: Tick | None = None) -> str:
        """Runs one child to its end and returns its standard output."""
        env = {**os.environ, "LC_ALL": "C", "APT_CONFIG": str(self.folder / "first.conf")}
        env["DEBIAN_FRONTEND"] = "noninteractive"
        status_r, status_w = os.pipe()
        argv = [*command, "-o", f"APT::Status-Fd={status_w}"] if command[0] == "apt-get" else list(command)
        try:
            child = subprocess.Popen(  # noqa: S603 - fixed programs, arguments built here
                argv,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(status_w, self._lock_fd),
            )
        except FileNotFoundError as error:
            os.close(status_r)
            raise MallError(
                "engine.unsupported_system",
                f"The program {command[0]} is not installed; this system cannot unpack Debian packages.",
                program=command[0],
            ) from error
        finally:
            os.close(status_w)
        out, err = _drain(child, status_r, tick)
        if child.wait() == 0:
            return out
        _raise_failure(command[0], err or out)
        return ""


def find_keyring(folder: Path) -> Path | None:
    """Debian's archive keyring in a keyring folder; newer releases name it `.pgp`."""
    files = [folder / f"{KEYRING_PACKAGE}.{kind}" for kind in ("pgp", "gpg")]
    return next((path for path in files if path.is_file()), None)


def _drain(child: subprocess.Popen[bytes], status_r: int, tick: Tick | None) -> tuple[str, str]:
    """Reads output, errors and apt's progress lines until all three end."""
    assert child.stdout is not None
    assert child.stderr is not None
    texts = {child.stdout.fileno(): bytearray(), child.stderr.fileno(): bytearray(), status_r: bytearray()}
    with child.stdout, child.stderr, selectors.DefaultSelector() as selector:
        for fd in texts:
            selector.register(fd, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                block = os.read(key.fd, 65536)
                texts[key.fd] += block
                if not block:
                    selector.unregister(key.fd)
                elif key.fd == status_r and tick is not None:
                    percents = re.findall(rb"^dlstatus:[^:]*:([0-9.]+):", texts[status_r], re.MULTILINE)
                    texts[status_r] = texts[status_r].rpartition(b"\n")[2]
                    if percents:
                        tick(min(1.0, float(percents[-1]) / 100))
        out, err = (
            texts[stream.fileno()].decode("utf-8", "replace") for stream in (child.stdout, child.stderr)
        )
    os.close(status_r)
    return out, err


def _raise_failure(program: str, text: str) -> None:
    last = " ".join(line.strip() for line in text.strip().splitlines()[-3:])[:600]
    if any(mark in text for mark in _DISK_FULL):
        raise MallError(
            "engine.disk_full",
            "The disk of the cache folder is full. Free about 1 GB there, or set XDG_CACHE_HOME elsewhere.",
            said=last,
        )
    if any(mark in text for mark in _UNTRUSTED):
        refused = [line for line in text.splitlines() if line.startswith("E:")]
        raise UntrustedSuiteError(refused[0] if refused else last)
    raise MallError(
        "engine.download_failed",
        f"{program} failed: {last}. Check the network and the mirror in the system's apt sources, and try again.",
        said=last,
    )
