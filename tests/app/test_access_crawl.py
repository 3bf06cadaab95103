"""A crawl by each role finds nothing that the role may not see; with a check switched off it does.

Canaries stand in the archive: a phone, a name, an address, account numbers, a second station. Who
may see which is written down here once more, by hand, and not read from the data under test.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from app import crew_routes, gate_identity, hall_routes, language, navigation
from app import gate as gate_module
from app.gate_sockets import Ownership
from app.store.database import Database
from app.use_cases import (
    access,
    area_files,
    asked_places,
    coverage,
    duties,
    fault_intake,
    file_privacy,
    hall_device_deeds,
    hall_devices,
    hall_tallies,
    inspection_plans,
    inspections,
    live_sessions,
    measures,
    overrides,
    privacy,
    province,
    reliability_places,
    roles,
    service_map,
    small_cells,
    theft_exports,
    theft_sight,
    user_scope,
    users,
    what_if,
    whose,
)
from app.use_cases.actors import Actor
from tests.app import crawl, probes
from tests.app.crawl import Sight, Visitor
from tests.app.probes import MAY_SEE, Findings, Found, Ground, Probe
from tests.app.test_access_table import rows
from tests.conftest import NOW, PASSWORD, LittleTown

pytestmark = pytest.mark.long

PERSONS = {
    "manager": "manager", "planner": "planner", "dispatcher": "dispatcher", "analyst": "analyst",
    "auditor": "auditor", "crew": "crew", "clerk": "hall_clerk", "inspector": "inspector",
    "admin": "admin", "hotline": "hotline", "queue": "queue", "planner_north": "planner",
}  # fmt: skip
MEASURES = ("customers", "energy_kwh", "data_quality", "crew_min", "area", "load_share")
SEARCHES = {"customers": probes.SEARCHED, "service_map": "Zanzibar"}
FOREIGN = {"Origin": "http://another.example"}
"""Walking the addresses must change nothing, so what changes something comes from elsewhere."""


def crawl_town(
    served: Any,
    town: LittleTown,
    folder: Path,
    *,
    logins: Iterable[str] = tuple(PERSONS),
    first: Iterable[Probe] = (),
    is_one_enough: bool = False,
) -> Findings:
    """The whole crawl: single probes, then nobody, then what each person meets on their way.

    `first`: probes to begin with; the crawl then ends with the first find.
    """
    found = Findings(is_one_enough)
    ground = Ground(served, town, folder, found)
    served.db.write(probes.plant)
    with suppress(Found):
        for probe in (*first, *(one for one in probes.ALL if one not in first)):
            probe(ground)
        _nobody(served, found)
        with ExitStack() as opened:
            people = [
                opened.enter_context(closing(Visitor(served.url, login, PASSWORD)))
                for login in logins
            ]
            for visitor in people:  # what is asked for by its address first, since that is quick
                _looked_at(visitor, _files(visitor, found), found, ground.east())
                probes.look_for_small_cells(visitor, ground)
            for visitor in people:
                sights = list(_pages(visitor, found))
                offered = crawl.downloads(visitor, sights)
                _looked_at(visitor, [*sights, *offered], found, ground.east())
        _records(served, found)
    return found


def _looked_at(
    visitor: Visitor, sights: Iterable[Sight], found: Findings, east: list[bytes]
) -> None:
    for sight in sights:
        found.look(visitor.login, sight, east)


def _pages(visitor: Visitor, found: Findings) -> Iterator[Sight]:
    """Every page; one that the role may not use says so, in the page and at its address."""
    for name in rows("page"):
        sight = _look_at_page(visitor, name, found)
        yield sight
        if name in SEARCHES:
            yield from crawl.search(visitor, name, sight, SEARCHES[name])


def _look_at_page(visitor: Visitor, name: str, found: Findings) -> Sight:
    refusal = language.say("access_refused_title", "en").encode()
    may = rows("page")[name][PERSONS[visitor.login]] == "y"
    sight = visitor.run(name, {"lang": "en"})
    if (refusal in sight.data) is may or (visitor.get(f"/{name}").status == 403) is may:
        found.tell(visitor.login, f"page {name}", "page")
    return sight


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


def _records(served: Any, found: Findings) -> None:
    """The audit log and the sessions hold ids and codes, and nothing about a person."""
    for table in ("audit_log", "sessions", "sign_in_failures", "jobs"):
        text = served.db.query(f"SELECT t::VARCHAR AS line FROM {table} t")["line"].str.cat(
            sep="\n"
        )
        data = text.encode()
        canaries = {"phone": probes.PHONE, "name": probes.NAME, "address": probes.ADDRESS}
        for what, canary in canaries.items():
            if canary in data:
                found.tell("nobody", table, what)
        if probes.NUMBER.search(data):
            found.tell("nobody", table, "number")


Serving = Callable[..., AbstractContextManager[Any]]


def test_no_role_gets_what_it_may_not_see(
    serving: Serving, town: LittleTown, tmp_path: Path
) -> None:
    with serving() as served:
        found = crawl_town(served, town, tmp_path)
    assert found.leaks == []
    wanted = {(who, what) for what, people in MAY_SEE.items() for who in people & PERSONS.keys()}
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


class _Everything:
    """Holds whatever is asked for."""

    def __contains__(self, _one: object) -> bool:
        return True


def _within_anything(*_: Any) -> bool:
    return True


def _any_device(db: Database, _actor: Actor, device_id: str, **_: Any) -> dict[str, Any]:
    table = hall_devices.listed(db.whole, NOW)
    return dict(table.set_index("device_id", drop=False).loc[device_id])


def _passes(*_: Any, **__: Any) -> None:
    return None


@contextmanager
def _both(*contexts: AbstractContextManager[None]) -> Iterator[None]:
    """A check that other modules took by its name is off in each of them."""
    with ExitStack() as opened:
        for one in contexts:
            opened.enter_context(one)
        yield


def _page_of(login: str, name: str) -> Probe:
    """One page as one person gets it."""

    def probe(ground: Ground) -> None:
        with ground.person(login) as visitor:
            _look_at_page(visitor, name, ground.found)

    return probe


FEW = ("planner_north", "auditor", "manager")
"""A scope, a role without a map and one that sees nobody by name: enough to meet any leak."""

Off = Callable[[], AbstractContextManager[None]]
CHECKS: dict[str, tuple[Off, Probe]] = {
    "permissions of use cases": (
        lambda: _off(access, "may", lambda *_: True), probes.cells_in_scope,
    ),
    "scope": (lambda: _off(access, "effective", lambda *_: None), probes.cells_in_scope),
    "masks": (lambda: _off(privacy, "sees", lambda *_: True), probes.customers_found),
    "small cells": (
        lambda: _off(small_cells, "hidden_from", lambda *_: False),
        probes.small_cells,
    ),
    "the gate's sessions": (
        lambda: _off(gate_module.Gate, "_refusal_of", lambda *_: ""),
        lambda ground: _nobody(ground.served, ground.found),
    ),
    "the gate's permissions": (
        lambda: _off(gate_module.roles, "permits", lambda *_: True),
        _page_of("auditor", "customers"),
    ),
    "whose download it is": (
        lambda: _off(gate_module.Gate, "_is_own", lambda *_: True), probes.downloads_of_others,
    ),
    "the menu": (
        lambda: _off(navigation, "open_to", lambda _role: navigation.ENTRIES),
        _page_of("auditor", "customers"),
    ),
    "the end of a session": (
        lambda: _off(live_sessions, "_holding", _endless), probes.signed_out,
    ),
    "references for numbers": (
        lambda: _off(privacy, "customer_ref", lambda _db, number: number), probes.customers_found,
    ),
    "the first password": (
        lambda: _off(gate_module, "FIRST_STEPS", _Everything()), probes.first_password,
    ),
    "whose session it is": (
        lambda: _off(Ownership, "owns_socket", lambda *_: True), probes.foreign_session,
    ),
    "sessions ended unseen": (
        lambda: _off(gate_module.Gate, "_lapsed", lambda *_, **__: ""), probes.revoked_session,
    ),
    "readings in doubt": (
        lambda: _off(access, "may", lambda *_: True), probes.readings_in_doubt,
    ),
    "places elsewhere": (lambda: _off(whose, "_refuse_elsewhere", _passes), probes.whose_elsewhere),
    "assumptions elsewhere": (
        lambda: _off(what_if, "_is_within", lambda *_: True), probes.places_assumed_elsewhere,
    ),
    "areas elsewhere": (
        lambda: _off(area_files, "check_scope", _passes), probes.areas_of_the_next_station,
    ),
    "transformers of exceptions": (
        lambda: _off(overrides, "changeable", lambda *_: [True]), probes.exceptions_elsewhere,
    ),
    "areas of exceptions": (
        lambda: _off(overrides, "_check_area", _passes), probes.exceptions_elsewhere,
    ),
    "areas of duties": (lambda: _off(duties, "_check_area", _passes), probes.duties_elsewhere),
    "users elsewhere": (
        lambda: _both(
            _off(user_scope, "is_within", _within_anything),
            _off(users, "is_within", _within_anything),
        ),
        probes.users_of_others,
    ),
    "calls elsewhere": (
        lambda: _off(fault_intake, "_problems", lambda *_: {}), probes.calls_of_the_next_station,
    ),
    "tokens on pages": (
        lambda: _off(gate_identity, "TOKEN", "another word"), probes.tokens_on_pages,
    ),
    "masks of files": (
        lambda: _off(file_privacy, "_masks", lambda *_: {}), probes.preview_of_customers,
    ),
    "customers out too often": (
        lambda: _off(reliability_places, "check", _passes), probes.out_too_often,
    ),
    "losses of the province": (
        lambda: _off(province, "check", _passes), probes.losses_of_the_province,
    ),
    "homes by minutes": (
        lambda: _off(asked_places, "placed", lambda _actor, spot: spot), probes.homes_by_minutes,
    ),
    "important customers in gaps": (
        lambda: _off(coverage, "knows_important", lambda *_: True), probes.important_in_gaps,
    ),
    "whose queue it is": (
        lambda: _off(crew_routes, "_check_person", _passes), probes.queues_of_others,
    ),
    "halls of taps": (
        lambda: _off(hall_tallies, "_refusal", lambda *_: ""), probes.taps_elsewhere,
    ),
    "devices of halls": (
        lambda: _both(
            _off(hall_device_deeds, "_seen", _any_device),
            _off(hall_device_deeds.store, "hall_is_known", _within_anything),
        ),
        probes.devices_elsewhere,
    ),
    "whose taps they are": (
        lambda: _off(hall_routes, "_check_person", _passes), probes.taps_of_others,
    ),
    "energy of a home": (
        lambda: _off(theft_sight, "sees_days", lambda *_: True), probes.energy_of_suspects,
    ),
    "who takes scores along": (
        lambda: _off(theft_exports, "check_may", _passes), probes.scores_taken_along,
    ),
    "who is left alone": (
        lambda: _off(inspection_plans, "_check_free", _passes), probes.left_alone,
    ),
    "signatures of results": (
        lambda: _off(inspections, "_check", _passes), probes.unsigned_results,
    ),
    "rights to measures": (lambda: _off(measures, "may_see", lambda *_: True), probes.debts),
    "units elsewhere": (
        lambda: _both(
            _off(access, "check_unit", _passes), _off(service_map, "check_unit", _passes)
        ),
        probes.cells_in_scope,
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_with_one_check_switched_off_the_crawl_finds_it(
    serving: Serving, town: LittleTown, tmp_path: Path, check: str
) -> None:
    """What the check guards is asked first; what only the whole crawl would meet is met by it."""
    switch, guarded = CHECKS[check]
    with switch(), serving() as served:
        found = crawl_town(served, town, tmp_path, logins=FEW, first=[guarded], is_one_enough=True)
    assert found.leaks != []
    assert roles.permits("crew", "manage_users") is False


def test_a_check_comes_back_to_what_was_imported_while_it_was_off() -> None:
    late = ModuleType("app.late")
    sys.modules["app.late"] = late
    try:
        with CHECKS["the menu"][0]():
            late.taken_by_name = navigation.open_to  # type: ignore[attr-defined]
            assert late.taken_by_name("crew") == navigation.ENTRIES
        assert late.taken_by_name is navigation.open_to
        assert late.taken_by_name("crew") != navigation.ENTRIES
    finally:
        del sys.modules["app.late"]
