"""The tabs of editors that are open on this server: a tab that was closed no longer holds its draft."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from storymap.drafts import Drafts, Session

__all__ = ["Tabs", "tabs"]


@dataclass
class Tabs:
    """For all threads. A tab is known by the id of its connection."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: dict[tuple[str, str], tuple[Session, Drafts]] = field(default_factory=dict)

    def note(self, connection: str, session: Session, drafts: Drafts) -> None:
        """The tab has this session open."""
        with self._lock:
            self._open[connection, session.key] = (session, drafts)

    def sweep(self, is_open: Callable[[str], bool]) -> None:
        """Lets go of the drafts of tabs that are closed: a page that is loaded anew finds its draft at once."""
        with self._lock:
            closed = [key for key in self._open if not is_open(key[0])]
            gone = [self._open.pop(key) for key in closed]
        for session, drafts in gone:
            drafts.left(session)


tabs = Tabs()
"""Those of this process."""
