from pathlib import Path

import pytest

from layerplaces import write_layers
from storymap import layerfacts
from storymap.geodata import GeodataError
from storymap.layerfacts import category_names, facts, looks_of, symbolised
from storymap.story import CategoryStyle, Style


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_layers(tmp_path)


def test_columns_their_kinds_and_values(folder: Path) -> None:
    known = facts(folder, {"file": "sites.geojson"})
    assert known.names == ("name", "name_ru", "kind", "people", "km")
    kind, people, km = known.columns[2:]
    assert (kind.kind, kind.values, kind.counts, kind.different) == ("text", ("mine", "plant", "town"), (2, 2, 2), 3)
    assert (people.kind, people.low, people.high) == ("number", 49, 25000)
    assert all(type(value) is int for value in people.values)
    assert km.kind == "number", "a gap does not make text of numbers"
    assert (km.different, sum(km.counts)) == (4, 5)
    assert known.column("nothing") is None


def test_kinds_of_geometry_are_those_that_filters_keep(folder: Path) -> None:
    assert facts(folder, {"file": "land.geojson"}).kinds() == ("area",)
    assert facts(folder, {"file": "road.geojson"}).kinds() == ("line",)
    sites = facts(folder, {"file": "sites.geojson"})
    assert sites.kinds({"kind": "mine"}) == ("point",)
    assert sites.kinds({"kind": "nothing"}) == ()
    assert sites.passing({"kind": ["mine", "town"]}, {"people": 49}).sum() == 1
    assert sites.passing({"no such column": "x"}).sum() == 6


def test_data_is_read_again_only_when_the_file_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    real = layerfacts.geodata.read
    monkeypatch.setattr(layerfacts.geodata, "read", lambda *args, **more: read.append(1) or real(*args, **more))
    first = facts(folder, {"file": "land.geojson"})
    assert facts(folder, {"file": "land.geojson", "credit": "Other"}) is first
    assert len(read) == 1
    text = (folder / "land.geojson").read_text("utf-8")
    (folder / "land.geojson").write_text(text.replace('"Land"', '"Other land"'), encoding="utf-8")
    assert facts(folder, {"file": "land.geojson"}).columns[0].values == ("Other land",)


def test_a_file_that_is_not_there_is_told(folder: Path) -> None:
    with pytest.raises(GeodataError):
        facts(folder, {"file": "nowhere.geojson"})
    with pytest.raises(GeodataError):
        facts(folder, {})


def test_categories_in_the_order_of_the_legend(folder: Path) -> None:
    known = facts(folder, {"file": "sites.geojson"})
    style = Style(column="kind", categories={"town": CategoryStyle(label="Town")})
    assert category_names(style, known, None) == ("town", "mine", "plant")
    assert category_names(style, known, {"kind": "mine"}) == ("town", "mine")
    assert looks_of(style, known, None, "en").texts == ("Town", "Mine", "Plant")


def test_symbolised_as_a_step_shows_it(folder: Path) -> None:
    known = facts(folder, {"file": "sites.geojson"})
    layer = '{"id": "sites", "source": {"file": "sites.geojson", "credit": "A", "license": "B"}, "legend": "Sites"}'
    made = symbolised(
        known, layer, '{"layer": "sites", "where": {"kind": "mine"}, "style": {"color": "#224466"}}', "en"
    )
    assert len(made.rows) == 2
    assert {paint.fill for paint in made.paints} == {"#224466"}
