"""Which sessions may upload: those of editors, noted while their page runs, and asked about by the guard at every request.

Streamlit takes an upload from whoever knows a session's id, whether its page shows a place for it or not.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

__all__ = ["PATH", "Register", "register"]

PATH = "/_stcore/upload_file"
LASTS_S = 12 * 3600
"""A tab that is left open over a working day may still upload; every look at the page begins the time anew."""
MOST = 10_000
_TARGET = re.compile(rf".*{PATH}/([^/]+)/[^/]+", re.DOTALL)


class Register:
    """Sessions that may upload. For all threads. ``now`` gives seconds that never go back."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._until: dict[str, tuple[float, Callable[[], bool]]] = {}

    def permit(self, session: str, still: Callable[[], bool]) -> None:
        """``still`` is asked at each upload whether the editor has the right yet; it runs outside of any page."""
        now = self._now()
        with self._lock:
            self._until.pop(session, None)
            self._until[session] = (now + LASTS_S, still)
            gone = [name for name, (until, _) in self._until.items() if until <= now]
            for name in [*gone, *list(self._until)[: max(0, len(self._until) - len(gone) - MOST)]]:
                self._until.pop(name, None)

    def withdraw(self, session: str) -> None:
        """The session may upload no more."""
        with self._lock:
            self._until.pop(session, None)

    def permits(self, path: str) -> bool:
        """Whether a file may be sent to, or taken away from, this path of a request."""
        target = _TARGET.fullmatch(path)
        with self._lock:
            until, still = self._until.get(target[1] if target else "", (0.0, _never))
        return self._now() < until and still()


def _never() -> bool:
    return False


register = Register()
"""That of this process."""
