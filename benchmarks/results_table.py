"""The results of all benchmarks as one page of Markdown, made from their JSON files alone."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]

_HEAD = """# Results of the benchmarks
Made by `make bench`; `python benchmarks/run_all.py --table` makes this page anew from the JSON
files beside it. What each comparison runs, why it is fair and what "equal" means in it stands in
[docs/benchmarks.md](../../docs/benchmarks.md). Ratio is peer ÷ ours; the column after it says what
that means.

"""
_ROWS = (
    "benchmark", "case", "unit", "ours", "peer", "ceiling", "ratio", "ours is", "equal", "the peer",
)  # fmt: skip
_RUNS = ("benchmark", "state", "seconds", "peak MB", "others used", "load", "at", "commit")


def read_results(folder: Path) -> list[Result]:
    """What the JSON files of a folder hold, by name."""
    files = sorted(folder.glob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def table_of(results: Sequence[Result]) -> str:
    """The page: machines, every row of every benchmark, how each run went, versions."""
    rows = [_row(result["name"], row) for result in results for row in result["rows"]]
    absent = [_absent(result) for result in results if not result["rows"]]
    parts = [_HEAD, *(f"- {line}\n" for line in _machines(results)), "\n"]
    parts += [_table(_ROWS, rows + absent), "\n## Runs\n", _table(_RUNS, map(_run, results))]
    parts += ["\n## Versions\n", *(f"- {line}\n" for line in _versions(results))]
    return "".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(_cell(word) for word in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def _row(name: str, row: Result) -> list[str]:
    unit = row.get("unit", "s")
    figures = [figure(row[key]) for key in ("ours", "peer", "ceiling")]
    peer = row["peer_name"] + (f" (missing: {row['missing']})" if "missing" in row else "")
    is_better = standing(row["ratio"], more_is_better=row.get("more_is_better", False))
    return [name, row["case"], unit, *figures, figure(row["ratio"]), is_better, _equal(row), peer]


def _absent(result: Result) -> list[str]:
    return [result["name"], f"{result['state']}: {result['why']}", *["–"] * 8]


def figure(value: float | None) -> str:
    """Three digits that count; whole numbers from a thousand on; – where there is none.

    >>> [figure(value) for value in (None, 0.012345, 12.345, 12345.6)]
    ['–', '0.0123', '12.3', '12,346']
    """
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def standing(ratio: float | None, *, more_is_better: bool) -> str:
    """How ours stands beside the peer by the ratio peer ÷ ours.

    >>> standing(14.2, more_is_better=False), standing(0.8, more_is_better=False)
    ('14.2× better', '1.25× worse')
    """
    if not ratio or ratio < 0:
        return "–"
    factor = 1 / ratio if more_is_better else ratio
    if abs(factor - 1) < 0.005:
        return "the same"
    return f"{figure(factor)}× better" if factor > 1 else f"{figure(1 / factor)}× worse"


def _equal(row: Result) -> str:
    if row["equal"] is None:
        return "–"
    counted = f" ({row['different']:,} differ)" if row.get("different") else ""
    return ("yes" if row["equal"] else "no") + counted


def _run(result: Result) -> list[str]:
    before = result.get("before") or {}
    busy = "–" if "busy" not in before else f"{before['busy']:.0%}"
    load = " ".join(f"{one:g}" for one in before.get("load", ()))
    state = result["state"] + (" (quick)" if result["quick"] else "")
    used = [figure(result.get(key)) for key in ("seconds", "peak_mb")]
    return [result["name"], state, *used, busy, load or "–", result["at"], result["commit"]]


def _machines(results: Sequence[Result]) -> list[str]:
    told = [
        f"{one['cpu']}, {one['cores']} cores, {one['memory_gib']:g} GiB, {one['kernel']}"
        for one in (result["machine"] for result in results)
    ]
    return list(dict.fromkeys(told))


def _versions(results: Sequence[Result]) -> list[str]:
    found: dict[str, set[str]] = {}
    for result in results:
        for package, number in result.get("versions", {}).items():
            found.setdefault(package, set()).add(str(number))
    return [f"{package} {', '.join(sorted(numbers))}" for package, numbers in sorted(found.items())]
