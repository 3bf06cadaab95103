"""Two lakes that both engines roll up: the sample city, and one that is far from even."""

from pathlib import Path

import pytest

from app.store.database import Database
from app.use_cases import lake_export, sample
from app.use_cases.actors import Actor
from app.use_cases.rollup import Wish, rollup
from tests.scale.skew import write_skewed

ADMIN = Actor("test:admin", "Admin", role="admin")
SAMPLE_DAYS = 14


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample city as a lake."""
    folder = tmp_path_factory.mktemp("city")
    with Database(folder / "city.duckdb") as db:
        sample.build_sample(db, ADMIN)
        lake_export.export_lake(db, ADMIN, folder / "lake")
    return folder / "lake"


@pytest.fixture(scope="session")
def skewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One transformer with ten thousand customers, one dense cell, and many ordinary ones."""
    return write_skewed(tmp_path_factory.mktemp("skewed") / "lake")


@pytest.fixture(scope="session")
def by_duckdb(
    tmp_path_factory: pytest.TempPathFactory, city: Path, skewed: Path
) -> dict[Path, Path]:
    """Each lake's facts as this machine makes them."""
    made = {}
    for lake in (city, skewed):
        made[lake] = tmp_path_factory.mktemp("duckdb") / "facts"
        rollup(Wish(lake, made[lake], feature_days=SAMPLE_DAYS))
    return made
