"""Secrets are whole or absent, for their owner alone, and never replaced where something depends on them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contracts import keystore
from host.errors import MallError
from host.keyfile import load_key, write_secret
from host.keyring import open_keyring
from host.passwords import password_source


def test_a_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "people" / "creator.key"
    assert load_key(path).address == load_key(path).address
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_making_that_was_cut_leaves_no_half_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "creator.key"

    def cut(descriptor: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", cut)
        with pytest.raises(KeyboardInterrupt):
            load_key(path)
    assert not path.exists()
    assert load_key(path).address.startswith("0x")


@pytest.mark.parametrize(
    ("content", "code"), [(b"no key", "key.bad"), (b"\xff" * 40, "key.bad"), (b"", "key.bad")]
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    write_secret(tmp_path / "some.key", content)
    with pytest.raises(MallError) as refused:
        load_key(tmp_path / "some.key")
    assert refused.value.code == code


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path / "some.key")
    (tmp_path / "some.key").chmod(0o644)
    with pytest.raises(MallError) as refused:
        load_key(tmp_path / "some.key")
    assert refused.value.code == "key.open_to_others"


def test_a_lost_secret_is_not_replaced_where_data_depends_on_it(tmp_path: Path) -> None:
    open_keyring(tmp_path / "secret.key")
    (tmp_path / "secret.key").unlink()
    (tmp_path / "chain.db").touch()
    with pytest.raises(MallError) as refused:
        open_keyring(tmp_path / "secret.key")
    assert refused.value.code == "key.lost"
    assert not (tmp_path / "secret.key").exists()


def test_an_encrypted_key_file_opens_with_its_password(tmp_path: Path) -> None:
    path, secret = tmp_path / "some.key", b"\x07" * 32
    write_secret(path, keystore.encrypt(secret, "word", scrypt_n=keystore.LIGHT_SCRYPT_N))
    assert load_key(path, lambda: "word").reveal() == secret
    for password, code in (("", "key.no_password"), ("other", "keystore.wrong_password")):
        with pytest.raises(MallError) as refused:
            load_key(path, lambda password=password: password)
        assert refused.value.code == code


def test_the_hosts_secret_is_encrypted_as_soon_as_there_is_a_password(tmp_path: Path) -> None:
    path, light = tmp_path / "secret.key", keystore.LIGHT_SCRYPT_N
    before = open_keyring(path)
    plain = path.read_bytes()
    assert open_keyring(path, lambda: "word", scrypt_n=light).address("x") == before.address("x")
    assert plain not in path.read_bytes()
    assert plain.hex().encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_keyring(path, lambda: "word").address("x") == before.address("x")
    with pytest.raises(MallError) as refused:
        open_keyring(path)
    assert refused.value.code == "key.no_password"


def test_a_password_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "password"
    write_secret(file, b"from the file\nsecond line\n")
    env = {"MALL_KEY_PASSWORD": "from the environment"}
    assert password_source(file, env)() == "from the file"
    assert password_source(None, env)() == "from the environment"
    assert password_source(None, {})() == ""
    for content in (b"", b"\n", b"\xff\n"):
        write_secret(file, content)
        with pytest.raises(MallError) as refused:
            password_source(file, env)()
        assert refused.value.code == "key.no_password"
    file.chmod(0o644)
    with pytest.raises(MallError) as refused:
        password_source(file, env)()
    assert refused.value.code == "key.open_to_others"
