import itertools
import re
import subprocess
import sys

import numpy as np
import pytest
from coloraide import Color
from hypothesis import given, settings
from hypothesis import strategies as st

from storymap.classify import DEFAULT_CMAP, ClassError, Scheme, classify, is_qualitative, ramp, round_sizes

SCHEMES: tuple[Scheme, ...] = ("quantiles", "equal_interval", "natural_breaks", "fisher_jenks", "pretty_breaks")
figures = st.one_of(
    st.integers(-10_000_000, 10_000_000).map(float),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 4)),
)
tables = st.lists(figures, min_size=1, max_size=60)


@settings(deadline=None, max_examples=150)
@given(tables, st.sampled_from(SCHEMES), st.integers(2, 9))
def test_every_value_falls_in_its_class(values: list[float], scheme: Scheme, k: int) -> None:
    classes = classify(values, scheme=scheme, k=k)
    limits = (classes.low, *classes.upper)
    assert all(second > first for first, second in itertools.pairwise(classes.upper))
    assert classes.low <= min(values) and max(values) <= classes.upper[-1]
    for value, place in zip(values, classes.index(np.array(values)), strict=True):
        assert value <= classes.upper[place]
        assert value > limits[place] or (place == 0 and value >= classes.low)
    if scheme != "pretty_breaks":
        assert len(classes) <= k


@settings(deadline=None, max_examples=60)
@given(tables, st.sampled_from(SCHEMES), st.integers(2, 9))
def test_the_legend_says_the_limits_that_are_used(values: list[float], scheme: Scheme, k: int) -> None:
    classes = classify(values, scheme=scheme, k=k)
    texts = classes.texts("en")
    assert len(texts) == len(classes)
    for text, limit in zip(texts, classes.upper, strict=True):
        last = re.split("–", text)[-1].strip().replace("−", "-").replace(",", "")
        assert float(last) == limit


@settings(deadline=None, max_examples=40)
@given(tables, st.sampled_from(SCHEMES))
def test_the_order_of_the_rows_and_a_second_run_change_nothing(values: list[float], scheme: Scheme) -> None:
    assert classify(values, scheme=scheme) == classify(list(reversed(values)), scheme=scheme)


def test_limits_are_round_where_the_data_leaves_room() -> None:
    towns = [800, 1200, 17520, 20731, 24000, 53000, 57000]
    assert classify(towns, scheme="equal_interval", k=4).texts("en") == (
        "800–15,000", "15,001–30,000", "30,001–45,000", "45,001–57,000",
    )  # fmt: skip


def test_class_texts_follow_the_language() -> None:
    classes = classify([0.5, 12000.5, 30000], scheme="user_defined", breaks=[1.5, 20000])
    assert classes.texts("ru") == ("0,5–1,5", "1,5–20\u00a0000", "20\u00a0000–30\u00a0000")
    assert classify([-5, 10, 40], scheme="user_defined", breaks=[0, 50]).texts("en") == ("−5 – 0", "1–50")


def test_few_values_make_a_class_each() -> None:
    assert classify([3, 1, 3, 2], k=5).texts("en") == ("1", "2", "3")
    assert classify([7.5], k=5).texts("en") == ("7.5",)


def test_quantiles_hold_about_as_many_values_each() -> None:
    classes = classify(range(100), scheme="quantiles", k=4)
    counts = np.bincount(classes.index(np.arange(100.0)))
    assert counts.max() - counts.min() <= 8


def test_own_breaks_stay_as_they_are_and_gain_a_class_for_what_lies_beyond() -> None:
    classes = classify([3, 12.5, 99], scheme="user_defined", breaks=[10, 33.3])
    assert classes.upper == (10, 33.3, 99)
    assert classify([3, 8], scheme="user_defined", breaks=[10, 20]).upper == (10, 20)


@pytest.mark.parametrize(
    ("breaks", "reason"), [(None, "needs 'breaks'"), ((), "needs"), ((3, 2), "rise"), ((3, 3), "rise")]
)
def test_own_breaks_must_be_there_and_rise(breaks: tuple[float, ...] | None, reason: str) -> None:
    with pytest.raises(ClassError, match=reason) as caught:
        classify([1, 2], scheme="user_defined", breaks=breaks)
    assert caught.value.key == "breaks"


def test_many_values_are_classed_as_quickly_and_all_have_a_class() -> None:
    values = np.random.default_rng(4).lognormal(8, 1, 20_000)
    classes = classify(values, k=5)
    assert len(classes) == 5
    assert np.bincount(classes.index(values), minlength=5).min() > 0


def test_ramps_run_from_light_to_dark_in_clear_steps() -> None:
    for k in range(2, 10):
        light = [Color(color).convert("lab")["l"] for color in ramp(DEFAULT_CMAP, k)]
        assert len(light) == k
        assert all(first - second > 3 for first, second in itertools.pairwise(light))


@pytest.mark.parametrize("vision", ["protan", "deutan", "tritan"])
def test_the_default_ramp_can_be_told_apart_by_every_vision(vision: str) -> None:
    seen = [Color(color).filter(vision) for color in ramp(DEFAULT_CMAP, 5)]
    assert min(a.delta_e(b, method="2000") for a, b in itertools.combinations(seen, 2)) > 8


def test_ramps_for_lines_leave_out_what_would_vanish() -> None:
    faintest = Color(ramp("YlGnBu", 5, skip_light=True)[0])
    assert faintest.convert("lab")["l"] < Color(ramp("YlGnBu", 5)[0]).convert("lab")["l"] - 10


def test_ramps_by_name_and_by_size() -> None:
    assert ramp("YlGnBu_05", 5) == ramp("YlGnBu", 5)
    assert len(ramp("YlGnBu_09", 3)) == 3
    assert ramp("viridis", 2) == ("#440154", "#fde725")
    assert len(set(ramp("PuOr", 9))) == 9
    assert is_qualitative("Set2_05")
    assert not is_qualitative("Blues")


@pytest.mark.parametrize(("name", "hint"), [("YlGnBlu", "did you mean 'YlGnBu'"), ("Blues_13", "Blues_0")])
def test_an_unknown_ramp_names_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ClassError, match=hint) as caught:
        ramp(name, 4)
    assert caught.value.key == "cmap"


def test_the_ramps_come_without_branca_and_the_module_without_mapclassify() -> None:
    code = "import sys, storymap.classify as c; c.ramp('Blues', 3); print('branca' in sys.modules, 'mapclassify' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)}
    )
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("largest", "sizes"),
    [
        (57000, (50000, 20000, 5000)),
        (1, (1, 0.2, 0.05)),
        (24, (20, 5, 2)),
        (0.37, (0.2, 0.05, 0.02)),
        (1000, (1000, 200, 50)),
    ],
)
def test_sizes_of_a_legend_are_round_and_apart(largest: float, sizes: tuple[float, ...]) -> None:
    assert round_sizes(largest) == pytest.approx(sizes)


@settings(deadline=None)
@given(st.floats(1e-6, 1e12))
def test_sizes_of_a_legend_never_exceed_the_data(largest: float) -> None:
    sizes = round_sizes(largest)
    assert 2 <= len(sizes) <= 3
    assert sizes[0] <= largest * (1 + 1e-9)
    assert all(second <= first * 0.4 for first, second in itertools.pairwise(sizes))
