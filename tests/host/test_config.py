"""Settings: file, environment, flags; one clear error for each bad value."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.config import load
from host.errors import MallError


def write(folder: Path, text: str) -> Path:
    path = folder / "mall.toml"
    path.write_text(text)
    return path


def test_flags_win_over_environment_and_file(tmp_path: Path) -> None:
    write(tmp_path, "port = 1\nconsole_port = 2\nname = 'file'\nidle_seconds = 3\n")
    config = load(
        flags={"data": tmp_path, "name": "flag"}, env={"MALL_NAME": "env", "MALL_CONSOLE_PORT": "5"}
    )
    assert (config.port, config.console_port, config.name, config.idle_seconds) == (1, 5, "flag", 3.0)


def test_the_data_folder_follows_the_home(tmp_path: Path) -> None:
    assert load(env={"HOME": str(tmp_path)}).data == tmp_path / ".local/share/mall"
    assert load(env={"HOME": str(tmp_path), "XDG_DATA_HOME": "/x"}).data == Path("/x/mall")
    assert load(env={"MALL_DATA": "/y"}).data == Path("/y")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("prot = 7", "config.unknown_key", "mall.toml: prot"),
        ("port = 'x'", "config.bad_value", "mall.toml: port"),
        ("port = 70000", "config.bad_value", "mall.toml: port"),
        ("port = true", "config.bad_value", "mall.toml: port"),
        ("epoch_seconds = 0", "config.bad_value", "mall.toml: epoch_seconds"),
        ("log_level = 'loud'", "config.bad_value", "mall.toml: log_level"),
        ("port = = 1", "config.not_toml", "mall.toml"),
        ("plugins = 3", "config.bad_value", "mall.toml: plugins"),
        ("[plugins.chat]\nradius = [1]", "config.bad_value", "plugins.chat.radius"),
    ],
)
def test_a_bad_file_gets_one_error_that_names_the_place(
    tmp_path: Path, text: str, code: str, place: str
) -> None:
    write(tmp_path, text)
    with pytest.raises(MallError) as caught:
        load(flags={"data": tmp_path}, env={})
    assert caught.value.code == code
    assert place in caught.value.message


def test_a_bad_environment_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(MallError, match="MALL_PORT must be a whole number, not 'abc'"):
        load(flags={"data": tmp_path}, env={"MALL_PORT": "abc"})


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(MallError) as caught:
        load(file=tmp_path / "none.toml", env={})
    assert caught.value.code == "config.missing_file"
