"""The text of a story of three steps, and of its translation."""

__all__ = ["BASE", "RUSSIAN"]

BASE = """title: A story
sources:
  report: {title: A report}
  diary: {title: A diary}
layers:
  - id: towns
    source: {file: towns.geojson, credit: A desk, license: CC0-1.0}
    style: {color: "#111111", weight: 2}
  - id: rail # the line
    source: {file: rail.geojson, credit: A desk, license: CC0-1.0}
steps:
  - id: one
    title: One
    view: {fit: towns}
    show: [towns]
    alt: Alt.
    text: |
      First.
    sources:
      - {source: report, note: page 4}
  - id: two
    title: Two
    view: {bounds: [60, 40, 70, 50]}
    alt: Alt.
    text: Second.
  - id: three
    title: Three
    view: {fit: towns, max_zoom: 8}
    alt: Alt.
    text: Third.
"""
RUSSIAN = "steps:\n  one: {title: Один}\n  two: {title: Два}\n"
