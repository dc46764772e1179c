"""What the outer fence around GDAL lets through, in fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from storymap import gdal_guard

SOURCE = str(Path(gdal_guard.__file__).parents[1])


def fresh(code: str, **environment: str) -> tuple[object, str]:
    """Runs code in a new interpreter; what it prints is JSON."""
    kept = {key: value for key, value in os.environ.items() if key not in {"OGR_SKIP", "SPATIALITE_LOAD"}}
    done = subprocess.run(
        [sys.executable, "-c", f"import sys, json; sys.path.insert(0, {SOURCE!r})\n{code}"],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout), done.stderr


def test_importing_the_package_leaves_gdal_the_named_drivers_only() -> None:
    drivers, said = fresh("import storymap, pyogrio; print(json.dumps(sorted(pyogrio.list_drivers())))")
    assert set(drivers) <= gdal_guard.ALLOWED_DRIVERS
    assert {"GPKG", "TopoJSON", "FlatGeobuf", "ESRI Shapefile"} <= set(drivers)
    assert "Unable to find driver" not in said  # a name that GDAL does not know would be said at every start


def test_a_virtual_dataset_named_geojson_is_not_followed_in_this_process(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("lon,lat,word\n1,2,hidden\n")
    trap = (
        '<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>secret.csv</SrcDataSource>'
        '<GeometryField encoding="PointFromColumns" x="lon" y="lat"/></OGRVRTLayer></OGRVRTDataSource>'
    )
    (tmp_path / "trap.geojson").write_text(trap.replace(">secret.csv", f">{tmp_path}/secret.csv"))
    code = (
        "import pyogrio\ntry:\n    print(json.dumps(pyogrio.read_dataframe({!r})['word'].tolist()))\n"
        "except Exception as error:\n    print(json.dumps(type(error).__name__))"
    ).format(str(tmp_path / "trap.geojson"))
    assert fresh(code)[0] == ["hidden"]  # the hole that the guard closes
    assert fresh("import storymap\n" + code)[0] == "DataSourceError"


def test_twice_is_the_same_as_once_and_what_a_user_skips_stays_skipped() -> None:
    code = (
        "import os\nfrom storymap import gdal_guard\nonce = os.environ['OGR_SKIP']\ngdal_guard.install()\n"
        "import pyogrio\nprint(json.dumps([once == os.environ['OGR_SKIP'], 'GPX' in pyogrio.list_drivers()]))"
    )
    assert fresh(code, OGR_SKIP="GPX")[0] == [True, False]


def test_a_gdal_loaded_before_the_package_is_told_of() -> None:
    code = "{}\nfrom storymap import gdal_guard\n{}\nprint(json.dumps(gdal_guard.in_force()))"
    assert fresh(code.format("import pyogrio", ""))[0] is False
    assert fresh(code.format("", ""))[0] is True
    assert fresh(code.format("", "import pyogrio"))[0] is True


def test_skip_list_names_all_but_the_allowed() -> None:
    names = gdal_guard.skip_list(["GPKG"], ["Parquet", " "]).split(",")
    assert "GPKG" not in names
    assert {"Parquet", "OGR_VRT", "GeoJSON"} <= set(names)
    assert "" not in names
    assert len(names) == len(set(names))
