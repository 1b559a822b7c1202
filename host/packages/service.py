"""Releases: handed in, scanned, reviewed by somebody else, and revoked by two."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from contracts.keys import recover_message
from host.accounts import rules as accounts
from host.accounts.models import SYSTEM, Actor
from host.errors import MallError
from host.events import ReleaseChanged
from host.hookspecs import Finding
from host.packages import archive, rules, scan, semver, signature, store
from host.packages.blobs import Blobs
from host.packages.flow import step
from host.packages.guards import GUARDS, Act, passes
from host.packages.manifest import findings_error
from host.packages.models import Inspected, Manifest, Package, Release
from host.storage.rows import Rows
from host.storage.tx import Tx

_REVIEWS: Final = frozenset({"approve", "request_changes", "reject", "revoke"})


class Packages:
    """The register of releases.

    Args:
        folder: where archives are kept by digest.
        lua_check: compiles (never runs) a Lua source; see `host.packages.scan`.
        recover: the address that signed a message; of `contracts.keys`.
    """

    def __init__(
        self, folder: Path, lua_check: scan.LuaCheck, recover: signature.Recover = recover_message
    ) -> None:
        self._blobs = Blobs(folder)
        self._lua_check = lua_check
        self._recover = recover
        self._manifest = lru_cache(maxsize=256)(lambda digest: self._blobs.get(digest).manifest)

    def inspect(self, data: bytes) -> Inspected:
        """Open, verify and scan an archive and keep it on disk: the slow part, for any thread, outside a transaction.

        The caller may add findings of plugins (`dataclasses.replace`) before `submit`.

        Raises:
            MallError: package.archive, package.path, package.too_large, package.findings (manifest),
                package.wrong_hash, package.not_signed, package.bad_signature, account.bad_address, storage.disk_full.
        """
        package = archive.open_package(archive.unpack(data))
        signer = signature.signer(package, self._recover)
        findings = scan.scan(package, self._lua_check)
        self._blobs.put(package)
        return Inspected(package, signer, findings)

    def submit(self, tx: Tx, actor: Actor, inspected: Inspected) -> Release:
        """Hand in a release: draft, submitted, scanned in one go, or back to draft with a blocking finding.

        The same content again answers with the release as it is. Look at `blocked` for a draft sent back: its
        findings are stored, so they are no error inside the transaction.

        Raises:
            MallError: account.not_allowed, package.not_yours, package.denied, package.version_taken.
        """
        manifest, digest = inspected.package.manifest, inspected.package.digest
        found = store.by_version(tx, manifest.id, manifest.version)
        if found is not None and found.state not in ("draft", "changes_requested"):
            if found.digest == digest:
                return found
            raise MallError(
                "package.version_taken",
                f"{manifest.id} {manifest.version} exists with other content ({found.state}). Raise the version.",
                package=manifest.id,
                version=manifest.version,
            )
        act = Act("create", actor, inspected=inspected)
        if found is None:
            self._check(tx, act, None)
            if store.author_address(tx, manifest.author) is None:
                store.claim_author(tx, manifest.author, inspected.signer)
            found = store.insert(tx, inspected, actor.ref)
            self._record(tx, act, found, "", "draft")
        elif found.state == "changes_requested":
            found = self._move(tx, replace(act, name="reopen"), found)
        found = self._move(tx, replace(act, name="submit"), found)
        store.put_content(tx, found.id, inspected, actor.ref)
        return self._scanned(tx, self.get(tx, found.id), inspected)

    def _scanned(self, tx: Tx, found: Release, inspected: Inspected) -> Release:
        findings = (*inspected.findings, *self._missing(tx, inspected.package.manifest))
        store.put_findings(tx, found.id, findings)
        by_host = Act("scan", SYSTEM, inspected=inspected)
        found = self._move(tx, by_host, found)
        blocking = sum(finding.level == "block" for finding in findings)
        if blocking:
            return self._move(
                tx, replace(by_host, name="send_back", reason=f"{blocking} blocking findings"), found
            )
        trusted = replace(by_host, name="approve_trusted")
        wanted = step(rules.RELEASE_FLOW, "release", found.state, trusted.name)
        if all(passes(guard, tx, trusted, found) for guard in wanted.guards):
            return self._move(tx, trusted, found)
        return found

    def approve(self, tx: Tx, actor: Actor, release: int, reason: str = "") -> Release:
        """Approve a scanned release; a moderator's act, not the author's.

        Raises:
            MallError: account.not_allowed, release.unknown, release.bad_transition, release.own, package.denied.
        """
        return self._move(tx, Act("approve", actor, reason), self.get(tx, release))

    def request_changes(self, tx: Tx, actor: Actor, release: int, reason: str) -> Release:
        """Ask the author for changes.

        Raises:
            MallError: as `approve`; release.reason_missing.
        """
        return self._move(tx, Act("request_changes", actor, reason), self.get(tx, release))

    def reject(
        self, tx: Tx, actor: Actor, release: int, reason: str, rule: str, evidence: str = ""
    ) -> Release:
        """Refuse a release for good; `rule` is the broken rule's id and version.

        Raises:
            MallError: as `approve`; release.reason_missing.
        """
        return self._move(tx, Act("reject", actor, reason, rule, evidence), self.get(tx, release))

    def revoke(
        self, tx: Tx, actor: Actor, release: int, reason: str, rule: str, evidence: str = ""
    ) -> Release:
        """Take an approved release back, and deny its digest. The first moderator asks, a second one completes it.

        Returns the release: still approved after the first, revoked after the second.

        Raises:
            MallError: account.not_allowed, release.unknown, release.bad_transition, release.reason_missing.
        """
        found = self.get(tx, release)
        act = Act("revoke", actor, reason, rule, evidence)
        if store.revocation_asked(tx, release):
            found = self._move(tx, act, found)
            store.deny(tx, found.digest, reason)
            return found
        wanted = step(rules.RELEASE_FLOW, "release", found.state, "revoke")
        accounts.require_role(actor, wanted.actors, "revoke")
        for guard in wanted.guards:
            if guard != "second_person":
                GUARDS[guard](tx, act, found)
        store.ask_revocation(tx, release, actor, reason, rule)
        self._audit(tx, replace(act, name="revoke_asked"), found, found.state, found.state)
        return found

    def retire(self, tx: Tx, actor: Actor, release: int, reason: str = "") -> Release:
        """Take a release off the shelf; existing placements keep it until their end.

        Raises:
            MallError: account.not_allowed, package.not_yours, release.unknown, release.bad_transition.
        """
        return self._move(tx, Act("retire", actor, reason), self.get(tx, release))

    def get(self, rows: Rows, release: int) -> Release:
        """The release with this id.

        Raises:
            MallError: release.unknown.
        """
        found = store.by_id(rows, release)
        if found is None:
            raise MallError("release.unknown", f"There is no release {release}.", release=release)
        return found

    def find(self, rows: Rows, package: str, version: str) -> Release | None:
        """The release of this package and version."""
        return store.by_version(rows, package, version)

    def releases(self, rows: Rows, package: str) -> list[Release]:
        """All releases of a package, oldest first."""
        return store.of_package(rows, package)

    def waiting(self, rows: Rows) -> list[Release]:
        """The review queue: scanned releases, longest waiting first."""
        return store.in_state(rows, "scanned")

    def findings(self, rows: Rows, release: int) -> list[Finding]:
        """What the last scan found."""
        return store.findings(rows, release)

    def blocked(self, rows: Rows, release: Release) -> MallError | None:
        """The error package.findings for a draft that the scan sent back, else None."""
        found = self.findings(rows, release.id)
        if release.state == "draft" and any(finding.level == "block" for finding in found):
            return findings_error(found)
        return None

    def open(self, release: Release) -> Package:
        """The release's manifest and files, from disk, checked.

        Raises:
            MallError: package.lost.
        """
        return self._blobs.get(release.digest)

    def manifest(self, release: Release) -> Manifest:
        """The release's manifest; kept in memory, since a digest's content never changes.

        Raises:
            MallError: package.lost.
        """
        return self._manifest(release.digest)

    def _missing(self, tx: Tx, manifest: Manifest) -> list[Finding]:
        return [
            Finding(
                "block",
                "package.dependency_missing",
                f"There is no approved release of {name} within {wanted}.",
                f"package.toml:depends.{name}",
            )
            for name, wanted in manifest.depends.items()
            if not any(
                r.state == "approved" and semver.fits(r.version, wanted) for r in store.of_package(tx, name)
            )
        ]

    def _move(self, tx: Tx, act: Act, found: Release) -> Release:
        after = self._check(tx, act, found)
        store.set_state(tx, found.id, after, act.reason)
        if act.name in _REVIEWS:
            store.set_verdict(tx, found.id, act.actor.ref, after)
        self._record(tx, act, found, found.state, after)
        return self.get(tx, found.id)

    def _check(self, tx: Tx, act: Act, found: Release | None) -> str:
        """The state after the act, once its actor and guards pass."""
        wanted = step(rules.RELEASE_FLOW, "release", found.state if found else "", act.name)
        accounts.require_role(act.actor, wanted.actors, act.name)
        for guard in wanted.guards:
            GUARDS[guard](tx, act, found)
        return wanted.after

    def _record(self, tx: Tx, act: Act, found: Release, before: str, after: str) -> None:
        self._audit(tx, act, found, before, after)
        tx.emit(
            ReleaseChanged(
                at=tx.now,
                release=found.id,
                package=found.package,
                version=found.version,
                before=before,
                after=after,
                actor=act.actor.ref,
            )
        )

    def _audit(self, tx: Tx, act: Act, found: Release, before: str, after: str) -> None:
        tx.audit(
            act.actor.ref,
            f"release.{act.name}",
            f"release:{found.id}",
            before=before,
            after=after,
            reason=act.reason,
            package=found.package,
            version=found.version,
            digest=act.inspected.package.digest if act.inspected else found.digest,
            rule=act.rule,
            evidence=act.evidence,
        )
