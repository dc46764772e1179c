"""Finds a Chromium for the tests; run as a script it prints the path, or exits with 1."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def installed_chromium() -> str | None:
    """Path of a Chromium or Chrome: ``STORYMAP_BROWSER``, the system's, or the one that playwright keeps."""
    named = os.environ.get("STORYMAP_BROWSER")
    if named:
        return named if Path(named).is_file() else None
    system = [path for path in map(shutil.which, NAMES) if path]
    # Ubuntu's /usr/bin/chromium-browser is a shell script that asks for a snap.
    found = [path for path in (*system, *MAC_APPS) if Path(path).is_file() and not _asks_for_snap(Path(path))]
    return found[0] if found else _from_playwright()


def _asks_for_snap(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"snap install" in start


def _from_playwright() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.is_file() else None


if __name__ == "__main__":
    found = installed_chromium()
    print(found or "no Chromium or Chrome found")
    sys.exit(0 if found else 1)
