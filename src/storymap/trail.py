"""Undo and redo: the manuscripts of an editing session, each with the sentence of the edit that made it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from storymap.edits import Edit
from storymap.manuscript import Manuscript
from storymap.merge import Key, Side, Value, merge

__all__ = ["Trail"]

MOST = 500
"""Edits that can be undone. They share what they have in common, so this is a few megabytes."""
MOST_CARRIED = 50
"""Of these, so many are kept when others changed the story: each has to be merged."""


@dataclass(frozen=True, eq=False)
class Trail:
    """A manuscript, what can be undone and what can be redone. Every method gives another trail."""

    now: Manuscript
    done: tuple[tuple[str, Manuscript], ...] = ()
    """(sentence, the manuscript before it), oldest first."""
    undone: tuple[tuple[str, Manuscript], ...] = ()
    """(sentence, the manuscript after it), the next to be redone last."""

    @property
    def undo_name(self) -> str | None:
        """What `undo` takes back (``Move step 'The influx'``); None when there is nothing."""
        return self.done[-1][0] if self.done else None

    @property
    def redo_name(self) -> str | None:
        """What `redo` does again; None when there is nothing."""
        return self.undone[-1][0] if self.undone else None

    def do(self, edit: Edit, *, join: bool = False) -> Trail:
        """The trail after an edit; what was undone is given up. An edit that changes nothing leaves no trace.

        ``join``: the edit goes on with the one before, if that has the same sentence (a slider being dragged).
        """
        if edit.after.says(self.now):
            return self
        if join and self.done and self.done[-1][0] == edit.sentence and not self.undone:
            return replace(self, now=edit.after)
        return Trail(edit.after, (*self.done, (edit.sentence, self.now))[-MOST:])

    def undo(self) -> Trail:
        """One edit back; the same trail when there is none."""
        if not self.done:
            return self
        sentence, before = self.done[-1]
        return Trail(before, self.done[:-1], (*self.undone, (sentence, self.now)))

    def redo(self) -> Trail:
        """One edit forward; the same trail when there is none."""
        if not self.undone:
            return self
        sentence, after = self.undone[-1]
        return Trail(after, (*self.done, (sentence, self.now)), self.undone[:-1])

    def over(self, after: Manuscript) -> Trail:
        """The same way, over ``after``: the story as it is now with what others changed besides.

        Undo then takes back what this editor did, and nothing of theirs. Where both changed one place, theirs stays.
        """
        kept = self.done[-MOST_CARRIED:]
        befores = [_carried(self.now, before, after) for _, before in kept]
        steps = zip(kept, befores, [*befores, after][1:], strict=True)
        done = tuple((sentence, before) for (sentence, _), before, next_one in steps if not before.says(next_one))
        return Trail(after, done)


def _carried(now: Manuscript, then: Manuscript, after: Manuscript) -> Manuscript:
    """An earlier manuscript with what came from ``now`` to ``after`` in it."""
    decided: dict[Key, Side | Value] = {}
    made = merge(now, then, after)
    while made.conflicts:
        decided |= dict.fromkeys((conflict.key for conflict in made.conflicts), "theirs")
        made = merge(now, then, after, decided)
    return made.story
