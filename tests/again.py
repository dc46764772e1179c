"""What is tested once more: on another screen, in another language, at another service.

`make test` leaves it out, so that it takes minutes; `make thorough` and continuous integration run it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

__all__ = ["again"]


def again(values: Iterable[Any], keep: int = 1) -> list[Any]:
    """Values for ``parametrize`` or ``params``: the first ``keep`` of them for every run, the others for a thorough one."""
    every = list(values)
    more = [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.thorough)
        for value in every[keep:]
    ]
    return [*every[:keep], *more]
