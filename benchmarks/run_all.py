"""Run all benchmarks, each in a process of its own, and make the table of their results.

    python benchmarks/run_all.py [--quick] [--only NAME …] [--seed N] [--table] [--list]

One that fails is reported with its last words and the others go on; the exit code is 1 at the end.
One whose data or peer is not there says what to set. Each result is kept as
benchmarks/results/NAME.json, all results as benchmarks/results/README.md (quick ones in
benchmarks/results/quick, which is not kept).
"""

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from machine import business, commit, machine
from registry import HERE, QUICK_LIMIT_S, Benchmark, benchmarks
from results_table import read_results, table_of
from watched import Ended, watch

RESULTS = HERE / "results"


def main(argv: list[str] | None = None) -> int:
    given = _arguments().parse_args(argv)
    given.results = given.results or (RESULTS / "quick" if given.quick else RESULTS)
    every = benchmarks()
    if given.list:
        print("\n".join(one.name for one in every))
        return 0
    if given.table:
        return _write_table(given.results)
    chosen = _chosen(every, given.only)
    given.results.mkdir(parents=True, exist_ok=True)
    states = []
    for number, benchmark in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {benchmark.name}", flush=True)
        states.append(_one(benchmark, given))
    _write_table(given.results)
    for state in ("done", "missing", "failed"):
        names = [one.name for one, is_in in zip(chosen, states, strict=True) if is_in == state]
        print(f"{len(names)} {state}{': ' + ', '.join(names) if names else ''}")
    return 1 if "failed" in states else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each within 60 s")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these (see --list)")
    parser.add_argument("--seed", type=int, default=None, help="of every benchmark")
    parser.add_argument("--limit", type=float, default=None, help="seconds that each may take")
    parser.add_argument("--table", action="store_true", help="only make the table anew")
    parser.add_argument("--list", action="store_true", help="only name the benchmarks")
    parser.add_argument("--results", type=Path, default=None, metavar="FOLDER")
    return parser


def _chosen(every: list[Benchmark], names: list[str] | None) -> list[Benchmark]:
    unknown = sorted({*(names or [])} - {one.name for one in every})
    if unknown:
        sys.exit(f"no benchmark {', '.join(unknown)}; there are {', '.join(b.name for b in every)}")
    return [one for one in every if names is None or one.name in names]


def _one(benchmark: Benchmark, given: argparse.Namespace) -> str:
    lacks = benchmark.lacks()
    found = {"name": benchmark.name, "state": "missing", "why": lacks, "rows": []}
    if lacks is None:
        found = run(benchmark, given)
    result = {**found, "quick": given.quick, **_stamp()}
    file = given.results / f"{benchmark.name}.json"
    file.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if result["state"] != "done":
        print(f"    {result['state']}: {result['why']}", flush=True)
    return str(result["state"])


def _stamp() -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "commit": commit(), "machine": machine()}


def run(benchmark: Benchmark, given: argparse.Namespace) -> dict[str, Any]:
    """The result of one, whatever became of it."""
    before = business()
    if not before["is_quiet"]:
        print(f"    others use {before['busy']:.0%} of the processors: figures will be worse")
    command = benchmark.command(quick=given.quick, seed=given.seed)
    limit_s = given.limit or (QUICK_LIMIT_S if given.quick else benchmark.limit_s)
    with tempfile.TemporaryDirectory() as folder:
        ended = watch(command, Path(folder), limit_s=limit_s, tell=_teller(limit_s))
    print(f"\r    {ended.seconds:.0f} s, {ended.peak_mb:,.0f} MB at most" + " " * 20)
    print(
        "\n".join(f"    {line}" for line in ended.out.splitlines() if line[:1] != "{"), flush=True
    )
    used = {"seconds": round(ended.seconds, 1), "peak_mb": round(ended.peak_mb)}
    words = [_short(word) for word in command[2:]]
    return {"name": benchmark.name, **judged(ended), **used, "words": words, "before": before}


def _short(word: str) -> str:
    """A path by its last part: results tell nothing of the folders of whoever ran them."""
    return Path(word).name if Path(word).is_absolute() else word


def judged(ended: Ended) -> dict[str, Any]:
    """State, why and rows: done (with the last line's JSON), missing, or failed."""
    last = next((line for line in reversed(ended.words.splitlines()) if line.strip()), "")
    if ended.is_too_slow:
        return {"state": "failed", "why": "its time was over", "rows": []}
    if ended.code and last.startswith("missing: "):
        return {"state": "missing", "why": last.removeprefix("missing: "), "rows": []}
    if ended.code:
        return {"state": "failed", "why": last or f"exit code {ended.code}", "rows": []}
    line = next((line for line in reversed(ended.out.splitlines()) if line.strip()), "")
    try:
        told = json.loads(line)
        return {"state": "done", "why": None, "versions": told["versions"], "rows": told["rows"]}
    except (ValueError, KeyError, TypeError):
        return {"state": "failed", "why": "its last line is no result", "rows": []}


def _teller(limit_s: float) -> Any:
    def tell(spent_s: float, peak_mb: float) -> None:
        text = f"\r    {spent_s:.0f} of at most {limit_s:.0f} s, {peak_mb:,.0f} MB"
        sys.stdout.write(text if sys.stdout.isatty() else "")
        sys.stdout.flush()

    return tell


def _write_table(folder: Path) -> int:
    file = folder / "README.md"
    file.write_text(table_of(read_results(folder)), encoding="utf-8")
    print(f"results: {file}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
