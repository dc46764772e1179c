"""Browser libraries that we ship are what their packages hold."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import storymap
from storymap.app.assets import FILES

VENDOR = Path(storymap.__file__).parent / "page" / "vendor"


def test_every_file_is_the_one_that_is_listed() -> None:
    listed = {}
    for library in tomllib.loads((VENDOR / "vendor.toml").read_text("utf-8"))["library"]:
        assert library["folder"] == f"{library['name']}-{library['version']}"
        assert library["license"]
        assert "LICENSE" in library["sha256"]
        listed |= {f"{library['folder']}/{name}": digest for name, digest in library["sha256"].items()}
    there = {path.relative_to(VENDOR).as_posix(): path for path in VENDOR.rglob("*") if path.is_file()}
    assert set(there) == {*listed, "vendor.toml"}
    for name, digest in listed.items():
        assert hashlib.sha256(there[name].read_bytes()).hexdigest() == digest, name


def test_what_the_editor_serves_is_there() -> None:
    assert all(path.is_file() and VENDOR in path.parents for path, _ in FILES.values())
