"""A small, signed Debian archive on disk, made with the real tools, so that the real apt can use it."""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from host.godot.install import PACKAGES, TRIPLETS

TOOLS = ("apt-get", "dpkg-deb", "dpkg", "gpg", "gpgconf")
CODENAME = "oldone"
LOADER = "usr/lib64/ld-linux-test.so.2"


def run(*command: str | Path, env: Mapping[str, str] | None = None, text: str = "") -> str:
    done = subprocess.run(
        [str(part) for part in command], env=env, input=text, capture_output=True, text=True, check=True
    )
    return done.stdout


@dataclass(frozen=True)
class Signer:
    """Two archive keys in a private GnuPG home: `old` and `new`."""

    home: Path

    @property
    def env(self) -> dict[str, str]:
        return {**os.environ, "GNUPGHOME": str(self.home)}

    def make(self) -> None:
        self.home.mkdir(mode=0o700)
        for name in ("old", "new"):
            who = f"{name}@archive.test"
            run(
                "gpg",
                "--batch",
                "--passphrase",
                "",
                "--quick-gen-key",
                who,
                "ed25519",
                "sign",
                "never",
                env=self.env,
            )

    def end(self) -> None:
        run("gpgconf", "--kill", "gpg-agent", env=self.env)

    def public(self, path: Path, *names: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        run(
            "gpg",
            "--batch",
            "--export",
            "-o",
            path,
            *(f"{name}@archive.test" for name in names),
            env=self.env,
        )
        return path

    def sign(self, text: str, path: Path, name: str) -> None:
        path.unlink(missing_ok=True)
        who = f"{name}@archive.test"
        run(
            "gpg",
            "--batch",
            "--digest-algo",
            "SHA512",
            "-u",
            who,
            "--clearsign",
            "-o",
            path,
            env=self.env,
            text=text,
        )


@dataclass
class Archive:
    """The archive and, below `root`, the settings of a system that is configured with it."""

    folder: Path
    signer: Signer
    architecture: str = field(default_factory=lambda: run("dpkg", "--print-architecture").strip())

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def mirror(self) -> Path:
        return self.folder / "debian"

    def system(self, *keys: str, identity: str = "debian") -> None:
        """Writes the settings of a Debian whose keyring holds these keys."""
        apt = self.root / "etc/apt"
        apt.mkdir(parents=True, exist_ok=True)
        (self.root / "etc/os-release").write_text(f"ID={identity}\nVERSION_CODENAME={CODENAME}\n")
        (apt / "sources.list").write_text(f"deb copy:{self.mirror} {CODENAME} main\n")
        self.signer.public(self.root / "usr/share/keyrings/debian-archive-keyring.gpg", *keys)

    def deb(self, name: str, version: str, files: Mapping[str, str | bytes]) -> Path:
        """Builds one package file. Text files are programs."""
        work = self.folder / "build"
        shutil.rmtree(work, ignore_errors=True)
        (work / "DEBIAN").mkdir(parents=True)
        control = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: T <t@archive.test>\n"
        (work / "DEBIAN/control").write_text(f"{control}Description: test\n")
        for place, content in files.items():
            path = work / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            path.chmod(0o755)
        made = self.mirror / "pool" / f"{name}_{version}_all.deb"
        made.parent.mkdir(parents=True, exist_ok=True)
        run("dpkg-deb", "--root-owner-group", "-Znone", "--build", work, made)
        return made

    def suite(self, name: str, debs: list[Path], key: str) -> None:
        """Publishes a suite, signed by a key."""
        index = "".join(self._entry(path) for path in debs)
        binary = f"main/binary-{self.architecture}"
        files = {f"{binary}/Packages": index.encode(), f"{binary}/Packages.gz": gzip.compress(index.encode())}
        dist = self.mirror / "dists" / name
        rows = ""
        for place, content in files.items():
            (dist / place).parent.mkdir(parents=True, exist_ok=True)
            (dist / place).write_bytes(content)
            rows += f" {hashlib.sha256(content).hexdigest()} {len(content)} {place}\n"
        release = (
            f"Origin: Test\nSuite: {name}\nCodename: {name}\nArchitectures: {self.architecture}\n"
            f"Components: main\nDate: Sat, 01 Jan 2022 00:00:00 UTC\nSHA256:\n{rows}"
        )
        self.signer.sign(release, dist / "InRelease", key)

    def _entry(self, path: Path) -> str:
        data = path.read_bytes()
        control = run("dpkg-deb", "--field", path).strip()
        return (
            f"{control}\nFilename: {path.relative_to(self.mirror)}\nSize: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n"
        )

    def engine_debs(self, version: str = "4.6.0+ds-1", *, starts: bool = True) -> list[Path]:
        """The packages that an install asks for. The loader is a script that answers for the engine."""
        loader = f"#!/bin/sh\n{'echo 4.6.0.test' if starts else 'exit 1'}\n"
        library = f"usr/lib/{TRIPLETS[platform.machine()][1]}/libengine.so"
        files = {"usr/bin/godot": "engine", library: "library", LOADER: loader}
        debs = [self.deb(name, version, {f"usr/share/{name}/file": name}) for name in PACKAGES[1:]]
        return [*debs, self.deb("godot", version, files)]

    def keyring_deb(self, *keys: str) -> Path:
        ring = self.signer.public(self.folder / "ring.gpg", *keys).read_bytes()
        name = "debian-archive-keyring"
        return self.deb(name, "2", {f"usr/share/keyrings/{name}.gpg": ring})


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    missing = [name for name in TOOLS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    made = Signer(tmp_path_factory.mktemp("g") / "h")
    made.make()
    yield made
    made.end()


@pytest.fixture
def archive(tmp_path: Path, signer: Signer) -> Archive:
    made = Archive(tmp_path / "archive", signer)
    made.system("old")
    return made
