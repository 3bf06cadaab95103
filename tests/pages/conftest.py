"""Pages run by Streamlit's own test runner over the little town."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.store import users
from app.store.database import Connection, Database
from app.use_cases import clock
from app.use_cases.live_sessions import begin
from app.widgets import session

MAIN = Path(__file__).parents[2] / "app" / "main.py"
Open = Callable[..., AppTest]


def enter(db: Database, login: str) -> str:
    """The session of a user who has just signed in; the pages run as theirs from now on."""

    def change(connection: Connection) -> str:
        user = users.by_login(connection, login)
        assert user is not None
        return begin(
            connection, user, "local", agent="Chrome Linux", at=clock.real_now()
        ).session_id

    session_id = db.write(change)
    session.stand_in(session_id)
    return session_id


@contextmanager
def entered(db: Database) -> Iterator[None]:
    """Pages show this database to its dispatcher, who is signed in."""
    session.use_database(db)
    enter(db, "dispatcher")
    yield
    session.stand_in(None)
    session.use_database(None)


@pytest.fixture
def served(town_database: Database) -> Iterator[Database]:
    """The town as the process's database, with its dispatcher signed in."""
    with entered(town_database):
        yield town_database


@pytest.fixture
def as_user(served: Database) -> Callable[[str], str]:
    """Signs in somebody else by their login; gives the id of the session."""
    return lambda login: enter(served, login)


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[Database]:
    """A database with nothing but an administrator, who is signed in."""
    with Database(tmp_path / "empty.duckdb") as db:
        session.use_database(db)
        admin = users.User("a", "admin", "李安", "admin", None, None, None, True, False)
        db.write(lambda c: users.insert(c, admin, by="test", at=clock.real_now()))
        enter(db, "admin")
        yield db
        session.stand_in(None)
        session.use_database(None)


@pytest.fixture
def open_page() -> Open:
    """Runs a page by its code, with query parameters, whether or not one may use it."""

    def run(code: str, **query: str) -> AppTest:
        test = AppTest.from_file(str(MAIN), default_timeout=60)
        for name, value in query.items():
            test.query_params[name] = value
        test._page_hash = calc_hash(code)  # its address: also of pages that are not offered
        return test.run()

    return run
