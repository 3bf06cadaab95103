"""How the seconds and the memory of a job grow with the size of what it is given.

`growth(name, make, run, sizes)` measures any job: `make(size)` gives the input, which isn't timed,
`run(input)` is. Both are functions of a module, since each size has a process of its own.
"""

import math
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from comparison import Row, timed

GOAL = 1.1
"""Exponent that a job may have at most."""
FROM = 100_000
"""Size from which the exponent is fitted: below it fixed costs count."""
LIMIT_S, ROUNDS, PATIENCE_S = 900.0, 3, 20.0
_MEMORY_SHARE = 0.8


@dataclass(frozen=True)
class Point:
    """One size: median seconds by the clock and of the processors, the peak of the process's memory
    while the job ran (its input included), and seconds to make the input.
    """

    size: int
    seconds: float
    cpu_s: float
    peak_mb: float
    make_s: float


@dataclass(frozen=True)
class Growth:
    """The sizes that were measured, and why larger ones were not."""

    name: str
    points: Sequence[Point]
    left_out: str | None = None

    def exponent(self, figure: str = "seconds") -> float | None:
        """Of the seconds, or of another figure of the points."""
        large = [point for point in self.points if point.size >= FROM]
        return exponent([one.size for one in large], [getattr(one, figure) for one in large])


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float | None:
    """The b of seconds ≈ a · size^b, by least squares of the logarithms; None under two sizes."""
    if len(sizes) < 2:
        return None
    x, y = ([math.log(value) for value in values] for values in (sizes, seconds))
    middle, level = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - middle) ** 2 for a in x)
    return sum((a - middle) * (b - level) for a, b in zip(x, y, strict=True)) / across


def growth(
    name: str,
    make: Callable[[int], Any],
    run: Callable[[Any], Any],
    sizes: Sequence[int],
    *,
    limit_s: float = LIMIT_S,
) -> Growth:
    """Measures each size in turn, until one would not fit the time or the memory."""
    points: list[Point] = []
    for size in sizes:
        why = unfit(points, size, limit_s=limit_s, free_mb=available_mb())
        found = why or _in_a_process(make, run, size, limit_s)
        if isinstance(found, str):
            return Growth(name, points, f"{size:,}: {found}")
        points.append(found)
        print(
            f"{name}, {size:,}: {found.seconds:.3f} s ({found.cpu_s:.3f} s of"
            f" processors), {found.peak_mb:,.0f} MB",
            flush=True,
        )
    return Growth(name, points)


def unfit(points: Sequence[Point], size: int, *, limit_s: float, free_mb: float) -> str | None:
    """Why so large a size isn't tried, judged by the last one; None: it is."""
    if not points:
        return None
    last = points[-1]
    times = size / last.size
    seconds, memory = times * (2 * last.seconds + last.make_s), times * last.peak_mb
    if seconds > limit_s:
        return f"it would take about {seconds:,.0f} s"
    if memory > _MEMORY_SHARE * free_mb and last.size >= FROM:
        return f"it would need about {memory:,.0f} MB"
    return None


def available_mb() -> float:
    """MB of memory that a process can have now."""
    lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024


def _in_a_process(make: Any, run: Any, size: int, limit_s: float) -> Point | str:
    """The figures, or why there are none. A process without what others imported and left."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([make.__module__, run.__module__])
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # where the server finds these modules
    near, far = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(far, make, run, size))
    child.start()
    far.close()
    try:
        return near.recv() if near.poll(limit_s) else f"stopped after {limit_s:.0f} s"
    except EOFError:
        return "it ended without an answer (out of memory?)"
    finally:
        child.kill()
        child.join()


def _measure(pipe: Any, make: Any, run: Any, size: int) -> None:
    try:
        made, make_s = timed(lambda: make(size))
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
        wall, cpu = _seconds(lambda: run(made))
        pipe.send(Point(size, wall, cpu, _peak_mb(), make_s))
    except Exception:
        pipe.send(traceback.format_exc().strip().splitlines()[-1])


def _seconds(work: Callable[[], Any]) -> tuple[float, float]:
    """Median seconds by the clock and of the processors; a long first round is the only one."""
    rounds: list[tuple[float, float]] = []
    for turn in range(ROUNDS + 1):
        if turn and sum(wall for wall, _ in rounds) > PATIENCE_S:
            break
        before = time.process_time()
        took = timed(work)[1], time.process_time() - before
        rounds = [took] if turn <= 1 else [*rounds, took]
    return median(wall for wall, _ in rounds), median(cpu for _, cpu in rounds)


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def rows_of(grown: Growth) -> list[Row]:
    """A row a size, and one of the exponent: `equal` tells whether it is within the goal."""
    rows = [
        Row(
            f"{grown.name}, {point.size:,}", point.seconds, None, "-", None, None,
            {
                "cpu_s": round(point.cpu_s, 4), "peak_mb": round(point.peak_mb),
                "make_s": round(point.make_s, 2),
            },
        )
        for point in grown.points
    ]  # fmt: skip
    found, cpu = grown.exponent(), grown.exponent("cpu_s")
    fits = None if found is None else found <= GOAL
    more = {"goal": f"≤ {GOAL}", "cpu_exponent": None if cpu is None else round(cpu, 3)}
    more |= {"left_out": grown.left_out} if grown.left_out else {}
    rows.append(Row(f"{grown.name}, exponent", found, None, "-", None, fits, more, "exponent"))
    return rows
