"""Parses package.toml (creator_api section 1) into a checked Manifest, or tells all that is wrong at once."""

from __future__ import annotations

import re
import tomllib
from typing import Any, Final

from host.accounts.addresses import checked
from host.economy import amounts
from host.errors import MallError
from host.hookspecs import Finding
from host.packages import semver
from host.packages.capabilities import CAPABILITIES
from host.packages.form import read_form
from host.packages.limits import API_LEVELS, LARGEST, MAX_FILE, MAX_MANIFEST, ONE_TIERRA, Budget
from host.packages.models import Age, Asset, Footprint, Manifest, PoolPlan, Product
from host.packages.reader import Reader

KINDS: Final = ("game", "zone", "shop")
MODES: Final = ("shop", "play", "social", "work")
RATINGS: Final = ("everyone", "teen", "adult")
AI: Final = ("none", "assisted", "generated")
ASSET_SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    "model": (".glb",),
    "image": (".png",),
    "sound": (".ogg",),
    "music": (".ogg",),
    "video": (".ogv",),
}
LICENSES: Final = frozenset({
    "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later",
    "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later",
    "MIT", "MIT-0", "MPL-2.0", "OFL-1.1", "Unlicense", "Zlib",
})  # fmt: skip
SQUARES: Final = (4, 8, 16, 32)
_ID = re.compile(r"[a-z][a-z0-9-]{0,31}/[a-z][a-z0-9-]{0,31}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)
_URL = re.compile(r"https://[A-Za-z0-9.-]{1,253}(/[!-~]*)?", re.ASCII)
_HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DAY: Final = 86_400


def parse(data: bytes) -> Manifest:
    """The manifest in `data`.

    Raises:
        MallError: package.findings with everything that is wrong.
    """
    manifest, findings = read(data)
    if manifest is None:
        raise findings_error(findings)
    return manifest


def read(data: bytes) -> tuple[Manifest | None, list[Finding]]:
    """The manifest in `data`, or None and all that is wrong with it."""
    try:
        if len(data) > MAX_MANIFEST:
            raise ValueError(f"it has {len(data)} bytes, the limit is {MAX_MANIFEST}")
        table = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        return None, [
            Finding(
                "block",
                "package.manifest",
                f"package.toml cannot be read: {str(error)[:200]}.",
                "package.toml",
            )
        ]
    findings: list[Finding] = []
    manifest = _manifest(Reader(table, "", findings))
    return (None if findings else manifest), findings


def findings_error(findings: list[Finding] | tuple[Finding, ...]) -> MallError:
    """One error that tells every blocking finding: in the message for people, as numbered facts for programs."""
    blocking = [finding for finding in findings if finding.level == "block"]
    lines = "\n".join(f"  {finding.path}: {finding.message} ({finding.code})" for finding in blocking)
    facts: dict[str, str | int] = {"count": len(blocking)}
    for number, finding in enumerate(blocking, 1):
        facts[f"{number}"] = f"{finding.code} | {finding.path} | {finding.message}"
    return MallError(
        "package.findings",
        f"{len(blocking)} finding(s) stop this package. Correct them all:\n{lines}",
        **facts,
    )


def _manifest(top: Reader) -> Manifest:
    kind = top.choice("kind", KINDS)
    required, optional, why, hosts = _capabilities(top.table("capabilities"))
    manifest = Manifest(
        id=top.text("id", 65, rule=_matches(_ID, 'author/name in small letters, digits and "-"')),
        version=top.text("version", 32, rule=semver.problem),
        notes=top.text("notes", 4000),
        api=_api(top),
        kind=kind,
        entry=top.text("entry", 64, "init.lua", _entry_problem),
        title=top.text("title", 60),
        summary=top.text("summary", 200),
        tags=top.texts("tags", 8, 32, _matches(_WORD, 'small letters, digits and "-"')),
        languages=top.texts(
            "languages", 40, 6, _matches(_LANGUAGE, 'a language code such as "en" or "pt-BR"')
        ),
        license=top.text("license", 64, rule=license_problem),
        authors=top.texts("authors", 20, 80, required=True),
        source=top.text("source", 200, "", _matches(_URL, "an https address")),
        modes=top.texts(
            "modes", 4, 8, lambda m: None if m in MODES else f"must be one of {', '.join(MODES)}."
        ),
        venue=top.text("venue", 32, "", _matches(_NAME, 'small letters, digits and "_"')),
        ai=top.choice("ai", AI),
        age=_age(top.table("age", required=True)),
        footprint=_footprint(top.table("footprint", required=True)),
        required=required,
        optional=optional,
        why=why,
        hosts=hosts,
        budget=_budget(top.table("budget")),
        pools=_pools(top.table("pools")),
        products=_products(top, kind),
        settings=read_form(top.table("settings")),
        depends=_depends(top.table("depends")),
        optional_depends=_depends(top.table("optional_depends")),
        share=_share(top.table("share")),
        assets=_assets(top),
    )
    if manifest.pools and "reward.claim" not in manifest.capabilities:
        top.wrong("pools", "need the capability reward.claim, required or optional.")
    top.done()
    return manifest


def _matches(pattern: re.Pattern[str], words: str) -> Any:
    return lambda value: None if pattern.fullmatch(value) else f"must be {words}."


def _api(top: Reader) -> int:
    level = top.number("api", 1, 1000)
    if level not in API_LEVELS:
        top.wrong("api", f"level {level} is unknown here; this host has {', '.join(map(str, API_LEVELS))}.")
    return level


def _entry_problem(value: str) -> str | None:
    if re.fullmatch(r"(lib/)?[a-z][a-z0-9_]*\.lua", value, re.ASCII):
        return None
    return "must be a Lua file of the package, such as init.lua."


def license_problem(value: str) -> str | None:
    """What is wrong with a license name, or None."""
    if value in LICENSES or re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]{1,40}", value, re.ASCII):
        return None
    return "must be an SPDX name such as Apache-2.0, MIT or CC-BY-4.0, or LicenseRef-NAME for your own."


def _age(table: Reader) -> Age:
    age = Age(
        rating=table.choice("rating", RATINGS),
        descriptors=table.texts("descriptors", 12, 32, _matches(_NAME, 'small letters, digits and "_"')),
        answers_version=table.number("answers_version", 1, 1000),
    )
    table.done()
    return age


def _footprint(table: Reader) -> Footprint:
    cells = table.raw("cells")
    width, depth = 1, 1
    sides_fit = isinstance(cells, list) and len(cells) == 2 and all(type(side) is int for side in cells)
    if sides_fit:
        width, depth = cells
        if not (1 <= width <= 3 and 1 <= depth <= 3) and not (width == depth and width in SQUARES):
            table.wrong("cells", "must be up to [3, 3], or a square of 4, 8, 16 or 32.")
            width, depth = 1, 1
    else:
        table.wrong("cells", "must be two whole numbers: [width, depth].")
    height = table.number("height", 1, 200, 20)
    players = table.table("players")
    least, most = players.number("min", 1, 200, 1), players.number("max", 1, 200, 20)
    if least > most:
        players.wrong("min", f"must not be above max ({most}).")
    players.done()
    table.done()
    return Footprint(width, depth, height, least, most)


def _capabilities(table: Reader) -> tuple[frozenset[str], frozenset[str], dict[str, str], tuple[str, ...]]:
    def known(name: str) -> str | None:
        return (
            None
            if name in CAPABILITIES
            else f"{name[:32]!r} is no capability. Known: {', '.join(CAPABILITIES)}."
        )

    required = frozenset(table.texts("required", len(CAPABILITIES), 32, known))
    optional = frozenset(table.texts("optional", len(CAPABILITIES), 32, known))
    for name in sorted(required & optional):
        table.wrong("optional", f"{name} is required already.")
    reasons = table.table("why")
    why = _reasons(reasons, required | optional)
    for name in sorted(required | optional):
        if CAPABILITIES[name].level != "basic" and name not in why:
            reasons.wrong(name, f"is missing; say in one sentence why the package needs {name}.")
    hosts = table.texts("hosts", 10, 253, _matches(_HOST, "a host name such as api.example.org"))
    if ("net.fetch" in required | optional) != bool(hosts):
        table.wrong("hosts", "must list the hosts of net.fetch, and only with that capability.")
    table.done()
    return required, optional, why, hosts


def _reasons(table: Reader, asked: frozenset[str]) -> dict[str, str]:
    """`why.reward.claim = "..."` and `why."reward.claim" = "..."` are the same to a reader, so they are here."""
    why = {}
    for key in table.keys(len(CAPABILITIES), lambda _: None):
        if isinstance(table.raw(key), dict):
            inner = table.table(key)
            names = [(inner, part, f"{key}.{part}") for part in inner.keys(8, lambda _: None)]
        else:
            names = [(table, key, key)]
        for place, part, name in names:
            text = place.text(part, 200)
            if name in asked:
                why[name] = text
            else:
                place.wrong(part, "gives a reason for a capability that is not asked for.")
    return why


def _budget(table: Reader) -> Budget:
    """What is asked for; what is not said is what one Tierra allows. The scan checks it against the footprint."""
    budget = Budget(
        **{
            name: table.number(name, 1, getattr(LARGEST, name), getattr(ONE_TIERRA, name))
            for name in Budget.__slots__
        }
    )
    table.done()
    return budget


def _pools(tables: Reader) -> tuple[PoolPlan, ...]:
    pools = []
    for name in tables.keys(8, _matches(_NAME, 'small letters, digits and "_"')):
        table = tables.table(name)
        pool = PoolPlan(
            name=name,
            per_claim=_amount(table, "per_claim"),
            per_player_day=_amount(table, "per_player_day"),
            total=_amount(table, "total"),
            cooldown=table.number("cooldown", 0, 30 * _DAY, 0),
            min_presence=table.number("min_presence", 0, _DAY, 0),
        )
        table.done()
        if not pool.per_claim <= pool.per_player_day <= pool.total:
            table.wrong("", "per_claim must not be above per_player_day, nor that above total.")
        pools.append(pool)
    tables.done()
    return tuple(pools)


def _amount(table: Reader, key: str) -> int:
    """Wei of an amount of LIVE, given as a whole number or a decimal text; never as a float, which is not exact."""
    value = table.raw(key)
    if type(value) is int and 0 <= value < 2**96:
        value = str(value)
    if not isinstance(value, str):
        table.wrong(key, 'must be LIVE as a whole number or a decimal text such as "0.5".')
        return 0
    try:
        wei = amounts.parse(value)
    except MallError as error:
        table.wrong(key, error.message)
        return 0
    if wei == 0:
        table.wrong(key, "must be above 0.")
    return wei


def _products(top: Reader, kind: str) -> tuple[Product, ...]:
    products = []
    for table in top.tables("products", 200):
        products.append(
            Product(
                category=table.text("category", 80),
                template=table.text("template", 80),
                title=table.text("title", 80, ""),
            )
        )
        table.done()
    if products and kind != "shop":
        top.wrong("products", "belong to kind shop only.")
    return tuple(products)


def _depends(table: Reader) -> dict[str, str]:
    found = {
        name: table.text(name, 80, rule=semver.range_problem)
        for name in table.keys(20, _matches(_ID, "author/name"))
    }
    table.done()
    return found


def _share(table: Reader) -> dict[str, int]:
    share = {}
    for name in table.keys(20, _share_problem):
        share[name] = table.number(name, 1, 100)
    table.done()
    if share and sum(share.values()) != 100:
        table.wrong("", f"must sum to 100 percent, not {sum(share.values())}.")
    return share


def _share_problem(name: str) -> str | None:
    if not name.startswith("0x"):
        return None if _WORD.fullmatch(name) else "must be an address or a user's name."
    try:
        checked(name)
    except MallError as error:
        return error.message
    return None


def _assets(top: Reader) -> tuple[Asset, ...]:
    assets: list[Asset] = []
    for table in top.tables("assets", 400):
        asset = Asset(
            path=table.text("path", 160),
            kind=table.choice("kind", tuple(ASSET_SUFFIXES)),
            bytes=table.number("bytes", 1, MAX_FILE),
            sha256=table.text("sha256", 64, rule=_matches(_SHA256, "64 hexadecimal digits in small letters")),
            license=table.text("license", 64, rule=license_problem),
            credit=table.text("credit", 200, ""),
        )
        if not asset.path.startswith("assets/") or not asset.path.endswith(ASSET_SUFFIXES[asset.kind]):
            table.wrong("path", f"must lie in assets/ and end in {' or '.join(ASSET_SUFFIXES[asset.kind])}.")
        if any(other.path == asset.path for other in assets):
            table.wrong("path", "is listed twice.")
        table.done()
        assets.append(asset)
    return tuple(assets)
