"""Publishing that is cut at every operation, before, half-way through and after it; and what readers get meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from again import again
from places import make_bucket, s3_server, sftp_server
from sites import Bucket, Folder, Home, all_of, site, whole, write_site
from storymap.publish import Refused, publish
from storymap.publishplan import RECORD
from storymap.targets import connect

ONE, TWO, THREE = site("one"), site("two", langs=("en", "kk")), site("three", langs=("en", "kk", "ru"))
VERSIONS = {"one": ONE, "two": TWO, "three": THREE}


class Cut(BaseException):
    """The machine loses power: nothing of the program runs any more."""


class LostConnection(ConnectionError):
    """The network is gone: the program still runs, and tells."""


@dataclass
class Watched:
    """A file system that calls ``look`` around every operation that changes something, and is cut at the ``at``-th."""

    fs: Any
    at: int = 0
    how: str = "before"
    error: type[BaseException] = Cut
    look: Callable[[], object] = lambda: None
    done: int = field(default=0)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.fs, name)
        return self._changing(name, found) if name in ("pipe_file", "mv", "rm_file") else found

    def _changing(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.done += 1
            mine = self.done == self.at
            if mine and self.how == "before":
                raise self.error
            if mine and self.how == "half" and name == "pipe_file" and "ContentType" not in kwargs:
                operation(args[0], args[1][: len(args[1]) // 2])  # a PUT leaves nothing when it is cut, a file does
                raise self.error
            result = operation(*args, **kwargs)
            self.look()
            if mine:
                raise self.error
            return result

        return call


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as server:
        make_bucket(server, "news")
        yield server


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built")
    for version, files in VERSIONS.items():
        write_site(root / version, files)
    return root


@pytest.fixture(params=again(["folder", "s3", "sftp"]))
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    if request.param == "folder":
        yield Folder(str(tmp_path / "www"), tmp_path / "www")
    elif request.param == "s3":
        server = request.getfixturevalue("s3")
        monkeypatch.setenv("AWS_ENDPOINT_URL", server)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield Bucket(f"s3://news/{tmp_path.name}", server, "news", tmp_path.name)
    else:
        (tmp_path / "server").mkdir()
        with sftp_server(tmp_path / "server", tmp_path / "person") as port:
            monkeypatch.setenv("HOME", str(tmp_path / "person"))
            yield Folder(f"sftp://editor@127.0.0.1:{port}/www", tmp_path / "server" / "www")


def operations(home: Home, dist: Path, version: str) -> int:
    """How many operations publishing ``version`` takes at a place as it now stands; it is done then."""
    place = connect(home.target)
    watched = Watched(place.fs)
    publish(dist / version, replace(place, fs=watched))
    return watched.done


def ways(home: Home) -> tuple[str, ...]:
    """Where in an operation the cut comes; over SFTP, which takes longer, only where a folder has shown all of them."""
    if home.keeps_headers:
        return ("before", "after")
    return ("half",) if home.target.startswith("sftp") else ("before", "half", "after")


def test_a_cut_anywhere_leaves_a_whole_story_and_is_taken_up(home: Home, dist: Path) -> None:
    place = connect(home.target)
    publish(dist / "one", place)
    count = operations(home, dist, "two")
    assert count >= 9
    for at in range(1, count + 1):
        for how in ways(home):
            home.clear()
            publish(dist / "one", place)
            seen: list[str | None] = []
            watched = Watched(place.fs, at, how, look=lambda seen=seen: seen.append(whole(home, VERSIONS)))
            with pytest.raises(Cut):
                publish(dist / "two", replace(place, fs=watched))
            assert whole(home, VERSIONS) in ("one", "two")
            assert seen == sorted(seen), "first the one, then the other"
            watched.at = 0
            publish(dist / "two", replace(place, fs=watched))
            assert seen == sorted(seen)
            assert whole(home, VERSIONS) == "two"
            left = {path for path in ONE if path not in TWO and path.startswith("media/")}
            assert home.paths() == set(all_of(TWO, home)) | left | {RECORD}, (at, how)
            assert publish(dist / "two", place, prune=True).uploaded == ()
            assert home.story() == all_of(TWO, home)


def test_after_a_cut_a_third_version_or_the_old_one_can_follow(home: Home, dist: Path) -> None:
    place = connect(home.target)
    publish(dist / "one", place)
    count = operations(home, dist, "two")
    for at in range(1, count + 1, 3 if home.target.startswith("sftp") else 2):
        for following in ("one", "three"):
            home.clear()
            publish(dist / "one", place)
            with pytest.raises(Cut):
                publish(dist / "two", replace(place, fs=Watched(place.fs, at, "after")))
            seen: list[str | None] = []
            look = Watched(place.fs, look=lambda seen=seen: seen.append(whole(home, VERSIONS)))
            publish(dist / following, replace(place, fs=look))
            assert len(dict.fromkeys(seen)) <= 2, "never back"
            assert whole(home, VERSIONS) == following
            publish(dist / following, place, prune=True)
            assert home.story() == all_of(VERSIONS[following], home), (at, following)


def test_run_after_run_is_cut_and_the_story_still_arrives(home: Home, dist: Path) -> None:
    """The network holds for one more operation each time; another version is tried each time."""
    place = connect(home.target)
    publish(dist / "one", place)
    for at in range(1, 60):
        version = ("two", "three")[at % 2]
        try:
            publish(dist / version, replace(place, fs=Watched(place.fs, at)))
        except Cut:
            assert whole(home, VERSIONS)
            continue
        break
    else:
        pytest.fail("it never arrived")
    publish(dist / version, place, prune=True)
    assert home.story() == all_of(VERSIONS[version], home)


def test_the_first_publication_shows_nothing_until_it_is_whole(home: Home, dist: Path) -> None:
    place = connect(home.target)
    count = operations(home, dist, "one")
    for at in range(1, count + 1, 3 if home.target.startswith("sftp") else 1):
        home.clear()
        watched = Watched(place.fs, at, "after", look=lambda: whole(home, VERSIONS))
        with pytest.raises(Cut):
            publish(dist / "one", replace(place, fs=watched))
        assert whole(home, VERSIONS) in (None, "one")
        publish(dist / "one", place)
        assert home.story() == all_of(ONE, home)


def test_what_was_sent_before_the_cut_is_not_sent_again(home: Home, dist: Path) -> None:
    place = connect(home.target)
    whole_run = publish(dist / "one", place, dry_run=True)
    sent = []
    with pytest.raises(KeyboardInterrupt):
        publish(dist / "one", place, say=lambda done: sent.append(done.path) or _stop(len(sent) == 5))
    rest = publish(dist / "one", place)
    assert rest.unchanged == tuple(sent)
    assert (*sent, *rest.uploaded) == whole_run.uploaded


def _stop(now: bool) -> None:
    if now:
        raise KeyboardInterrupt


def test_a_lost_connection_is_told_in_one_line(home: Home, dist: Path) -> None:
    place = connect(home.target)
    watched = Watched(place.fs, 5, error=LostConnection)
    with pytest.raises(
        Refused, match=r": can not be written: LostConnection; run this again, it goes on from here"
    ) as told:
        publish(dist / "one", replace(place, fs=watched))
    assert "\n" not in str(told.value) and str(told.value).startswith(home.target)
    publish(dist / "one", place)
    assert home.story() == all_of(ONE, home)


def test_what_arrives_damaged_is_never_shown(home: Home, dist: Path) -> None:
    """A store that answers 'stored' and stored something else."""
    place = connect(home.target)
    publish(dist / "one", place)

    class Damaging(Watched):
        def _changing(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
            def call(path: str, data: Any, **kwargs: Any) -> Any:
                spoilt = name == "pipe_file" and bytes(data[:2]) == b"\xff\xd8"
                return operation(path, data[:-1] + b"?" if spoilt else data, **kwargs)

            return call if name == "pipe_file" else operation

    with pytest.raises(Refused, match=r"media/own-.*: the target does not hold what it was sent"):
        publish(dist / "two", replace(place, fs=Damaging(place.fs)))
    assert whole(home, VERSIONS) == "one"
    publish(dist / "two", place)
    assert whole(home, VERSIONS) == "two"
