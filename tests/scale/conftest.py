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
def city_facts(tmp_path_factory: pytest.TempPathFactory, city: Path) -> Path:
    """The city's facts as DuckDB makes them."""
    return _by_duckdb(city, tmp_path_factory.mktemp("city-duckdb"))


@pytest.fixture(scope="session")
def skewed_facts(tmp_path_factory: pytest.TempPathFactory, skewed: Path) -> Path:
    """The uneven lake's facts as DuckDB makes them."""
    return _by_duckdb(skewed, tmp_path_factory.mktemp("skewed-duckdb"))


def _by_duckdb(lake: Path, folder: Path) -> Path:
    rollup(Wish(lake, folder, feature_days=SAMPLE_DAYS))
    return folder
