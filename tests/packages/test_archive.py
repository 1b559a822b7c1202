"""Archives are the same each time, and a hostile one raises MallError and nothing else."""

from __future__ import annotations

import io
import random
import stat
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.errors import MallError
from host.packages import archive, limits, signature
from host.packages.archive import digest, open_package, pack, read_folder, unpack
from host.packages.blobs import Blobs
from tests.packages.making import KEYS, asset, files, signed

SIGNED = signed()


def opened(data: bytes):
    package = open_package(unpack(data))
    return package, signature.signer(package)


def zipped(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that come twice
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
            for entry, data in entries:
                made.writestr(entry, data)
    return buffer.getvalue()


def entry(name: str, mode: int = 0) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.external_attr = mode << 16
    return made


def refused(data: bytes) -> str:
    with pytest.raises(MallError) as caught:
        opened(data)
    return caught.value.code


def test_a_name_with_a_nul_is_refused_and_not_cut() -> None:
    made = zipped(*files().items(), ("lib/a.lua@.png", b"x")).replace(b"lib/a.lua@.png", b"lib/a.lua\0.png")
    assert refused(made) == "package.path"


def test_an_archive_of_another_tool_is_accepted() -> None:
    assert unpack(zipped(*files().items())) == files()


def test_packing_is_deterministic_and_opens_again() -> None:
    made = files()
    shuffled = dict(sorted(made.items(), key=lambda item: random.Random(3).random()))
    assert pack(made) == pack(dict(reversed(made.items()))) == pack(shuffled)
    assert unpack(pack(made)) == made
    with zipfile.ZipFile(io.BytesIO(pack(made))) as read:
        assert read.namelist() == sorted(made)
        assert {e.date_time for e in read.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_digest_covers_every_file_but_the_signature() -> None:
    made = files()
    base = digest(made)
    assert digest({**made, "package.sig": b"x"}) == base
    for path in made:
        if path != "package.toml":
            assert digest({**made, path: made[path] + b" "}) != base
    assert digest({**made, "lib/more.lua": b""}) != base
    assert digest(files(version="1.0.1")) != base


def test_a_signature_covers_id_version_and_content() -> None:
    package, signer = opened(SIGNED)
    assert signer == KEYS["ada"].address
    assert refused(pack({**package.files, "init.lua": b"return 2"})) == "package.bad_signature"
    other = signature.sign(open_package(files(version="1.0.1")), KEYS["ada"])["package.sig"]
    assert refused(pack({**package.files, "package.sig": other})) == "package.bad_signature"
    assert refused(pack(files())) == "package.not_signed"


@pytest.mark.parametrize(
    "sig",
    [b"", b"{}", b"[1]", b"\xff", b"[" * 1000, b'{"signer": 1, "signature": "0x00"}',
     b'{"signer": "0x00", "signature": "0x' + b"0" * 130 + b'"}',
     b'{"signer": 3, "signature": "0x' + b"0" * 130 + b'"}'],
)  # fmt: skip
def test_a_wrong_signature_file_is_refused(sig: bytes) -> None:
    assert refused(pack({**files(), "package.sig": sig})) in ("package.bad_signature", "account.bad_address")


@pytest.mark.parametrize(
    "name",
    ["../init.lua", "/init.lua", "lib/../init.lua", "lib//a.lua", "C:/a.lua", "lib\\a.lua", ".hidden.lua", "lib/.a.lua",
     "a\u0131.lua", "ａ.lua", "assets/x.exe", "run.sh", "lib/", "a b.lua", "lib/" * 7 + "a.lua",
     "lib/" + "a" * 170 + ".lua", "Package.toml", "lib/\u202e.lua"],
)  # fmt: skip
def test_paths_that_lead_elsewhere_or_hide_are_refused(name: str) -> None:
    good = list(files().items())
    with pytest.raises(MallError) as caught:
        unpack(zipped(*good, (name, b"x")))
    assert caught.value.code in ("package.path", "package.archive")
    assert caught.value.message.isascii()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_are_refused(kind: int) -> None:
    made = zipped(*files().items(), (entry("lib/a.lua", kind | 0o777), b"init.lua"))
    assert refused(made) == "package.path"


def test_names_that_come_twice_are_refused() -> None:
    assert refused(zipped(*files().items(), ("init.lua", b"other"))) == "package.path"
    assert refused(zipped(*files().items(), ("lib/a.lua", b""), ("lib/A.lua", b""))) == "package.path"


def test_a_bomb_is_refused_before_it_grows() -> None:
    bomb = zipped(*files().items(), *((f"lib/a{n}.lua", b"\0" * (1 << 24)) for n in range(5)))
    assert len(bomb) < 100_000
    assert refused(bomb) == "package.too_large"
    assert refused(zipped(("lib/a.lua", b"\0" * (limits.MAX_FILE + 1)))) == "package.too_large"
    assert (
        refused(zipped(*((f"lib/a{n}.lua", b"") for n in range(limits.MAX_FILES + 1)))) == "package.too_large"
    )


def test_an_entry_that_lies_about_its_size_is_refused() -> None:
    made = bytearray(zipped(*files().items(), ("lib/a.lua", b"\0" * 100_000)))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        start = made.rindex(mark)
        made[start + at : start + at + 4] = (10).to_bytes(4, "little")
    assert refused(bytes(made)) == "package.archive"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    made = entry("lib/a.lua")
    made.compress_type = method
    assert refused(zipped(*files().items(), (made, b"x" * 100))) == "package.path"


def test_a_listed_asset_must_be_the_listed_one() -> None:
    png = b"\x89PNG\r\n\x1a\n data"
    more = asset("assets/a.png", png)
    assert opened(signed(more=more, extra={"assets/a.png": png}))[1] == KEYS["ada"].address
    with pytest.raises(MallError) as caught:
        open_package(files(more=more, extra={"assets/a.png": png + b"!"}))
    assert caught.value.code == "package.wrong_hash"
    assert caught.value.facts["path"] == "assets/a.png"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_refused_or_is_the_same_package(data: st.DataObject) -> None:
    raw = bytearray(SIGNED)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        cut = data.draw(st.sampled_from([0, 1, 1, 1, 2, 4, 30]))
        raw[at : at + cut] = data.draw(st.binary(min_size=0, max_size=4))
    good, _ = opened(SIGNED)
    try:
        package, signer = opened(bytes(raw))
    except MallError:
        return
    assert package.digest == good.digest
    assert dict(package.files) | {"package.sig": b""} == dict(good.files) | {"package.sig": b""}
    assert signer == KEYS["ada"].address


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_refused(noise: bytes) -> None:
    for data in (noise, b"PK\x03\x04" + noise, noise + b"PK\x05\x06" + bytes(18)):
        with pytest.raises(MallError):
            opened(data)


def test_a_folder_is_read_without_what_is_not_the_packages(tmp_path: Path) -> None:
    for path, data in {**files(), ".git/config": b"x", "__pycache__/a.pyc": b"x", "__init__.py": b""}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_bytes(data)
    assert read_folder(tmp_path) == files()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(MallError, match=r"notes\.txt"):
        read_folder(tmp_path)
    (tmp_path / "notes.txt").unlink()
    (tmp_path / "lib").symlink_to("/")
    with pytest.raises(MallError, match=r"package\.path"):
        read_folder(tmp_path)


def test_a_folder_without_a_manifest_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(MallError, match=r"package\.unreadable"):
        read_folder(tmp_path)


def test_kept_archives_are_checked_when_read(tmp_path: Path) -> None:
    (tmp_path / "old.part").write_bytes(b"half")
    blobs = Blobs(tmp_path)
    package = open_package(unpack(SIGNED))
    blobs.put(package)
    blobs.put(package)
    assert [p.name for p in tmp_path.iterdir()] == [f"{package.digest}.mall"]
    assert blobs.get(package.digest) == package
    path = tmp_path / f"{package.digest}.mall"
    for damage in (b"", SIGNED[:100], signed(version="9.0.0")):
        path.write_bytes(damage)
        with pytest.raises(MallError) as caught:
            blobs.get(package.digest)
        assert caught.value.code == "package.lost"
    for name in ("0" * 64, "../mall", ""):
        with pytest.raises(MallError, match=r"package\.lost"):
            blobs.get(name)


def test_a_disk_that_refuses_leaves_nothing_behind(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    (tmp_path / "blobs").rmdir()
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(MallError, match=r"storage\.disk_full"):
        blobs.put(open_package(unpack(SIGNED)))


def test_limits_of_single_files() -> None:
    with pytest.raises(MallError, match=r"package\.too_large"):
        archive.pack({"package.toml": b"x" * (limits.MAX_MANIFEST + 1)})
