"""Spark on a cluster of this machine answers as DuckDB does, row by row, to the last digit."""

import os
import signal
import subprocess
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


def test_the_sample_city_is_the_same_by_both(
    city: Path, by_duckdb: dict[Path, Path], tmp_path: Path
) -> None:
    made = rollup(
        Wish(city, tmp_path / "facts", "spark", cluster=CLUSTER, feature_days=SAMPLE_DAYS)
    )
    assert made.days > 90
    same(by_duckdb[city], tmp_path / "facts")


def executors() -> list[int]:
    """Processes of Spark's executors on this machine."""
    listed = subprocess.run(
        ["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


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
    skewed: Path, by_duckdb: dict[Path, Path], tmp_path: Path
) -> None:
    killer = Killer(tmp_path / "facts" / "_work" / "spark")
    killer.start()
    try:
        rollup(Wish(skewed, tmp_path / "facts", "spark", cluster=CLUSTER, feature_days=SAMPLE_DAYS))
    finally:
        killer.is_over = True
        killer.join()
    assert killer.killed
    same(by_duckdb[skewed], tmp_path / "facts")
