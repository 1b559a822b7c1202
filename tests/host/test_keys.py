"""Secrets are whole or absent, for their owner alone, and never replaced where something depends on them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from host.errors import MallError
from host.keyfile import load_key, write_secret
from host.keyring import open_keyring


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
