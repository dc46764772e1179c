"""An editor at work on one story in one browser tab: what was opened, every edit since, and what there is to say.

It knows no Streamlit. Every change of the story goes through `Desk.do`, which keeps the draft; nothing but `Desk.save`
writes into the story's folder.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from storymap.app.editor.news import News, Watch
from storymap.drafts import Draft, Drafts, Session
from storymap.durable import SaveError
from storymap.edits import Edit, EditError
from storymap.errors import StoryError
from storymap.manuscript import Data, Manuscript
from storymap.merge import Conflict, Key, Side, Value, merge
from storymap.placing import Names, find
from storymap.saving import Conflicted, Saved, changed_on_disk, open_story, restore, save
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
    settling: Literal["save", "take in"] = "save"
    """What goes on once the conflicts are decided."""
    saved_at: dt.datetime | None = None
    """When this tab saved last, in UTC."""
    unkept: str = ""
    """Why there is no draft of the last edit, in words; empty when there is one."""
    may: Callable[[], bool] = field(default=lambda: True, repr=False)
    """Asked before anything is written: whether this editor has the right still."""
    watch: Watch = field(default_factory=Watch, repr=False)

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
        """What the story says at ``place``, named as in `edits.set_part`; ``default`` where it says nothing, or null."""
        found = find(self.data, place)
        return default if found is None else found

    def story(self, lang: str | None = None) -> Story:
        """The story as it is now, to be compiled. Raises `StoryError` with all faults, `SaveError`."""
        return self.now.story(self.drafts.preview_folder(self.session, self.now), lang)

    def do(self, make: Callable[[Manuscript], Edit] | Edit, *, join: bool = False) -> bool:
        """Makes an edit: ``make`` gets the story as it is now. What can not be done is told; ``join`` as in `Trail.do`."""
        if self._refused():
            return False
        try:
            edit = make(self.now) if callable(make) else make
        except EditError as error:
            self.tell(str(error), "error")
            return False
        return self._turn(self.trail.do(edit, join=join))

    def undo(self) -> bool:
        """Takes the last edit back."""
        return not self._refused() and self._turn(self.trail.undo())

    def redo(self) -> bool:
        """Makes the edit again that was taken back last."""
        return not self._refused() and self._turn(self.trail.redo())

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

    def _refused(self) -> bool:
        if self.may():
            return False
        self.tell("Nothing was written: you may not edit here any more. Your draft is kept as it was.", "error")
        return True

    def keep(self) -> None:
        """Keeps the draft; what goes wrong is told, and the work goes on in memory."""
        try:
            self.drafts.keep(self.session, self.base, self.now, [sentence for sentence, _ in self.trail.done])
        except (SaveError, StoryError) as error:
            self.unkept = _line(error)
        else:
            self.unkept = ""

    def save(self) -> bool:
        """Saves, merged with what others changed; conflicts are kept in ``conflicts`` until all are decided."""
        if self._refused():
            return False
        try:
            saved = save(
                self.folder, self.base, self.now, self.session.editor,
                files_from=self.drafts.files(self.session), decided=self.decided,
            )  # fmt: skip
        except Conflicted as both:
            return self._ask(both.conflicts, "save")
        except StoryError as error:
            self.tell(f"Not saved, since the story could not be shown: {_line(error)}", "error")
            return False
        except SaveError as error:
            self.tell(f"Not saved: {error}", "error")
            return False
        self._settled(saved)
        self.drafts.saved(self.session)
        news = f" What others changed is in it as well: {'; '.join(saved.theirs)}." if saved.theirs else ""
        self.tell(("Saved." if saved.version else "There was nothing to save.") + news)
        return True

    def _settled(self, saved: Saved) -> None:
        self.base, self.conflicts, self.decided = saved.story, (), {}
        self.saved_at, self.unkept = dt.datetime.now(dt.UTC), ""
        # Undo leads back over a save, but never over what others changed.
        self.trail = self.trail.over(saved.story) if saved.theirs else replace(self.trail, now=saved.story)
        self._stay()

    def _ask(self, conflicts: tuple[Conflict, ...], settling: Literal["save", "take in"]) -> bool:
        self.conflicts, self.settling = conflicts, settling
        return False

    def settle(self) -> bool:
        """Goes on with what the conflicts held up, as they are decided now."""
        return self.save() if self.settling == "save" else self.take_in()

    def take_over(self) -> tuple[str, ...]:
        """What others changed on disk since, in sentences, to be told; nothing is changed."""
        try:
            return changed_on_disk(self.folder, self.base)
        except SaveError as error:
            return (str(error),)

    def news(self) -> News:
        """What others changed since, and who, looked up anew only when the files were touched. Raises `SaveError`."""
        return self.watch.look(self.folder, self.base)

    def take_in(self) -> bool:
        """Takes into the work what others changed on disk since; nothing is saved. Conflicts as in `save`."""
        if self._refused():
            return False
        try:
            theirs = open_story(self.folder)
        except (StoryError, SaveError) as error:
            self.tell(_line(error), "error")
            return False
        made = merge(self.base, self.now, theirs, self.decided)
        if made.conflicts:
            return self._ask(made.conflicts, "take in")
        self.base, self.conflicts, self.decided = theirs, (), {}
        self.trail = self.trail.over(made.story)
        self._stay()
        self.keep()
        return True

    def put_aside(self, *, share: bool = True) -> None:
        """Leaves the work so far as a draft that can be taken up again, and goes on as another session.

        ``share``: with the files that were brought in.
        """
        old = self.session
        if self.changed:
            self.keep()
        self.session = Session(old.editor, secrets.token_urlsafe(16))
        if share:
            try:
                self.drafts.share(old, self.session)
            except SaveError as error:
                self.tell(str(error), "error")
        self.drafts.left(old)
        self.drafts.seen(self.session)

    def adopt(self, draft: Draft) -> None:
        """Goes on with a draft that was found; unsaved work stays a draft of its own."""
        if self._refused():
            return
        self.put_aside(share=False)
        try:
            self.drafts.adopt(draft, self.session)
        except SaveError as error:
            self.tell(str(error), "error")
            return
        self.base = draft.base
        self._turn(Trail(draft.base).do(Edit("Take up the draft", draft.now)))

    def found(self) -> tuple[Draft, ...]:
        """Drafts that this editor left, the newest first."""
        return tuple(one for one in self.drafts.found(self.session.editor) if one.key != self.session.key)

    def give_up(self, draft: Draft) -> None:
        """Deletes a draft that was found."""
        if not self._refused():
            self.drafts.discard(draft.key)

    def restore(self, files: Mapping[str, bytes], sentence: str) -> bool:
        """Makes an earlier version the newest, on disk; unsaved work stays a draft that can be taken up again."""
        if self._refused():
            return False
        try:
            saved = restore(self.folder, files, self.session.editor, sentence)
        except StoryError as error:
            self.tell(f"Not restored, since that story could not be shown now: {_line(error)}", "error")
            return False
        except SaveError as error:
            self.tell(f"Not restored: {error}", "error")
            return False
        kept, before = self.changed, self.now
        if kept:
            self.put_aside()
        self.base, self.saved_at = saved.story, dt.datetime.now(dt.UTC)
        self.trail, self.conflicts, self.decided = self.trail.do(Edit(sentence, saved.story)), (), {}
        self._keep_place(before)
        self.tell(
            "Restored. What stood there before is in the history"
            + (", and what you had not saved is kept as a draft." if kept else ".")
        )
        return True

    def reload(self) -> None:
        """Opens the story anew, as it is on disk; what was not saved is given up."""
        if self._refused():
            return
        try:
            self.base = open_story(self.folder)
        except (StoryError, SaveError) as error:
            self.tell(_line(error), "error")
            return
        self.drafts.discard(self.session.key)
        self._turn(Trail(self.base))

    def _stay(self) -> None:
        """At the step at work, or at the first when others deleted it."""
        ids = [str(step.get("id")) for step in self.steps]
        if self.step not in ids and ids:
            self.step = ids[0]

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
