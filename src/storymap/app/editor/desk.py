"""An editor at work on one story in one browser tab: what was opened, every edit since, and what there is to say.

It knows no Streamlit. Every change of the story goes through `Desk.do`, which keeps the draft; nothing but `Desk.save`
writes into the story's folder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from storymap.drafts import Draft, Drafts, Session
from storymap.durable import SaveError
from storymap.edits import Edit, EditError
from storymap.errors import StoryError
from storymap.manuscript import Data, Manuscript
from storymap.merge import Conflict, Key, Side, Value
from storymap.placing import Names, find
from storymap.saving import Conflicted, changed_on_disk, open_story, save
from storymap.story import Story
from storymap.trail import Trail

__all__ = ["Desk", "Notice", "open_desk"]


@dataclass(frozen=True, slots=True)
class Notice:
    """One line for the editor, told once."""

    text: str
    kind: Literal["done", "warning", "error"] = "done"


@dataclass
class Desk:
    """One story on the table. ``session`` is this tab's; ``drafts`` are the story's."""

    folder: Path
    session: Session
    drafts: Drafts
    base: Manuscript
    """The story as it was opened, or last saved: what the next save is merged from."""
    trail: Trail
    step: str = ""
    """Id of the step at work."""
    notices: list[Notice] = field(default_factory=list)
    conflicts: tuple[Conflict, ...] = ()
    """What has to be decided before the story can be saved."""
    decided: dict[Key, Side | Value] = field(default_factory=dict)

    @property
    def now(self) -> Manuscript:
        """The story as it is now, with all edits."""
        return self.trail.now

    @property
    def data(self) -> Data:
        """What ``story.yaml`` would say now; not to be changed."""
        return self.now.data

    @property
    def slug(self) -> str:
        """Name of the story in addresses."""
        return self.folder.name

    @property
    def changed(self) -> bool:
        """Whether there is anything to save."""
        return not self.base.says(self.now)

    @property
    def steps(self) -> list[Data]:
        """The steps' data, in reading order."""
        return [step for step in self.data.get("steps") or [] if isinstance(step, dict)]

    @property
    def layers(self) -> list[Data]:
        """The layers' data, in the order of the file."""
        return [layer for layer in self.data.get("layers") or [] if isinstance(layer, dict)]

    def get(self, place: Names, default: Any = None) -> Any:
        """What the story says at ``place``, named as in `edits.set_part`."""
        return find(self.data, place, default)

    def story(self, lang: str | None = None) -> Story:
        """The story as it is now, to be compiled. Raises `StoryError` with all faults, `SaveError`."""
        return self.now.story(self.drafts.preview_folder(self.session, self.now), lang)

    def do(self, make: Callable[[Manuscript], Edit] | Edit, *, join: bool = False) -> bool:
        """Makes an edit: ``make`` gets the story as it is now. What can not be done is told; ``join`` as in `Trail.do`."""
        try:
            edit = make(self.now) if callable(make) else make
        except EditError as error:
            self.tell(str(error), "error")
            return False
        return self._turn(self.trail.do(edit, join=join))

    def undo(self) -> bool:
        """Takes the last edit back."""
        return self._turn(self.trail.undo())

    def redo(self) -> bool:
        """Makes the edit again that was taken back last."""
        return self._turn(self.trail.redo())

    def _turn(self, trail: Trail) -> bool:
        if trail is self.trail:
            return False
        before, self.trail = self.trail, trail
        # What was decided may no longer be what is in conflict.
        self.conflicts, self.decided = (), {}
        self._keep_place(before.now)
        self.keep()
        return True

    def _keep_place(self, before: Manuscript) -> None:
        """Goes to the step that is new, else stays; when its step is gone, to the one that stands in its place."""
        ids = [str(step.get("id")) for step in self.steps]
        old = [str(step.get("id")) for step in before.data.get("steps") or [] if isinstance(step, dict)]
        new = [one for one in ids if one not in old]
        if len(new) == 1:
            self.step = new[0]
        elif self.step not in ids and ids:
            self.step = ids[min(old.index(self.step) if self.step in old else 0, len(ids) - 1)]

    def keep(self) -> None:
        """Keeps the draft; what goes wrong is told, and the work goes on in memory."""
        try:
            self.drafts.keep(self.session, self.base, self.now, [sentence for sentence, _ in self.trail.done])
        except (SaveError, StoryError) as error:
            self.tell(f"The draft could not be kept: {_line(error)}. Do not close this tab before you save.", "error")

    def save(self) -> bool:
        """Saves, merged with what others changed; conflicts are kept in ``conflicts`` until all are decided."""
        try:
            saved = save(
                self.folder, self.base, self.now, self.session.editor,
                files_from=self.drafts.files(self.session), decided=self.decided,
            )  # fmt: skip
        except Conflicted as both:
            self.conflicts = both.conflicts
            self.tell("Someone else changed the same places. Nothing is saved before you have decided.", "warning")
            return False
        except StoryError as error:
            self.tell(f"Not saved, since the story could not be shown: {_line(error)}", "error")
            return False
        except SaveError as error:
            self.tell(f"Not saved: {error}", "error")
            return False
        self.base, self.conflicts, self.decided = saved.story, (), {}
        # Undo leads back over a save; what others changed is then one more edit on the way.
        others = Edit("Take over what others changed", saved.story)
        self.trail = self.trail.do(others) if saved.theirs else replace(self.trail, now=saved.story)
        self.drafts.discard(self.session.key)
        self.drafts.seen(self.session)
        news = f" What others changed is in it as well: {'; '.join(saved.theirs)}." if saved.theirs else ""
        self.tell(("Saved." if saved.version else "There was nothing to save.") + news)
        return True

    def take_over(self) -> tuple[str, ...]:
        """What others changed on disk since, in sentences, to be told; nothing is changed."""
        try:
            return changed_on_disk(self.folder, self.base)
        except SaveError as error:
            return (str(error),)

    def adopt(self, draft: Draft) -> None:
        """Goes on with a draft that was found. It can be undone."""
        try:
            self.drafts.adopt(draft, self.session)
        except SaveError as error:
            self.tell(str(error), "error")
            return
        self.base = draft.base
        self._turn(Trail(draft.base).do(Edit("Take up the draft", draft.now)))

    def reload(self) -> None:
        """Opens the story anew, as it is on disk; what was not saved is given up."""
        try:
            self.base = open_story(self.folder)
        except (StoryError, SaveError) as error:
            self.tell(_line(error), "error")
            return
        self.drafts.discard(self.session.key)
        self._turn(Trail(self.base))

    def tell(self, text: str, kind: Literal["done", "warning", "error"] = "done") -> None:
        """Something to be said once, at the next look at the page."""
        self.notices.append(Notice(text, kind))

    def told(self) -> tuple[Notice, ...]:
        """What there is to say, which is then said."""
        said, self.notices = tuple(self.notices), []
        return said


def _line(error: Exception) -> str:
    first, *more = str(error).splitlines() or [""]
    return f"{first} (and {len(more)} more)" if more else first


def open_desk(folder: Path, session: Session, state: Path, step: str = "") -> Desk:
    """Opens a story. ``state``: folder for drafts. Raises `StoryError`, when its YAML can not be read."""
    base = open_story(folder)
    desk = Desk(folder, session, Drafts(folder, state), base, Trail(base))
    ids = [str(one.get("id")) for one in desk.steps]
    desk.step = step if step in ids else next(iter(ids), "")
    desk.drafts.seen(session)
    return desk
