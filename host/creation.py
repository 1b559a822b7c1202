"""What creators do on their own machine: check, test and sign a package folder. Needs no host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.keys import PrivateKey
from host.config import Config
from host.errors import MallError
from host.packages import archive, scan, signature
from host.packages.manifest import findings_error
from host.packages.models import Package
from host.placements.limits import explain
from host.plugins import Plugins
from sandbox.syntax import syntax_error


def open_folder(folder: Path) -> Package:
    """The package in a folder.

    Raises:
        MallError: package.unreadable, package.findings, package.*.
    """
    return archive.open_package(archive.read_folder(folder))


def check_folder(config: Config, folder: Path) -> dict[str, Any]:
    """The very scan of the host, with the findings of the installed plugins.

    Raises:
        MallError: package.findings when something blocks the package.
    """
    package = open_folder(folder)
    plugins = Plugins(config)
    plugins.discover()
    manifest = package.manifest
    more = plugins.findings(
        "mall_scan_release", package=manifest.id, version=manifest.version, files=package.files
    )
    findings = [*scan.scan(package, syntax_error), *more]
    if any(finding.level == "block" for finding in findings):
        raise findings_error(findings)
    return {
        "package": manifest.id,
        "version": manifest.version,
        "digest": package.digest,
        "capabilities": sorted(manifest.capabilities),
        "budget": explain(manifest.budget, manifest.footprint.cells),
        "findings": [f"{f.level} {f.path}: {f.message} ({f.code})" for f in findings],
        "verdict": "ready to publish",
    }


def signed_archive(folder: Path, key: PrivateKey) -> bytes:
    """The package packed with its author's signature."""
    package = open_folder(folder)
    return archive.pack(signature.sign(package, key))


def test_folder(folder: Path) -> dict[str, Any]:
    """Run a package's own Lua tests.

    Raises:
        MallError: package.unreadable, package.tests_failed naming each failed test.
    """
    from sandbox.testkit import run_package_tests

    open_folder(folder)
    report = run_package_tests(folder)
    failed = [result for result in report.results if result.error]
    if failed:
        lines = "\n".join(f"  {result.name}: {result.error}" for result in failed)
        raise MallError(
            "package.tests_failed", f"{len(failed)} of {len(report.results)} tests failed:\n{lines}"
        )
    return {"package": str(folder), "passed": [result.name for result in report.results]}
