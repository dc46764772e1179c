"""A part of a story that is not complete yet: kept beside the story until nothing is missing, then added as one edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from storymap.app.editor import fields, told
from storymap.app.editor.checks import Check
from storymap.app.editor.desk import Desk
from storymap.app.editor.fields import key_of
from storymap.placing import Names

__all__ = ["Pending"]


class Pending:
    """What was entered so far for ``place``, by key. It outlives a look at another panel."""

    def __init__(self, desk: Desk, place: Names, needed: Mapping[str, str]) -> None:
        """``needed``: key → what it is called when it is missing ("who said it")."""
        self._key = f"new {key_of(desk, place)}"
        self._needed = needed
        self._faults: dict[str, str] = {}

    @property
    def _store(self) -> dict[str, Any]:
        return st.session_state.setdefault(self._key, {})  # type: ignore[no-any-return]

    @property
    def value(self) -> dict[str, Any]:
        """What is entered, without what is empty."""
        return {key: value for key, value in self._store.items() if value not in (None, "", [])}

    @property
    def missing(self) -> list[str]:
        """What is still needed, in words."""
        return [what for key, what in self._needed.items() if key not in self.value]

    def get(self, key: str) -> Any:
        """One entry."""
        return self._store.get(key)

    def put(self, **values: Any) -> None:
        """Sets entries, as if they had been entered."""
        self._store.update(values)

    def clear(self) -> None:
        """Forgets all."""
        st.session_state.pop(self._key, None)

    def text(self, key: str, label: str, *, check: Check | None = None, widget: Callable[..., Any] = st.text_input,
             **more: Any) -> None:  # fmt: skip
        """A text; with ``check``, what it gives is kept."""
        self._bound(key, label, widget, "", **more)
        with told.beside():
            if check is not None and self.get(key):
                try:
                    check(self.get(key))
                except ValueError as error:
                    self._faults[key] = str(error)
                    told.fault(str(error))

    def area(self, key: str, label: str, **more: Any) -> None:
        """A longer text."""
        self.text(key, label, widget=st.text_area, **more)

    def choice(self, key: str, label: str, options: Sequence[Any], *, name: Callable[[Any], str] = str,
               none: str = "—", **more: Any) -> None:  # fmt: skip
        """One of several, or none."""
        known = [None, *options]
        if self.get(key) not in known:
            self.put(**{key: None})
        self._bound(key, label, st.selectbox, None, options=known,
                    format_func=lambda one: none if one is None else name(one), **more)  # fmt: skip

    def many(
        self, key: str, label: str, options: Sequence[Any], *, name: Callable[[Any], str] = str, **more: Any
    ) -> None:
        """Some of several."""
        self._bound(key, label, st.multiselect, [], options=list(options), format_func=name, **more)

    def day(self, key: str, label: str, **more: Any) -> None:
        """A day."""
        self._bound(key, label, st.date_input, None, format="YYYY-MM-DD", min_value=dt.date(1800, 1, 1), **more)

    def _bound(self, key: str, label: str, widget: Callable[..., Any], empty: Any, **more: Any) -> None:
        state = f"{self._key}/{key}"
        value = self._store.get(key, empty)
        if state not in st.session_state or st.session_state[state] != value:
            st.session_state[state] = value

        def changed() -> None:
            if fields.entered():
                self.put(**{key: st.session_state[state]})

        widget(label, key=state, on_change=changed, **more)

    def button(self, label: str, done: Callable[[dict[str, Any]], object]) -> None:
        """The button that adds it, when nothing is missing; ``done`` gets the entries."""
        missing, faulty = self.missing, bool(self._faults)
        st.button(label, key=f"{self._key}/add", type="primary", disabled=bool(missing) or faulty,
                  on_click=lambda: self._finish(done))  # fmt: skip
        with told.beside():
            if missing:
                told.note(f"Still missing: {_listed(missing)}.")

    def _finish(self, done: Callable[[dict[str, Any]], object]) -> None:
        if not self.missing and done(self.value) is not False:
            self.clear()


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
