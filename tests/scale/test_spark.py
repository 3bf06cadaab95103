"""Spark on a cluster of this machine answers as DuckDB does, row by row, to the last digit."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from app.use_cases.rollup import Cluster, Wish, rollup
from tests.scale.conftest import SAMPLE_DAYS

pytestmark = pytest.mark.scale

CLUSTER = Cluster(
    "local-cluster[2,1,2048]",
    {
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "8",
    },
)  # fmt: skip
DAILY = "day=*/*.parquet"
FACTS = {
    "cell_day": DAILY, "area_day": DAILY, "transformer_day": DAILY, "theft_features": "*.parquet",
}  # fmt: skip


def differing(left: Path, right: Path) -> dict[str, tuple[int, int, int]]:
    """Rows of each fact, those of the left alone and of the right alone."""
    found = {}
    for fact, files in FACTS.items():
        sides = [
            f"SELECT * FROM read_parquet('{side}/{fact}/{files}', hive_partitioning = true)"
            for side in (left, right)
        ]
        asked = (
            f"({sides[0]})",
            f"({sides[0]} EXCEPT ALL {sides[1]})",
            f"({sides[1]} EXCEPT ALL {sides[0]})",
        )
        counts = [duckdb.sql(f"SELECT count(*) FROM {rows}").fetchall()[0][0] for rows in asked]
        found[fact] = (counts[0], counts[1], counts[2])
    return found


def same(left: Path, right: Path) -> None:
    for fact, (rows, only_left, only_right) in differing(left, right).items():
        assert rows > 0, fact
        assert (only_left, only_right) == (0, 0), fact


def test_the_sample_city_is_the_same_by_both(city: Path, city_facts: Path, tmp_path: Path) -> None:
    made = rollup(
        Wish(city, tmp_path / "facts", "spark", cluster=CLUSTER, feature_days=SAMPLE_DAYS)
    )
    assert made.days > 90
    same(city_facts, tmp_path / "facts")


def parents() -> dict[int, int]:
    """The parent of each process of this machine."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = status.read_text(encoding="utf-8").splitlines()
        except OSError:
            continue  # it has ended meanwhile
        told = next((line for line in lines if line.startswith("PPid:")), "")
        found[int(status.parent.name)] = int(told.partition(":")[2] or 0)
    return found


def descendants(known: dict[int, int], of: int) -> set[int]:
    """Processes that one started, and those that these started."""
    found, more = set(), {of}
    while more:
        more = {one for one, parent in known.items() if parent in more} - found
        found |= more
    return found


def executors() -> list[int]:
    """Processes of the executors of this test's own Spark, of nobody else's."""
    found = []
    for one in sorted(descendants(parents(), os.getpid())):
        try:
            command = Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        if b"CoarseGrainedExecutorBackend" in command:
            found.append(one)
    return found


def test_executors_of_others_are_left_alone() -> None:
    assert descendants({2: 1, 3: 2, 4: 3, 5: 1, 6: 5}, 2) == {3, 4}
    away = (
        "import subprocess, sys;"
        " print(subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL).pid)"
    )
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)", "CoarseGrainedExecutorBackend"]
    own = subprocess.Popen(sleeper)
    told = subprocess.run(
        [sys.executable, "-c", away, *sleeper], stdout=subprocess.PIPE, text=True, check=True
    )
    other = int(told.stdout)  # whoever started it has ended: it is nobody's here
    try:
        assert executors() == [own.pid]
    finally:
        os.kill(other, signal.SIGKILL)
        own.kill()
        own.wait()


class Killer(threading.Thread):
    """Kills an executor once the sums of the readings are being worked out."""

    def __init__(self, work: Path) -> None:
        super().__init__(daemon=True)
        self._work, self.killed, self.is_over = work, 0, False

    def run(self) -> None:
        while not self.is_over and not self.killed:
            at_work = executors()
            if (self._work / "sums" / "_temporary").exists() and at_work:
                os.kill(at_work[0], signal.SIGKILL)
                self.killed = at_work[0]
            time.sleep(0.01)


def test_an_executor_killed_in_the_middle_changes_nothing(
    skewed: Path, skewed_facts: Path, tmp_path: Path
) -> None:
    killer = Killer(tmp_path / "facts" / "_work" / "spark")
    killer.start()
    try:
        rollup(Wish(skewed, tmp_path / "facts", "spark", cluster=CLUSTER, feature_days=SAMPLE_DAYS))
    finally:
        killer.is_over = True
        killer.join()
    assert killer.killed
    same(skewed_facts, tmp_path / "facts")
