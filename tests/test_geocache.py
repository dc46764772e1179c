from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap import geocache
from storymap.geocontent import Options, Raw
from storymap.georepair import Geodata, repair


def layer(**columns: list[Any]) -> Geodata:
    count = len(next(iter(columns.values()), [0]))
    shapes = np.array([shapely.Point(at, 1) for at in range(count)], dtype=object)
    return repair("x.geojson", Raw(shapes, columns, "EPSG:4326", ("A note about Жаңатас.",)))


def same(a: Geodata, b: Geodata) -> None:
    assert_geodataframe_equal(a.frame, b.frame)
    assert a.notes == b.notes
    for key in a.frame.columns.drop("geometry"):
        assert [(type(x), x) for x in a.frame[key]] == [(type(x), x) for x in b.frame[key]]


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(VALUES, VALUES, st.none() | st.integers(), st.none() | st.text(max_size=3)), min_size=1, max_size=5
    )
)
def test_what_is_kept_comes_back_with_every_type(rows: list[tuple[Any, ...]]) -> None:
    columns = {f"column {at}": list(values) for at, values in enumerate(zip(*rows, strict=True))}
    kept = layer(**columns)
    same(geocache.load(geocache.dump(kept)), kept)


def test_a_layer_without_columns() -> None:
    kept = layer()
    same(geocache.load(geocache.dump(kept)), kept)


def test_every_damaged_byte_is_noticed() -> None:
    whole = geocache.dump(layer(name=["a", None]))
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x10
        with pytest.raises(ValueError, match="checksum"):
            geocache.load(bytes(damaged))
    for length in (0, 10, 32, 100, len(whole) - 1):
        with pytest.raises(ValueError, match=r"checksum|not a layer"):
            geocache.load(whole[:length])


def test_the_key_follows_bytes_format_options_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [
        geocache.key(b"a", ".csv", Options()),
        geocache.key(b"b", ".csv", Options()),
        geocache.key(b"a", ".tsv", Options()),
        geocache.key(b"a", ".csv", Options(layer="x")),
        geocache.key(b"a", ".csv", Options(crs="x")),
        geocache.key(b"a", ".csv", Options(lon="x")),
        geocache.key(b"a", ".csv", Options(lat="x")),
    ]
    assert geocache.key(b"a", ".csv", Options()) == keys[0]
    monkeypatch.setattr(geocache, "VERSION", geocache.VERSION + 1)
    keys.append(geocache.key(b"a", ".csv", Options()))
    assert len(set(keys)) == len(keys)


def test_store_and_fetch(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    kept = layer(name=["a"])
    assert geocache.fetch(folder, "k") is None
    geocache.store(folder, "k", kept)
    found = geocache.fetch(folder, "k")
    assert found is not None
    same(found, kept)
    assert [path.name for path in folder.iterdir()] == ["k.layer"]  # nothing half-written stays


def test_a_cache_that_can_not_be_written_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    geocache.store(tmp_path / "file" / "cache", "k", layer(name=["a"]))
    folder = tmp_path / "cache"

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    geocache.store(folder, "k", layer(name=["a"]))
    assert list(folder.iterdir()) == []
