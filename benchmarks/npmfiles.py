"""Files of npm packages, fetched by `npm pack` into a folder outside the repository and kept there between runs."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

__all__ = ["npm_file"]


def npm_file(cache: Path, package: str, path: str) -> bytes:
    """Content of ``path`` in ``package`` (``leaflet@1.9.4``). Raises `RuntimeError` when npm does not bring it."""
    archive = cache / f"{package.replace('/', '-')}.tgz"
    if not archive.exists():
        cache.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["npm", "pack", package, "--silent"], cwd=cache, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"npm pack {package}: {done.stderr.strip() or 'failed'}")
        (cache / done.stdout.strip().splitlines()[-1]).rename(archive)
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"package/{path}")
        if member is None:
            raise RuntimeError(f"npm package {package} has no file {path}")
        return member.read()
