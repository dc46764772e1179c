"""A Chromium for what needs one: which is installed, and how it is started so that it reaches no other machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["NoBrowser", "chromium", "installed_chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class NoBrowser(RuntimeError):
    """There is no browser to make pictures with; the message is one line and says what to install."""


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
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return str(path) if path.is_file() else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium that knows no host at all. Raises `NoBrowser`."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise NoBrowser("pictures need playwright: pip install 'storymap-desk[images]'") from None
    path = installed_chromium()
    if path is None:
        named = os.environ.get("STORYMAP_BROWSER")
        lacking = f"STORYMAP_BROWSER names '{named}', which is no file" if named else "no Chromium or Chrome found"
        raise NoBrowser(f"{lacking}: install one, or set STORYMAP_BROWSER to its path")
    # Chromium's own sandbox can not start as root, which is what a container runs as.
    root = ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *root])
        except Error as error:
            reason = next((line for line in error.message.splitlines() if line.strip()), "no reason given")
            raise NoBrowser(f"'{path}' did not start: {reason.strip()}") from None
        try:
            yield browser
        finally:
            browser.close()
