"""Tables of releases, their findings, authors' names, revocations and the denylist."""

from __future__ import annotations

from collections.abc import Iterable

from sqlite_utils import Database, Migrations

from host.accounts.models import Actor
from host.hookspecs import Finding
from host.packages.models import Inspected, Release
from host.storage.rows import Row, Rows
from host.storage.tx import Tx

MIGRATIONS = Migrations("packages")


@MIGRATIONS()
def create(db: Database) -> None:
    releases = db.table("releases")
    columns = {
        "id": int, "package": str, "version": str, "digest": str, "kind": str, "title": str, "state": str,
        "signer": str, "submitter": str, "reviewer": str, "verdict": str, "reason": str,
        "created": float, "changed": float,
    }  # fmt: skip
    releases.create(columns, pk="id", not_null=set(columns) - {"id"})
    releases.create_index(["package", "version"], unique=True)
    releases.create_index(["state"])
    releases.create_index(["signer"])
    db.table("release_findings").create(
        {"release": int, "number": int, "level": str, "code": str, "message": str, "path": str},
        pk=("release", "number"),
        not_null={"level", "code", "message", "path"},
        foreign_keys=[("release", "releases", "id")],
    )
    db.table("package_authors").create(
        {"author": str, "address": str, "since": float}, pk="author", not_null={"address", "since"}
    )
    db.table("release_revocations").create(
        {"release": int, "actor": str, "address": str, "reason": str, "rule": str, "at": float},
        pk="release",
        not_null={"actor", "address", "reason", "rule", "at"},
        foreign_keys=[("release", "releases", "id")],
    )
    db.table("denied_digests").create({"digest": str, "reason": str, "at": float}, pk="digest")


def _release(row: Row) -> Release:
    return Release(**{name: row[name] for name in Release.__slots__})


def by_id(rows: Rows, number: int) -> Release | None:
    """The release with this id."""
    row = rows.one("select * from releases where id = ?", number)
    return _release(row) if row else None


def by_version(rows: Rows, package: str, version: str) -> Release | None:
    """The release of this package and version."""
    row = rows.one("select * from releases where package = ? and version = ?", package, version)
    return _release(row) if row else None


def of_package(rows: Rows, package: str) -> list[Release]:
    """All releases of a package, oldest first."""
    return [
        _release(row) for row in rows.all("select * from releases where package = ? order by id", package)
    ]


def in_state(rows: Rows, state: str) -> list[Release]:
    """Releases in a state, those that wait longest first."""
    return [
        _release(row)
        for row in rows.all("select * from releases where state = ? order by changed, id", state)
    ]


def insert(tx: Tx, inspected: Inspected, submitter: str) -> Release:
    """Add a draft."""
    manifest = inspected.package.manifest
    number = tx.insert(
        "releases",
        package=manifest.id,
        version=manifest.version,
        digest=inspected.package.digest,
        kind=manifest.kind,
        title=manifest.title,
        state="draft",
        signer=inspected.signer,
        submitter=submitter,
        reviewer="",
        verdict="",
        reason="",
        created=tx.now,
        changed=tx.now,
    )
    return Release(
        number, manifest.id, manifest.version, inspected.package.digest, manifest.kind, manifest.title, "draft",
        inspected.signer, submitter, "", "", tx.now,
    )  # fmt: skip


def put_content(tx: Tx, release: int, inspected: Inspected, submitter: str) -> None:
    """Set what was handed in, and by whom."""
    manifest = inspected.package.manifest
    tx.execute(
        "update releases set digest = ?, kind = ?, title = ?, submitter = ?, changed = ? where id = ?",
        inspected.package.digest,
        manifest.kind,
        manifest.title,
        submitter,
        tx.now,
        release,
    )


def set_state(tx: Tx, release: int, state: str, reason: str) -> None:
    """Move a release to a state."""
    tx.execute(
        "update releases set state = ?, reason = ?, changed = ? where id = ?", state, reason, tx.now, release
    )


def set_verdict(tx: Tx, release: int, reviewer: str, verdict: str) -> None:
    """Note who judged a release, and how; it stays when the author retires the release."""
    tx.execute("update releases set reviewer = ?, verdict = ? where id = ?", reviewer, verdict, release)


def put_findings(tx: Tx, release: int, findings: Iterable[Finding]) -> None:
    """Replace the findings of a release."""
    tx.execute("delete from release_findings where release = ?", release)
    for number, one in enumerate(findings, 1):
        tx.insert(
            "release_findings",
            release=release,
            number=number,
            level=one.level,
            code=one.code,
            message=one.message,
            path=one.path,
        )


def findings(rows: Rows, release: int) -> list[Finding]:
    """The findings of a release's last scan."""
    found = rows.all("select * from release_findings where release = ? order by number", release)
    return [Finding(row["level"], row["code"], row["message"], row["path"]) for row in found]


def author_address(rows: Rows, author: str) -> str | None:
    """Whose an author's name is."""
    found: str | None = rows.value("select address from package_authors where author = ?", author)
    return found


def claim_author(tx: Tx, author: str, address: str) -> None:
    """Give a free author's name to an address."""
    tx.insert("package_authors", author=author, address=address, since=tx.now)


def record_of(rows: Rows, signer: str) -> tuple[int, int]:
    """How many releases of a signer moderators approved, and how many were rejected or revoked."""
    row = rows.one(
        "select coalesce(sum(verdict = 'approved'), 0),"
        " coalesce(sum(verdict in ('rejected', 'revoked')), 0) from releases where signer = ?",
        signer,
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


def denied(rows: Rows, digest: str) -> str | None:
    """Why a digest is on the denylist, or None."""
    found: str | None = rows.value("select reason from denied_digests where digest = ?", digest)
    return found


def deny(tx: Tx, digest: str, reason: str) -> None:
    """Put a digest on the denylist."""
    tx.execute(
        "insert or ignore into denied_digests (digest, reason, at) values (?, ?, ?)", digest, reason, tx.now
    )


def revocation_asked(rows: Rows, release: int) -> bool:
    """Whether a first moderator asked to revoke a release."""
    return rows.one("select 1 from release_revocations where release = ?", release) is not None


def ask_revocation(tx: Tx, release: int, actor: Actor, reason: str, rule: str) -> None:
    """Note the first moderator's wish."""
    tx.insert(
        "release_revocations",
        release=release,
        actor=actor.ref,
        address=actor.address,
        reason=reason,
        rule=rule,
        at=tx.now,
    )
