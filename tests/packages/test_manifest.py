"""A manifest is checked strictly, and everything that is wrong is told at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from host.errors import MallError
from host.packages import form, manifest, semver
from host.packages.capabilities import CAPABILITIES, of_level
from host.packages.limits import MAX_MANIFEST, ONE_TIERRA, allowance
from tests.packages.making import POOL, files


def text(**changes) -> str:
    return files(**changes)["package.toml"].decode()


def places(data: str) -> set[str]:
    found, findings = manifest.read(data.encode())
    assert (found is None) == bool(findings)
    assert all(f.level == "block" and f.code == "package.manifest" for f in findings)
    return {f.path.removeprefix("package.toml:") for f in findings}


def test_a_sound_manifest_becomes_values() -> None:
    made = manifest.parse(text(cells=[8, 8], top='tags = ["rings"]\nlanguages = ["en"]').encode())
    assert (made.id, made.author, made.entry) == ("ada/ring-toss", "ada", "init.lua")
    assert made.footprint.cells == 64
    assert made.pools[0].per_player_day == 10_500_000_000_000_000_000
    assert made.budget == ONE_TIERRA
    assert made.why["reward.claim"] == "It is needed."


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('id = "ada/ring-toss"', 'id = "Ada/Ring"', "id"),
        ('id = "ada/ring-toss"', "", "id"),
        ('version = "1.0.0"', 'version = "1.0"', "version"),
        ('version = "1.0.0"', 'version = "01.0.0"', "version"),
        ('notes = "First version."', 'notes = ""', "notes"),
        ("api = 1", "api = 2", "api"),
        ("api = 1", "api = true", "api"),
        ("api = 1", "api = " + "9" * 4000, "api"),
        ('kind = "game"', 'kind = "dlc"', "kind"),
        ('title = "Ring toss"', 'title = "Ring\\u202Etoss"', "title"),
        ('license = "Apache-2.0"', 'license = "mine"', "license"),
        ('authors = ["Ada"]', "authors = []", "authors"),
        ('authors = ["Ada"]', 'authors = ["Ada", 3]', "authors[1]"),
        ('modes = ["play"]', 'modes = ["play", "play"]', "modes[1]"),
        ('ai = "none"', 'ai = "some"', "ai"),
        ('ai = "none"', 'ai = "none"\nprice = 3', "price"),
        ('rating = "everyone"', 'rating = "all"', "age.rating"),
        ("answers_version = 1", "", "age.answers_version"),
        ("cells = [1, 1]", "cells = [4, 2]", "footprint.cells"),
        ("cells = [1, 1]", "cells = [1.0, 1]", "footprint.cells"),
        ("cells = [1, 1]", "cells = [true, 1]", "footprint.cells"),
        ("cells = [1, 1]", "cells = 1", "footprint.cells"),
        ("min = 1, max = 8", "min = 9, max = 8", "footprint.players.min"),
        ("min = 1, max = 8", "min = 1, max = 8, mean = 2", "footprint.players.mean"),
        ("'match', ", "'root', ", "capabilities.required[1]"),
        ('"reward.claim" = "It is needed."', "", "capabilities.why.reward.claim"),
        ('"reward.claim" = "It', '"net.fetch" = "x"\n"reward.claim" = "It', "capabilities.why.net.fetch"),
        ("optional = []", "optional = ['match']", "capabilities.optional"),
        ("per_claim = 3", "per_claim = 3.5", "pools.daily.per_claim"),
        ("per_claim = 3", 'per_claim = "3e2"', "pools.daily.per_claim"),
        ("per_claim = 3", "per_claim = -3", "pools.daily.per_claim"),
        ("per_claim = 3", "per_claim = 0", "pools.daily.per_claim"),
        ("per_claim = 3", "per_claim = 11", "pools.daily"),
        ("per_claim = 3", 'per_claim = "0.0000000000000000001"', "pools.daily.per_claim"),
        ("cooldown = 30", "cooldown = 30.0", "pools.daily.cooldown"),
        ("cooldown = 30", "cool_down = 30", "pools.daily.cool_down"),
        ("default = 60", "default = 5", "settings.round_seconds.default"),
        ("default = 60", "", "settings.round_seconds.default"),
        ("min = 10", "min = 1000", "settings.round_seconds.min"),
        ('type = "integer"', 'type = "blob"', "settings.round_seconds.type"),
    ],
)
def test_each_wrong_value_is_named_by_its_place(old: str, new: str, place: str) -> None:
    good = text()
    assert old in good
    assert place in places(good.replace(old, new, 1))


def test_all_findings_come_at_once() -> None:
    bad = text().replace("api = 1", "api = 7").replace('ai = "none"', 'ai = "x"').replace("[1, 1]", "[9, 9]")
    assert places(bad + "\n[share]\nada = 50\n") >= {"api", "ai", "footprint.cells", "share"}
    with pytest.raises(MallError) as caught:
        manifest.parse(bad.encode())
    assert caught.value.code == "package.findings"
    assert caught.value.facts["count"] == 3
    assert all(place in caught.value.message for place in ("toml:api", "toml:ai", "toml:footprint.cells"))


@pytest.mark.parametrize(
    ("more", "place"),
    [
        (
            '[share]\n"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD" = 100',
            "share.0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",
        ),
        ("[share]\nada = 60\nbob = 41", "share"),
        ('[depends]\n"ada/lib" = "1.x"', "depends.ada/lib"),
        ('[depends]\nlib = ">=1.0.0"', "depends.lib"),
        ('[[products]]\ncategory = "hats"\ntemplate = "hat"', "products"),
        (
            '[[assets]]\npath = "../x.png"\nkind = "image"\nbytes = 1\nsha256 = "00"\nlicense = "MIT"',
            "assets[0].path",
        ),
        ("[budget]\nmemory = 3", "budget.memory"),
        ("[budget]\nmemory_kib = 0", "budget.memory_kib"),
    ],
)
def test_tables_at_the_end_are_checked_too(more: str, place: str) -> None:
    found = places(text(more=more))
    assert any(p.startswith(place[:38]) for p in found), found


def test_good_tables_at_the_end_are_kept() -> None:
    made = manifest.parse(
        text(
            optional=["net.fetch"],
            more='[share]\nada = 60\nbob = 40\n[depends]\n"ada/lib" = ">=1.2.0 <2.0.0"\n[budget]\nmemory_kib = 512',
        )
        .replace("[capabilities.why]", 'hosts = ["api.example.org"]\n[capabilities.why]')
        .encode()
    )
    assert made.share == {"ada": 60, "bob": 40}
    assert made.budget.memory_kib == 512
    assert made.hosts == ("api.example.org",)


def test_reasons_may_be_written_as_dotted_keys() -> None:
    dotted = text().replace('"reward.claim" = "It is needed."', 'reward.claim = "It is needed."')
    assert manifest.parse(dotted.encode()) == manifest.parse(text().encode())


@pytest.mark.parametrize(
    "data",
    [
        b"\xff",
        b"id = ",
        b"x" * (MAX_MANIFEST + 1),
        b"a = " + b"[" * 5000,
        b"a" + b".a" * 3000 + b" = 1",
        b"",
        b"id = 1979-05-27",
    ],
)
def test_what_is_no_manifest_is_refused_whole(data: bytes) -> None:
    found, findings = manifest.read(data)
    assert found is None
    assert findings


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_raises_anything_but_findings(data: st.DataObject) -> None:
    raw = bytearray(text(more=POOL.replace("daily", "more")).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=6))
    found, findings = manifest.read(bytes(raw))
    assert (found is None) == bool(findings)


def test_there_are_22_capabilities_in_three_levels() -> None:
    names = frozenset(CAPABILITIES)
    assert [len(of_level(names, level)) for level in ("basic", "sensitive", "restricted")] == [7, 12, 3]


def test_the_allowance_grows_with_the_land_to_a_bound() -> None:
    assert allowance(1) == ONE_TIERRA
    assert allowance(4).memory_kib == 2 * ONE_TIERRA.memory_kib
    assert allowance(4).triangles == 4 * ONE_TIERRA.triangles
    assert allowance(1024) == allowance(16)


@pytest.mark.parametrize(
    "value", ["0", "-1", "nan", "inf", "-inf", "1.5", "true", '"1"', "[1]", "8193", "10**9", str(2**70)]
)
def test_a_budget_that_no_land_gives_is_a_finding(value: str) -> None:
    found, findings = manifest.read(text(more=POOL + f"[budget]\nmemory_kib = {value}").encode())
    assert found is None
    assert [f.level for f in findings] == ["block"]
    assert "budget.memory_kib" in findings[0].path or "cannot be read" in findings[0].message


@pytest.mark.parametrize(
    ("version", "wanted", "fits"),
    [
        ("1.2.0", ">=1.2.0 <2.0.0", True),
        ("2.0.0", ">=1.2.0 <2.0.0", False),
        ("1.10.0", ">1.9.9", True),
        ("1.0.0-rc.1", ">=1.0.0", False),
        ("1.0.0", "=1.0.0", True),
        ("1.0.0-rc.2", ">1.0.0-rc.1 <=1.0.0", True),
    ],
)
def test_ranges_of_versions(version: str, wanted: str, fits: bool) -> None:
    assert semver.problem(version) is None
    assert semver.range_problem(wanted) is None
    assert semver.fits(version, wanted) is fits


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers())
)


@given(st.dictionaries(st.text(max_size=4) | st.sampled_from(["a", "b"]), VALUES, max_size=4))
def test_filling_a_form_gives_good_values_or_one_error(given_: dict) -> None:
    fields = manifest.parse(
        text(
            more='[settings.a]\ntype = "number"\ndefault = 1\nlabel = "A"\nmin = 0\nmax = 5\n'
            '[settings.b]\ntype = "choice"\nchoices = ["x", "y"]\ndefault = "x"\nlabel = "B"'
        ).encode()
    ).settings
    fine = all(
        form.field_problem(field, given_[field.name]) is None for field in fields if field.name in given_
    ) and set(given_) <= {field.name for field in fields}
    if not fine:
        with pytest.raises(MallError, match=r"placement\.bad_setting"):
            form.fill(fields, given_)
        return
    values = form.fill(fields, given_)
    assert set(values) == {"round_seconds", "a", "b"}
    assert all(form.field_problem(field, values[field.name]) is None for field in fields)
