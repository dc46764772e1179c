"""A translation holds texts only, by id; what is wrong in it is told by line, what it lacks falls back and is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import storymap
from any_story import DATA_FILES, MEDIA_FILES, stories
from storymap import StoryError
from storymap.errors import place_name
from storymap.story import Story
from storymap.storyfile import STORY_FILE
from storymap.translation import languages, missing, translation_file

STORY: dict[str, Any] = {
    "title": "The ridge",
    "subtitle": "And the town",
    "corrections": [{"date": "2021-04-02", "text": "Not 167."}, {"date": "2021-04-02", "text": "Nor 168."}],
    "sources": {"survey": {"title": "A survey", "note": "Of the basin."}, "diary": {"title": "A diary"}},
    "layers": [
        {
            "id": "sites",
            "title": "Sites",
            "source": {"file": "sites.csv", "credit": "An institute", "license": "CC0-1.0", "note": "Cleaned."},
            "style": {"column": "state", "categories": {"open": {"label": "Open"}, "closed": {"color": "ink"}}},
            "legend": "Sites of the basin",
        }
    ],
    "steps": [
        {
            "id": "one",
            "title": "One",
            "view": {"fit": "sites"},
            "show": ["sites", {"layer": "sites", "style": {"categories": {"open": {"label": "Open now"}}}}],
            "alt": "A map.",
            "text": "A *ridge*.",
            "quote": {"text": "We drove.", "who": "A driver"},
            "media": {"file": "a.png", "alt": "A plant", "credit": "An archive"},
            "figure": {
                "file": "people.csv",
                "x": "year",
                "y": "people",
                "kind": "kind",
                "kinds": {"census": {"label": "census"}},
                "title": "People",
                "alt": "It falls.",
            },
            "sources": [
                {"source": "survey", "note": "The length."},
                {"source": "survey", "note": "The width."},
                "diary",
            ],
        },
        {"id": "two", "title": "Two", "view": {"bounds": [1, 2, 3, 4]}, "alt": "B", "text": "C", "when": "1964"},
    ],
}
RUSSIAN = """\
review: Ещё не прочитано редактором.
title: Хребет
subtitle: И город
corrections: {2021-04-02: Не 167., 2021-04-02/2: И не 168.}
sources:
  survey: {title: Съёмка, note: Всего бассейна.}
  diary: {title: Дневник}
layers:
  sites:
    title: Места
    source: {note: Очищено.}
    style: {categories: {open: Открыто}}
    legend: Места бассейна
steps:
  one:
    title: Раз
    alt: Карта.
    text: "*Хребет*."
    show: {sites/2: {style: {categories: {open: {label: Открыто сейчас}}}}}
    quote: {text: Мы ехали., who: Водитель}
    media: {alt: Завод}
    figure: {title: Люди, alt: Падает., kinds: {census: перепись}}
    sources: {survey: Длина., survey/2: Ширина.}
  two: {title: Два, alt: Б, text: В, when: "1964"}
"""


def folder_with(path: Path, translation: str, lang: str = "ru") -> Path:
    path.mkdir(exist_ok=True)
    for name in ("sites.csv", "a.png", "people.csv"):
        (path / name).touch()
    (path / STORY_FILE).write_text(json.dumps(STORY), "utf-8")
    (path / translation_file(lang)).write_text(translation, "utf-8")
    return path


def test_every_text_is_taken_and_nothing_else_changes(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, RUSSIAN)
    own, made = storymap.load(folder), storymap.load(folder, "ru")
    assert (made.lang, made.languages, own.languages) == ("ru", ("en", "ru"), ("en", "ru"))
    assert made.review == "Ещё не прочитано редактором."
    assert made.steps[0].text == "*Хребет*."
    assert made.steps[0].figure and made.steps[0].figure.kinds["census"].label == "перепись"
    assert [claim.note for claim in made.steps[0].sources] == ["Длина.", "Ширина.", None]
    assert [correction.text for correction in made.corrections] == ["Не 167.", "И не 168."]
    categories = [made.layers[0].style.categories, made.steps[0].show[1].style.categories]  # type: ignore[union-attr]
    assert [one["open"].label for one in categories if one] == ["Открыто", "Открыто сейчас"]
    assert made.layers[0].source.credit == "An institute", "names of makers may stay as they are"
    russian = re.compile(r"[А-Яа-яё]")
    same, texts = 0, 0
    for place, value in leaves(made.model_dump(mode="json")):
        before = at(own.model_dump(mode="json"), place)
        if isinstance(value, str) and russian.search(value):
            texts += 1
        elif place not in (("lang",), ("review",)):
            assert value == before, place
            same += 1
    assert texts == len(re.findall(r"[А-Яа-яё][^,}\n]*", RUSSIAN)) and same > 60
    assert made.folder == own.folder and made.line(("steps", 1)) == own.line(("steps", 1))
    assert missing(own, "ru") == ()


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*place, key))
    else:
        yield place, value


def at(value: Any, place: tuple[Any, ...]) -> Any:
    for part in place:
        value = value[part]
    return value


def test_what_is_missing_falls_back_and_is_told(tmp_path: Path) -> None:
    lacking = RUSSIAN.replace("    alt: Карта.\n", "").replace(", who: Водитель", "").replace("subtitle: И город\n", "")
    folder = folder_with(tmp_path, lacking)
    own, made = storymap.load(folder), storymap.load(folder, "ru")
    assert (made.subtitle, made.steps[0].alt) == ("And the town", "A map.")
    assert made.steps[0].quote and made.steps[0].quote.text == "Мы ехали." and made.steps[0].quote.who == "A driver"
    assert [str(problem) for problem in missing(own, "ru")] == [
        "story.ru.yaml:1: subtitle: is not translated: readers get it in en",
        "story.ru.yaml:14: steps.one.alt: is not translated: readers get it in en",
        "story.ru.yaml:18: steps.one.quote.who: is not translated: readers get it in en",
    ]
    assert made.lang_of("steps.one.alt") == made.lang_of("subtitle") == "en"
    assert made.lang_of("steps.one.title") == "ru" and own.lang_of("subtitle") == "en"


def test_an_empty_translation_is_the_story_in_its_own_words(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "# nothing yet\n")
    own, made = storymap.load(folder), storymap.load(folder, "ru")
    assert made.model_dump() == {**own.model_dump(), "lang": "ru"}
    told = {problem.place for problem in missing(own, "ru")}
    assert {"title", "steps.one.sources.survey/2.note", "layers.sites.style.categories.open.label"} <= told
    assert not [place for place in told if place.endswith(("credit", "license"))]


@pytest.mark.parametrize(
    ("change", "wrong", "told"),
    [
        ("title: Раз", "titel: Раз", "16: steps.one.titel: unknown key 'titel'; did you mean 'title'?"),
        ("  two: {", "  twoo: {", "24: steps.twoo: no step 'twoo'; did you mean 'two'?"),
        ("  sites:\n", "  sites2:\n", "9: layers.sites2: no layer 'sites2'; did you mean 'sites'?"),
        ("survey: Дл", "sorvey: Дл", "23: steps.one.sources.sorvey: no source of this step 'sorvey'; did you mean 'survey'?"),
        ("vey/2: Ш", "vey/3: Ш", "23: steps.one.sources.survey/3: no source of this step 'survey/3'; did you mean 'survey/2'?"),
        ("{open: Открыто}", "{opn: Открыто}", "12: layers.sites.style.categories.opn: no category 'opn'; did you mean 'open'?"),
        ("{open: Открыто}", "{closed: Закрыто}", "12: layers.sites.style.categories.closed: story.yaml has no 'label' here"),
        ("diary: {title: Дневник}", "diary: {note: Дневник}", "7: sources.diary.note: story.yaml has no 'note' here"),
        ("title: Хребет", "byline: Мы", "2: byline: story.yaml has no 'byline' here"),
        ("    alt: Карта.", "    view: {fit: sites}", "17: steps.one.view: 'view' is no text: a translation holds texts only"),
        ("title: Хребет", "lang: ru", "2: lang: 'lang' is no text: a translation holds texts only"),
        ("    alt: Карта.", "    alt:", "17: steps.one.alt: is empty: write text, or leave the key out"),
        ('when: "1964"', "when: 1964", "24: steps.two.when: write text, not a number: put it in quotes"),
        ("title: Хребет", "title: [Хребет]", "2: title: write text, not a list"),
        ("survey: Длина.", "survey: [Длина.]", "23: steps.one.sources.survey: write text, or keys (note), not a list"),
        ("title: Хребет", "steps: []", "14: steps: written twice, first in line 2: keep one"),
        ("title: Раз", "title: Раз\n    title: Два", "17: steps.one.title: written twice, first in line 16: keep one"),
        ("quote: {text: Мы ехали., who: Водитель}", "quote: Мы ехали.", "20: steps.one.quote: write keys, not text"),
    ],
)  # fmt: skip
def test_faults_are_told_by_line_with_the_nearest_name(tmp_path: Path, change: str, wrong: str, told: str) -> None:
    assert RUSSIAN.count(change) >= 1
    folder = folder_with(tmp_path, RUSSIAN.replace(change, wrong, 1))
    with pytest.raises(StoryError) as raised:
        storymap.load(folder, "ru")
    assert f"story.ru.yaml:{told}" in str(raised.value).splitlines()
    with pytest.raises(StoryError):
        missing(storymap.load(folder), "ru")
    assert storymap.load(folder).title == "The ridge", "a fault in a translation is no fault of the story"


def test_all_faults_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    wrong = (
        RUSSIAN.replace("title: Хребет", "titel: Хребет")
        .replace("title: Раз", "titel: Раз")
        .replace("  two:", "  three:")
    )
    with pytest.raises(StoryError) as raised:
        storymap.load(folder_with(tmp_path, wrong), "ru")
    assert [problem.line for problem in raised.value.problems] == [2, 16, 24]


@pytest.mark.parametrize("text", ["- a list\n", "text\n", "title: [\n", "\x00", "a: !!python/object:os.system x\n"])
def test_what_is_no_translation_is_told_in_plain_lines(tmp_path: Path, text: str) -> None:
    with pytest.raises(StoryError) as raised:
        storymap.load(folder_with(tmp_path, text), "ru")
    assert all(re.match(r"story\.ru\.yaml:[12]: ", line) for line in str(raised.value).split("\n"))


def test_languages_are_those_whose_files_are_there(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, RUSSIAN)
    for name in (
        "story.kk.yaml",
        "story.pt-BR.yaml",
        "story.old.yaml",
        "story.zz.yaml",
        "story.en.yaml",
        "story.ru.yaml~",
    ):
        (folder / name).write_text("", "utf-8")
    (folder / "story.de.yaml").mkdir()
    assert languages(folder, "en") == storymap.load(folder).languages == ("en", "kk", "pt-BR", "ru")
    assert languages(tmp_path / "nowhere", "en") == ("en",)
    assert storymap.load(folder, "en").lang == "en"


@pytest.mark.parametrize("lang", ["fr", "de", "../ru", "", "xx\n"])
def test_a_language_that_is_not_there_is_told(tmp_path: Path, lang: str) -> None:
    with pytest.raises(StoryError, match="is not translated into .*: there is en, ru"):
        storymap.load(folder_with(tmp_path, RUSSIAN), lang)


def test_a_translation_may_not_be_a_link_out_of_the_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path / "in", RUSSIAN)
    (tmp_path / "out.yaml").write_text(RUSSIAN, "utf-8")
    (folder / "story.ru.yaml").unlink()
    (folder / "story.ru.yaml").symlink_to(tmp_path / "out.yaml")
    with pytest.raises(StoryError, match="leads out of the story folder"):
        storymap.load(folder, "ru")


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(story=stories(), mark=st.sampled_from(["ru", "kk"]))
def test_what_is_told_as_missing_can_be_given_and_is_then_whole(
    story: Story, mark: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in (*DATA_FILES, *MEDIA_FILES):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    lang = mark if story.lang != mark else "en"
    # JSON is YAML, whatever the texts hold.
    (folder / STORY_FILE).write_text(
        json.dumps(story.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False), "utf-8"
    )
    (folder / translation_file(lang)).write_text("", "utf-8")
    own = storymap.load(folder)
    given_texts: dict[str, Any] = {}
    for place in untranslated_places(own, lang):
        here = given_texts
        for part in place[:-1]:
            here = here.setdefault(part, {})
        here[place[-1]] = f"Перевод {place_name(place)}"
    (folder / translation_file(lang)).write_text(json.dumps(given_texts, ensure_ascii=False), "utf-8")
    assert missing(own, lang) == ()
    made = storymap.load(folder, lang)
    texts = [value for _, value in leaves(made.model_dump(mode="json")) if str(value).startswith("Перевод ")]
    assert len(texts) == len(untranslated_places(own, lang))
    assert Story.model_validate(made.model_dump()).model_dump() == made.model_dump()


def untranslated_places(story: Story, lang: str) -> list[tuple[str, ...]]:
    """Places that an empty translation would be told to lack, as keys."""
    from storymap.translation import _missing
    from storymap.yamlsource import YamlSource

    return [place for place, slot, _ in _missing(story, YamlSource(None)) if slot.needed]  # type: ignore[misc]


ZHANATAS = Path(__file__).resolve().parent.parent / "geodata" / "zhanatas"


def test_the_flagship_is_whole_in_russian_and_kazakh() -> None:
    own = storymap.load(ZHANATAS)
    assert own.languages == ("en", "kk", "ru")
    for lang in ("ru", "kk"):
        assert [str(problem) for problem in missing(own, lang)] == []
        assert storymap.load(ZHANATAS, lang).review, "not read by a native editor, and says so"


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_the_flagships_quotations_are_told_to_be_translated(lang: str) -> None:
    story = storymap.load(ZHANATAS, lang)
    mark = {"ru": "перевод с английского", "kk": "ағылшын тілінен аударма"}[lang]
    quotes = [step.quote for step in story.steps if step.quote]
    assert len(quotes) >= 4 and all(mark in quote.who for quote in quotes)


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_numbers_of_the_flagship_are_the_same_in_every_language(lang: str) -> None:
    """Every number of three digits and more, and every year, as often as in English."""
    own, made = storymap.load(ZHANATAS), storymap.load(ZHANATAS, lang)
    for step, other in zip(own.steps, made.steps, strict=True):
        for key in ("text", "alt"):
            assert _numbers(getattr(step, key)) == _numbers(getattr(other, key)), f"{step.id}.{key}"


def _numbers(text: str) -> list[str]:
    plain = re.sub(r"(?<=\d)[ ,\u00a0](?=\d{3}(?!\d))", "", text)
    years = re.sub(r"(\d\d)(\d\d)–(\d\d)(?!\d)", r"\1\2–\1\3", plain)
    return sorted(re.findall(r"\d{3,}", years))


@pytest.mark.parametrize("lang", ["ru", "kk"])
def test_every_text_of_the_flagships_data_is_in_the_language(lang: str) -> None:
    lacking = set()
    for layer in storymap.load(ZHANATAS).layers:
        columns = {*layer.tooltip, *([layer.label.column] if layer.label else [])}
        data = json.loads((ZHANATAS / layer.source.file).read_text("utf-8"))
        for properties in (feature["properties"] for feature in data["features"]):
            for column in columns:
                said = str(properties.get(column, ""))
                if re.search(r"[A-Za-z]", said) and not properties.get(f"{column}_{lang}"):
                    lacking.add(f"{layer.source.file}: {column}: {said}")
    assert sorted(lacking) == []
