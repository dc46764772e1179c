"""Edits, undo and redo, saves and reloads: any sequence of them gives what the same edits make of the model itself."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from any_story import DATA_FILES, MEDIA_FILES, stories, texts
from storymap import edits
from storymap.drafts import Drafts, Session
from storymap.edits import Edit, EditError
from storymap.manuscript import Manuscript
from storymap.saving import open_story, save
from storymap.story import Claim, Layer, LayerView, Media, Story, Style, View
from storymap.storyfile import dump, load
from storymap.trail import Trail


def bare(value: Any) -> Any:
    """The model's data without what says nothing."""
    if isinstance(value, dict):
        inner = {key: bare(part) for key, part in value.items()}
        return {key: part for key, part in inner.items() if part not in (None, {}, [])}
    return [bare(item) for item in value] if isinstance(value, list | tuple) else value


def said(story: Story) -> Any:
    return bare(story.model_dump(mode="json", exclude_defaults=True))


def differences(one: Any, other: Any, place: str = "") -> list[str]:
    """Places at which two stories differ; short, where the whole stories would fill pages."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            told for key in {**one, **other} for told in differences(one.get(key), other.get(key), f"{place}.{key}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [told for at, item in enumerate(one) for told in differences(item, other[at], f"{place}[{at}]")]
    return [] if one == other else [f"{place}: {one!r} is {other!r}"]


def with_step(story: Story, number: int, **changes: Any) -> Story:
    steps = list(story.steps)
    steps[number] = steps[number].model_copy(update=changes)
    return story.model_copy(update={"steps": tuple(steps)})


def with_layer(story: Story, number: int, **changes: Any) -> Story:
    layers = list(story.layers)
    layers[number] = layers[number].model_copy(update=changes)
    return story.model_copy(update={"layers": tuple(layers)})


def moved(items: tuple[Any, ...], number: int, to: int) -> tuple[Any, ...]:
    out = list(items)
    out.insert(to, out.pop(number))
    return tuple(out)


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Editing(RuleBasedStateMachine):
    """An editor at work, beside the model: a plain list of the stories after each edit."""

    @initialize(story=stories())
    def begin(self, story: Story) -> None:
        self.top = Path(tempfile.mkdtemp())
        self.folder = self.top / "a-story"
        for name in (*DATA_FILES, *MEDIA_FILES):
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).touch()
        (self.folder / "story.yaml").write_text(dump(story), encoding="utf-8")
        self.base = open_story(self.folder)
        self.trail = Trail(self.base)
        self.drafts, self.session = Drafts(self.folder, self.top / "state"), Session("Anna", "1")
        self.model = [load(self.folder)]
        self.at = 0
        self.on_disk = self.model[0]

    def teardown(self) -> None:
        shutil.rmtree(self.top, ignore_errors=True)

    @property
    def story(self) -> Story:
        return self.model[self.at]

    @property
    def now(self) -> Manuscript:
        return self.trail.now

    def do(self, edit: Edit, model: Story) -> None:
        before = self.trail
        self.trail = self.trail.do(edit)
        assert edit.sentence
        if self.trail is before:
            assert said(model) == said(self.story)
            return
        self.model = [*self.model[: self.at + 1], model]
        self.at += 1

    def pick(self, data: st.DataObject, items: Any) -> int:
        return data.draw(st.integers(0, len(items) - 1))

    @rule(data=st.data(), key=st.sampled_from(["title", "alt", "text", "when"]), text=texts)
    def write(self, data: st.DataObject, key: str, text: str) -> None:
        number = self.pick(data, self.story.steps)
        edit = edits.set_part(self.now, ("steps", self.story.steps[number].id, key), text)
        self.do(edit, with_step(self.story, number, **{key: unix(text)}))

    @rule(key=st.sampled_from(["title", "subtitle", "byline"]), text=texts)
    def write_above(self, key: str, text: str) -> None:
        self.do(edits.set_part(self.now, (key,), text), self.story.model_copy(update={key: unix(text)}))

    @rule(data=st.data(), key=st.sampled_from(["tone", "move", "quote", "media", "figure", "date", "when"]))
    def take_away(self, data: st.DataObject, key: str) -> None:
        number = self.pick(data, self.story.steps)
        default = type(self.story.steps[0]).model_fields[key].default
        edit = edits.set_part(self.now, ("steps", self.story.steps[number].id, key), None)
        self.do(edit, with_step(self.story, number, **{key: default}))

    @rule(data=st.data(), alt=texts)
    def illustrate(self, data: st.DataObject, alt: str) -> None:
        number = self.pick(data, self.story.steps)
        media = Media(file=MEDIA_FILES[0], alt=unix(alt), credit="A desk")
        self.do(edits.set_part(self.now, ("steps", self.story.steps[number].id, "media"), media),
                with_step(self.story, number, media=media))  # fmt: skip

    @rule(data=st.data())
    def frame(self, data: st.DataObject) -> None:
        number = self.pick(data, self.story.steps)
        bounds = data.draw(st.sampled_from([[60, 40, 80, 50], [170.5, -10, -170, 10]]))
        edit = edits.set_part(
            self.now, ("steps", self.story.steps[number].id, "view"), {"bounds": bounds, "max_zoom": 9}
        )
        self.do(edit, with_step(self.story, number, view=View(bounds=bounds, max_zoom=9)))

    @rule(data=st.data(), weight=st.sampled_from([0, 1, 2.5]), color=st.sampled_from(["#123456", "muted"]))
    def style(self, data: st.DataObject, weight: float, color: str) -> None:
        if not self.story.layers:
            return
        number = self.pick(data, self.story.layers)
        layer = self.story.layers[number]
        key, value = data.draw(st.sampled_from([("weight", weight), ("color", color), ("radius", None)]))
        self.do(edits.set_style(self.now, layer.id, key, value),
                with_layer(self.story, number, style=layer.style.model_copy(update={key: value})))  # fmt: skip

    @rule(data=st.data(), weight=st.sampled_from([0, 3]))
    def style_here(self, data: st.DataObject, weight: float) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        if not step.show:
            return
        place = self.pick(data, step.show)
        style = (step.show[place].style or Style()).model_copy(update={"weight": weight})
        show = list(step.show)
        show[place] = show[place].model_copy(update={"style": style})
        self.do(edits.set_style(self.now, place, "weight", weight, step.id),
                with_step(self.story, number, show=tuple(show)))  # fmt: skip

    @rule(data=st.data(), key=st.sampled_from(["label", "legend", "grow"]), value=st.booleans())
    def switch(self, data: st.DataObject, key: str, value: bool) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        if step.show:
            place = self.pick(data, step.show)
            show = list(step.show)
            show[place] = show[place].model_copy(update={key: value})
            self.do(edits.set_part(self.now, ("steps", step.id, "show", place, key), value),
                    with_step(self.story, number, show=tuple(show)))  # fmt: skip

    @rule(data=st.data())
    def show(self, data: st.DataObject) -> None:
        if not self.story.layers:
            return
        layer = self.story.layers[self.pick(data, self.story.layers)].id
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        at = data.draw(st.integers(0, len(step.show)))
        self.do(edits.show_layer(self.now, step.id, layer, at),
                with_step(self.story, number, show=(*step.show[:at], LayerView(layer=layer), *step.show[at:])))  # fmt: skip

    @rule(data=st.data(), all_of_it=st.booleans())
    def hide(self, data: st.DataObject, all_of_it: bool) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        if step.show:
            place = self.pick(data, step.show)
            layer = step.show[place].layer
            left = [shown for at, shown in enumerate(step.show) if (shown.layer != layer if all_of_it else at != place)]
            self.do(edits.hide_layer(self.now, step.id, layer if all_of_it else place),
                    with_step(self.story, number, show=tuple(left)))  # fmt: skip

    @rule(data=st.data())
    def reorder_shown(self, data: st.DataObject) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        if step.show:
            place, to = self.pick(data, step.show), self.pick(data, step.show)
            self.do(edits.move(self.now, ("steps", step.id, "show", place), to),
                    with_step(self.story, number, show=moved(step.show, place, to)))  # fmt: skip

    @rule(data=st.data(), kind=st.sampled_from(["steps", "layers"]))
    def reorder(self, data: st.DataObject, kind: str) -> None:
        items = getattr(self.story, kind)
        if items:
            number, to = self.pick(data, items), self.pick(data, items)
            self.do(edits.move(self.now, (kind, items[number].id), to),
                    self.story.model_copy(update={kind: moved(items, number, to)}))  # fmt: skip

    @rule(data=st.data())
    def duplicate(self, data: st.DataObject) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        copy = step.model_copy(update={"id": edits.free_id(self.now, "steps", f"{step.id}-copy")})
        steps = (*self.story.steps[: number + 1], copy, *self.story.steps[number + 1 :])
        self.do(edits.duplicate_step(self.now, step.id), self.story.model_copy(update={"steps": steps}))

    @rule(data=st.data())
    def delete_step(self, data: st.DataObject) -> None:
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        if len(self.story.steps) == 1:
            with pytest.raises(EditError, match="at least one step"):
                edits.delete_step(self.now, step.id)
            return
        corrections = tuple(
            one.model_copy(update={"step": None}) if one.step == step.id else one for one in self.story.corrections
        )
        steps = (*self.story.steps[:number], *self.story.steps[number + 1 :])
        self.do(edits.delete_step(self.now, step.id),
                self.story.model_copy(update={"steps": steps, "corrections": corrections}))  # fmt: skip

    @rule(data=st.data())
    def delete_layer(self, data: st.DataObject) -> None:
        if not self.story.layers:
            return
        number = self.pick(data, self.story.layers)
        name = self.story.layers[number].id
        steps = []
        for step in self.story.steps:
            fit = tuple(ref for ref in step.view.fit or () if ref.split("/")[0] != name)
            must_see = tuple(ref for ref in step.view.must_see if ref.split("/")[0] != name)
            if step.view.fit and not fit:
                with pytest.raises(EditError, match="give it another view first"):
                    edits.delete_layer(self.now, name)
                return
            view = step.view.model_copy(update={"fit": fit or None, "must_see": must_see})
            show = tuple(shown for shown in step.show if shown.layer != name)
            steps.append(step.model_copy(update={"view": view, "show": show}))
        layers = (*self.story.layers[:number], *self.story.layers[number + 1 :])
        self.do(edits.delete_layer(self.now, name),
                self.story.model_copy(update={"layers": layers, "steps": tuple(steps)}))  # fmt: skip

    @rule(data=st.data())
    def add_layer(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.story.layers)))
        layer = Layer(id=edits.free_id(self.now, "layers", "Ещё a layer!"),
                      source={"file": DATA_FILES[0], "credit": "A desk", "license": "CC0-1.0"}, label="name")  # fmt: skip
        self.do(edits.add(self.now, ("layers",), layer, at),
                self.story.model_copy(update={"layers": (*self.story.layers[:at], layer, *self.story.layers[at:])}))  # fmt: skip

    @rule(data=st.data(), note=texts)
    def claim(self, data: st.DataObject, note: str) -> None:
        if not self.story.sources:
            return
        source = data.draw(st.sampled_from(sorted(self.story.sources)))
        number = self.pick(data, self.story.steps)
        step = self.story.steps[number]
        made = Claim(source=source, note=unix(note))
        self.do(edits.add(self.now, ("steps", step.id, "sources"), made),
                with_step(self.story, number, sources=(*step.sources, made)))  # fmt: skip

    @rule()
    def undo(self) -> None:
        self.trail = self.trail.undo()
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        self.trail = self.trail.redo()
        self.at = min(len(self.model) - 1, self.at + 1)

    @rule()
    def save(self) -> None:
        self.base = save(self.folder, self.base, self.now, "Anna").story
        self.on_disk = self.story
        assert said(load(self.folder)) == said(self.story)
        before = (self.folder / "story.yaml").read_bytes()
        assert save(self.folder, self.base, self.base, "Anna").version is None
        assert (self.folder / "story.yaml").read_bytes() == before

    @rule()
    def reload(self) -> None:
        self.base = open_story(self.folder)
        self.trail, self.model, self.at = Trail(self.base), [self.on_disk], 0

    @rule()
    def crash(self) -> None:
        """The server goes, the draft stays."""
        self.drafts.keep(self.session, self.base, self.now)
        self.drafts.left(self.session)
        found = self.drafts.found("Anna")
        if found:
            self.base, self.trail = found[0].base, Trail(found[0].now)
        else:
            self.trail = Trail(self.base)
            assert said(self.story) == said(self.on_disk)
        self.model, self.at = [self.story], 0

    @invariant()
    def both_say_the_same(self) -> None:
        if hasattr(self, "trail"):
            assert differences(said(self.story), said(self.now.story(self.folder))) == []
            assert (self.trail.undo_name is None) == (self.at == 0)
            assert (self.trail.redo_name is None) == (self.at == len(self.model) - 1)


TestEditing = Editing.TestCase
TestEditing.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
