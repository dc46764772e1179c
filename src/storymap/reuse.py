"""Parts that were made for one version of a story and serve the next as well.

The compiler stays pure: whoever compiles again and again, as the editor does, passes a `Reuse` in, and each part is kept
under all that it is made of. What comes out is the same, byte for byte, as without.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

__all__ = ["Reuse"]

ROUNDS = 4
"""Compiles for which a part is kept that none of them needed; a draft is seen in two languages in turn."""

Made = TypeVar("Made")


@dataclass(slots=True)
class _Part:
    made: Any
    of: tuple[object, ...]
    """Held, so that no other object gets the id of one of them."""
    round: int


@dataclass
class Reuse:
    """Parts by what they were made of. One compile at a time may use it; nobody may change what comes out of it."""

    _parts: dict[tuple[Hashable, ...], _Part] = field(default_factory=dict)
    _round: int = 0

    def begin(self) -> None:
        """A new compile begins: what none of the last ones needed is given up."""
        self._round += 1
        old = [key for key, part in self._parts.items() if part.round < self._round - ROUNDS]
        for key in old:
            del self._parts[key]

    def part(self, key: Sequence[Hashable], of: Sequence[object], make: Callable[[], Made]) -> Made:
        """What ``make`` makes of ``key`` (compared by value) and ``of`` (the same objects, never changed).

        ``key`` begins with the name of the kind of part. What ``make`` raises is not kept.
        """
        full = (*key, *map(id, of))
        part = self._parts.get(full)
        if part is None:
            part = self._parts[full] = _Part(make(), tuple(of), self._round)
        part.round = self._round
        return cast("Made", part.made)

    @property
    def size(self) -> int:
        """How many parts are kept."""
        return len(self._parts)
