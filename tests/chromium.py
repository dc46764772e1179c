"""The Chromium of the tests is the one that the commands find; run as a script it prints the path, or exits with 1."""

from __future__ import annotations

import sys

from storymap.browser import installed_chromium

__all__ = ["installed_chromium"]

if __name__ == "__main__":
    found = installed_chromium()
    print(found or "no Chromium or Chrome found")
    sys.exit(0 if found else 1)
