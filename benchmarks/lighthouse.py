"""Lighthouse's mobile scores for an address, by the npm package in a folder outside the repository."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["audit"]

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
AUDITS = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "speed-index",
    "cumulative-layout-shift",
)


def audit(url: str, npm: Path, browser: str, runs: int) -> dict[str, Any]:
    """{scores: {category: 0 to 100}, audits: {name: value as shown}, failed: [audits below 1]}, medians of ``runs``."""
    folder = npm / "lighthouse"
    program = folder / "node_modules/.bin/lighthouse"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "lighthouse@12", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"],
                       cwd=folder, check=True)  # fmt: skip
    reports = [_report(program, url, browser) for _ in range(runs)]
    scores = {
        name: median(100 * (report["categories"][name]["score"] or 0) for report in reports) for name in CATEGORIES
    }
    audits = {name: _shown([report["audits"][name]["numericValue"] for report in reports], name) for name in AUDITS}
    return {"runs": runs, "scores": scores, "audits": audits, "failed": sorted(_failed(reports[0]))}


def _report(program: Path, url: str, browser: str) -> dict[str, Any]:
    flags = ["--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}",
             "--chrome-flags=--headless --no-sandbox --disable-background-networking"]  # fmt: skip
    done = subprocess.run([program, url, *flags], capture_output=True, text=True, check=False, timeout=180,
                          env={**os.environ, "CHROME_PATH": browser})  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"lighthouse: {done.stderr.strip()[-500:]}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _shown(values: list[float], name: str) -> str:
    value = median(values)
    return f"{value:.3f}" if name == "cumulative-layout-shift" else f"{value:,.0f} ms"


def _failed(report: dict[str, Any]) -> set[str]:
    wanted = {ref["id"] for name in CATEGORIES for ref in report["categories"][name]["auditRefs"] if ref["weight"]}
    scores = {name: report["audits"][name]["score"] for name in wanted}
    return {name for name, score in scores.items() if score is not None and score < 0.9}
