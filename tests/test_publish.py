"""Publishing to a folder, to a real S3 server and to a real SFTP server, looked at as readers do."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from places import make_bucket, s3_server, sftp_server
from sites import Bucket, Folder, Home, all_of, site, whole, write_site
from storymap import cli
from storymap.manifest import CACHE_CONTROL
from storymap.publish import Done, Refused, publish
from storymap.publishplan import RECORD, part_name
from storymap.targets import connect

ONE, TWO, THREE = site("one"), site("two", langs=("en", "kk")), site("three", langs=("en",))
VERSIONS = {"one": ONE, "two": TWO, "three": THREE}


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with s3_server() as server:
        make_bucket(server, "news")
        yield server


@pytest.fixture(scope="module")
def sftp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path, Path]]:
    """Port, what the server shows, and the home folder of someone it lets in."""
    root, home = tmp_path_factory.mktemp("server"), tmp_path_factory.mktemp("home")
    with sftp_server(root, home) as port:
        yield port, root, home


@pytest.fixture
def signed_in(s3: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The S3 server, with credentials where S3's own tools look for them."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "aws-credentials"),
        "AWS_CONFIG_FILE": str(tmp_path / "aws-config"),
        "AWS_ENDPOINT_URL": s3,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    return s3


@pytest.fixture(params=["folder", "s3", "sftp"])
def home(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty place of each kind."""
    if request.param == "folder":
        return Folder(str(tmp_path / "www"), tmp_path / "www")
    if request.param == "s3":
        server = request.getfixturevalue("signed_in")
        folder = f"maps/{tmp_path.name}"
        return Bucket(f"s3://news/{folder}", server, "news", folder)
    port, root, person = request.getfixturevalue("sftp")
    monkeypatch.setenv("HOME", str(person))
    return Folder(f"sftp://editor@127.0.0.1:{port}/{tmp_path.name}/www", root / tmp_path.name / "www")


def built(tmp_path: Path, version: str, **options: object) -> Path:
    return write_site(tmp_path / f"dist-{version}", VERSIONS[version], **options)  # type: ignore[arg-type]


def test_a_story_is_published_and_replaced(home: Home, tmp_path: Path) -> None:
    first = publish(built(tmp_path, "one"), home.target)
    assert home.story() == all_of(ONE, home)
    assert first.uploaded[-1] == "index.html" and set(first.uploaded) == set(all_of(ONE, home))
    assert (first.deleted, first.kept, first.unchanged) == ((), (), ())
    second = publish(built(tmp_path, "two"), home.target)
    assert whole(home, VERSIONS) == "two"
    left = {path for path in ONE if path not in TWO and path.startswith("media/")}
    assert set(home.story()) == set(all_of(TWO, home)) | left, "the pictures of the old page stay for those who read it"
    assert (second.deleted, set(second.kept)) == (("ru/index.html",), left)
    third = publish(built(tmp_path, "three"), home.target)
    assert whole(home, VERSIONS) == "three"
    assert left < set(third.deleted)
    assert not left & set(home.story())


def test_publishing_the_same_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    publish(built(tmp_path, "two"), home.target)
    before, record = home.story(), home.body(RECORD)
    again = publish(built(tmp_path, "two"), home.target)
    assert (again.uploaded, again.deleted, again.bytes) == ((), (), 0)
    assert set(again.unchanged) == set(all_of(TWO, home))
    assert (home.story(), home.body(RECORD)) == (before, record)
    assert again.kept, "nor does it take away what readers of the version before still need"


def test_pruning_leaves_nothing_of_the_version_before(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    publish(built(tmp_path, "two"), home.target)
    report = publish(built(tmp_path, "two"), home.target, prune=True)
    assert report.uploaded == () and report.deleted and report.kept == ()
    assert home.story() == all_of(TWO, home)


def test_a_withdrawn_story_leaves_no_picture_behind(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    notice = {"index.html": b"<!doctype html><p>This story was withdrawn."}
    publish(write_site(tmp_path / "notice", notice, withdrawn=True), home.target)
    assert home.story() == notice


def test_a_dry_run_tells_and_does_nothing(home: Home, tmp_path: Path) -> None:
    told = publish(built(tmp_path, "one"), home.target, dry_run=True)
    assert home.paths() == set()
    assert publish(built(tmp_path, "one"), home.target) == replace(told, dry_run=False)
    before = home.story()
    told = publish(built(tmp_path, "two"), home.target, dry_run=True)
    assert home.story() == before
    assert publish(built(tmp_path, "two"), home.target) == replace(told, dry_run=False)


def test_assets_come_first_pages_after_them_and_deletions_last(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    done: list[Done] = []
    publish(built(tmp_path, "two"), home.target, say=done.append)
    assert [item.number for item in done] == list(range(1, len(done) + 1))
    assert {item.of for item in done} == {len(done)}
    order = [item.path for item in done if item.action == "sent"]
    assert order[-2:] == ["kk/index.html", "index.html"]
    hashed = [path.startswith("media/") for path in order]
    assert hashed == sorted(hashed, reverse=True)
    assert [item.action for item in done] == ["sent"] * len(order) + ["deleted"]
    assert all(item.size > 0 for item in done[:-1])


def test_what_others_put_there_is_never_touched(home: Home, tmp_path: Path) -> None:
    home.put("robots.txt", b"theirs")
    home.put("media/theirs.jpg", b"theirs")
    for version in ("one", "two", "three"):
        publish(built(tmp_path, version), home.target, prune=True)
    assert home.story() == {**all_of(THREE, home), "robots.txt": b"theirs", "media/theirs.jpg": b"theirs"}


def test_a_file_of_somebody_else_is_not_written_over(home: Home, tmp_path: Path) -> None:
    home.put("index.html", b"another page")
    home.put("embed.js", b"another script")
    with pytest.raises(Refused, match=r"holds embed\.js and 1 more, which storymap did not put there"):
        publish(built(tmp_path, "one"), home.target)
    assert home.story() == {"index.html": b"another page", "embed.js": b"another script"}


def test_files_that_were_brought_there_by_hand_become_the_storys_own(home: Home, tmp_path: Path) -> None:
    for path, content in ONE.items():
        home.put(path, content)
    if home.keeps_headers:  # they are stored otherwise than publishing stores them
        with pytest.raises(Refused, match="did not put there"):
            publish(built(tmp_path, "one"), home.target)
        return
    publish(built(tmp_path, "one"), home.target)
    publish(built(tmp_path, "two"), home.target, prune=True)
    assert home.story() == TWO


def test_another_story_is_not_written_over(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    with pytest.raises(Refused, match="holds the story 'aral'; 'caspian' would be written over it"):
        publish(built(tmp_path, "two", slug="caspian"), home.target)
    assert home.story() == all_of(ONE, home)


def test_what_somebody_changed_or_took_is_put_right(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    picture = next(path for path in ONE if path.startswith("media/all"))
    home.put(picture, b"x" * len(ONE[picture]))  # as long as before
    home.take("story.json")
    report = publish(built(tmp_path, "one"), home.target)
    assert set(report.uploaded) == {picture, "story.json"}
    assert home.story() == all_of(ONE, home)


def test_a_damaged_record_is_told_and_nothing_is_done(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    home.put(RECORD, b'{"storymap": 1, "files": {"../../etc/passwd"')
    with pytest.raises(Refused, match="is damaged"):
        publish(built(tmp_path, "two"), home.target)
    assert home.story() == all_of(ONE, home)


def test_the_half_files_of_cut_runs_are_taken_away(tmp_path: Path) -> None:
    home = Folder(str(tmp_path / "www"), tmp_path / "www")
    publish(built(tmp_path, "one"), home.target)
    home.put(part_name("0" * 32), b"half a fi")
    home.put("storymap-published.part", b"somebody else's")
    publish(built(tmp_path, "one"), home.target, dry_run=True)
    assert part_name("0" * 32) in home.paths()
    publish(built(tmp_path, "one"), home.target)
    assert set(home.story()) == {*ONE, "storymap-published.part"}


def test_the_second_of_two_runs_goes_on_and_the_first_stops(home: Home, tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), home.target)
    started = []

    def other(_: Done) -> None:
        if not started:
            started.append(True)
            publish(built(tmp_path, "three"), home.target)

    with pytest.raises(Refused, match="somebody else is publishing there now"):
        publish(built(tmp_path, "two"), home.target, say=other)
    assert whole(home, VERSIONS) == "three"
    publish(built(tmp_path, "two"), home.target, prune=True)
    assert home.story() == all_of(TWO, home)


# What a host says of the files.


def test_an_object_store_answers_with_type_lifetime_and_compression(signed_in: str, tmp_path: Path) -> None:
    home = Bucket("s3://news/headers", signed_in, "news", "headers")
    publish(built(tmp_path, "one"), home.target)
    expected = {
        "index.html": ("text/html; charset=utf-8", CACHE_CONTROL["revalidate"], "gzip"),
        "ru/index.html": ("text/html; charset=utf-8", CACHE_CONTROL["revalidate"], "gzip"),
        "embed.js": ("text/javascript; charset=utf-8", CACHE_CONTROL["revalidate"], "gzip"),
        "images/one.svg": ("image/svg+xml", CACHE_CONTROL["revalidate"], "gzip"),
        "story.json": ("application/json; charset=utf-8", CACHE_CONTROL["revalidate"], None),  # too small to pay
    }
    for path in ONE:
        if path.startswith("media/"):
            kind = ("image/svg+xml", "gzip") if path.endswith(".svg") else ("image/jpeg", None)
            expected[path] = (kind[0], CACHE_CONTROL["immutable"], kind[1])
    assert expected.keys() | {RECORD} == home.paths()
    for path, wanted in expected.items():
        answer = home.get(path)
        assert answer is not None
        said = answer.headers
        assert (said["content-type"], said["cache-control"], said.get("content-encoding")) == wanted, path
        assert home.body(path) == ONE[path]
    record = home.get(RECORD)
    assert record is not None and record.headers["cache-control"] == "no-store"


def test_other_headers_alone_are_sent_again(signed_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Bucket("s3://news/again", signed_in, "news", "again")
    publish(built(tmp_path, "one"), home.target)
    monkeypatch.setitem(CACHE_CONTROL, "immutable", "public, max-age=60, immutable")  # type: ignore[misc]
    report = publish(built(tmp_path, "one"), home.target)
    assert set(report.uploaded) == {path for path in ONE if path.startswith("media/")}
    answer = home.get(report.uploaded[0])
    assert answer is not None and answer.headers["cache-control"] == "public, max-age=60, immutable"


def test_compression_can_be_left_to_the_cdn(signed_in: str, tmp_path: Path) -> None:
    home = Bucket("s3://news/plain", signed_in, "news", "plain")
    publish(built(tmp_path, "one"), home.target, gzip="none")
    answer = home.get("index.html")
    assert answer is not None and "content-encoding" not in answer.headers and answer.body == ONE["index.html"]
    publish(built(tmp_path, "one"), home.target)
    answer = home.get("index.html")
    assert answer is not None and answer.headers["content-encoding"] == "gzip"
    with pytest.raises(Refused, match="for folders and sftp"):
        publish(built(tmp_path, "one"), home.target, gzip="beside")


def test_a_web_server_finds_compressed_files_beside_the_others(tmp_path: Path) -> None:
    home = Folder(str(tmp_path / "www"), tmp_path / "www")
    publish(built(tmp_path, "one"), home.target, gzip="beside")
    packed = {path for path in home.story() if path.endswith(".gz")}
    assert {path.removesuffix(".gz") for path in packed} == {
        path for path in ONE if path.endswith((".html", ".js", ".svg"))
    }
    assert all(gzip.decompress(home.story()[path]) == ONE[path.removesuffix(".gz")] for path in packed)
    publish(built(tmp_path, "one"), home.target, prune=True)
    assert home.story() == ONE


def test_a_packed_copy_goes_before_the_file_that_it_would_hide(tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), str(tmp_path / "www"), gzip="beside")
    done: list[Done] = []
    publish(built(tmp_path, "two"), str(tmp_path / "www"), say=done.append)
    order = [(one.action, one.path) for one in done]
    assert order.index(("deleted", "index.html.gz")) < order.index(("sent", "index.html"))
    assert order.index(("deleted", "embed.js.gz")) < order.index(("sent", "embed.js"))
    assert [one.number for one in done] == list(range(1, done[0].of + 1))
    assert order[-1][0] == "deleted", "what the new version has not goes last"


def test_a_bucket_can_be_the_place_itself(signed_in: str, tmp_path: Path) -> None:
    make_bucket(signed_in, "alone")
    home = Bucket("s3://alone", signed_in, "alone", "")
    home.put("theirs/index.html", b"another story")
    publish(built(tmp_path, "one"), home.target)
    publish(built(tmp_path, "two"), home.target + "/", prune=True)
    assert home.story() == {**all_of(TWO, home), "theirs/index.html": b"another story"}


def test_sftp_below_the_home_folder(
    sftp: tuple[int, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, root, person = sftp
    monkeypatch.setenv("HOME", str(person))
    publish(built(tmp_path, "one"), f"sftp://editor@127.0.0.1:{port}/~/{tmp_path.name}")
    assert Folder("", root / tmp_path.name).story() == ONE


# What is refused.


def test_an_unknown_host_is_not_trusted(
    sftp: tuple[int, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, root, person = sftp
    stranger = tmp_path / "stranger" / ".ssh"
    stranger.mkdir(parents=True)
    for name in ("id_ed25519", "id_ed25519.pub"):
        (stranger / name).write_bytes((person / ".ssh" / name).read_bytes())
    (stranger / "id_ed25519").chmod(0o600)
    monkeypatch.setenv("HOME", str(stranger.parent))
    with pytest.raises(Refused, match="can not be reached: Host key") as refused:
        publish(built(tmp_path, "one"), f"sftp://editor@127.0.0.1:{port}/{tmp_path.name}")
    assert "\n" not in str(refused.value)
    assert not (root / tmp_path.name).exists()


def test_a_bucket_that_is_not_there_is_told(signed_in: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"s3://nowhere/a/.*: can not be written: .*bucket") as refused:
        publish(built(tmp_path, "one"), "s3://nowhere/a")
    assert "\n" not in str(refused.value)


def test_credentials_come_from_a_profile_and_missing_ones_are_told(
    signed_in: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(
        Refused, match=r"s3://news/profile/.*: can not be read: .*credentials.*docs/publishing"
    ) as refused:
        publish(built(tmp_path, "one"), "s3://news/profile")
    assert "\n" not in str(refused.value)
    profile = "[newsroom]\naws_access_key_id = test\naws_secret_access_key = test\n"
    (tmp_path / "aws-credentials").write_text(profile)
    monkeypatch.setenv("AWS_PROFILE", "newsroom")
    assert publish(built(tmp_path, "one"), "s3://news/profile").uploaded


def test_a_server_that_is_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Refused, match=rf"^sftp://127\.0\.0\.1:{port}/a: can not be reached: "):
        publish(built(tmp_path, "one"), f"sftp://127.0.0.1:{port}/a")


def test_a_folder_that_is_no_build_or_was_changed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is no build of a story"):
        publish(tmp_path, str(tmp_path / "www"))
    dist = built(tmp_path, "one")
    (dist / "story.json").write_text("{}")
    with pytest.raises(Refused, match=r"story\.json: was changed after the build"):
        publish(dist, str(tmp_path / "www"))
    (dist / "story.json").unlink()
    with pytest.raises(Refused, match=r"story\.json: can not be read: no such file"):
        publish(dist, str(tmp_path / "www"))
    assert not (tmp_path / "www").exists()


def test_a_build_is_not_published_into_itself(tmp_path: Path) -> None:
    dist = built(tmp_path, "one")
    for target in (dist, dist / "public"):
        with pytest.raises(Refused, match="lies in the built folder"):
            publish(dist, str(target))


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "www" / "embed.js").mkdir(parents=True)
    with pytest.raises(Refused, match=r"holds embed\.js, which storymap did not put there"):
        publish(built(tmp_path, "one"), str(tmp_path / "www"))


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "www").write_text("a file")
    with pytest.raises(Refused, match=r"www/.*: can not be (read|written): "):
        publish(built(tmp_path, "one"), str(tmp_path / "www"))
    with pytest.raises(Refused, match=r"^/proc/nope/x: can not be made: "):
        publish(built(tmp_path, "one"), "/proc/nope/x")


# The command.


def test_the_command_publishes_and_tells(tmp_path: Path) -> None:
    dist, www = built(tmp_path, "one"), tmp_path / "www"

    def run(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(cli.main, ["publish", str(dist), str(www), *words], prog_name="storymap")
        return done.exit_code, done.stdout, done.stderr

    code, said, told = run("--dry-run")
    assert code == 0 and told == "" and not www.exists()
    assert said.splitlines()[8] == "send index.html"
    assert "9 files" in said and "would be sent" in said
    code, said, told = run()
    assert code == 0 and Folder("", www).story() == ONE
    assert told.splitlines()[-1] == "9/9 sent index.html"
    assert said.splitlines()[-1] == "https://maps.example/aral/"
    code, said, told = run("--json")
    report = json.loads(said)
    assert (code, told) == (0, "")
    assert (report["slug"], report["uploaded"], len(report["unchanged"])) == ("aral", [], 9)
    code, said, told = run("--gzip", "beside")
    assert code == 0 and (www / "index.html.gz").exists()
    assert f"{len(lines := told.splitlines())} files" in said and all(line.endswith(".gz") for line in lines)
    code, said, told = run("--prune", "--json")
    assert code == 0 and "index.html.gz" in json.loads(said)["deleted"] and not (www / "index.html.gz").exists()
    (www / RECORD).unlink()
    (www / "embed.js").write_text("mine")
    assert run() == (
        1,
        "",
        f"{www}: holds embed.js, which storymap did not put there: publish to a place of the story's own\n",
    )


def test_the_command_works_without_drivers(tmp_path: Path) -> None:
    without = "import sys; sys.modules.update(dict.fromkeys(['s3fs', 'gcsfs', 'adlfs', 'sshfs']))"
    code = f"{without}; from storymap.cli import main; main()"
    for target, extra in (("s3://b/c", "s3"), ("gs://b/c", "gs"), ("az://b/c", "az"), ("sftp://b/c", "sftp")):
        command = [sys.executable, "-c", code, "publish", str(built(tmp_path, "one")), target]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 1 and done.stdout == ""
        assert f"pip install 'storymap-desk[{extra}]'" in done.stderr and len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith(f"{target}: needs a driver")
    command = [sys.executable, "-c", code, "publish", str(built(tmp_path, "one")), str(tmp_path / "www")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_targets_are_open_for_programs_too(tmp_path: Path) -> None:
    publish(built(tmp_path, "one"), connect(f"file://{tmp_path}/www"))
    assert Folder("", tmp_path / "www").story() == ONE
