"""Installs Debian's own Godot into the user cache: no root, nothing of the system touched.

The mirror and the keys are the system's. The packages are unpacked, not installed: no script of theirs
runs, and the engine starts through the C library's loader of the same tree, so an older system can run it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from host.errors import MallError
from host.godot import apt, engine, sources, tree

SUITES: tuple[tuple[str, ...], ...] = (
    ("stable",),
    ("stable", "stable-backports"),
    ("testing",),
    ("unstable",),
)
"""Where the engine is looked for, steadiest first. A suite changes what it carries: take what is there."""

PACKAGES = (
    "godot",
    "libgl1",
    "libglx-mesa0",
    "libgl1-mesa-dri",
    "libegl1",
    "libegl-mesa0",
    "xvfb",
    "x11-xkb-utils",
    "xkb-data",
)
TRIPLETS = {"x86_64": ("amd64", "x86_64-linux-gnu"), "aarch64": ("arm64", "aarch64-linux-gnu")}
_UNPACKED_PER_PACKED = 4
"""Unpacked bytes per downloaded byte, measured 3.4 and rounded up."""

Progress = Callable[[str, float], None]


def install(
    progress: Progress, environ: Mapping[str, str] = os.environ, root: Path = Path("/")
) -> engine.Engine:
    """Installs the engine and returns it; an engine that another process just installed is returned as it is.

    Args:
        progress: called with the step (`wait`, `index`, `download`, `unpack`, `check`) and its share done, 0..1.
        environ: names the cache folder (see `engine.cache_root`).
        root: the system whose settings are read.

    Raises:
        MallError: `engine.unsupported_system`, `engine.download_failed`, `engine.disk_full`,
            `engine.broken_install`. Each says what to do.
    """
    architecture, triplet = _machine()
    release = _release(root)
    keyring = apt.find_keyring(root / "usr/share/keyrings")
    codename = release.get("DEBIAN_CODENAME") or release.get("VERSION_CODENAME", "")
    uris = sources.mirrors(sources.read_sources(root / "etc/apt"), codename)
    if keyring is None or not uris:
        raise _unsupported(
            "no Debian archive keyring" if keyring is None else "no Debian mirror in its apt sources"
        )
    folder = engine.engines_folder(environ)
    _make(folder)
    with _locked(folder, progress) as lock_fd:
        before = engine.installed(environ)
        for left in folder.glob(".new-*"):
            shutil.rmtree(left)
        if before:
            return before[0]
        private = apt.PrivateApt(folder / ".download", architecture, lock_fd, root / "etc/apt")
        version = choose(private, uris, keyring, (codename or "stable",), progress)
        made = build(private, PACKAGES, folder, version, triplet, progress)
        shutil.rmtree(folder / ".download")
    return made


def choose(
    private: apt.PrivateApt, uris: Sequence[str], keyring: Path, own: Sequence[str], progress: Progress
) -> str:
    """Loads the lists of the first suite, in the order of SUITES, that carries a usable engine.

    Returns the package version. Raises MallError `engine.download_failed` when no mirror and suite does.
    """
    problems: list[str] = []
    for uri in uris:
        for number, suites in enumerate(SUITES):
            progress("index", number / len(SUITES))
            try:
                _update_trusted(private, uri, suites, keyring, own)
            except apt.UntrustedSuiteError as error:
                problems.append(f"{suites[-1]}: not signed by a key of the system's keyring ({error})")
                continue
            except MallError as error:
                if error.code != "engine.download_failed":
                    raise
                problems.append(f"{suites[-1]}: {error.message}")
                continue
            version = private.candidate("godot")
            if version and engine.usable(engine.parse_version(version)):
                progress("index", 1.0)
                return version
            problems.append(f"{suites[-1]}: offers {version or 'no godot'}")
    raise MallError(
        "engine.download_failed",
        f"No suite of the configured mirror gave Godot {engine.minimum_text()} or newer. Tried: "
        + "; ".join(problems)
        + ". Check the network, or install Godot by hand and set MALL_GODOT.",
    )


def build(
    private: apt.PrivateApt,
    packages: Sequence[str],
    folder: Path,
    version: str,
    triplet: str,
    progress: Progress,
) -> engine.Engine:
    """Downloads, unpacks and proves a tree, then puts it in place with one rename.

    Until the rename the tree lies in a hidden folder, which the next install removes.
    """
    debs = private.plan(packages)
    total = sum(deb.size for deb in debs)
    free, need = shutil.disk_usage(folder).free, total * (1 + _UNPACKED_PER_PACKED)
    if free < need:
        raise MallError(
            "engine.disk_full",
            f"The engine needs {need // 10**6} MB in {folder}, {free // 10**6} MB are free. Free some, or set "
            "XDG_CACHE_HOME elsewhere.",
            need_bytes=need,
            free_bytes=free,
        )
    progress("download", 0.0)
    archives = private.download(packages, lambda done: progress("download", done))
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    _unpack(private, debs, archives, new, progress)
    progress("check", 0.0)
    tree.finish(new, version, triplet)
    made = engine.tree_engine(new)
    answer = engine.ask_version(made.command, made.env) if made else None
    if not engine.usable(engine.parse_version(answer or "")):
        raise MallError(
            "engine.broken_install",
            "The unpacked engine does not start. The cache folder may lie on a disk that forbids programs "
            "(mount option noexec), or the processor is too old (SSE4.2 is needed).",
            folder=str(folder),
        )
    # The name may reach the disk before the bytes do; a power cut must not leave a complete-looking tree.
    os.sync()
    final = folder / version
    if final.exists():
        shutil.rmtree(final)
    new.rename(final)
    progress("check", 1.0)
    placed = engine.tree_engine(final)
    assert placed is not None
    return placed


def _update_trusted(
    private: apt.PrivateApt, uri: str, suites: Sequence[str], keyring: Path, own: Sequence[str]
) -> None:
    """Loads lists; when the system's keyring is too old, learns newer keys through suites it does prove."""

    def quiet(_done: float) -> None:
        return

    try:
        return private.update(uri, suites, keyring, quiet)
    except apt.UntrustedSuiteError as error:
        problems = [str(error)]
    for step in (own, ("stable",)):
        try:
            keyring = private.newer_keyring(uri, step, keyring)
            return private.update(uri, suites, keyring, quiet)
        except apt.UntrustedSuiteError:
            problems.append(f"no key for {step[0]} either")
        except MallError as error:
            if error.code != "engine.download_failed":
                raise
            problems.append(f"no newer keys from {step[0]}: {error.message}")
    raise apt.UntrustedSuiteError("; ".join(problems))


def _unpack(
    private: apt.PrivateApt, debs: Sequence[apt.Deb], archives: Path, new: Path, progress: Progress
) -> None:
    total, done = sum(deb.size for deb in debs), 0

    def one(deb: apt.Deb) -> int:
        path = archives / deb.name
        with path.open("rb") as file:
            # apt checks what it fetches; this also covers files kept from a run that was cut off.
            if hashlib.file_digest(file, "sha256").hexdigest() != deb.sha256:
                path.unlink()
                raise MallError(
                    "engine.download_failed",
                    f"The package file {deb.name} is damaged; it was removed. Try again.",
                    file=deb.name,
                )
        private.unpack(path, new)
        return deb.size

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        jobs = [pool.submit(one, deb) for deb in sorted(debs, key=lambda deb: -deb.size)]
        try:
            for job in as_completed(jobs):
                done += job.result()
                progress("unpack", done / total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _machine() -> tuple[str, str]:
    if platform.system() != "Linux" or platform.machine() not in TRIPLETS:
        raise _unsupported(f"{platform.system()} on {platform.machine()}")
    return TRIPLETS[platform.machine()]


def _release(root: Path) -> Mapping[str, str]:
    path = root / "etc/os-release"
    release = sources.parse_os_release(path.read_text("utf-8")) if path.is_file() else {}
    family = [release.get("ID", ""), *release.get("ID_LIKE", "").split()]
    if "debian" not in family:
        raise _unsupported(release.get("ID") or "no os-release file")
    return release


def _unsupported(why: str) -> MallError:
    return MallError(
        "engine.unsupported_system",
        f"The engine can be installed by itself on Debian only (here: {why}). Install Godot "
        f"{engine.minimum_text()} or newer by your system's package manager or from the Godot project, standard "
        "build without .NET, then put `godot` on PATH or set MALL_GODOT to the program.",
        why=why,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MallError(
            "engine.cache_unwritable",
            f"The cache folder cannot be made ({error.strerror}). Set XDG_CACHE_HOME to a folder of yours.",
            folder=str(folder),
        ) from error


@contextlib.contextmanager
def _locked(folder: Path, progress: Progress) -> Iterator[int]:
    """Keeps two installs apart. The lock goes with the last process that holds the descriptor."""
    import fcntl  # not on Windows, where this module must still load to say that it cannot install

    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("wait", 0.0)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()
