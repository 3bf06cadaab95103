"""What a figure was measured on: the machine, how busy it was, the commit."""

import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
QUIET_SHARE = 0.1
"""Share of the processors that others may use while a figure counts as measured in quiet."""


def machine() -> dict[str, Any]:
    """CPU model, cores, memory in GiB, kernel."""
    return {
        "cpu": _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or "unknown",
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": f"{platform.system()} {platform.release()}",
    }


def _field(file: Path, name: str) -> str | None:
    if not file.exists():
        return None
    lines = (line.partition(":") for line in file.read_text(encoding="utf-8").splitlines())
    return next((value.strip() for key, _, value in lines if key.strip() == name), None)


def commit() -> str:
    """The short hash, with a + where files differ from it; "unknown" outside a checkout."""
    head, changed = _git("rev-parse", "--short", "HEAD"), _git("status", "--porcelain", "-uno")
    results = "benchmarks/results/"
    others = [line for line in (changed or "").splitlines() if results not in line]
    return "unknown" if head is None else head.strip() + ("+" if others else "")


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=PROJECT, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout


def business(seconds: float = 1.0) -> dict[str, Any]:
    """Load averages, and the share of the processors in use over so many seconds from now."""
    before = _ticks()
    time.sleep(seconds)
    busy, whole = (now - then for now, then in zip(_ticks(), before, strict=True))
    share = busy / whole if whole else 0.0
    load = [round(one, 2) for one in os.getloadavg()]
    return {"load": load, "busy": round(share, 3), "is_quiet": share <= QUIET_SHARE}


def _ticks() -> tuple[int, int]:
    """Busy and all ticks of all processors since the start."""
    words = Path("/proc/stat").read_text(encoding="utf-8").splitlines()[0].split()[1:9]
    user, nice, system, idle, waiting, *rest = (int(word) for word in words)
    busy = user + nice + system + sum(rest)
    return busy, busy + idle + waiting
