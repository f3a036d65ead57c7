"""A published source package: pinned by version and SHA-256, fetched once with pip, then read from the user's cache.

pip brings the user's own index, proxy and credentials. It learns the metadata of a source package by running its build
script; with the hash in the requirement it checks the file first, so only the pinned script can ever run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from seatrial.artifact.atomic import temporary_folder
from seatrial.artifact.digest import file_digest
from seatrial.errors import DataError
from seatrial.offline import refuse_offline

__all__ = ["cached_package", "fetch_package"]

FETCH_SECONDS = 300


def cached_package(package: str, sha256: str) -> Path:
    """Where the source package is, or would be, cached: XDG_CACHE_HOME or ~/.cache, whatever is in force now."""
    home = os.environ.get("XDG_CACHE_HOME")
    cache = Path(home) if home else Path.home() / ".cache"
    return cache / "seatrial" / "packages" / f"{sha256}-{package.partition('==')[0]}.tar.gz"


def fetch_package(package: str, sha256: str, where: str) -> Path:
    """The source package's archive, from the cache or else through pip.

    Args:
        package: ``name==version``.
        sha256: of the archive, 64 hex digits; a cached file with another one is fetched again.
        where: dotted path of `package` in the project file.

    Raises:
        OfflineError: it is not cached and the network is forbidden.
        DataError: pip cannot get it, or gets something else than was pinned.
    """
    target = cached_package(package, sha256)
    if target.is_file() and file_digest(target) == sha256:
        return target
    refuse_offline(
        f"the source package {package}",
        where=where,
        hint=f"put its source archive at {target}, or run once with a network",
    )
    with temporary_folder(target) as folder:
        archive = _download(package, sha256, folder, where)
        if file_digest(archive) != sha256:
            raise DataError(f"{archive.name} does not have the pinned SHA-256", where=where)
        archive.replace(target)  # not synced: the hash is checked at each use anyway
    return target


def _download(package: str, sha256: str, folder: Path, where: str) -> Path:
    """The one archive that pip puts into `folder`."""
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{package} --hash=sha256:{sha256}\n", encoding="utf-8")
    name = package.partition("==")[0]
    # `--no-binary :all:` would also build the build tools from source, which takes minutes.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--no-binary", name, "--dest", str(folder / "files"), "--requirement", str(requirement)]
    complaint = ""
    # With the installed setuptools it takes one second; a fresh build environment needs the index once more.
    for isolation in (["--no-build-isolation"], []):
        try:
            done = subprocess.run(
                [*command, *isolation], capture_output=True, text=True, timeout=FETCH_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            complaint = f"no answer within {FETCH_SECONDS} seconds"
            break
        files = sorted((folder / "files").glob("*")) if done.returncode == 0 else []
        if files:
            return files[0]
        complaint = _complaint(done.stderr)
        if "DO NOT MATCH THE HASHES" in complaint:
            break
    raise DataError(
        f"pip could not fetch the source package {package}: {complaint}",
        where=where,
        expected=f"an archive with SHA-256 {sha256}",
        hint=f"check the pin and the connection, or put the archive at {cached_package(package, sha256)}",
    )


def _complaint(stderr: str) -> str:
    """What pip says went wrong, without its warnings."""
    errors = [line.removeprefix("ERROR:").strip() for line in stderr.splitlines() if line.startswith("ERROR:")]
    return "; ".join(errors)[:500] or stderr.strip()[-300:] or "it gave no reason"
