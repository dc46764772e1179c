"""What the map of the editor's page is made of, as a browser asks for it."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from asking import Site
from storymap.app import assets
from storymap.basemapfile import load_basemap
from storymap.document import basemap_near

NOWHERE = Path("no folder of this name")


@pytest.fixture(scope="module")
def site() -> Site:
    return Site(Starlette(routes=assets.asset_routes(NOWHERE)))


@pytest.fixture(scope="module")
def outlines() -> dict[str, Any]:
    return assets.outlines(load_basemap(basemap_near(NOWHERE)))


@pytest.mark.parametrize("name", list(assets.FILES))
@pytest.mark.parametrize("packed", [True, False])
def test_the_files_are_those_that_came_with_storymap(site: Site, name: str, packed: bool) -> None:
    answer = site.get(f"/editor/{name}", headers={"Accept-Encoding": "gzip" if packed else "identity"})
    path, kind = assets.FILES[name]
    assert answer.status_code == 200
    assert answer.content == path.read_bytes(), "unpacked, when it was packed"
    assert ("content-encoding" in answer.headers) == packed
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("name", ["leaflet.map", "LEAFLET.js", "..%2f..%2fpyproject.toml", "base.js", "leaflet-src.js"])
def test_nothing_else_is_given(site: Site, name: str) -> None:
    answer = site.get(f"/editor/{name}")
    assert (answer.status_code, answer.text) == (404, "There is no such file.\n")


def test_a_folder_below_is_no_file(site: Site) -> None:
    assert site.get("/editor/../pages.py").status_code == 404
    assert site.get("/editor/").status_code == 404


def test_the_outlines_are_sent_packed_and_the_same_each_time(site: Site, outlines: dict[str, Any]) -> None:
    answers = [site.get("/editor/base.json", headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
    assert len({hashlib.sha256(answer.content).hexdigest() for answer in answers}) == 1
    assert answers[0].headers["content-type"].startswith("application/json")
    assert answers[0].json() == json.loads(json.dumps(outlines))
    assert site.get("/editor/base.json").content == answers[0].content


def test_levels_follow_each_other_from_the_first_zoom_and_get_finer(outlines: dict[str, Any]) -> None:
    levels = outlines["levels"]
    assert levels[0]["from"] == 0
    assert all(coarse["from"] < fine["from"] for coarse, fine in pairwise(levels))
    sizes = [len(json.dumps(level["land"])) for level in levels]
    assert len(sizes) > 1 and sizes[0] != sizes[-1]


def test_coordinates_are_lon_lat_with_three_decimals(outlines: dict[str, Any]) -> None:
    def numbers(value: Any) -> list[tuple[float, float]]:
        if isinstance(value, list) and value and isinstance(value[0], int | float):
            return [(value[0], value[1])]
        return [pair for part in value for pair in numbers(part)] if isinstance(value, list) else []

    pairs = [
        pair
        for shape in [*outlines["lakes"], *outlines["rivers"], *outlines["levels"][0]["land"]]
        for pair in numbers(shape["coordinates"])
    ]
    assert len(pairs) > 1000
    assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in pairs)
    assert all(round(number, assets.DIGITS) == number for pair in pairs for number in pair)


def test_towns_come_by_rank_and_the_credit_along(outlines: dict[str, Any]) -> None:
    ranks = [town[3] for town in outlines["towns"]]
    assert ranks == sorted(ranks) and len(ranks) > 50
    almaty = next(town for town in outlines["towns"] if town[2] == "Almaty")
    assert almaty[:2] == pytest.approx([76.9, 43.25], abs=0.2)
    assert "Natural Earth" in outlines["credit"]


def test_countries_have_their_names_where_the_basemap_writes_them(outlines: dict[str, Any]) -> None:
    names = {name: (lon, lat) for lon, lat, name in outlines["countries"]}
    assert names["Kazakhstan"] == pytest.approx((68, 49), abs=3)
    assert len(names) > 150 and "Kosovo" not in names and "Antarctica" not in names


def test_the_basemap_beside_the_stories_is_taken_where_there_is_one(tmp_path: Path) -> None:
    shared = tmp_path / "basemap"
    shared.symlink_to(basemap_near(NOWHERE))
    answer = Site(Starlette(routes=assets.asset_routes(shared))).get("/editor/base.json")
    assert answer.status_code == 200
    assert answer.json()["credit"]
