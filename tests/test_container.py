"""The container image, as far as it can be tried without a container: its files, its user, its command and its check."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINES = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
PATIENCE_S = 120


def said(word: str) -> list[str]:
    """What follows each instruction of this name."""
    return [line.removeprefix(f"{word} ").strip() for line in LINES if line.startswith(f"{word} ")]


def stages() -> list[list[str]]:
    starts = [number for number, line in enumerate(LINES) if line.startswith("FROM ")]
    return [LINES[start:end] for start, end in zip(starts, [*starts[1:], len(LINES)], strict=True)]


def command(text: str) -> list[str]:
    """An instruction's command, for the Python of these tests."""
    words = json.loads(text)
    assert words[0] == "/venv/bin/python"
    return [sys.executable, *words[1:]]


def sent(path: str) -> bool:
    """Whether ``.dockerignore`` lets a file reach the builder: the last line that matches it, or a folder of it, decides."""
    goes = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!")
        tries = [PurePosixPath(path), *PurePosixPath(path).parents][:-1]
        anywhere = pattern.startswith("**/")
        if any(fnmatchcase(item.name if anywhere else str(item), pattern.removeprefix("**/")) for item in tries if
               anywhere or str(item).count("/") == pattern.count("/")):  # fmt: skip
            goes = line.startswith("!")
    return goes


def test_only_what_the_image_needs_reaches_the_builder() -> None:
    for path in ("src/storymap/cli.py", "geodata/zhanatas/story.yaml", "geodata/basemap/basemap.yaml", "streamlit_app.py",
                 "pyproject.toml", "constraints.txt", "README.md", "LICENSE", ".streamlit/config.toml"):  # fmt: skip
        assert (ROOT / path).exists() and sent(path), path
    for path in (".streamlit/secrets.toml", ".git/config", ".env", "tests/conftest.py", ".venv/bin/python",
                 "src/storymap/__pycache__/cli.pyc", "dist/index.html", "notes.md"):  # fmt: skip
        assert not sent(path), path


def test_nobody_is_root_and_no_secret_is_written_down() -> None:
    last = stages()[-1]
    users = [line.split()[1] for line in last if line.startswith("USER ")]
    assert users == ["storymap"]
    after = last[last.index("USER storymap") :]
    assert not any(line.startswith(("RUN", "COPY", "ADD")) for line in after)
    assert re.search(r"useradd --uid 10001\b.*\bstorymap\b", "\n".join(last))
    assert not re.search(r"password|token|secret|api_key", "\n".join(LINES), re.IGNORECASE)
    assert not any(re.search(r"[a-z]+\.[a-z]+/", image) for image in said("FROM")), "no registry is named"


@contextmanager
def image(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """The files and the environment that the image's last stage has."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}
    app = tmp_path / "app"
    app.mkdir()
    for line in stages()[-1]:
        if line.startswith("ENV "):
            environment |= dict(word.split("=", 1) for word in shlex.split(line.removeprefix("ENV ")))
        if line.startswith("COPY ") and "--from" not in line:
            source, target = line.split()[1:]
            to = app / (Path(source).name if target == "./" else target)
            to.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copyfile
            copy(ROOT / source, to)
    environment["STORYMAP_CACHE"] = str(tmp_path / "cache")
    yield app, environment


def test_the_command_serves_and_the_check_tells_whether_it_does(tmp_path: Path) -> None:
    (check,) = said("HEALTHCHECK")
    probe = command(check.partition(" CMD ")[2])
    with image(tmp_path) as (app, environment), socket.socket() as free:
        assert environment["STREAMLIT_SERVER_ADDRESS"] == "0.0.0.0"
        assert environment["STREAMLIT_SERVER_PORT"] == said("EXPOSE")[0]
        free.bind(("127.0.0.1", 0))
        environment["STREAMLIT_SERVER_PORT"] = str(free.getsockname()[1])
        free.close()

        def healthy() -> bool:
            return subprocess.run(probe, env=environment, capture_output=True, check=False).returncode == 0

        assert not healthy()
        (words,) = (line.removeprefix("CMD ") for line in stages()[-1] if line.startswith("CMD "))
        offline = [sys.executable, str(ROOT / "tests/offline.py"), *command(words)[1:]]
        with (tmp_path / "log").open("wb") as log:
            server = subprocess.Popen(offline, cwd=app, env=environment, stdout=log, stderr=log)
        try:
            give_up = time.monotonic() + PATIENCE_S
            while not healthy():
                log_text = (tmp_path / "log").read_text("utf-8", "replace")
                assert server.poll() is None and time.monotonic() < give_up, log_text
        finally:
            server.terminate()
            server.wait(PATIENCE_S)
        assert not healthy()


@pytest.mark.parametrize("stage", range(2))
def test_all_that_is_copied_is_there_and_sent(stage: int) -> None:
    for line in stages()[stage]:
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists()
                inside = [
                    path for path in (ROOT / source).rglob("*") if path.is_file() and "__pycache__" not in path.parts
                ]
                assert all(sent(path.relative_to(ROOT).as_posix()) for path in inside or [ROOT / source])
