"""The .mall archive: packed the same way each time, opened as hostile, never unpacked to disk.

A zip (PKWARE APPNOTE 6.3) with sorted entries and fixed timestamps. The digest does not depend on the zip: it is
the SHA-256 of canonical JSON that holds the manifest and the size and SHA-256 of every file but the signature.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
import struct
import tomllib
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from host.errors import MallError
from host.packages import manifest as manifests
from host.packages.limits import (
    MAX_ARCHIVE,
    MAX_DEPTH,
    MAX_FILE,
    MAX_FILES,
    MAX_MANIFEST,
    MAX_PATH,
    MAX_SIGNATURE,
    MAX_UNPACKED,
)
from host.packages.models import Package

MANIFEST: Final = "package.toml"
SIGNATURE: Final = "package.sig"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_KINDS: Final = (
    re.compile(r"package\.(toml|sig)|LICENSE|README\.md|[a-z][a-z0-9_]*\.lua", re.ASCII),
    re.compile(r"(lib|tests)/.+\.lua", re.ASCII),
    re.compile(r"assets/.+\.(glb|png|ogg|ogv)", re.ASCII),
    re.compile(r"locale/[a-zA-Z-]+\.po", re.ASCII),
)
# Beside the package in its author's folder, never in the archive.
_LEFT_OUT: Final = re.compile(r"(.*/)?(\..*|__pycache__|__init__\.py)(/.*)?")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of an author's folder by archive path; dot files and Python's own are left out.

    Raises:
        MallError: package.path, package.too_large, package.unreadable.
    """
    files: dict[str, bytes] = {}
    if not (folder / MANIFEST).is_file():
        raise MallError(
            "package.unreadable",
            f"{folder} has no {MANIFEST}: give the folder of a package.",
            path=str(folder),
        )
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        if _LEFT_OUT.fullmatch(path) or (found.is_dir() and not found.is_symlink()):
            continue
        _check_path(path)
        if found.is_symlink() or not found.is_file():
            raise _bad_path(path, "it is a link or no plain file")
        try:
            if found.stat().st_size > MAX_FILE:
                raise _too_large(path, MAX_FILE)
            files[path] = found.read_bytes()
        except OSError as error:
            raise MallError(
                "package.unreadable", f"{found} cannot be read: {error.strerror}.", path=path
            ) from error
    _check_files(files)
    return files


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive of `files`; the same files give the same bytes.

    Raises:
        MallError: package.path, package.too_large.
    """
    _check_files(files)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(files):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[path], compresslevel=9)
    data = buffer.getvalue()
    if len(data) > MAX_ARCHIVE:
        raise _too_large("The archive", MAX_ARCHIVE)
    return data


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of an archive, in memory.

    Raises:
        MallError: package.archive, package.path, package.too_large.
    """
    if len(data) > MAX_ARCHIVE:
        raise _too_large("The archive", MAX_ARCHIVE)
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES:
                raise _too_large("The archive", MAX_FILES, "files")
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise _too_large("The unpacked archive", MAX_UNPACKED)
            for entry in entries:
                path = _entry_path(entry)
                if path in files:
                    raise _bad_path(path, "it is in the archive twice")
                files[path] = _content(archive, entry)
    except (
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        OverflowError,
        IndexError,
    ) as error:
        raise MallError(
            "package.archive", f"This is no sound .mall archive: {str(error)[:200]}. Pack it again."
        ) from error
    _check_files(files)
    return files


def open_package(files: Mapping[str, bytes]) -> Package:
    """The package that these files are.

    Raises:
        MallError: package.archive, package.findings when the manifest is wrong, package.wrong_hash.
    """
    if MANIFEST not in files:
        raise MallError("package.archive", f"The archive has no {MANIFEST}.")
    manifest = manifests.parse(files[MANIFEST])
    for asset in manifest.assets:
        data = files.get(asset.path)
        if data is not None and (
            len(data) != asset.bytes or hashlib.sha256(data).hexdigest() != asset.sha256
        ):
            raise MallError(
                "package.wrong_hash",
                f"{asset.path} is not the file that the manifest lists (its size or SHA-256 differs). Update the list.",
                path=asset.path,
                listed=asset.sha256,
                found=hashlib.sha256(data).hexdigest(),
            )
    return Package(manifest, files, digest(files))


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (64 hex digits) of the canonical manifest: what a signature covers and a release is known by."""
    listed = {
        path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in files.items()
        if path != SIGNATURE
    }
    table = tomllib.loads(files[MANIFEST].decode("utf-8"))
    canonical = json.dumps(
        {"format": 1, "manifest": table, "files": listed},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        default=str,
    )
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def _entry_path(entry: zipfile.ZipInfo) -> str:
    path = entry.orig_filename  # `filename` is cut at a NUL and has separators replaced
    _check_path(path)
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):  # 0: made where files have no type
        raise _bad_path(path, "it is a link, a folder or no plain file")
    if entry.flag_bits & 0x1:
        raise _bad_path(path, "it is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _bad_path(path, "it is packed by a method other than deflate")
    return path


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One entry's bytes; never more than it declares, whatever the packed data hold."""
    limit = min(entry.file_size, MAX_FILE)
    if entry.file_size > MAX_FILE:
        raise _too_large(entry.filename, MAX_FILE)
    with archive.open(entry) as opened:
        data = opened.read(limit + 1)
        if len(data) != entry.file_size or opened.read(1):
            raise zipfile.BadZipFile(f"{entry.filename} has another size than declared")
    return data


def _check_path(path: str) -> None:
    shown = path[:80]
    if len(path) > MAX_PATH:
        raise _bad_path(shown, f"it is longer than {MAX_PATH} characters")
    parts = path.split("/")
    if len(parts) > MAX_DEPTH:
        raise _bad_path(shown, f"it is deeper than {MAX_DEPTH} folders")
    if not all(_SEGMENT.fullmatch(part) for part in parts):
        raise _bad_path(shown, 'names are of A-Z a-z 0-9 "_" "." "-", relative, and begin with no dot')
    if not any(kind.fullmatch(path) for kind in _KINDS):
        raise _bad_path(
            shown,
            "a package holds package.toml, *.lua, lib/, tests/, assets/, locale/, README.md and LICENSE",
        )


def _check_files(files: Mapping[str, bytes]) -> None:
    if len(files) > MAX_FILES:
        raise _too_large("The package", MAX_FILES, "files")
    folded: dict[str, str] = {}
    for path, data in files.items():
        _check_path(path)
        if len(data) > {MANIFEST: MAX_MANIFEST, SIGNATURE: MAX_SIGNATURE}.get(path, MAX_FILE):
            raise _too_large(path, {MANIFEST: MAX_MANIFEST, SIGNATURE: MAX_SIGNATURE}.get(path, MAX_FILE))
        other = folded.setdefault(path.lower(), path)
        if other != path:
            raise _bad_path(path, f"it differs from {other} only in letter case")
    if sum(map(len, files.values())) > MAX_UNPACKED:
        raise _too_large("The package", MAX_UNPACKED)


def _bad_path(path: str, why: str) -> MallError:
    shown = path[:80].encode("ascii", "backslashreplace").decode()
    return MallError("package.path", f"The file {shown!r} cannot be in a package: {why}.", path=shown)


def _too_large(what: str, limit: int, unit: str = "bytes") -> MallError:
    return MallError("package.too_large", f"{what} is above the limit of {limit:,} {unit}.", limit=limit)
