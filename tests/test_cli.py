"""The command line."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from click.testing import CliRunner

from storymap import cli
from storymap.schema import story_schema


def run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "storymap", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


def test_schema_is_printed_for_editors() -> None:
    done = run("schema")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(json.dumps(story_schema()))


@pytest.mark.parametrize("words", [["nonsense"], ["schema", "--nonsense"], ["schema", "more"]])
def test_wrong_usage_ends_with_2_and_says_why(words: list[str]) -> None:
    done = CliRunner().invoke(cli.main, words, prog_name="storymap")
    assert done.exit_code == 2
    assert "Usage: storymap" in done.output and "Error:" in done.output


def test_every_command_says_what_it_does() -> None:
    done = CliRunner().invoke(cli.main, ["--help"])
    assert done.exit_code == 0
    for name, command in cli.main.commands.items():
        assert name in done.output
        assert command.help and command.help[0].isupper()


def test_storymap_is_the_same_command() -> None:
    (entry,) = entry_points(group="console_scripts", name="storymap")
    assert entry.load() is cli.main
    assert run("--version").stdout.startswith("storymap, version ")
