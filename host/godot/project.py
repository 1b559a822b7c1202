"""Makes a Godot project ready to run.

Godot runs a project only after an import, which writes `.godot/` and side files into the project's folder.
So the engine always works on a copy in the user cache: the source stays as it is in version control and may
be read-only, there is one way for all, and the copy keeps the imported state, so that only the first start
and a start after a change pay for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from host.errors import MallError
from host.godot.engine import Engine, cache_root

STAMP = ".mall-prepared"
_SKIPPED_FOLDERS = {".godot", ".git", "__pycache__"}
_MADE_BY_IMPORT = (".import", ".uid")
_IMPORT_TIMEOUT_S = 300


def prepare(engine: Engine, project: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Returns the folder of a copy of the project that is imported by this engine and ready to run.

    When neither the project's files nor the engine changed since the last call, nothing is started.

    Raises:
        MallError: `engine.no_project` when there is no project.godot, `engine.import_failed`.
    """
    if not (project / "project.godot").is_file():
        raise MallError("engine.no_project", f"There is no project.godot in {project}.", folder=str(project))
    source = project.resolve()
    place = hashlib.sha256(f"{source}\0{engine.version}".encode()).hexdigest()[:16]
    copy = cache_root(environ) / "project" / f"{source.name}-{place}"
    copy.mkdir(parents=True, exist_ok=True)
    with _locked(copy.parent / f"{copy.name}.lock"):
        digests = file_digests(source)
        wanted = f"{engine.version}\n" + "".join(f"{digests[name]} {name}\n" for name in sorted(digests))
        stamp = copy / STAMP
        if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
            stamp.unlink(missing_ok=True)
            _mirror(source, copy, digests)
            _import(engine, copy)
            stamp.write_text(wanted, "utf-8")
    return copy


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a project by its path relative to the folder; what an import makes is left out."""
    found: dict[str, str] = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS)
        for name in sorted(names):
            if name.endswith(_MADE_BY_IMPORT) or name == STAMP:
                continue
            path = Path(parent, name)
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def _mirror(source: Path, copy: Path, digests: Mapping[str, str]) -> None:
    """Makes the copy's own files those of the source; unchanged ones keep their time, so no new import."""
    present = file_digests(copy)
    for name in present.keys() - digests.keys():
        (copy / name).unlink()
        for suffix in _MADE_BY_IMPORT:
            (copy / (name + suffix)).unlink(missing_ok=True)
    for name, digest in digests.items():
        if present.get(name) != digest:
            target = copy / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, target)


def _import(engine: Engine, copy: Path) -> None:
    try:
        done = subprocess.run(  # noqa: S603 - the engine that the user chose
            [*engine.command, "--headless", "--path", str(copy), "--import"],
            env={**os.environ, **engine.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_IMPORT_TIMEOUT_S,
            check=False,
        )
        code, said = done.returncode, done.stderr
    except subprocess.TimeoutExpired:
        code, said = -1, f"no end within {_IMPORT_TIMEOUT_S} s"
    if code != 0:
        raise MallError(
            "engine.import_failed",
            f"Godot could not import the project (exit {code}): {said.strip()[-800:]}",
            exit=code,
            folder=str(copy),
        )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One import at a time: a second start waits and then finds the work done."""
    if os.name == "nt":
        # No flock there; two first starts at the same moment on a creator's own machine repeat the import.
        yield
        return
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
