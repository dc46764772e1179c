"""What `make test` leaves out, so that it takes minutes; `make thorough` and continuous integration run it.

`again`: what is tested once more, on another screen, in another language, at another service. `at_length`: long walks,
through much of the editor or the whole story, and whatever else takes the time of many tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["again", "at_length"]

at_length = pytest.mark.thorough
"""For a test that takes ten seconds or more of a calm machine, where shorter ones see the parts it is made of."""


def again(values: Iterable[Any], keep: int = 1) -> list[Any]:
    """Values for ``parametrize`` or ``params``: the first ``keep`` of them for every run, the others for a thorough one."""
    every = list(values)
    more = [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.thorough)
        for value in every[keep:]
    ]
    return [*every[:keep], *more]
