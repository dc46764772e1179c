"""Merging two editors' changes: neither loses one, and what can not be decided is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from any_story import stories, texts
from storymap import edits
from storymap.edits import Edit, EditError
from storymap.manuscript import Manuscript
from storymap.merge import Conflict, Value, merge
from storymap.placing import DROPPED, find
from storymap.storyfile import dump
from storymap.yamlmatch import identity
from threesteps import BASE, RUSSIAN

RELAXED = settings(max_examples=30, suppress_health_check=list(HealthCheck))


def manuscript(story: str = BASE, **translations: str) -> Manuscript:
    files = {f"story.{lang}.yaml": text.encode() for lang, text in translations.items()}
    return Manuscript.of({"story.yaml": story.encode(), **files})


def leaves(value: Any, place: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Every value by its place; entries of lists by their names, other lists as a whole."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list) and place in (("steps",), ("layers",)):
        inner = ((item["id"], item) for item in value)  # type: ignore[assignment]
    else:
        return {place: value}
    return {at: leaf for key, part in inner for at, leaf in leaves(part, (*place, key)).items()}


def all_leaves(story: Manuscript) -> dict[tuple[str, ...], Any]:
    return {(file, *place): leaf for file, data in story.files.items() for place, leaf in leaves(data).items()}


def random_edit(draw: st.DrawFn, story: Manuscript, who: str) -> Edit:
    step = draw(st.sampled_from([step["id"] for step in story.data["steps"]]))
    layers = [layer["id"] for layer in story.data.get("layers") or []]
    what = draw(st.integers(0, 11 if layers else 6))
    number = draw(st.integers(0, 3))
    if what <= 2:
        return edits.set_part(story, ("steps", step, ("title", "alt", "text")[what]), draw(texts))
    if what == 3:
        return edits.move(story, ("steps", step), number)
    if what == 4:
        return edits.duplicate_step(story, step)
    if what == 5:
        return edits.delete_step(story, step)
    if what == 6:
        new = {"id": f"new-{who}-{number}", "title": "T", "view": {"bounds": [1, 2, 3, 4]}, "alt": "A", "text": who}
        return edits.add(story, ("steps",), new, number)
    layer = draw(st.sampled_from(layers))
    if what == 7:
        return edits.set_style(story, layer, draw(st.sampled_from(["weight", "radius"])), number + 1)
    if what == 8:
        return edits.move(story, ("layers", layer), number)
    if what == 9:
        return edits.delete_layer(story, layer)
    if what == 10:
        return edits.show_layer(story, step, layer, 0)
    return edits.translate(story, "ru", ("steps", step, "title"), draw(texts))


@st.composite
def sides(draw: st.DrawFn) -> tuple[Manuscript, Manuscript, Manuscript]:
    """A story, and what two editors make of it."""
    text = dump(draw(stories()))
    base = manuscript(text) if draw(st.booleans()) else manuscript(BASE, ru=RUSSIAN)
    out = [base]
    for who in ("a", "b"):
        now = base
        for _ in range(draw(st.integers(1, 4))):
            try:
                now = random_edit(draw, now, who).after
            except EditError:
                continue
        out.append(now)
    return out[0], out[1], out[2]


def covered(place: tuple[str, ...], conflicts: tuple[Conflict, ...]) -> bool:
    return any(place[: len(conflict.place) + 1] == (conflict.file, *conflict.place) for conflict in conflicts)


def asked_with_its_step(place: tuple[str, ...], conflicts: tuple[Conflict, ...]) -> bool:
    """Whether a text of a translation belongs to a step of which it is asked whether it stays."""
    return place[0] != "story.yaml" and covered(("story.yaml", *place[1:3]), conflicts)


def gone(place: tuple[str, ...], story: Manuscript) -> bool:
    """Whether a text of a translation belongs to a step that is not there any more."""
    return place[0] != "story.yaml" and place[1] == "steps" and place[2] not in map(identity, story.data["steps"])


MISSING = object()


@RELAXED
@given(sides())
def test_no_change_of_either_side_is_dropped(three: tuple[Manuscript, Manuscript, Manuscript]) -> None:
    base, ours, theirs = three
    made = merge(base, ours, theirs)
    old, mine, yours, new = map(all_leaves, (base, ours, theirs, made.story))
    for place in {**old, **mine, **yours, **new}:
        before, one, other, after = (side.get(place, MISSING) for side in (old, mine, yours, new))
        if covered(place, made.conflicts) or gone(place, made.story) or asked_with_its_step(place, made.conflicts):
            continue
        if made.conflicts and MISSING in (one, other) and place[1] == "layers":
            # A layer that is used may stay until all is decided.
            assert after in (one, other, before)
        elif one == before:
            assert after == other, place
        elif other == before or one == other:
            assert after == one, place
        elif all(isinstance(side, list) or side is MISSING for side in (before, one, other)):
            before, one, other, after = ([] if side is MISSING else side for side in (before, one, other, after))
            # Both changed a list of names: all that either brought is there, all that either took is gone.
            for name in map(str, [*before, *one, *other]):
                was, here, there = (name in map(str, side) for side in (before, one, other))
                assert (name in map(str, after)) == (here if here != was else there), place  # type: ignore[call-overload]
        else:
            # In a translation a changed text is stronger than one taken away.
            assert place[0] != "story.yaml", (place, before, one, other, after)
            assert after in (one, other)


@RELAXED
@given(sides())
def test_one_side_alone_or_both_alike_need_no_merge(three: tuple[Manuscript, Manuscript, Manuscript]) -> None:
    base, ours, _ = three
    for left, right in [(ours, base), (base, ours), (ours, ours)]:
        made = merge(base, left, right)
        assert made.conflicts == ()
        assert made.story.says(ours) or made.story.files == ours.files


@RELAXED
@given(sides())
def test_both_sides_see_the_same_conflicts_and_every_answer_ends_them(
    three: tuple[Manuscript, Manuscript, Manuscript],
) -> None:
    base, ours, theirs = three
    made, mirrored = merge(base, ours, theirs), merge(base, theirs, ours)
    assert {c.key for c in made.conflicts} == {c.key for c in mirrored.conflicts}
    assert {c.key: (c.ours, c.theirs) for c in made.conflicts} == {
        c.key: (c.theirs, c.ours) for c in mirrored.conflicts
    }
    for side in ("ours", "theirs"):
        decided: dict[Any, Any] = {}
        while (left := merge(base, ours, theirs, decided)).conflicts:
            assert not set(decided) & {conflict.key for conflict in left.conflicts}
            decided.update({conflict.key: side for conflict in left.conflicts})
        for conflict in made.conflicts:
            if conflict.kind in ("field", "added"):
                version = getattr(conflict, side)
                found = leaves_at(left.story.files[conflict.file], conflict.place)
                assert found == version or (
                    found is not None and version is None and conflict.place[0] in ("layers", "sources")
                )


def leaves_at(data: Any, place: tuple[str, ...]) -> Any:
    from storymap.placing import find

    return find(data, place)


def conflicts(ours: Manuscript, theirs: Manuscript, base: Manuscript | None = None) -> list[tuple[str, str]]:
    return [(conflict.kind, conflict.what) for conflict in merge(base or manuscript(), ours, theirs).conflicts]


def part(value: Any, *place: str | int) -> Manuscript:
    return edits.set_part(manuscript(), place, value).after


def test_fields_of_one_step_merge_and_the_text_of_theirs_stays() -> None:
    theirs = manuscript(BASE.replace("title: One", "title: Uno  # in Italian"))
    made = merge(manuscript(), part("New.\n", "steps", "one", "text"), theirs)
    assert made.conflicts == ()
    assert made.story.contents["story.yaml"].decode() == BASE.replace("title: One", "title: Uno  # in Italian").replace(
        "First.", "New."
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        (part("A", "steps", "one", "title"), part("B", "steps", "one", "title"), [("field", "title of step 'B'")]),
        (part("A", "title"), part("B", "title"), [("field", "title")]),
        (part("#222222", "layers", "towns", "style", "color"), part(3, "layers", "towns", "style", "weight"), []),
        (edits.delete_step(manuscript(), "two").after, part("B", "steps", "two", "title"), [("field", "step 'B'")]),
        (part({"bounds": [1, 2, 3, 4]}, "steps", "one", "view"), part(5, "steps", "one", "view", "max_zoom"),
         [("field", "view of step 'One'")]),
        (part(4, "steps", "three", "view", "max_zoom"), part("towns/x", "steps", "three", "view", "must_see"), []),
        (edits.move(manuscript(), ("steps", "one"), 2).after, edits.duplicate_step(manuscript(), "two").after, []),
        (edits.delete_layer(manuscript(), "rail").after, edits.show_layer(manuscript(), "one", "rail").after,
         [("used", "layer 'rail', deleted by one and used by the other")]),
        (edits.delete_source(manuscript(), "diary").after, edits.add(manuscript(), ("steps", "two", "sources"), "diary").after,
         [("used", "source 'A diary', deleted by one and used by the other")]),
        (edits.duplicate_step(manuscript(), "one", "A").after, edits.duplicate_step(manuscript(), "one", "B").after,
         [("added", "step 'B'")]),
        (edits.show_layer(manuscript(), "one", "rail").after, part(9, "steps", "one", "show", "towns", "style", "weight"), []),
    ],
)  # fmt: skip
def test_what_is_asked_and_what_is_not(ours: Manuscript, theirs: Manuscript, told: list[tuple[str, str]]) -> None:
    assert conflicts(ours, theirs) == told


def decided(ours: Manuscript, theirs: Manuscript, answer: Any, base: Manuscript | None = None) -> Mapping[str, Any]:
    (conflict,) = merge(base or manuscript(), ours, theirs).conflicts
    made = merge(base or manuscript(), ours, theirs, {conflict.key: answer})
    assert made.conflicts == ()
    return made.story.data


def ids(data: Mapping[str, Any], kind: str = "steps") -> list[str]:
    return [entry["id"] for entry in data[kind]]


def test_two_new_steps_with_one_id_can_both_stay() -> None:
    ours = edits.duplicate_step(manuscript(), "one", "A").after
    theirs = edits.duplicate_step(manuscript(), "one", "B").after
    both = decided(ours, theirs, "both")
    assert ids(both) == ["one", "one-copy-2", "one-copy", "two", "three"]
    assert [step["title"] for step in both["steps"]][1:3] == ["A", "B"]


def test_a_layer_deleted_here_and_used_there_is_kept_or_forgotten() -> None:
    ours = edits.delete_layer(manuscript(), "rail").after
    theirs = edits.show_layer(manuscript(), "one", "rail").after
    assert decided(ours, theirs, "theirs")["steps"][0]["show"] == ["towns", "rail"]
    assert ids(decided(ours, theirs, "theirs"), "layers") == ["towns", "rail"]
    assert decided(ours, theirs, "ours")["steps"][0]["show"] == ["towns"]
    assert ids(decided(ours, theirs, "ours"), "layers") == ["towns"]


def five_steps() -> Manuscript:
    return edits.duplicate_step(edits.duplicate_step(manuscript(), "one").after, "two").after


def test_an_order_that_both_changed_is_taken_from_one_side_with_what_the_other_added() -> None:
    ours = edits.move(five_steps(), ("steps", "two"), 0).after
    theirs = edits.duplicate_step(edits.move(five_steps(), ("steps", "two"), 4).after, "three").after
    assert conflicts(ours, theirs, five_steps()) == [("order", "order of steps")]
    assert ids(decided(ours, theirs, "ours", five_steps())) == [
        "two",
        "one",
        "one-copy",
        "two-copy",
        "three",
        "three-copy",
    ]
    assert ids(decided(ours, theirs, "theirs", five_steps())) == [
        "one",
        "one-copy",
        "two-copy",
        "three",
        "three-copy",
        "two",
    ]


def test_moves_of_different_steps_both_happen() -> None:
    more = five_steps()
    assert ids(more.data) == ["one", "one-copy", "two", "two-copy", "three"]
    ours = edits.move(more, ("steps", "one"), 4).after
    theirs = edits.move(more, ("steps", "three"), 0).after
    made = merge(more, ours, theirs)
    assert made.conflicts == ()
    assert ids(made.story.data) == ["three", "one", "one-copy", "two", "two-copy"]


def test_an_own_answer_stands_there() -> None:
    ours, theirs = part("A", "title"), part("B", "title")
    assert decided(ours, theirs, Value("C"))["title"] == "C"
    ours, theirs = part("A", "subtitle"), part("B", "subtitle")
    assert "subtitle" not in decided(ours, theirs, Value(None))


def test_a_rule_that_one_side_drops_and_the_other_changes_is_asked() -> None:
    place = ("steps", "one", "show", "towns", "style", "weight")
    base = edits.set_part(manuscript(), place, 3).after
    ours, theirs = (edits.set_part(base, place, value).after for value in (DROPPED, 5))
    (conflict,) = merge(base, ours, theirs).conflicts
    assert (conflict.base, conflict.ours, conflict.theirs) == (3, DROPPED, 5)

    def style(answer: Any) -> Any:
        return find(decided(ours, theirs, answer, base), place[:-1])

    assert style("ours") == {"weight": None}
    assert style("theirs") == {"weight": 5}
    taken = merge(manuscript(), edits.set_part(manuscript(), place, DROPPED).after, part(9, "title"))
    assert taken.conflicts == () and find(taken.story.data, place[:-1]) == {"weight": None}


def test_a_step_deleted_here_and_translated_there_is_asked() -> None:
    base = manuscript(BASE, ru=RUSSIAN)
    ours = edits.delete_step(base, "two").after
    theirs = edits.translate(base, "ru", ("steps", "two", "title"), "Другое").after
    assert conflicts(ours, theirs, base) == [("field", "step 'Two'")]
    assert ids(decided(ours, theirs, "ours", base)) == ["one", "three"]
    (conflict,) = merge(base, ours, theirs).conflicts
    kept = merge(base, ours, theirs, {conflict.key: "theirs"}).story
    assert kept.translation("ru")["steps"]["one"] == {"title": "Один"}
    assert kept.translation("ru")["steps"]["two"] == {"title": "Другое"}
    assert ids(kept.data) == ["one", "two", "three"]


def test_a_step_deleted_here_and_changed_there_keeps_its_translation_if_it_stays() -> None:
    base = manuscript(BASE, ru=RUSSIAN)
    ours = edits.delete_step(edits.delete_step(base, "two").after, "one").after
    theirs = edits.set_part(base, ("steps", "two", "alt"), "Other").after
    (conflict,) = merge(base, ours, theirs).conflicts
    assert merge(base, ours, theirs, {conflict.key: "theirs"}).story.translation("ru") == {
        "steps": {"two": {"title": "Два"}}
    }
    assert merge(base, ours, theirs, {conflict.key: "ours"}).story.translation("ru") == {}


def test_a_translation_taken_away_stays_away() -> None:
    base = manuscript(BASE, ru=RUSSIAN)
    ours = edits.translate(base, "ru", ("steps", "one", "title"), None).after
    theirs = edits.set_part(base, ("steps", "one", "alt"), "Other").after
    assert merge(base, ours, theirs).story.translation("ru") == {"steps": {"two": {"title": "Два"}}}


def test_two_claims_of_one_source_and_two_corrections_of_one_day_are_two() -> None:
    def both(place: tuple[str, ...], entry: dict[str, str], key: str) -> list[str]:
        versions = [edits.add(manuscript(), place, {**entry, key: who}).after for who in ("A", "B")]
        made = merge(manuscript(), versions[0], versions[1])
        assert made.conflicts == ()
        return sorted(item[key] for item in leaves_at(made.story.data, place))

    assert both(("corrections",), {"date": "2024-01-01"}, "text") == ["A", "B"]
    assert both(("steps", "two", "sources"), {"source": "diary"}, "note") == ["A", "B"]
    assert both(("steps", "one", "sources"), {"source": "report"}, "note") == ["A", "B", "page 4"]


def test_a_translation_that_one_side_adds_comes_along() -> None:
    theirs = edits.translate(manuscript(), "kk", ("title",), "Оқиға").after
    made = merge(manuscript(), part("A", "title"), theirs)
    assert made.story.translation("kk") == {"title": "Оқиға"}
    assert merge(manuscript(), theirs, part("A", "title")).story.translation("kk") == {"title": "Оқиға"}
