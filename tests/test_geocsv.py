from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.geocontent import GeodataError, Options, Raw
from storymap.geocsv import read_csv


def read(text: str | bytes, name: str = "x.csv", **options: str) -> Raw:
    return read_csv(name, text if isinstance(text, bytes) else text.encode(), Options(**options))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("name,lon,lat\nЖаңатас,69.7,43.6\n", "x.csv"),
        ("\ufeffname;lon;lat\r\nЖаңатас;69.7;43.6\r\n", "x.csv"),
        ("name\tlon\tlat\nЖаңатас\t69.7\t43.6", "x.tsv"),
        ("name\tlon\tlat\nЖаңатас\t69.7\t43.6", "x.csv"),
        ("\n\n name , Longitude , LATITUDE \nЖаңатас,69.7, 43.6\n", "x.csv"),
        ('"name";"lng";"lat"\n"Жаңатас";"69.7";"43.6"\n', "x.csv"),
    ],
)
def test_delimiters_marks_and_usual_names(text: str, name: str) -> None:
    raw = read(text, name)
    assert raw.geometry[0].equals(shapely.Point(69.7, 43.6))
    assert raw.columns["name"] == ["Жаңатас"]
    assert raw.crs == "EPSG:4326"


def test_named_columns_and_crs() -> None:
    raw = read("Rechts,Hoch\n13500000,4800000\n", lon="Rechts", lat="Hoch", crs="EPSG:28414")
    assert raw.geometry[0].equals(shapely.Point(13_500_000, 4_800_000))
    assert raw.crs == "EPSG:28414"


def test_values_are_numbers_only_where_all_are_plain_numbers() -> None:
    raw = read("lon,lat,people,share,okato,country,note\n1,2,57000,.5,007,NA,a\n3,4,,1e3,8,,\n1,2,-3,0.5,9,NL,nan\n")
    assert raw.columns["people"] == [57000, None, -3]
    assert raw.columns["okato"] == ["007", "8", "9"]
    assert raw.columns["country"] == ["NA", None, "NL"]
    assert raw.columns["share"] == [".5", "1e3", "0.5"]
    assert raw.columns["note"] == ["a", None, "nan"]
    assert read("lon,lat,share\n1,2,0.5\n1,2,2\n").columns["share"] == [0.5, 2.0]


def test_a_row_without_coordinates_has_no_geometry() -> None:
    raw = read("lon,lat,name\n,,a\n1,2,b\n3, ,c\n")
    assert [shape is None for shape in raw.geometry] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "options", "reason"),
    [
        ("name,x,y\na,1,2\n", {}, "name them with 'lon' and 'lat'; it has: name, x, y"),
        ("name,x,y\na,1,2\n", {"lon": "x"}, "'lon' and 'lat' belong together; name 'lat' as well"),
        ("name,east,north\na,1,2\n", {"lon": "est", "lat": "north"}, "no column 'est' for 'lon'; did you mean 'east'"),
        ("lon;lat\n1;2\n69,7;43,6\n", {}, "feature 2: lon is '69,7'; write 69.7, with a point"),
        ("lon,lat\n1,2\nE 69,43\n", {}, "feature 2: lon is 'E 69'; a coordinate is a plain number"),
        ("lon,lat\n1,NaN\n", {}, "feature 1: lat is 'NaN'"),
        ("lon,lat\n1,inf\n", {}, "feature 1: lat is 'inf'"),
        ("lon,lat\n69,7,43,6\n", {}, "more cells than its header"),
        ("lon,lat,name\n1,2,a\n1,2,a,b\n", {}, "not a regular table"),
        ('lon,lat,name\n1,2,"a\n', {}, "not a regular table"),
        ("lon,lat\n1,2\n".encode("utf-16"), {}, "not UTF-8"),
        ("lon,lat,name\n1,2,Жаңатас\n".encode("utf-16-le"), {}, "not UTF-8|not a CSV text"),
        ("lon,lat,name\n1,2,Жанатас\n".encode("cp1251"), {}, "not UTF-8 text; save it as 'CSV UTF-8'"),
        ("\n", {}, "name them with 'lon' and 'lat'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str | bytes, options: dict[str, str], reason: str) -> None:
    with pytest.raises(GeodataError, match=rf"^x\.csv: .*({reason})") as caught:
        read(text, **options)
    assert "\n" not in str(caught.value)


def test_too_many_features(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storymap.geocontent.MAX_FEATURES", 1)
    with pytest.raises(GeodataError, match="2 features are more than the 1 a layer may have"):
        read("lon,lat\n1,2\n3,4\n")


@settings(deadline=None)
@given(st.text(alphabet='lonat,;\t\n"1.- \0é', max_size=60).map(lambda text: "lon,lat\n" + text))
def test_any_table_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        raw = read(text)
    except GeodataError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert {len(values) for values in raw.columns.values()} <= {len(raw.geometry)}
