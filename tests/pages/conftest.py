"""Pages run by Streamlit's own test runner over the little town."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from app.store import users
from app.store.database import Connection, Database
from app.use_cases import clock
from app.use_cases.live_sessions import begin
from app.widgets import session
from tests.conftest import copy_of

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


class Kept:
    """The last copy of the town, for the module's next test until one has written into it.

    Most tests of pages only look; what was worked out for one of them need not be again.
    """

    def __init__(self) -> None:
        self.db: Database | None = None
        self.module = ""
        self._of: Path | None = None
        self._entered: dict[str, str] = {}
        self._asked: set[str] = set()
        self._commits = 0

    def take(self, town_file: Path, folder: Path) -> Database:
        """An open copy of this file as it was, its dispatcher signed in."""
        if self.db is None or self._of != town_file or self.is_changed():
            self.drop()
            self.db, self._of, self._entered = Database(copy_of(town_file, folder)), town_file, {}
            self._commits = self.db.commits
        self.enter("dispatcher")
        self._asked = set()
        return self.db

    def enter(self, login: str) -> str:
        """The session of a user of the copy, another one where a test asks for a second."""
        assert self.db is not None
        if self.is_changed() or login in self._asked:
            return enter(self.db, login)
        self._asked.add(login)
        if login not in self._entered:
            self._entered[login] = enter(self.db, login)
            self._commits = self.db.commits
        session.stand_in(self._entered[login])
        return self._entered[login]

    def is_changed(self) -> bool:
        """Whether anything was written since the copy was made, or it was closed."""
        return self.db is None or self.db._closed or self.db.commits != self._commits

    def drop(self) -> None:
        """Let go of the copy."""
        if self.db is not None:
            self.db.close()
        self.db = None


@pytest.fixture(scope="session")
def kept() -> Iterator[Kept]:
    """The copy of the town that tests hand on."""
    one = Kept()
    yield one
    one.drop()


@pytest.fixture
def served(
    kept: Kept,
    town_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Database]:
    """The town as the process's database, with its dispatcher signed in."""
    patches = "monkeypatch" in request.fixturenames  # what is worked out then holds for it alone
    # rows put in by SQL of a test's own change no version: what was worked out before would stand
    patches = patches or ".write(" in inspect.getsource(request.function)
    if patches or kept.module != request.module.__name__:  # which module came before is chance
        kept.drop()
    kept.module = request.module.__name__
    db = kept.take(town_file, tmp_path_factory.mktemp("town"))
    session.use_database(db)
    yield db
    session.stand_in(None)
    session.use_database(None)
    if patches or kept.is_changed():
        kept.drop()


@pytest.fixture
def as_user(served: Database, kept: Kept) -> Callable[[str], str]:
    """Signs in somebody else by their login; gives the id of the session."""
    return kept.enter


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
