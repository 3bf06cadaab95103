"""Rows of a timed comparison: ours, a peer, the ceiling; shown as a table and as one JSON line."""

import argparse
import json
import math
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One case: times in seconds unless the case says otherwise, None where there is none."""

    case: str
    ours: float | None
    peer: float | None
    peer_name: str
    ceiling: float | None
    equal: bool | None
    more: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        row = asdict(self)
        more = row.pop("more")
        ratio = self.peer / self.ours if self.peer is not None and self.ours else None
        return {**row, "ratio": ratio, **more}


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--input", default=None)
    parser.add_argument("--quick", action="store_true", help="end within 60 s")
    parser.add_argument("--json", action="store_true", help="print one last line of JSON")
    return parser


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What the work gives, and its seconds."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def best_of(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """Least seconds of each work, taken in turn so that all meet the same machine."""
    seconds = [math.inf] * len(works)
    for _ in range(rounds):
        for at, work in enumerate(works):
            seconds[at] = min(seconds[at], timed(work)[1])
    return seconds


def installed(*packages: str) -> dict[str, str]:
    """Version of each package, "missing" for one that is not installed."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def show(name: str, rows: list[Row], versions: dict[str, str], *, as_json: bool) -> None:
    print(" · ".join(f"{package} {number}" for package, number in versions.items()))
    print(f"{'case':58} {'ours':>9} {'peer':>9} {'ceiling':>9} {'ratio':>7} equal  peer")
    for row in rows:
        shown = row.as_json()
        figures = (_figure(shown[key]) for key in ("ours", "peer", "ceiling"))
        ratio = "-" if shown["ratio"] is None else f"{shown['ratio']:.1f}"
        print(f"{row.case:58} {' '.join(figures)} {ratio:>7} {row.equal!s:5}  {row.peer_name}")
        for key, value in row.more.items():
            print(f"{'':4}{key}: {value}")
    if as_json:
        line = {"name": name, "versions": versions, "rows": [row.as_json() for row in rows]}
        print(json.dumps(line, ensure_ascii=False))


def _figure(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.4f}':>9}"
