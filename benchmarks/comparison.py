"""Rows of a timed comparison: ours, a peer, the ceiling; shown as a table and as one JSON line."""

import argparse
import json
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any, Generic, NoReturn, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Row:
    """One case: figures in `unit`, None where there is none. Less is better unless it says so.

    `equal` is whether ours and the peer's answers agree in the sense that the benchmark states;
    `more` has the counts and the largest difference.
    """

    case: str
    ours: float | None
    peer: float | None
    peer_name: str
    ceiling: float | None
    equal: bool | None
    more: dict[str, Any] = field(default_factory=dict)
    unit: str = "s"
    more_is_better: bool = False

    def as_json(self) -> dict[str, Any]:
        row = asdict(self)
        more = row.pop("more")
        ratio = self.peer / self.ours if self.peer is not None and self.ours else None
        return {**row, "ratio": ratio, **more}


@dataclass(frozen=True)
class Timing(Generic[Result]):
    """What a work gives, and the seconds of each of its rounds."""

    result: Result
    rounds: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return median(self.rounds)


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


def in_turn(
    *works: Callable[[], Any], rounds: int = 5, patience_s: float = 20.0
) -> list[Timing[Any]]:
    """Each work's last result and its seconds, taken in turn so that all meet the same machine.

    A first round is not counted (caches, imports, compilation), for ours and for peers alike. A
    work that has used up its patience is not repeated: a single long run is its figure.
    """
    results: list[Any] = [None] * len(works)
    seconds: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for at, work in enumerate(works):
            if turn and sum(seconds[at]) > patience_s:
                continue
            results[at], took = timed(work)
            seconds[at] = [took] if turn <= 1 else [*seconds[at], took]
    return [Timing(one, tuple(many)) for one, many in zip(results, seconds, strict=True)]


def rounds_of(**timings: Timing[Any]) -> dict[str, Any]:
    """How often each was run, least and most seconds, to stand beside the medians."""
    return {
        f"{name}_rounds": {
            "count": len(one.rounds),
            "least_s": round(min(one.rounds), 5),
            "most_s": round(max(one.rounds), 5),
        }
        for name, one in timings.items()
    }


def installed(*packages: str) -> dict[str, str]:
    """Version of each package, "missing" for one that is not installed."""
    found = {"python": platform.python_version(), "gridcells": version("gridcells")}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def missing(what: str) -> NoReturn:
    """Ends this benchmark, not done for want of something: `missing: set …`."""
    sys.exit(f"missing: {what}")


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def chromium(given: str | None) -> str:
    """The Chromium that is named, else the machine's; without one the benchmark is missing."""
    found = given or shutil.which("chromium") or shutil.which("chromium-browser")
    return found or missing("install Chromium (apt-get install chromium) or give --chromium PATH")


def show(name: str, rows: Sequence[Row], versions: Mapping[str, str], *, as_json: bool) -> None:
    print(" · ".join(f"{package} {number}" for package, number in versions.items()))
    print(f"{'case':58} {'ours':>9} {'peer':>9} {'ceiling':>9} {'ratio':>7} equal  peer")
    for row in rows:
        shown = row.as_json()
        figures = (_figure(shown[key]) for key in ("ours", "peer", "ceiling"))
        ratio = "-" if shown["ratio"] is None else f"{shown['ratio']:.1f}"
        unit = "" if row.unit == "s" else f" [{row.unit}]"
        case = f"{row.case}{unit}"
        print(f"{case:58} {' '.join(figures)} {ratio:>7} {row.equal!s:5}  {row.peer_name}")
        for key, value in row.more.items():
            print(f"{'':4}{key}: {value}")
    if as_json:
        line = {"name": name, "versions": versions, "rows": [row.as_json() for row in rows]}
        print(json.dumps(line, ensure_ascii=False, default=_plain))


def _plain(value: Any) -> Any:
    """A number of numpy's as Python's."""
    return value.item() if hasattr(value, "item") else str(value)


def _figure(value: float | None) -> str:
    return f"{'-' if value is None else f'{value:.4f}':>9}"
