"""A story while it is edited: what its YAML files are to say, and the text in which they said it before.

A `Manuscript` is never changed; every edit makes another one. Its data is plain (dict, list, str, int, float, bool),
in the order and with the shorthands of the file, so that only what an editor changes is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from storymap.errors import Problem, StoryError
from storymap.story import Story
from storymap.storyfile import STORY_FILE, from_source, parse
from storymap.storypaths import story_bytes
from storymap.translation import apply, languages, misfits, translation_file
from storymap.yamlmatch import same
from storymap.yamlnodes import Node, written
from storymap.yamlrewrite import rewritten
from storymap.yamlsource import MAX_BYTES, YamlSource, decode

__all__ = ["Data", "Manuscript", "Sheet", "Unread", "plain"]

Data = dict[str, Any]
_BOM = b"\xef\xbb\xbf"


def plain(value: Any) -> Any:
    """A copy of dicts and lists with nothing shared, so that one part can be changed alone."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


@dataclass(frozen=True, eq=False)
class _Written:
    """A file as it was read; shared by all sheets that come from it."""

    file: str
    content: bytes

    @cached_property
    def text(self) -> str:
        decode(self.content, self.file)
        return self.content.removeprefix(_BOM).decode("utf-8")

    def reads(self, source: YamlSource, node: Node | None) -> None:
        """Notes how the file reads, where that is known already."""
        self.__dict__.setdefault("read", (source, node))

    @cached_property
    def read(self) -> tuple[YamlSource, Node | None]:
        source, node = written(self.text, self.file)
        if source.findings:
            raise StoryError(
                Problem(self.file, source.line(offset), "", message) for offset, _, message in source.findings
            )
        return source, node


@lru_cache(maxsize=32)
def _file(file: str, content: bytes) -> _Written:
    """A file as it was read. Reading one takes a while, and the same content is met again at every save."""
    return _Written(file, content)


@dataclass(frozen=True, eq=False)
class Sheet:
    """One YAML file: what it is to mean (``data``), and what it was read from."""

    data: Data
    origin: _Written

    @cached_property
    def content(self) -> bytes:
        """The file's bytes: those that were read, where nothing is changed. Raises `StoryError` for what no file holds."""
        source, node = self.origin.read
        if same(source.data if source.data is not None else {}, self.data):
            return self.origin.content
        if source.data is None:
            source = YamlSource({})
        text, source, node, _ = rewritten(self.origin.text, source, node, self.data, self.origin.file)
        bom = _BOM if self.origin.content.startswith(_BOM) else b""
        content = bom + text.encode("utf-8")
        decode(content, self.origin.file)
        _file(self.origin.file, content).reads(source, node)
        return content

    @classmethod
    def of(cls, file: str, content: bytes) -> Sheet:
        """The sheet that says what ``content`` says. Raises `StoryError` when it can not be read."""
        origin = _file(file, content)
        data = origin.read[0].data
        if data is not None and not isinstance(data, dict):
            raise StoryError([Problem(file, 1, "", "write keys: 'title: …', 'steps: …'")])
        return cls(plain(data or {}), origin)


@dataclass(frozen=True, eq=False)
class Manuscript:
    """The YAML files of a story, by name: ``story.yaml`` and its translations."""

    sheets: Mapping[str, Sheet] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Manuscript:
        """The manuscript of the story in ``folder``, which may have faults as long as its YAML can be read.

        A translation that can not be read is left out: it is not edited, and stays as it is. Raises `StoryError`.
        """
        if not (folder / STORY_FILE).is_file():
            raise StoryError([Problem(STORY_FILE, None, "", f"not in folder '{folder.name}': it was moved or deleted")])
        contents = {STORY_FILE: story_bytes(folder, STORY_FILE, MAX_BYTES)}
        for lang in languages(folder, "")[1:]:
            contents[translation_file(lang)] = story_bytes(folder, translation_file(lang), MAX_BYTES)
        return cls.of(contents)

    @classmethod
    def of(cls, contents: Mapping[str, bytes]) -> Manuscript:
        """The manuscript that says what these files say. Raises `StoryError` when ``story.yaml`` can not be read."""
        sheets = {STORY_FILE: Sheet.of(STORY_FILE, contents[STORY_FILE])}
        for file, content in contents.items():
            if file != STORY_FILE:
                try:
                    sheets[file] = Sheet.of(file, content)
                except StoryError:
                    continue
        return cls(sheets)

    @property
    def data(self) -> Data:
        """What ``story.yaml`` says. Not to be changed: `change` makes a copy."""
        return self.sheets[STORY_FILE].data

    @property
    def files(self) -> dict[str, Data]:
        """What each file says, ``story.yaml`` first."""
        return {file: sheet.data for file, sheet in self.sheets.items()}

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of each file. Raises `StoryError` when a text holds what no file can."""
        return {file: sheet.content for file, sheet in self.sheets.items()}

    def translation(self, lang: str) -> Data:
        """What the translation into ``lang`` says; nothing, when there is none."""
        sheet = self.sheets.get(translation_file(lang))
        return sheet.data if sheet else {}

    def says(self, other: Manuscript) -> bool:
        """Whether both say the same."""
        return self.files.keys() == other.files.keys() and all(
            same(data, other.files[file]) for file, data in self.files.items()
        )

    def change(self, what: Callable[[Data], object], file: str = STORY_FILE) -> Manuscript:
        """The manuscript in which ``what`` has changed a copy of the data of ``file`` in place."""
        sheet = self.sheets.get(file) or Sheet({}, _file(file, b""))
        data = plain(sheet.data)
        what(data)
        return self.saying(file, data)

    def saying(self, file: str, data: Data | None) -> Manuscript:
        """The manuscript whose ``file`` says ``data``; without that file, for None."""
        if data is None:
            return Manuscript({name: sheet for name, sheet in self.sheets.items() if name != file})
        sheet = self.sheets.get(file) or Sheet({}, _file(file, b""))
        return Manuscript({**self.sheets, file: replace(sheet, data=data)})

    def onto(self, other: Manuscript) -> Manuscript:
        """What this one says, written over the texts of ``other``."""
        sheets = {file: Sheet(sheet.data, other.sheets[file].origin if file in other.sheets else sheet.origin)
                  for file, sheet in self.sheets.items()}  # fmt: skip
        return Manuscript(sheets)

    def story(self, folder: Path, lang: str | None = None) -> Story:
        """The story that it makes in ``folder``, where its files are looked for. Raises `StoryError` with all faults."""
        story = self._in_own_language(folder)
        langs = sorted(file.split(".")[1] for file in self.sheets if file != STORY_FILE)
        story._languages = (story.lang, *(code for code in langs if code != story.lang))  # noqa: SLF001
        if lang in (None, story.lang):
            return story
        return apply(story, str(lang), YamlSource(plain(self.translation(str(lang)))))

    def _in_own_language(self, folder: Path) -> Story:
        sheet = self.sheets[STORY_FILE]
        # A place that is left empty is no null, which only the text can tell.
        if not sheet.origin.read[0].blanks:
            try:
                return from_source(YamlSource(plain(sheet.data)), folder)
            except StoryError:
                # Once more, by way of the text, for the lines in the messages.
                pass
        return parse(decode(sheet.content, STORY_FILE), folder)

    def fitted(self, story: Story, before: Story) -> Manuscript:
        """The manuscript without those texts of translations for which ``before`` had room and ``story`` has none."""
        made = self
        for file, sheet in self.sheets.items():
            if file == STORY_FILE:
                continue
            places = set(misfits(story, sheet.data)) - set(misfits(before, sheet.data))
            if places:
                data = plain(sheet.data)
                for place in places:
                    _take_out(data, place)
                made = made.saying(file, data)
        return made


@dataclass(frozen=True, eq=False)
class Unread(Manuscript):
    """A story's YAML files as they lie there, which may be no YAML: to be kept in the history, not to be edited."""

    raw: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Unread:
        """Those in ``folder``. Raises `StoryError` when ``story.yaml`` is gone or too large."""
        if not (folder / STORY_FILE).is_file():
            raise StoryError([Problem(STORY_FILE, None, "", f"not in folder '{folder.name}': it was moved or deleted")])
        files = [STORY_FILE, *(translation_file(lang) for lang in languages(folder, "")[1:])]
        return cls(raw={file: story_bytes(folder, file, MAX_BYTES) for file in files})

    @property
    def contents(self) -> dict[str, bytes]:
        """The bytes of each file."""
        return dict(self.raw)

    def story(self, folder: Path, lang: str | None = None) -> Story:  # noqa: ARG002
        """Always raises `StoryError`: what it means is not known."""
        raise StoryError([Problem(STORY_FILE, None, "", "can not be read")])


def _take_out(data: Any, place: tuple[str | int, ...]) -> None:
    """Deletes what is at ``place``, and what is empty without it."""
    trail = [data]
    for part in place[:-1]:
        if not isinstance(trail[-1], dict) or part not in trail[-1]:
            return
        trail.append(trail[-1][part])
    for around, part in zip(reversed(trail), reversed(place), strict=True):
        if isinstance(around, dict) and part in around:
            del around[part]
        if around:
            return
