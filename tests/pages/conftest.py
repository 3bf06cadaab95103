"""Pages run by Streamlit's own test runner over the little town."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.store.database import Database
from app.widgets import session

MAIN = Path(__file__).parents[2] / "app" / "main.py"
Open = Callable[..., AppTest]


@pytest.fixture
def served(town_database: Database) -> Iterator[Database]:
    """The town as the process's database."""
    session.use_database(town_database)
    yield town_database
    session.use_database(None)


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing was loaded, as the process's database."""
    with Database(tmp_path / "empty.duckdb") as db:
        session.use_database(db)
        yield db
        session.use_database(None)


@pytest.fixture
def open_page() -> Open:
    """Runs a page by its code, with query parameters."""

    def run(code: str, **query: str) -> AppTest:
        test = AppTest.from_file(str(MAIN), default_timeout=60).run()
        for name, value in query.items():
            test.query_params[name] = value
        return test.switch_page(f"../pages/{code}.py").run()

    return run
