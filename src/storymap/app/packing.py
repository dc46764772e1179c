"""A document's bytes in the codings in which they are sent: compressed beforehand, never for a single request."""

from __future__ import annotations

import gzip
import logging
import threading

import brotli

from storymap.app.negotiation import coding

__all__ = ["Packed"]

log = logging.getLogger(__name__)

WORTH = 2
"""From this request on a document is worth the second of CPU that Brotli takes for it: a version that an editor saves
over a minute later mostly is not."""

_one_at_a_time = threading.Lock()


class Packed:
    """Bytes, plain and in gzip; in Brotli, which is a sixth smaller, from soon after they are asked for again."""

    def __init__(self, plain: bytes) -> None:
        self.plain = plain
        self.gzipped = gzip.compress(plain, compresslevel=9, mtime=0)
        self._brotli: bytes | None = None
        self._asked = 0
        self._guard = threading.Lock()

    def offered(self) -> tuple[str, ...]:
        """The codings that are ready to be sent, the smallest first."""
        return ("gzip",) if self._brotli is None else ("br", "gzip")

    def answer(self, header: str) -> tuple[str, bytes]:
        """What a request with this ``Accept-Encoding`` gets: the coding, "" for none, and the bytes in it.

        Does not wait: what asks for Brotli too soon gets the next best.
        """
        if coding(header, ("br",)):
            self._count()
        chosen = coding(header, self.offered())
        return chosen, self.body(chosen)

    def body(self, chosen: str) -> bytes:
        """The bytes in one of the codings `offered`, or plain for ""."""
        if chosen == "br":
            assert self._brotli is not None
            return self._brotli
        return self.gzipped if chosen == "gzip" else self.plain

    def _count(self) -> None:
        with self._guard:
            self._asked += 1
            if self._asked == WORTH:
                # A daemon: a server that is told to stop does not wait for it.
                threading.Thread(target=self._pack, name="brotli", daemon=True).start()

    def _pack(self) -> None:
        with _one_at_a_time:
            try:
                self._brotli = brotli.compress(self.plain, mode=brotli.MODE_TEXT, quality=11)
            except (brotli.error, MemoryError):
                log.exception("a document could not be packed with Brotli; it is sent as gzip")
