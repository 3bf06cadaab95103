"""Every role against every page, route and use case of the running app, by the table beside it.

What exists is listed from the app itself; the table only says who may. Whatever exists and is not
in the table fails, and so does whatever is in the table and no longer exists.
"""

import ast
import csv
import importlib
import inspect
import pkgutil
import shutil
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus

import app.use_cases
from app import navigation
from app.gate_routes import TABLE as TABLE_OF_GATE
from app.gate_routes import Requirement, requirement_of
from app.store import audit
from app.store.database import Database
from app.use_cases import roles
from app.use_cases.actors import NOBODY, Actor
from grid_cells.errors import AccessDenied, UserError
from tests.app.access_calls import CALLS, EXPECTED_ERRORS, LAST, MET_BY_CREWS, Scene
from tests.conftest import TOWN_USERS

TABLE = Path(__file__).with_name("access_table.csv")
PROJECT = Path(navigation.__file__).parents[1]
PERSONS = ("nobody", *roles.permissions_by_role())


def rows(kind: str) -> dict[str, dict[str, str]]:
    """The table's rows of one kind by name."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file) if row["kind"] == kind}


def modules() -> Iterator[Any]:
    for found in pkgutil.iter_modules(app.use_cases.__path__):
        yield importlib.import_module(f"app.use_cases.{found.name}")


def functions_of_a_database() -> dict[str, Callable[..., Any]]:
    """Every public function of the use cases that is handed a database."""
    found = {}
    for module in modules():
        for name, function in vars(module).items():
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            if function.__module__ != module.__name__:
                continue
            if "db" in list(inspect.signature(function).parameters)[:1]:
                found[f"{module.__name__.rpartition('.')[2]}.{name}"] = function
    return found


GUARDED = {n: f for n, f in functions_of_a_database().items() if hasattr(f, "permission")}
UNGUARDED = functions_of_a_database().keys() - GUARDED.keys()


def base(name: str) -> str:
    """The use case behind a row: rows may name a variant of a call after a space."""
    return name.partition(" ")[0]


def test_the_table_knows_the_roles_of_the_data() -> None:
    assert set(next(iter(rows("use case").values()))) == {"kind", "name", *PERSONS}
    assert {role for role, _, _ in TOWN_USERS.values()} == set(PERSONS) - {"nobody"}


def test_every_use_case_stands_in_the_table_and_none_that_is_gone() -> None:
    assert {base(name) for name in rows("use case")} == set(GUARDED)
    assert set(rows("use case")) == set(CALLS)


def test_every_function_without_a_check_is_declared() -> None:
    declared = rows("open") | rows("internal")
    assert set(declared) == UNGUARDED
    assert not rows("open").keys() & rows("internal").keys()


def calls_of(folder: str) -> set[str]:
    """Functions of use-case modules named anywhere under a folder, as module.function."""
    named = set()
    for file in sorted((PROJECT / folder).rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        taken = {
            alias.asname or alias.name: f"{(node.module or '').rpartition('.')[2]}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app.use_cases")
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = taken.get(node.value.id, "").removeprefix("use_cases.")
                named.add(f"{module}.{node.attr}")
            if isinstance(node, ast.Name) and node.id in taken:
                named.add(taken[node.id])
    return named


@pytest.mark.parametrize("folder", ["pages", "app/widgets", "app/maps"])
def test_nothing_drawn_calls_a_function_without_a_check(folder: str) -> None:
    assert calls_of(folder) & rows("internal").keys() == set()


def test_the_search_for_calls_finds_them() -> None:
    assert "service_map.cells" in calls_of("app/widgets")


@pytest.fixture
def copy(town_file: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "town.duckdb"
    shutil.copy(town_file, path)
    with Database(path) as db:
        yield db


def person(role: str) -> Actor:
    if role == "nobody":
        return NOBODY
    login = person_login(role)
    crew = "C0" if role in ("crew", "inspector") else None
    return Actor(f"user:town-{login}", login, role=role, crew_id=crew)


def refused(db: Database) -> int:
    asked = db.read().execute("SELECT count(*) FROM audit_log WHERE event = 'access_refused'")
    row = asked.fetchone()
    return int(row[0]) if row else 0


def outcome(scene: Scene, name: str) -> str:
    """What came of the call: done, denied, or the code of another error."""
    given, named = CALLS[name](scene)
    try:
        GUARDED[base(name)](scene.db, scene.actor, *given, **named)
    except AccessDenied as error:
        return "denied" if error.code == "access_no_permission" else error.code
    except UserError as error:
        return error.code
    return "done"


def wrong_for(
    role: str, scene: Scene, skips: Callable[[str], bool], *, is_blind: bool = False
) -> dict[str, Any]:
    """Calls whose outcome is not what the table says, but for those that `skips` leaves out.

    `is_blind`: whoever lacks the right is refused before an argument is looked at, so that none
    is made for them.
    """
    order = [name for name in CALLS if name not in LAST] + list(LAST)
    table, wrong = rows("use case"), {}
    helper = replace(scene, actor=person("admin")) if role == "nobody" else scene
    met = EXPECTED_ERRORS if scene.actor.crew_id is None else {**EXPECTED_ERRORS, **MET_BY_CREWS}
    for name in order:
        expected, before = table[name][role], refused(scene.db)
        if expected == "y" and skips(name):
            continue
        if expected == "y":
            seen = outcome(scene, name)
        elif is_blind and not roles.permits(role, GUARDED[base(name)].permission):
            seen = denied_unseen(scene, name)
        else:
            seen = denied(scene, helper, name)
        wanted = met.get(name, "done") if expected == "y" else "denied"
        if seen != wanted or (refused(scene.db) > before) is (expected == "y"):
            wrong[name] = (expected, seen, refused(scene.db) - before)
    return wrong


def test_whom_the_table_names_holds_what_the_use_case_asks_for() -> None:
    """Without running anything; who holds it and is refused for more reasons is tried below."""
    wrong = [
        (name, role)
        for name, row in rows("use case").items()
        for role in PERSONS
        if row[role] == "y" and not roles.permits(role, GUARDED[base(name)].permission)
    ]
    assert wrong == []


@pytest.mark.parametrize("role", PERSONS)
def test_each_use_case_refuses_everybody_else(
    role: str, copy: Database, town: Any, tmp_path: Path
) -> None:
    """Every refusal is tried; what is allowed runs by `long`, for every role."""
    scene = Scene(copy, person(role), town, tmp_path)
    assert wrong_for(role, scene, lambda _: True, is_blind=True) == {}


@pytest.mark.long
@pytest.mark.parametrize("role", PERSONS)
def test_each_use_case_runs_for_those_the_table_names_and_nobody_else(
    role: str, copy: Database, town: Any, tmp_path: Path
) -> None:
    scene = Scene(copy, person(role), town, tmp_path)
    assert wrong_for(role, scene, lambda _: False) == {}


MADE: dict[str, Any] = {}
"""Arguments of calls that are refused: made once, since a refusal comes before any is looked at."""


def denied(scene: Scene, helper: Scene, name: str) -> str:
    """The outcome for somebody who may not: arguments are made by whoever can make them."""
    if name not in MADE:
        MADE[name] = CALLS[name](helper)
    given, named = MADE[name]
    try:
        GUARDED[base(name)](scene.db, scene.actor, *given, **named)
    except AccessDenied as error:
        return "denied" if error.code == "access_no_permission" else error.code
    except UserError as error:
        return error.code
    return "done"


class Unseen:
    """An argument that breaks when anybody looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)


def denied_unseen(scene: Scene, name: str) -> str:
    """The outcome for somebody who may not, of arguments that nobody may look at."""
    needed = [
        one
        for one in list(inspect.signature(GUARDED[base(name)]).parameters.values())[2:]
        if one.default is one.empty and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    named = {one.name: Unseen() for one in needed if one.kind is one.KEYWORD_ONLY}
    try:
        GUARDED[base(name)](
            scene.db, scene.actor, *[Unseen()] * (len(needed) - len(named)), **named
        )
    except AccessDenied as error:
        return "denied" if error.code == "access_no_permission" else error.code
    except Exception as error:
        return f"ran: {error!r}"
    return "done"


def test_a_refusal_says_who_was_refused_what_and_why(copy: Database) -> None:
    with pytest.raises(AccessDenied):
        GUARDED["users.list_users"](copy, person("crew"))
    row = audit.latest(copy, 1).iloc[0]
    assert (row["event"], row["actor"]) == ("access_refused", "user:town-crew")
    for word in ("users.list_users", "manage_users", "crew", "access_no_permission"):
        assert word in row["detail"]


def test_every_page_stands_in_the_table_and_in_the_menus_table() -> None:
    files = {path.stem for path in (PROJECT / "pages").glob("*.py")} - {"__init__"}
    assert {entry.code for entry in navigation.ENTRIES} == files == set(rows("page"))


@pytest.mark.parametrize("role", [role for role in PERSONS if role != "nobody"])
def test_the_menu_holds_what_the_table_says(role: str) -> None:
    held = {entry.code for entry in navigation.open_to(role)}
    assert held == {name for name, row in rows("page").items() if row[role] == "y"}


def routes_of(found: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and address of every route of an app, Streamlit's own included."""
    for route in found:
        inner = getattr(route, "routes", None)
        if inner:
            yield from routes_of(inner, prefix + str(getattr(route, "path", "")))
            continue
        methods = getattr(route, "methods", None) or {"GET"}
        kind = type(route).__name__
        path = prefix + str(getattr(route, "path", ""))
        for method in sorted({"WEBSOCKET"} if kind == "WebSocketRoute" else methods):
            if method not in ("HEAD", "OPTIONS"):
                yield (
                    method,
                    path or "/",
                )  # where a mount has no path, the bare address


def hit_by(named: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Routes that rows of the table speak of; an address that the gate does not know is none."""
    asked = ((method, requirement_of(method, path)) for method, path in named)
    return {(method, found.route) for method, found in asked if is_known(found)}


def is_known(found: Requirement) -> bool:
    """Whether the gate's table has the address."""
    return found in TABLE_OF_GATE


def unlisted(listed: list[tuple[str, str]], named: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Routes (method, address) that the gate does not know or no row of the table speaks of."""
    hit = hit_by(named)
    shut = {route for method, path in named for route in refused_route(method, path)}
    asked = {(method, path): requirement_of(method, path) for method, path in listed}
    return {
        (method, path)
        for (method, path), found in asked.items()
        if not is_known(found) or ((method, found.route) not in hit and found.route not in shut)
    }


def named_routes() -> list[tuple[str, str]]:
    """Method and address of every row for a route, sockets included."""
    split = [name.split(" ", 1) for name in (*rows("route"), *rows("socket"))]
    return [(method, path) for method, path in split]


def test_every_route_of_the_running_app_stands_in_the_table(served: Any) -> None:
    """Each route must be hit by a row; the gate's own addresses are rows too."""
    listed = list(routes_of(served.app._starlette_app.routes))
    assert len(listed) > 25
    assert {"GET", "POST", "WEBSOCKET"} <= {method for method, _ in listed}
    assert unlisted(listed, named_routes()) == set()
    own = {(m, one.route) for one in TABLE_OF_GATE for m in one.methods if m in ("GET", "POST")}
    shut = {route for method, path in named_routes() for route in refused_route(method, path)}
    left = {row for row in own if "{" not in row[1] and row[1] not in shut}
    assert left - hit_by(named_routes()) - page_addresses() == set()


async def nothing(*_: Any) -> None:
    """What an address does in a test that only asks whether it is listed."""


@pytest.mark.parametrize(
    ("added", "name"),
    [
        (Route("/made/up", nothing), ("GET", "/made/up")),
        (Route("/made/up/{place:path}", nothing), ("GET", "/made/up/{place:path}")),
        (Route("/today", nothing, methods=["PUT"]), ("PUT", "/today")),
        (WebSocketRoute("/made/up", nothing), ("WEBSOCKET", "/made/up")),
        (Mount("/made", routes=[Route("/up", nothing)]), ("GET", "/made/up")),
    ],
)
def test_a_route_that_is_added_and_not_listed_is_found(
    served: Any, added: BaseRoute, name: tuple[str, str]
) -> None:
    routes = [*served.app._starlette_app.routes, added]
    assert unlisted(list(routes_of(routes)), named_routes()) == {name}


def test_a_route_that_the_gate_lets_in_needs_a_row_of_its_own(monkeypatch: Any) -> None:
    """Rows for addresses nobody knows do not stand for one that is known and not listed."""
    for method, path in (("GET", "/made/up"), ("WEBSOCKET", "/made/up")):
        known = (*TABLE_OF_GATE, Requirement("session", "/made/up", ("GET", "WEBSOCKET")))
        monkeypatch.setattr("app.gate_routes.TABLE", known)
        monkeypatch.setattr(f"{__name__}.TABLE_OF_GATE", known)
        assert unlisted([(method, path)], named_routes()) == {(method, path)}
        assert unlisted([(method, path)], [*named_routes(), (method, path)]) == set()


@pytest.mark.parametrize("role", PERSONS)
def test_a_socket_opens_for_those_the_table_names(served: Any, role: str) -> None:
    person = None if role == "nobody" else served.person(person_login(role))
    for name, row in rows("socket").items():
        assert name == "WEBSOCKET /_stcore/stream"
        refused = nullcontext() if row[role] == "y" else pytest.raises(InvalidStatus)
        with refused, served.socket(person):
            pass


def person_login(role: str) -> str:
    return next(login for login, (held, _, _) in TOWN_USERS.items() if held == role)


def refused_route(method: str, path: str) -> set[str]:
    """The route behind an address that is shut in every way it can be asked for."""
    asked = requirement_of(method, path)
    return {asked.route} if asked.kind == "refused" and is_known(asked) else set()


def page_addresses() -> set[tuple[str, str]]:
    return {("GET", f"/{name}{end}") for name in rows("page") for end in ("", "/")}
