"""The command ``storymap``, also ``python -m storymap``. Exit codes: 0 fine, 1 a refused input, 2 wrong usage."""

from __future__ import annotations

import json

import click

from storymap.schema import story_schema

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="storymap-desk", prog_name="storymap")
def main() -> None:
    """Geographic story maps from a folder of plain files."""


@main.command()
def schema() -> None:
    """Print the JSON Schema of story.yaml, by which an editor completes and checks its keys."""
    click.echo(json.dumps(story_schema(), indent=2, ensure_ascii=False))
