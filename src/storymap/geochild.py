"""The reading process: a file is decoded where it can harm nothing but itself.

GDAL, SQLite and pyarrow are large C and C++ libraries; a file made for it can crash them, send them round for ever or
fill the memory. So every file they decode, and every upload whatever its format, is read by a short-lived process
with limits, an environment without secrets, one GDAL driver, and nothing to reach but a folder of its own. GeoJSON and
CSV of a story folder are decoded by Python itself, with limits on size, and stay in the app's process: starting
another costs 0.7 s of processor time, and a story has a dozen layers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from storymap.gdal_guard import skip_list
from storymap.geocache import dump, load
from storymap.geocontent import GeodataError, Options, format_of
from storymap.georepair import Geodata

__all__ = ["MEMORY", "PROCESSOR_SECONDS", "WALL_SECONDS", "main", "read_apart", "tell_apart"]

MEMORY = 2_500_000_000  # bytes of address space; the largest layer allowed takes about 1.5 GB, libraries 0.5
PROCESSOR_SECONDS = 60  # the largest layers allowed take up to 20
WALL_SECONDS = 120
_RESULT = 1_000_000_000  # bytes that it may write to one file

TASKS = {
    "look": "storymap.geolook import look",
    "swapped": "storymap.geolook import decode_swapped",
    "table": "storymap.spreadsheet import table",
}
"""What else than decoding as it stands is done to an upload."""
T = TypeVar("T")
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "PROJ_DATA", "PROJ_LIB", "GDAL_DATA")
# The package's own start imports all of it; the process needs only the decoders.
_BOOT = """
import json, sys, types
request = json.load(open("request.json", encoding="utf-8"))
sys.path[:] = request["path"]
package = types.ModuleType("storymap")
package.__path__ = [request["package"]]
sys.modules["storymap"] = package
from storymap.geochild import limit, main
limit()
from storymap.geofile import decode
main(request, decode)
"""


def read_apart(name: str, data: bytes, options: Options, *, swapped: bool = False) -> Geodata:
    """Decodes and repairs a file in a process of its own. Raises GeodataError, also when it fails or takes too long.

    ``swapped``: x and y stand the other way round.
    """
    return _run(name, data, options, _boot("swapped") if swapped else _BOOT, load)


def tell_apart(task: str, name: str, data: bytes, options: Options) -> Any:
    """What a task of `TASKS` has to say of a file (JSON), found out in a process of its own. Raises GeodataError."""
    return _run(name, data, options, _boot(task), json.loads)


def _boot(task: str) -> str:
    return _BOOT.replace("from storymap.geofile import decode", f"from {TASKS[task]} as decode")


def _run(name: str, data: bytes, options: Options, boot: str, loads: Callable[[bytes], T]) -> T:
    with TemporaryDirectory(prefix="storymap-", ignore_cleanup_errors=True) as folder:
        request = {
            "name": name,
            "options": asdict(options),
            "path": [str(Path(entry).absolute()) for entry in sys.path if entry],
            "package": str(Path(__file__).parent.absolute()),
        }
        Path(folder, "request.json").write_text(json.dumps(request), encoding="utf-8")
        Path(folder, "data").write_bytes(data)
        try:
            done = subprocess.run(  # noqa: S603 - our own interpreter and code
                [sys.executable, "-I", "-c", boot],
                cwd=folder,
                env=_environment(name, folder),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise GeodataError(name, f"reading it took more than {WALL_SECONDS} s; simplify it") from None
        return _result(name, done.returncode, Path(folder), loads)


def _environment(name: str, folder: str) -> dict[str, str]:
    return {
        **{key: os.environ[key] for key in _KEPT if key in os.environ},
        "TMPDIR": folder,
        "TEMP": folder,
        "OGR_SKIP": skip_list(_drivers(name)),
        "SPATIALITE_LOAD": "NO",
        "GDAL_DRIVER_PATH": "disable",
        "CPL_VSIL_CURL_ALLOWED_FILENAME": "none",
        "PROJ_NETWORK": "OFF",
        "OPENBLAS_NUM_THREADS": "1",  # each thread reserves address space, of which there is a limit
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }


def _drivers(name: str) -> tuple[str, ...]:
    return () if name.lower().endswith(".xlsx") else format_of(name).drivers


def _result(name: str, code: int, folder: Path, loads: Callable[[bytes], T]) -> T:
    refused, result = folder / "refused.txt", folder / "result"
    if code == 0 and result.is_file():
        try:
            return loads(result.read_bytes())
        except ValueError:
            pass
    if code == 0 and refused.is_file():
        error = GeodataError.__new__(GeodataError)
        ValueError.__init__(error, refused.read_text(encoding="utf-8"))
        raise error
    reason = f"reading it failed (code {code}); is the file damaged? Export it again, for instance as GeoPackage"
    if code == _OUT_OF_MEMORY:
        reason = f"reading it takes more than {MEMORY / 1e9:.1f} GB of memory; simplify or cut it"
    elif code in {-9, -24}:
        reason = f"reading it took more than {PROCESSOR_SECONDS} s of processor time; simplify it"
    raise GeodataError(name, reason)


_OUT_OF_MEMORY = 75


def limit() -> None:
    """Limits of this process, where the system has them (not on Windows; there the time limit is all)."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _RESULT),
        (resource.RLIMIT_CPU, PROCESSOR_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (ValueError, OSError):  # a stricter limit is in force already, or macOS, which has none on memory
            continue


def main(request: dict[str, Any], decode: Callable[[str, bytes, Options], Geodata | bytes]) -> None:
    """The process itself: reads ``data``, writes ``result`` or ``refused.txt``, in the folder it was started in."""
    try:
        if _drivers(request["name"]):
            _only_the_driver(_drivers(request["name"]))
        made = decode(request["name"], Path("data").read_bytes(), Options(**request["options"]))
        Path("result").write_bytes(made if isinstance(made, bytes) else dump(made))
    except GeodataError as error:
        Path("refused.txt").write_text(str(error), encoding="utf-8")
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)


def _only_the_driver(drivers: tuple[str, ...]) -> None:
    """A GDAL with drivers that `gdal_guard` does not list starts over without them, once."""
    import pyogrio

    more = set(pyogrio.list_drivers()) - set(drivers)
    if not more:
        return
    if "STORYMAP_SECOND_START" in os.environ:
        raise RuntimeError("GDAL does not let its drivers be switched off")
    os.environ["OGR_SKIP"] = skip_list(drivers, more)
    os.environ["STORYMAP_SECOND_START"] = "1"
    os.execv(sys.executable, sys.orig_argv)  # noqa: S606 - our own interpreter and code
