"""Stories to begin with are valid, can be shown, and stand on real places."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import storymap
from again import again
from storyfolder import contents, write_story, zipped
from storymap import cli
from storymap.countries import basemap_beside, city_names, countries
from storymap.storyfolders import create
from storymap.templates import TEMPLATES, Kind, from_template

FIXTURES = Path(__file__).parent / "incoming"
KNOWN = {country.code: country for country in countries(basemap_beside(Path("/nowhere")))}


@pytest.mark.parametrize("lang", again(["en", "ru", "kk"]))
@pytest.mark.parametrize("kind", list(TEMPLATES))
def test_a_story_to_begin_with_can_be_shown(tmp_path: Path, kind: Kind, lang: str) -> None:
    names = city_names(basemap_beside(tmp_path), lang)
    made = from_template(kind, KNOWN["KAZ"], lang=lang, names=names)
    story = storymap.load(create(tmp_path, "new", made.write))
    assert story.lang == lang and storymap.render(story)
    assert (
        sorted(contents(tmp_path / "new"))
        == {
            "blank": ["story.yaml"],
            "places": ["places.geojson", "story.yaml"],
            "route": ["places.geojson", "route.geojson", "story.yaml"],
        }[kind]
    )
    assert len(story.steps) == {"blank": 1, "places": 6, "route": 5}[kind]
    if kind != "blank":
        places = json.loads((tmp_path / "new" / "places.geojson").read_text())["features"]
        called = {place["properties"]["name"] for place in places}
        assert {"en": "Almaty", "ru": "Алматы", "kk": "Алматы"}[lang] in called
    if kind == "route":
        assert [part.grow for part in story.steps[1].show if part.layer == "route"] == [True]


@pytest.mark.parametrize("code", ["RUS", "USA", "FRA", "NZL", "FJI", "IDN", "CHL"])
def test_countries_of_odd_shapes_are_seen(tmp_path: Path, code: str) -> None:
    west, south, east, north = KNOWN[code].bounds
    assert -85 <= south < north <= 85 and (east - west) % 360 < 200
    made = from_template("places", KNOWN[code])
    assert storymap.render(storymap.load(create(tmp_path, "new", made.write)))


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, list(words), prog_name="storymap")
    assert not done.exception or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_story_is_begun_on_the_command_line(tmp_path: Path) -> None:
    words = ["--template", "places", "--title", "Города", "--lang", "ru", "--country", "Казахстан"]
    assert run("new", str(tmp_path / "goroda"), *words)[0] == 0
    assert storymap.load(tmp_path / "goroda").title == "Города"
    assert run("new", str(tmp_path / "doroga"), "--title", "Дорога соли")[0] == 0
    assert storymap.load(tmp_path / "doroga").lang == "ru"
    code, said = run("new", str(tmp_path / "goroda"))
    assert code == 1 and "there is a 'goroda' already" in said
    code, said = run("new", str(tmp_path / "Bad Name"))
    assert code == 1 and "can not be an address" in said
    code, said = run("new", str(tmp_path / "x"), "--country", "Kazakstan")
    assert code == 2 and "did you mean 'Kazakhstan'" in said


def test_a_story_goes_out_and_comes_in_on_the_command_line(tmp_path: Path) -> None:
    folder = write_story(tmp_path / "one")
    out = tmp_path / "story.zip"
    assert run("export", str(folder), "-o", str(out))[0] == 0
    first = out.read_bytes()
    assert run("import", str(out), "-o", str(tmp_path / "two" / "a-story"))[0] == 0
    assert contents(tmp_path / "two" / "a-story") == contents(folder)
    assert run("export", str(tmp_path / "two" / "a-story"), "-o", str(out))[0] == 0
    assert out.read_bytes() == first
    code, said = run("import", str(out), "-o", str(folder))
    assert code == 1 and "choose another name" in said
    assert run("export", str(tmp_path))[0] == 1


def test_other_programs_stories_come_in_on_the_command_line(tmp_path: Path) -> None:
    code, said = run("import", str(FIXTURES / "storymapjs.json"), "-o", str(tmp_path / "salt"))
    assert code == 0 and "not carried over:" in said and "was not fetched" in said
    assert (tmp_path / "salt" / "IMPORT.md").is_file()
    sheet = str(FIXTURES / "places-en.csv")
    code, said = run("import", sheet, "-o", str(tmp_path / "places"))
    assert code == 1 and "row 1: which 'Springfield'?" in said and "--country" in said
    assert run("import", sheet, "-o", str(tmp_path / "places"), "--country", "US", "--title", "T")[0] in (0, 1)
    russian = str(FIXTURES / "places-ru.csv")
    code, said = run("import", russian, "-o", str(tmp_path / "ru"), "--lang", "ru", "--route", "--title", "Руда")
    assert code == 0 and storymap.load(tmp_path / "ru").lang == "ru"
    code, said = run("import", russian, "-o", str(tmp_path / "x"), "--column", "titel=Название")
    assert code == 2 and "did you mean 'title'" in said
    code, said = run("import", russian, "-o", str(tmp_path / "x"), "--column", "title=Назвние")
    assert code == 2 and "did you mean 'Название'" in said
    (tmp_path / "evil.zip").write_bytes(zipped(("s/story.yaml", b""), ("../evil", b"")))
    code, said = run("import", str(tmp_path / "evil.zip"))
    assert code == 1 and "leads out of the folder" in said
    code, said = run("import", str(tmp_path / "gone.csv"))
    assert code == 1 and "no such file" in said
