"""A crawl by each role finds nothing that the role may not see; with a check switched off it does.

Canaries stand in the archive: a phone, a name, an address, account numbers, a second station. Who
may see which is written down here once more, by hand, and not read from the data under test.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app import gate as gate_module
from app import language, navigation
from app.store.database import Connection
from app.use_cases import access, live_sessions, privacy, roles, small_cells
from grid_cells.cells import hex_to_cells
from tests.app import crawl
from tests.app.crawl import Sight, Visitor
from tests.app.test_access_table import rows
from tests.conftest import PASSWORD, LittleTown

PHONE, NAME, ADDRESS = b"13977700", b"Zanzibar", b"9977331"
NUMBER = re.compile(rb"(?<![0-9a-zA-Z])0{7}[0-9]{3}(?![0-9a-zA-Z])")
PERSONS = {
    "manager": "manager", "planner": "planner", "dispatcher": "dispatcher", "analyst": "analyst",
    "auditor": "auditor", "crew": "crew", "clerk": "hall_clerk", "inspector": "inspector",
    "admin": "admin", "planner_north": "planner",
}  # fmt: skip
MAY_SEE = {
    "phone": {"dispatcher", "clerk"},
    "name": {"dispatcher", "clerk", "crew", "inspector"},
    "address": {"dispatcher", "clerk", "crew", "inspector"},
    "number": {"dispatcher", "clerk", "crew", "inspector", "analyst", "admin"},
    "small cell": {"inspector"},
}
ELSEWHERE = (b"E-01", "东区".encode(), "江南供电所".encode())
MEASURES = ("customers", "energy_kwh", "data_quality", "crew_min", "area", "load_share")
SEARCHED = "0000000041"
SEARCHES = {"customers": SEARCHED, "service_map": "Zanzibar"}
FOREIGN = {"Origin": "http://another.example"}
"""Walking the addresses must change nothing, so what changes something comes from elsewhere."""


class Found(Exception):
    """A leak was met and one is enough."""


@dataclass
class Findings:
    """What the crawl met that should not be: who, where, what."""

    is_one_enough: bool = False
    leaks: list[tuple[str, str, str]] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def look(self, login: str, sight: Sight, east: list[bytes]) -> Sight:
        """Search one sight for every canary."""
        found = {
            "phone": PHONE in sight.data,
            "name": NAME in sight.data,
            "address": ADDRESS in sight.data,
            "number": NUMBER.search(sight.data) is not None,
        }
        for what, is_there in found.items():
            if is_there and login in MAY_SEE[what]:
                self.seen.add((login, what))
            elif is_there:
                self.tell(login, sight.where, what)
        if login == "planner_north" and any(word in sight.data for word in (*ELSEWHERE, *east)):
            self.tell(login, sight.where, "another station")
        return sight

    def tell(self, login: str, where: str, what: str) -> None:
        """Keep a leak."""
        self.leaks.append((login, where, what))
        if self.is_one_enough:
            raise Found


def plant(connection: Connection) -> None:
    """Put the canaries into the archive."""
    connection.execute(
        "UPDATE customers SET phone = '13977700' || right(customer_no, 3),"
        " name = 'Zanzibar ' || customer_no[8:],"
        " address = 'Kestrel Street 9977331-' || customer_no[8:]"
    )


def crawl_town(
    served: Any,
    town: LittleTown,
    logins: Iterable[str] = tuple(PERSONS),
    *,
    is_one_enough: bool = False,
) -> Findings:
    """The whole crawl: nobody's, each person's, and what nobody may be able to do."""
    found = Findings(is_one_enough)
    served.db.write(plant)
    east = [
        int(cell).to_bytes(8, "little")
        for place, cell in enumerate(hex_to_cells(town.cells))
        if not town.is_west(place)
    ]
    with ExitStack() as opened:
        try:
            _nobody(served, found)
            people = [
                opened.enter_context(closing(Visitor(served.url, login, PASSWORD)))
                for login in logins
            ]
            for visitor in people:  # what is asked for by its address first, since that is quick
                _looked_at(visitor, _files(visitor, found), found, east)
                _energy(visitor, served, found)
            _strangers(served, found)
            _after_sign_out(served, found)
            for visitor in people:
                sights = list(_pages(visitor, found))
                _looked_at(visitor, [*sights, *crawl.downloads(visitor, sights)], found, east)
            _records(served, found)
        except Found:
            pass
    return found


def _looked_at(
    visitor: Visitor, sights: Iterable[Sight], found: Findings, east: list[bytes]
) -> None:
    for sight in sights:
        found.look(visitor.login, sight, east)


def _pages(visitor: Visitor, found: Findings) -> Iterator[Sight]:
    """Every page; one that the role may not use says so, in the page and at its address."""
    refusal = language.say("access_refused_title", "en").encode()
    for name, row in rows("page").items():
        may = row[PERSONS[visitor.login]] == "y"
        sight = visitor.run(name, {"lang": "en"})
        if (refusal in sight.data) is may or (visitor.get(f"/{name}").status == 403) is may:
            found.tell(visitor.login, f"page {name}", "page")
        yield sight
        if name in SEARCHES:
            yield from crawl.search(visitor, name, sight, SEARCHES[name])


def _files(visitor: Visitor, found: Findings) -> Iterator[Sight]:
    """Every address of the table, and the figures of every measure."""
    for name, row in rows("route").items():
        method, path = name.split(" ", 1)
        sight = visitor.get(path, method, **FOREIGN)
        if (sight.status != 403) is not (row[PERSONS[visitor.login]] == "y"):
            found.tell(visitor.login, name, f"status {sight.status}")
        yield sight
    for measure in MEASURES:
        yield visitor.get(crawl.cells_address(measure))
    yield visitor.get(crawl.cells_address("customers", "unit:S1"))
    yield visitor.get(crawl.cells_address("customers", "unit:S2"))


def _nobody(served: Any, found: Findings) -> None:
    """Without a session nothing opens but what the table leaves open."""
    with closing(Visitor(served.url)) as visitor:
        for name, row in rows("route").items():
            method, path = name.split(" ", 1)
            if (visitor.get(path, method, **FOREIGN).status == 403) is (row["nobody"] == "y"):
                found.tell("nobody", name, "status")
        try:
            visitor.connect()
        except InvalidStatus:
            return
    found.tell("nobody", "the socket", "opened")


def _energy(visitor: Visitor, served: Any, found: Findings) -> None:
    """No cell of the town has five customers: nobody without need gets a cell's own energy."""
    shown = crawl.read_cells(visitor.get(crawl.cells_address("energy_kwh")).data)
    held = served.db.query("SELECT cell_id, avg(energy_kwh) AS e FROM cell_energy_days GROUP BY 1")
    true = dict(zip(held["cell_id"], held["e"], strict=True))
    exact = sum(abs(value - true[cell]) < 1e-3 for cell, value in shown.items() if cell in true)
    if exact > len(true) / 4:
        if visitor.login in MAY_SEE["small cell"]:
            found.seen.add((visitor.login, "small cell"))
        else:
            found.tell(visitor.login, "cells of energy", "small cell")


def _strangers(served: Any, found: Findings) -> None:
    """A download is for the person whose page offered it, and for nobody else who knows it."""
    with (
        closing(Visitor(served.url, "admin", PASSWORD)) as admin,
        closing(Visitor(served.url, "manager", PASSWORD)) as manager,
    ):
        _downloads(admin, manager, found)


def _downloads(admin: Visitor, manager: Visitor, found: Findings) -> None:
    sights = [admin.run("data"), admin.run("dictionary"), *_exported(admin)]
    paths = {path.decode() for one in sights for path in crawl.MEDIA.findall(one.data)}
    assert paths, "no page offered a download"
    for path in paths:
        if admin.get(path).status != 200 or manager.get(path).status != 403:
            found.tell("manager", path, "another's download")


def _exported(visitor: Visitor) -> list[Sight]:
    """The service map with its cells taken along, for a purpose."""
    first = visitor.run("service_map")
    wanted: dict[str, str | bool] = {
        box.id: box.options[0] for box in first.elements("selectbox") if "purpose" in box.id
    }
    made = {one.id: True for one in first.elements("button") if "export_make" in one.id}
    assert wanted, "the map asks for no purpose"
    assert made, "the map offers no export"
    return [first, visitor.run("service_map", widgets={**wanted, **made})]


def _after_sign_out(served: Any, found: Findings) -> None:
    """Signing out ends the cookie for good and closes the socket that is open."""
    with closing(Visitor(served.url, "dispatcher", PASSWORD)) as visitor:
        cookie = dict(visitor.client.cookies)
        visitor.run("today")
        visitor.sign_out()
        visitor.client.cookies.update(cookie)
        if visitor.get("/today").status != 403:
            found.tell("dispatcher", "/today", "cookie replayed")
        try:
            visitor.run("customers")
        except ConnectionClosed:
            return
    found.tell("dispatcher", "the socket", "runs after signing out")


def _records(served: Any, found: Findings) -> None:
    """The audit log and the sessions hold ids and codes, and nothing about a person."""
    for table in ("audit_log", "sessions", "sign_in_failures", "jobs"):
        text = served.db.query(f"SELECT t::VARCHAR AS line FROM {table} t")["line"].str.cat(
            sep="\n"
        )
        data = text.encode()
        for what, canary in (("phone", PHONE), ("name", NAME), ("address", ADDRESS)):
            if canary in data:
                found.tell("nobody", table, what)
        if NUMBER.search(data):
            found.tell("nobody", table, "number")


Serving = Callable[..., AbstractContextManager[Any]]


def test_no_role_gets_what_it_may_not_see(serving: Serving, town: LittleTown) -> None:
    with serving() as served:
        found = crawl_town(served, town)
    assert found.leaks == []
    wanted = {(login, what) for what, logins in MAY_SEE.items() for login in logins}
    assert wanted - found.seen <= {("analyst", "number"), ("admin", "number")}


@contextmanager
def _off(target: Any, name: str, instead: Any) -> Iterator[None]:
    held = getattr(target, name)
    setattr(target, name, instead)
    try:
        yield
    finally:
        setattr(target, name, held)
        _forget(instead, held)


def _forget(instead: Any, held: Any) -> None:
    """Put the check back into modules that were first imported while it was off, by its name."""
    for module in [one for name, one in sys.modules.items() if name.startswith(("app.", "pages."))]:
        for name, value in list(vars(module).items()):
            if value is instead:
                setattr(module, name, held)


_HOLDING = live_sessions._holding


def _endless(db: Any, held: Any, at: Any, **how: Any) -> Any:
    return _HOLDING(db, replace(held, is_ended=False), at, **how)


FEW = ("planner_north", "auditor", "manager")
"""A scope, a role without a map and one that sees nobody by name: enough to meet any leak."""

CHECKS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "permissions of use cases": lambda: _off(access, "may", lambda *_: True),
    "scope": lambda: _off(access, "effective", lambda *_: None),
    "masks": lambda: _off(privacy, "sees", lambda *_: True),
    "small cells": lambda: _off(small_cells, "hidden_from", lambda *_: False),
    "the gate's sessions": lambda: _off(gate_module.Gate, "_refusal_of", lambda *_: ""),
    "the gate's permissions": lambda: _off(gate_module.roles, "permits", lambda *_: True),
    "whose download it is": lambda: _off(gate_module.Gate, "_is_own", lambda *_: True),
    "the menu": lambda: _off(navigation, "open_to", lambda _role: navigation.ENTRIES),
    "the end of a session": lambda: _off(live_sessions, "_holding", _endless),
    "references for numbers": lambda: _off(privacy, "customer_ref", lambda _db, number: number),
}


@pytest.mark.parametrize("check", CHECKS)
def test_with_one_check_switched_off_the_crawl_finds_it(
    serving: Serving, town: LittleTown, check: str
) -> None:
    with CHECKS[check](), serving() as served:
        assert crawl_town(served, town, FEW, is_one_enough=True).leaks != []
    assert roles.permits("crew", "manage_users") is False


def test_a_check_comes_back_to_what_was_imported_while_it_was_off() -> None:
    late = ModuleType("app.late")
    sys.modules["app.late"] = late
    try:
        with CHECKS["the menu"]():
            late.taken_by_name = navigation.open_to  # type: ignore[attr-defined]
            assert late.taken_by_name("crew") == navigation.ENTRIES
        assert late.taken_by_name is navigation.open_to
        assert late.taken_by_name("crew") != navigation.ENTRIES
    finally:
        del sys.modules["app.late"]
