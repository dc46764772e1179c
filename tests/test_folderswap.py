"""A folder is replaced as a whole, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from builtsite import tree
from storymap.folderswap import recover, replaced


def old(folder: Path) -> Path:
    target = folder / "dist"
    target.mkdir()
    (target / "index.html").write_text("old")
    return target


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_folder_takes_the_old_one_s_place(tmp_path: Path) -> None:
    target = old(tmp_path)
    with replaced(target) as fresh:
        (fresh / "page.html").write_text("new")
        assert tree(target) == {"index.html": b"old"}, "the old one is there until the end"
    assert tree(target) == {"page.html": b"new"}
    assert names(tmp_path) == ["dist"]


def test_a_folder_that_is_not_there_yet_is_made_with_those_above_it(tmp_path: Path) -> None:
    with replaced(tmp_path / "a" / "b") as fresh:
        (fresh / "x").write_text("1")
    assert tree(tmp_path) == {"a/b/x": b"1"}


def test_others_may_read_it(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        with replaced(tmp_path / "dist"):
            pass
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "dist").stat().st_mode) == 0o755


def test_what_fails_leaves_the_old_folder(tmp_path: Path) -> None:
    target = old(tmp_path)
    with pytest.raises(RuntimeError), replaced(target) as fresh:
        (fresh / "half").write_text("new")
        raise RuntimeError
    assert tree(target) == {"index.html": b"old"} and names(tmp_path) == ["dist"]


def test_when_the_new_one_can_not_be_put_there_the_old_one_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = old(tmp_path)
    real = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if self.name.endswith(".new"):
            raise OSError(13, "Permission denied")
        return real(self, to)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="Permission"), replaced(target):
        pass
    assert tree(target) == {"index.html": b"old"} and names(tmp_path) == ["dist"]


def test_a_link_stays_a_link_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    target = old(tmp_path)
    (tmp_path / "www").symlink_to(target)
    with replaced(tmp_path / "www") as fresh:
        (fresh / "page.html").write_text("new")
    assert (tmp_path / "www").is_symlink() and tree(target) == {"page.html": b"new"}


def test_a_run_that_was_killed_between_the_renames_is_put_right(tmp_path: Path) -> None:
    target = old(tmp_path)
    code = """
        import os, signal, sys
        from pathlib import Path
        from storymap.folderswap import replaced
        real = Path.rename
        def die(self, to):
            if self.name.endswith(".new"):
                os.kill(os.getpid(), signal.SIGKILL)
            return real(self, to)
        Path.rename = die
        with replaced(Path(sys.argv[1])) as fresh:
            (fresh / "page.html").write_text("new")
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code), target], check=False)
    assert done.returncode == -signal.SIGKILL and not target.exists()
    recover(target)
    assert tree(target) == {"index.html": b"old"}
    with replaced(target) as fresh:
        (fresh / "page.html").write_text("new")
    assert tree(target) == {"page.html": b"new"}


def test_a_run_that_was_killed_before_it_tidied_up_is_tidied_up(tmp_path: Path) -> None:
    target = old(tmp_path)
    (tmp_path / ".dist.old").mkdir()
    (tmp_path / ".dist.old" / "x").write_text("older")
    recover(target)
    assert tree(target) == {"index.html": b"old"} and names(tmp_path) == ["dist"]


RUNS = """
    import sys
    from pathlib import Path
    from storymap.folderswap import replaced

    target, who, ready = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    ready.touch()
    while len(list(ready.parent.iterdir())) < 3:
        pass
    for turn in range(150):
        with replaced(target) as fresh:
            for part in range(5):
                (fresh / f"{part}.txt").write_text(f"{who} {turn}")
"""


def test_runs_at_the_same_time_do_not_mix(tmp_path: Path) -> None:
    target, ready = tmp_path / "site" / "dist", tmp_path / "ready"
    ready.mkdir()
    script = textwrap.dedent(RUNS)
    runs = [
        subprocess.Popen([sys.executable, "-c", script, str(target), who, str(ready / who)], stderr=subprocess.PIPE)
        for who in ("a", "b", "c")
    ]
    for run in runs:
        _, said = run.communicate(timeout=120)
        assert run.returncode == 0, said.decode()
    left = tree(target)
    assert sorted(left) == [f"{part}.txt" for part in range(5)] and len(set(left.values())) == 1
    assert names(target.parent) == ["dist"]
