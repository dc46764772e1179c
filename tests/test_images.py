"""Pictures of steps, contact sheets and stills: the command, in a real browser, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from again import at_length
from storyfolder import load_story, write_story
from storymap import cli, images
from storymap.palette import TOKENS, deeper

OFFLINE = Path(__file__).with_name("offline.py")


def run(*words: str | Path, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """``storymap words…``, or ``code``, in a process without a network; the sync API bears no second one in this one."""
    command = (
        [sys.executable, "-c", textwrap.dedent(code)] if code else [sys.executable, str(OFFLINE), "-m", "storymap"]
    )
    return subprocess.run(
        [*command, *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


def here(*words: str | Path) -> Result:
    """``storymap words…`` in this process, for what starts no browser."""
    return CliRunner().invoke(cli.main, [*map(str, words)], prog_name="storymap")


def made(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def near(color: tuple[int, ...], wanted: str) -> bool:
    return max(abs(a - b) for a, b in zip(color, bytes.fromhex(wanted[1:]), strict=True)) <= 2


def colors(path: Path, wanted: str) -> int:
    """How many pixels of a picture have a colour."""
    picture = Image.open(path).convert("RGB")
    counted = picture.getcolors(picture.width * picture.height) or []
    return sum(count for count, color in counted if isinstance(color, tuple) and near(color, wanted))


STEPS = ("01-one", "02-two", "03-three")


def red(folder: Path) -> Callable[[dict[str, Any]], None]:
    """Adds a red picture to the first step."""
    (folder / "a-story" / "media").mkdir(parents=True)
    Image.new("RGB", (200, 100), "#ff0000").save(folder / "a-story" / "media" / "red.png")

    def change(story: dict[str, Any]) -> None:
        story["steps"][0]["media"] = {"file": "media/red.png", "alt": "Red", "credit": "A desk"}

    return change


@at_length
def test_pictures_and_sheets_of_every_step_screen_and_scheme(tmp_path: Path) -> None:
    story = write_story(tmp_path, red(tmp_path))
    out = tmp_path / "out"
    schemes = ("--scheme", "light", "--scheme", "dark")
    done = run("images", story, "-o", out, "--size", "1280x800", "--size", "390x844", *schemes, "--sheet")
    assert (done.returncode, done.stderr) == (0, f"16 files in {out}\n")
    sets = ("en-1280x800-light", "en-1280x800-dark", "en-390x844-light", "en-390x844-dark")
    assert made(out) == {f"{name}/{step}.png" for name in sets for step in STEPS} | {f"{name}.png" for name in sets}
    assert done.stdout.splitlines()[0] == str(out / sets[0] / "01-one.png")
    for name in sets:
        size = (1280, 800) if "1280" in name else (390, 844)
        for step in STEPS:
            assert Image.open(out / name / f"{step}.png").size == size
        land = TOKENS["land"].light if "light" in name else TOKENS["land"].dark
        dark = TOKENS["land"].dark if "light" in name else deeper(TOKENS["land"].dark)
        assert colors(out / name / "02-two.png", land) > 20_000
        assert colors(out / name / "03-three.png", dark) > 20_000
        # What the story brings along is in the picture, and all pictures are in the sheet.
        assert colors(out / name / "01-one.png", "#ff0000") > 2_000
        assert colors(out / f"{name}.png", "#ff0000") > 100
        assert colors(out / f"{name}.png", dark) > 4_000
    again = run("images", story, "-o", tmp_path / "again", "--step", "two", "--size", "390x844")
    assert again.returncode == 0
    assert made(tmp_path / "again") == {"en-390x844-light/02-two.png"}
    name = "en-390x844-light/02-two.png"
    assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes(), "the same story, another picture"


@at_length
def test_every_language_and_pixels_by_ratio(tmp_path: Path) -> None:
    story = write_story(tmp_path)
    (story / "story.ru.yaml").write_text("title: История\nsteps: {one: {title: Один}}\n", "utf-8")
    out = tmp_path / "out"
    done = run("images", story, "-o", out, "--lang", "all", "--size", "390x700", "--ratio", "2", "--step", "one")
    assert (done.returncode, done.stderr) == (0, f"2 files in {out}\n")
    assert made(out) == {f"{lang}-390x700-light@2x/01-one.png" for lang in ("en", "ru")}
    english, russian = (Image.open(out / f"{lang}-390x700-light@2x/01-one.png") for lang in ("en", "ru"))
    assert english.size == (780, 1400)
    assert english.tobytes() != russian.tobytes()


def test_online_tiles_are_left_out(tmp_path: Path) -> None:
    story = write_story(tmp_path, lambda story: story.update(basemap="OpenStreetMap.Mapnik"))
    done = run("images", story, "-o", tmp_path / "out", "--size", "800x600", "--step", "one")
    assert (done.returncode, done.stderr) == (0, f"1 files in {tmp_path / 'out'}\n")


def test_stills_need_no_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    story, out = write_story(tmp_path), tmp_path / "out"
    schemes = ("--scheme", "light", "--scheme", "dark")
    done = here("images", story, "-o", out, "--stills", "--size", "640x480", *schemes)
    assert (done.exit_code, done.stderr) == (0, f"6 files in {out}\n")
    assert made(out) == {f"en-still-{scheme}/{step}.svg" for scheme in ("light", "dark") for step in STEPS}
    for path in out.rglob("*.svg"):
        root = ET.fromstring(path.read_text("utf-8"))
        assert (root.get("width"), root.get("height")) == ("640", "480")
        # A file of its own: colours as they are, and no address but its own.
        assert "var(" not in path.read_text("utf-8") and root.find(".//{*}style") is None
        for use in root.iter("{http://www.w3.org/2000/svg}use"):
            assert root.find(f".//*[@id='{use.get('href', '')[1:]}']") is not None
    assert here("images", story, "-o", tmp_path / "again", "--stills", "--size", "640x480").exit_code == 0
    name = "en-still-light/02-two.svg"
    assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_colours_of_stills_are_those_of_the_document(tmp_path: Path) -> None:
    theme = {"colors": {"rock": {"light": "#aa5500", "dark": "#ffaa55"}}}
    story = load_story(tmp_path, lambda story: story.update(theme=theme))
    page = images.compile_story(story).html

    def said(colors: dict[str, str], rule: str) -> bool:
        return f"{rule}{{{''.join(f'--c-{name}:{value};' for name, value in colors.items())}}}" in page

    root = ":root,[data-tone=light]"
    assert said(images.still_colors(story, "light", "light"), root)
    assert said(images.still_colors(story, "dark", "light"), "[data-tone=dark]")
    assert said(images.still_colors(story, "light", "dark"), root)
    assert said(images.still_colors(story, "dark", "dark"), "[data-tone=dark]")
    assert images.still_colors(story, "light", "light")["rock"] == "#aa5500"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--step", "ones"], "story.yaml: steps: no step 'ones'; did you mean 'one'?"),
        (["--lang", "ru"], "story.yaml: is not translated into 'ru': there is en"),
        (["--lang", "../en"], "story.yaml: is not translated into '../en': there is en"),
    ],
)
@pytest.mark.parametrize("kind", [[], ["--stills"]])
def test_refused_in_one_line(tmp_path: Path, words: list[str], reason: str, kind: list[str]) -> None:
    done = here("images", write_story(tmp_path), "-o", tmp_path / "out", *words, *kind)
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", f"{reason}\n")
    assert not (tmp_path / "out").exists()


def test_no_story_and_no_place_for_files(tmp_path: Path) -> None:
    done = here("images", tmp_path / "gone", "-o", tmp_path / "out", "--stills")
    assert (done.exit_code, done.stdout, done.stderr) == (
        1,
        "",
        "gone: no such folder: name the one that holds story.yaml\n",
    )
    (tmp_path / "taken").write_text("")
    done = here("images", write_story(tmp_path), "-o", tmp_path / "taken", "--stills")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{tmp_path / 'taken'}") and done.stderr.count("\n") == 1
    assert "can not be written" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        [], ["-o", "out", "--size", "big"], ["-o", "out", "--size", "100x800"], ["-o", "out", "--size", "1280"],
        ["-o", "out", "--size", "99999x800"], ["-o", "out", "--scheme", "sepia"], ["-o", "out", "--stills", "--sheet"],
        ["-o", "out", "--stills", "--size", "300x300", "--size", "400x400"], ["-o", "out", "--ratio", "9"],
    ],
)  # fmt: skip
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    done = here("images", *words)
    assert done.exit_code == 2
    assert "Usage:" in done.stderr and "Error:" in done.stderr and "Traceback" not in done.stderr


def test_a_missing_browser_or_playwright_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story, out = write_story(tmp_path), tmp_path / "out"
    monkeypatch.setenv("STORYMAP_BROWSER", "nowhere/chromium")
    done = here("images", story, "-o", out)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        "STORYMAP_BROWSER names 'nowhere/chromium', which is no file: install one, or set STORYMAP_BROWSER to its path\n"
    )
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    done = here("images", story, "-o", out)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "pictures need playwright: pip install 'storymap-desk[images]'\n"
    false = tmp_path / "chromium"
    false.write_text("#!/bin/sh\necho no display >&2\nexit 3\n")
    false.chmod(0o755)
    run_ = run("images", story, "-o", out, STORYMAP_BROWSER=str(false))
    assert (run_.returncode, run_.stdout, run_.stderr.count("\n")) == (1, "", 1)
    assert run_.stderr.startswith(f"'{false}' did not start: ")
    assert not out.exists()


FAKE = """
import sys
from pathlib import Path
from storymap import images
from storymap.document import Document

folder, out, *pages = sys.argv[1:]
for patience, html in zip(pages[::2], pages[1::2]):
    images.PATIENCE_MS = int(patience)
    images.compile_story = lambda story, cache: Document(html, "", "", "", "en", {})
    try:
        for path in images.pictures(Path(folder), Path(out), screens=[images.Screen(390, 700)], steps=["one"]):
            print(path.name)
    except images.NoPicture as none:
        print(none)
"""
"""Takes pictures of the first step, where its document is another page: patience in ms, HTML, …"""


@at_length
def test_pages_that_do_not_come_to_rest_or_look_for_other_hosts(tmp_path: Path) -> None:
    asked: list[str] = []

    class Neighbour(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    broken = "<script>throw new Error('the atlas is empty')</script>"
    restless = "<script>window.storymap = {go() {}, state: () => ({step: 'one', moving: true})}</script>"
    curious = """<script>
        let tried = false;
        fetch('http://127.0.0.1:PORT/x', {mode: 'no-cors'}).catch(() => { tried = true; });
        window.storymap = {go() {}, state: () => ({step: 'one', moving: !tried})};
    </script>"""
    with ThreadingHTTPServer(("127.0.0.1", 0), Neighbour) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        curious = curious.replace("PORT", str(server.server_port))
        pages = ("500", broken, "500", restless, "20000", curious)
        done = run(write_story(tmp_path), tmp_path / "out", *pages, code=FAKE)
        server.shutdown()
    told = done.stdout.splitlines()
    assert len(told) == 3, done.stderr
    assert told[0] == "no picture of step 'one' at 390x700-light: the atlas is empty"
    assert told[1].startswith("no picture of step 'one' at 390x700-light: ") and "Timeout 500ms exceeded" in told[1]
    # Not even this machine is reached: the page has been refused, and goes on.
    assert (told[2], asked) == ("01-one.png", [])
