"""Reading apt's sources: both formats, with the odd lines that real systems have."""

from __future__ import annotations

from pathlib import Path

import pytest

from host.godot.sources import Source, mirrors, parse_deb822, parse_one_line, parse_os_release, read_sources


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (
            "deb http://one.test/debian bookworm main",
            [Source("http://one.test/debian", "bookworm", ("main",))],
        ),
        (
            "deb [arch=amd64 signed-by=/k.gpg] https://one.test/debian trixie main contrib # note",
            [Source("https://one.test/debian", "trixie", ("main", "contrib"))],
        ),
        (
            "\tdeb\tmirror+file:/etc/m.list\tsid\tmain  ",
            [Source("mirror+file:/etc/m.list", "sid", ("main",))],
        ),
        ("deb http://one.test/flat ./", [Source("http://one.test/flat", "./", ())]),
        ("deb-src http://one.test/debian bookworm main", []),
        ("# deb http://one.test/debian bookworm main", []),
        ("debug http://one.test/debian bookworm main", []),
        ("deb [arch=amd64 http://one.test/debian", []),
        ("deb http://one.test/debian", []),
        ("", []),
    ],
)
def test_one_line_entries(line: str, wanted: list[Source]) -> None:
    assert list(parse_one_line(f"{line}\n")) == wanted


def test_deb822_multiplies_uris_and_suites_and_joins_continued_lines() -> None:
    text = (
        "# a comment\nTypes: deb deb-src\n# inner comment\nURIs: http://a.test/debian\n https://b.test/debian\n"
        "SUITES: bookworm bookworm-updates\nComponents: main\nSigned-By:\n -----BEGIN KEY-----\n .\n xyz\n"
    )
    found = list(parse_deb822(text))
    assert [(s.uri, s.suite) for s in found] == [
        ("http://a.test/debian", "bookworm"),
        ("http://a.test/debian", "bookworm-updates"),
        ("https://b.test/debian", "bookworm"),
        ("https://b.test/debian", "bookworm-updates"),
    ]
    assert {s.components for s in found} == {("main",)}


def test_deb822_leaves_out_disabled_source_only_and_broken_stanzas() -> None:
    text = (
        "Types: deb\nEnabled: no\nURIs: http://a.test/d\nSuites: sid\nComponents: main\n"
        "\n \t\nTypes: deb-src\nURIs: http://b.test/d\nSuites: sid\nComponents: main\n"
        "\n continued nothing\nno colon here\n"
        "\r\n\r\nTypes: deb\r\nURIs: http://c.test/d\r\nSuites: sid\r\nComponents: main\r\n"
    )
    assert list(parse_deb822(text)) == [Source("http://c.test/d", "sid", ("main",))]


def test_reads_both_formats_in_the_order_of_apt_and_no_other_file(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text("deb http://first.test/debian sid main\n")
    (parts / "b.list").write_text("deb http://third.test/debian sid main\n")
    (parts / "a.sources").write_text(
        "Types: deb\nURIs: http://second.test/d\nSuites: sid\nComponents: main\n"
    )
    (parts / "c.list.disabled").write_text("deb http://never.test/debian sid main\n")
    uris = [source.uri for source in read_sources(tmp_path)]
    assert uris == ["http://first.test/debian", "http://second.test/d", "http://third.test/debian"]


def test_a_system_without_sources_gives_none(tmp_path: Path) -> None:
    assert read_sources(tmp_path) == []


def test_mirrors_are_the_release_itself_with_debians_folder_name_first() -> None:
    sources = [
        Source("https://vendor.test/tools", "bookworm", ("main",)),
        Source("http://m.test/debian-security", "bookworm-security", ("main",)),
        Source("http://m.test/debian/", "bookworm", ("main", "contrib")),
        Source("http://m.test/debian/", "bookworm-updates", ("main",)),
        Source("https://docker.test/debian", "bookworm", ("stable",)),
        Source("cdrom:[Debian]/", "bookworm", ("main",)),
        Source('http://q.test/"debian', "bookworm", ("main",)),
    ]
    assert mirrors(sources, "bookworm") == ["http://m.test/debian/", "https://vendor.test/tools"]


def test_os_release_values_are_unquoted() -> None:
    fields = parse_os_release("# x\nID=debian\nID_LIKE=\"a b\"\nVERSION_CODENAME='sid'\nbroken\n")
    assert fields == {"ID": "debian", "ID_LIKE": "a b", "VERSION_CODENAME": "sid"}
