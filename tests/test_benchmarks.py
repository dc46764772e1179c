"""The pure parts of the benchmarks: what is counted, and that docs/performance.md shows what was measured.

Nothing here measures time.
"""

from __future__ import annotations

import gzip
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks"
RESULTS = sorted((FOLDER / "results").glob("*.json"))


def part(name: str) -> ModuleType:
    """A module of benchmarks/, under a name of its own; those that it imports are found beside it."""
    full = f"storymap_benchmarks_{name}"
    if full in sys.modules:
        return sys.modules[full]
    spec = importlib.util.spec_from_file_location(full, FOLDER / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    sys.path.insert(0, str(FOLDER))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module


looking, profiling, tracing, wirebytes = map(part, ("looking", "profiling", "tracing", "wirebytes"))
report = part("report")
targets = sys.modules["targets"]  # the one that report imports, so that their classes are the same

BOX = (100, 100, 300, 200)
LAND, SEA = looking.LAND[0], looking.SEA[0]


def shot(time: float, color: str, *, land: tuple[int, int, int, int] | None = None) -> Any:
    image = Image.new("RGB", (400, 300), color)
    if land:
        ImageDraw.Draw(image).rectangle(land, fill=LAND)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return looking.Shot(time, out.getvalue())


def test_first_map_is_the_first_frame_with_a_twentieth_of_land() -> None:
    shots = [
        shot(1000, "#ffffff"),
        shot(1100, SEA),
        shot(1150, SEA, land=(0, 0, 99, 300)),  # land, but outside the probe
        shot(1200, SEA, land=(100, 100, 103, 200)),  # 2 % of it
        shot(1300, SEA, land=(100, 100, 130, 200)),
        shot(1400, LAND),
    ]
    assert looking.first_map_ms(shots, 900, BOX) == 400
    assert looking.first_map_ms(shots[:4], 900, BOX) is None


def test_the_page_around_a_map_is_not_taken_for_land() -> None:
    for near in ("#f7f5f0", "#fffefb", "#fbf9f4"):
        assert looking.share(looking.crop(shot(0, near).jpeg, BOX), looking.LAND) == 0


def test_change_is_counted_from_the_input_and_only_inside_the_probe() -> None:
    outside = shot(1120, LAND)
    with Image.open(io.BytesIO(outside.jpeg)) as image:
        ImageDraw.Draw(image).rectangle((0, 0, 90, 300), fill="#000000")
        out = io.BytesIO()
        image.save(out, "JPEG", quality=90)
    shots = [shot(900, SEA), shot(1000, LAND), looking.Shot(1120, out.getvalue()), shot(1160, SEA)]
    assert looking.change_ms(shots, 1100, BOX) == 60
    assert looking.change_ms(shots[:3], 1100, BOX) is None
    assert looking.change_ms(shots[3:], 1100, BOX) is None, "what stood there before is not known"


def test_blank_counts_only_while_background_stands_where_land_belongs() -> None:
    half = (200, 100, 300, 200)
    move = [shot(0, LAND), shot(20, SEA, land=half), shot(50, SEA), shot(80, LAND), shot(100, LAND)]
    assert looking.blank_ms(move, BOX) == 60
    assert looking.blank_ms([shot(0, LAND), shot(20, LAND)], BOX) == 0
    coast = [shot(0, LAND), shot(20, SEA, land=half), shot(50, SEA, land=half)]
    assert looking.blank_ms(coast, BOX) == 0, "a move to the sea is not blank"
    assert looking.blank_ms([shot(0, SEA), shot(9, SEA)], BOX) is None


def event(name: str, ts: int, dur: int, tdur: int, *, tid: int = 1, **args: Any) -> dict[str, Any]:
    return {"ph": "X", "name": name, "pid": 7, "tid": tid, "ts": ts, "dur": dur, "tdur": tdur, "args": args}


def test_tasks_are_those_of_the_busiest_main_thread_by_cpu_time() -> None:
    events = [
        {"ph": "M", "name": "thread_name", "pid": 7, "tid": 1, "args": {"name": "CrRendererMain"}},
        {"ph": "M", "name": "thread_name", "pid": 7, "tid": 2, "args": {"name": "Compositor"}},
        {"ph": "M", "name": "thread_name", "pid": 8, "tid": 1, "args": {"name": "CrRendererMain"}},
        event("RunTask", 0, 90_000, 90_000, tid=2),
        {**event("RunTask", 0, 9_000, 9_000), "pid": 8},
        event("ThreadControllerImpl::RunTask", 10_000, 60_000, 20_000),
        event("RunTask", 10_001, 59_000, 19_900),  # the same task under its other name
        event("FunctionCall", 20_000, 15_000, 12_000, data={"functionName": "tick"}),
        event("Layout", 36_000, 4_000, 3_000),
        event("Paint", 90_000, 4_000, 3_000),
        event("RunTask", 100_000, 50_000, 2_000),  # waits more than it works
    ]
    (task,) = tracing.main_tasks(events)
    assert (task.start, task.cpu, task.wall) == (10, 20, 60)
    assert task.parts == (("FunctionCall tick", 12.0), ("Layout", 3.0))


def test_blocking_time_is_what_tasks_have_over_50_ms() -> None:
    assert tracing.blocking_ms([49, 50, 51, 150]) == 101


def test_frames_that_did_not_come_are_dropped() -> None:
    frame = 1000 / 60
    moments = [frame * n for n in (0, 1, 2, 3, 6, 7)]
    figures = tracing.frame_figures(moments)
    assert figures["frame_p50_ms"] == pytest.approx(frame)
    assert figures["frame_max_ms"] == pytest.approx(3 * frame)
    assert figures["dropped_pct"] == pytest.approx(100 * 2 / 7)
    assert tracing.frame_figures([1.0]) == {}


def test_profile_tells_own_time_from_that_of_calls_and_counts_recursion_once() -> None:
    def node(number: int, name: str, *children: int, line: int = 4) -> dict[str, Any]:
        return {"id": number, "callFrame": {"functionName": name, "lineNumber": line}, "children": list(children)}

    profile = {
        "nodes": [node(1, "(root)", 2, 5, line=-1), node(2, "outer", 3), node(3, "inner", 4), node(4, "outer"),
                  node(5, "(idle)", line=-1)],
        "samples": [2, 3, 4, 5],
        "timeDeltas": [1000, 2000, 4000, 9000],
    }  # fmt: skip
    assert profiling.by_function(profile) == [("outer:5", 5.0, 7.0), ("inner:5", 2.0, 6.0)]


DOCUMENT = (
    '<!doctype html><style>a{}</style><h1>x</h1><div class="hero"><div><svg></svg></div></div>\n'
    '<div class="map" id="m"></div><section><div class="still" data-tone="light"><svg>1</svg></div>word</section>'
    '<svg class="defs"><path/></svg><script type="application/json" id="d">{}</script><script>(function(){})()</script>'
)


def test_every_byte_of_a_document_belongs_to_one_part() -> None:
    parts = wirebytes.breakdown(DOCUMENT)
    assert sum(plain for plain, _ in parts.values()) == len(DOCUMENT.encode())
    assert {"styles", "first stills (hero)", "stills", "geometry", "data for the script", "page script"} < set(parts)
    assert parts["geometry"][0] == len('<svg class="defs"><path/></svg>')
    assert [packed for _, packed in parts.values()] == sorted((packed for _, packed in parts.values()), reverse=True)


@given(st.text())
def test_parts_add_up_whatever_the_text(text: str) -> None:
    page = DOCUMENT.replace("word", text.encode("utf-8", "ignore").decode())
    assert sum(plain for plain, _ in wirebytes.breakdown(page).values()) == len(page.encode())


def test_first_scene_ends_where_it_is_told_to() -> None:
    whole = wirebytes.first_scene(DOCUMENT, "</section>")
    assert wirebytes.first_scene(DOCUMENT, '<div class="map"') < whole < len(gzip.compress(DOCUMENT.encode())) + 20
    with pytest.raises(ValueError):
        wirebytes.first_scene(DOCUMENT, "<nothing>")


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0.01, 1))
def test_quantile_is_a_value_that_enough_others_do_not_exceed(values: list[float], share: float) -> None:
    found = targets.quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def results(**systems: dict[str, list[float | None]]) -> dict[str, Any]:
    names = {"story": "story", "follow": "story, follow", "minimal": "minimal", "st_folium": "st_folium"}
    return {"devices": {"desktop": {names[name]: own for name, own in systems.items()}}}


def verdict(figure: str, system: str, against: str | None, seen: dict[str, Any]) -> Any:
    wanted = (figure, "desktop", system, against)
    (found,) = [
        one
        for one in targets.judge(seen)
        if (one.target.figure, one.target.device, one.target.system, one.target.against) == wanted
    ]
    return found


def test_a_target_is_judged_by_the_median_of_the_runs() -> None:
    seen = results(story={"heap_mb": [4.0, 9.0, 5.0, None]})
    assert verdict("heap_mb", "story", None, seen).value == 5
    assert verdict("heap_mb", "story", None, seen).met is True
    assert verdict("heap_mb", "story", None, results(story={"heap_mb": [5.2]})).met is False
    assert verdict("heap_mb", "story", None, results(minimal={"heap_mb": [1]})).met is None


def test_a_ratio_is_that_to_the_other_system_in_the_same_run() -> None:
    seen = results(story={"first_map_ms": [150]}, minimal={"first_map_ms": [600]}, st_folium={"first_map_ms": [1400]})
    near = verdict("first_map_ms", "story", "minimal", seen)
    assert (near.met, near.ratio) == (True, pytest.approx(0.25))
    far = verdict("first_map_ms", "story", "st_folium", seen)
    assert (far.met, far.ratio) == (False, pytest.approx(150 / 1400))
    del seen["devices"]["desktop"]["minimal"]
    assert verdict("first_map_ms", "story", "minimal", seen).met is None


def test_no_run_at_all_leaves_a_dash() -> None:
    assert targets.middle({"heap_mb": [None, None], "shift": [0.1, 0.3]}) == {"shift": 0.2}
    assert report.number("heap_mb", None) == "–"
    assert report.number("first_map_ms", 1234.5) == "1,234"


def test_replacing_the_tables_leaves_the_rest_of_the_page() -> None:
    start, end = report.MARKS
    page = f"above\n{start}\nold\n{end}\nbelow\n"
    assert report.replace_between(page, report.MARKS, "new\n") == f"above\n{start}\nnew\n{end}\nbelow\n"
    with pytest.raises(ValueError):
        report.replace_between("no marks", report.MARKS, "x")


@pytest.mark.skipif(not RESULTS, reason="nothing measured yet: benchmarks/run.py --document")
def test_the_page_shows_the_newest_results() -> None:
    newest = json.loads(RESULTS[-1].read_text("utf-8"))
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    assert report.tables(newest) in page, "run benchmarks/run.py --document, or commit the results it is of"


def test_results_name_no_place_of_this_machine() -> None:
    for path in RESULTS:
        text = path.read_text("utf-8")
        assert not any(word in text for word in ("/home/", "/tmp", "/root", "/Users/", "localhost")), path.name


def test_lighthouse_scores_are_held_against_the_lowest_wanted() -> None:
    seen = {
        "scores": {"performance": 95, "accessibility": 99, "best-practices": 100, "seo": 100},
        "failed": ["color-contrast"],
    }
    table = report.tables({"date": "2026-11-22", "runs": 1, "machine": {"load": [1.0], "cores": 2, "browser": "x"},
                           "devices": {}, "lighthouse": seen})  # fmt: skip
    assert "| performance | 95 | ≥ 95 | met |" in table
    assert "| accessibility | 99 | ≥ 100 | **missed** |" in table
    assert "`color-contrast`" in table
