"""Single questions of a crawl, each about something a check of ours must keep shut.

A probe says what it met that should not be. It works on a running server that `plant` prepared,
with people of its own, so that it can be asked alone and in any order.
"""

import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.store import meta
from app.store import users as user_store
from app.store.database import Connection
from app.store.scope import Scope
from app.store.users import User
from app.use_cases import (
    coverage,
    drafts,
    duties,
    fault_reports,
    hall_choice,
    hall_device_deeds,
    hall_devices,
    hall_tallies,
    inspection_plans,
    inspections,
    overrides,
    plan_inbox,
    privacy,
    province,
    reading_review_steps,
    reading_reviews,
    reliability_places,
    theft_exports,
    theft_hotspots,
    theft_suspects,
    tokens,
    what_if,
    whose,
)
from app.use_cases.actors import Actor
from app.use_cases.asked_places import Question
from app.use_cases.coverage_wishes import CoverageWish
from app.use_cases.duties import Duty
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.hall_choice import HallWish
from app.use_cases.hall_tallies import Tap
from app.use_cases.inspections import ResultWish
from app.use_cases.overrides import OverrideWish, Thing
from app.use_cases.passwords import ARGON2
from app.use_cases.province import ProvinceWish
from app.use_cases.reading_review_steps import EntryWish
from app.use_cases.reliability import ReliabilityWish
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.app import crawl, theft_town
from tests.app.crawl import Sight, Visitor
from tests.conftest import LOADER, NOW, PASSWORD, LittleTown

PHONE, NAME, ADDRESS = b"13977700", b"Zanzibar", b"9977331"
NUMBER = re.compile(rb"(?<![0-9a-zA-Z])0{7}[0-9]{3}(?![0-9a-zA-Z])")
MAY_SEE = {
    "phone": {"dispatcher", "clerk"},
    "name": {"dispatcher", "clerk", "crew", "inspector"},
    "address": {"dispatcher", "clerk", "crew", "inspector"},
    "number": {"dispatcher", "clerk", "crew", "inspector", "analyst", "admin", "admin_north"},
    "small cell": {"inspector"},
}
ELSEWHERE = (b"E-01", "东区".encode(), "江南供电所".encode())
SEARCHED = "0000000041"
SEE_CREDIT = {"manager", "analyst", "clerk"}
NORTH = Actor("user:town-planner_north", "何北", "planner", Scope("S1"))
FACT = "fact:arrears_cny"


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


@dataclass(frozen=True)
class Ground:
    """What probes walk on: the server, the town's files, a folder, where leaks are told."""

    served: Any
    town: LittleTown
    folder: Path
    found: Findings

    @contextmanager
    def person(self, login: str) -> Iterator[Visitor]:
        """Somebody with a session of their own."""
        token = self.served.begin(login)
        with closing(Visitor(self.served.url, login, token=token)) as visitor:
            yield visitor

    def east(self) -> list[bytes]:
        """The cells of the next station, as a cells file has them."""
        cells = enumerate(hex_to_cells(self.town.cells))
        return [int(cell).to_bytes(8, "little") for k, cell in cells if not self.town.is_west(k)]

    def homes(self, *, west: bool) -> list[int]:
        """Places of customers of one station in the town's lists."""
        return [k for k in range(len(self.town.numbers())) if self.town.is_west(k // 4) is west]


def plant(connection: Connection) -> None:
    """Canaries in the archive, debts of cells, and two people more."""
    connection.execute(
        "UPDATE customers SET phone = '13977700' || right(customer_no, 3),"
        " name = 'Zanzibar ' || customer_no[8:],"
        " address = 'Kestrel Street 9977331-' || customer_no[8:]"
    )
    connection.execute(
        "INSERT INTO cell_facts (cell_id, measure, value, unit, source)"
        " SELECT DISTINCT cell_id, 'arrears_cny', 4321.5, 'CNY', 'test' FROM customers"
    )
    connection.execute(
        "INSERT INTO fault_reports (report_id, registered_at, channel, customer_no, caller, phone,"
        " address, cell_id, service_type, note, transformer_id)"
        " SELECT 'R-' || row_number() OVER (ORDER BY customer_no), ?::TIMESTAMPTZ, 'phone',"
        " customer_no, name, phone, address, cell_id, 'fault', name || ' ' || phone, transformer_id"
        " FROM customers LIMIT 20",
        [NOW],
    )
    for kind in ("cell_facts", "fault_reports"):
        meta.touch_facts(connection, kind)
    for login, role, unit, is_new in (
        ("admin_north", "admin", "S1", False), ("newcomer", "manager", None, True),
    ):  # fmt: skip
        user = User(f"town-{login}", login, "新人", role, unit, None, None, True, False)
        user_store.insert(connection, user, by="test:loader", at=NOW)
        hashed = ARGON2.hashed(PASSWORD)
        user_store.set_password(connection, user.user_id, hashed, must_change=is_new, at=NOW)


def first_password(ground: Ground) -> None:
    """An account with its first password gets no page, no file and no socket."""
    with ground.person("newcomer") as visitor:
        for path in ("/today", crawl.cells_address("customers"), "/assets/static/hex_layer.js"):
            if visitor.get(path).status == 200:
                ground.found.tell("newcomer", path, "before a password of their own")
        with contextlib.suppress(InvalidStatus):
            visitor.connect()
            ground.found.tell("newcomer", "the socket", "before a password of their own")


def foreign_session(ground: Ground) -> None:
    """Who names another person's session of Streamlit's is not given it."""
    with ground.person("manager") as manager, ground.person("dispatcher") as dispatcher:
        theirs = session_of(dispatcher.run("account"))
        manager.socket = manager.connect(existing=theirs)
        if session_of(manager.run("account")) == theirs:
            ground.found.tell("manager", "the socket", "another's session")


def session_of(sight: Sight) -> str:
    """The session of Streamlit's that ran a page."""
    begun = next(one for one in sight.messages if one.WhichOneof("type") == "new_session")
    return str(begun.new_session.initialize.session_id)


def revoked_session(ground: Ground) -> None:
    """A session that ended without anybody being told runs no page on its open socket."""
    with ground.person("dispatcher") as visitor:
        visitor.run("account")
        identifier = ground.served.session_id(visitor.client)
        ended = "UPDATE sessions SET ended_at = now() WHERE session_id = ?"
        ground.served.db.write(lambda connection: connection.execute(ended, [identifier]))
        try:
            visitor.run("today")
        except ConnectionClosed:
            return
    ground.found.tell("dispatcher", "the socket", "runs after the session ended")


def signed_out(ground: Ground) -> None:
    """Signing out ends the cookie for good and closes the socket that is open."""
    with ground.person("dispatcher") as visitor:
        cookie = dict(visitor.client.cookies)
        visitor.run("account")
        visitor.sign_out()
        visitor.client.cookies.update(cookie)
        if visitor.get("/today").status != 403:
            ground.found.tell("dispatcher", "/today", "cookie replayed")
        try:
            visitor.run("customers")
        except ConnectionClosed:
            return
    ground.found.tell("dispatcher", "the socket", "runs after signing out")


def cells_in_scope(ground: Ground) -> None:
    """Cells files of the own unit open, those of another do not."""
    for login, south in (("planner_north", 403), ("planner", 200), ("auditor", 403)):
        with ground.person(login) as visitor:
            for unit, wanted in (("S1", 200 if login != "auditor" else 403), ("S2", south)):
                sight = visitor.get(crawl.cells_address("customers", f"unit:{unit}"))
                ground.found.look(login, sight, ground.east())
                if sight.status != wanted:
                    ground.found.tell(login, sight.where, f"status {sight.status}")


def debts(ground: Ground) -> None:
    """What people owe is a figure for those with the need."""
    for login in ("planner", "planner_north", "dispatcher", "manager", "clerk"):
        with ground.person(login) as visitor:
            status = visitor.get(crawl.cells_address(FACT)).status
            if status != (200 if login in SEE_CREDIT else 403):
                ground.found.tell(login, FACT, f"status {status}")


def areas_of_the_next_station(ground: Ground) -> None:
    """A limited planner's file of areas next door is refused and recorded, tried or loaded."""
    areas = ground.town.frames()["areas"]
    file = ground.folder / "areas.csv"
    taken = areas[areas["unit_id"] == "S2"].assign(name="西区", area_id="W-01", unit_id="S1")
    taken.to_csv(file, index=False)
    with ground.person("planner_north") as visitor:
        before = refusals(ground, "load.load areas")
        crawl.try_file(visitor, file)
        if refusals(ground, "load.load areas") == before:
            ground.found.tell("planner_north", "page data", "areas of another station tried")


def refusals(ground: Ground, asked: str) -> int:
    """How often it was refused to the planner of the north."""
    rows = ground.served.db.query(
        "SELECT count(*) AS n FROM audit_log WHERE event = 'access_refused' AND actor = ?"
        " AND (detail->>'asked') = ?",
        [NORTH.id, asked],
    )
    return int(rows["n"].iloc[0])


def preview_of_customers(ground: Ground) -> None:
    """A file of customers, tried by one who may not see names, shows none on the page."""
    frame = ground.town.frames()["customers"].head(8)
    path = ground.folder / "people.csv"
    frame.assign(name="Zanzibar file", address="Kestrel 9977331").to_csv(path, index=False)
    with ground.person("admin") as visitor:
        sight = crawl.try_file(visitor, path)
        assert ground.town.numbers()[7].encode() in sight.data, "the file was not tried"
        ground.found.look("admin", sight, [])


def users_of_others(ground: Ground) -> None:
    """Who manages the users of one station sees nobody of the rest of the company."""
    with ground.person("admin_north") as visitor:
        sight = visitor.run("users")
        assert "何北".encode() in sight.data, "the page lists nobody"
        for name in ("郑直", "李安", "town-manager"):
            if name.encode() in sight.data:
                ground.found.tell("admin_north", sight.where, "users of elsewhere")
        ground.found.look("admin_north", sight, [])


def whose_elsewhere(ground: Ground) -> None:
    """Whose a place of the next station is, is refused; its customers do not exist."""
    east, west = (ground.homes(west=side)[0] // 4 for side in (False, True))
    for place, is_own in ((west, True), (east, False)):
        try:
            whose.whose(ground.served.db, NORTH, at=ground.town.places[place][::-1])
        except AccessDenied:
            continue
        if not is_own:
            ground.found.tell("planner_north", "whose", "a place elsewhere")


def calls_of_the_next_station(ground: Ground) -> None:
    """A clerk of one station takes no call about a customer or a line of the next."""
    clerk = Actor("user:town-clerk", "孙悦", "hall_clerk", Scope("S1"))
    east = ground.homes(west=False)[0]
    number = ground.town.numbers()[east]
    lat, lon = ground.town.places[east // 4]
    for wish in (ReportWish(customer_no=number), ReportWish(lon=lon, lat=lat, datum="wgs84")):
        with contextlib.suppress(UserError):
            fault_reports.register(ground.served.db, clerk, wish)
            ground.found.tell("clerk", "fault_reports", "a call of the next station")


def tokens_on_pages(ground: Ground) -> None:
    """A program's token opens no page, however it is shown."""
    admin = Actor("test:admin", "Admin", "admin")
    token = tokens.issue(ground.served.db, admin, "town-hotline", days=1).token
    with closing(Visitor(ground.served.url, "hotline", token=token)) as visitor:
        for path in ("/account", "/assets/static/hex_layer.js"):
            if visitor.get(path).status == 200:
                ground.found.tell("hotline", path, "opened by a token")


def exceptions_elsewhere(ground: Ground) -> None:
    """A limited planner neither takes a transformer from the next station nor gives one there."""
    east, west = (ground.homes(west=side)[0] // 4 for side in (False, True))
    for place, area in ((east, "W-01"), (west, "E-01")):
        wish = OverrideWish(Thing("transformer", f"T-{place:03d}"), area, "a probe")
        with contextlib.suppress(AccessDenied):
            overrides.add(ground.served.db, NORTH, wish)
            ground.found.tell("planner_north", "overrides", "a transformer over the border")


def duties_elsewhere(ground: Ground) -> None:
    """A limited planner gives nobody a duty in the next station."""
    plan_inbox.inbox(ground.served.db, NORTH)  # who is in sight is known once areas are worked out
    with contextlib.suppress(AccessDenied):
        duties.assign(ground.served.db, NORTH, Duty("E-01", "manager", "P1"))
        ground.found.tell("planner_north", "duties", "a duty of an area elsewhere")


def taps_elsewhere(ground: Ground) -> None:
    """A limited clerk taps at a hall at home, and at none of the next station."""
    db = ground.served.db
    clerk = Actor("user:town-clerk_north", "孙北", "hall_clerk", Scope("S1"))
    known = {one["id"] for one in hall_tallies.day(db, clerk)["halls"]}
    for hall in sorted({"H0", "H1"} - known):
        for answer in hall_tallies.take(db, clerk, [Tap(f"probe-{hall}", hall, "enquiry")]):
            if answer.fate != "refused":
                ground.found.tell("clerk_north", "hall_tallies", "a tap at a hall elsewhere")


def taps_of_others(ground: Ground) -> None:
    """Taps of one person's queue are not taken from whoever signed in there after them."""
    with ground.person("manager") as visitor:
        answer = visitor.client.post(
            "/tally/taps", json={"who": "user:town-clerk", "taps": []},
            headers={"Origin": ground.served.url},
        )  # fmt: skip
        if answer.status_code != 409:
            ground.found.tell("manager", "/tally/taps", "another's taps")


def devices_elsewhere(ground: Ground) -> None:
    """A limited manager moves devices of halls at home, and none of the next station."""
    db, manager = ground.served.db, Actor("user:town-manager_north", "周北", "manager", Scope("S1"))
    db.write(lambda c: [_plant_device(c, hall) for hall in ("H0", "H1")])
    seen = set(hall_devices.devices(db, manager)["hall_id"].dropna())
    for hall in sorted({"H0", "H1"} - seen):
        with contextlib.suppress(UserError):
            hall_device_deeds.move(db, manager, f"PROBE-{hall}", hall, "spare")
            ground.found.tell("manager_north", "hall_device_deeds", "a device moved elsewhere")


def _plant_device(connection: Connection, hall: str) -> None:
    connection.execute(
        "INSERT INTO hall_devices (device_id, hall_id, kind, status) SELECT $device, $hall,"
        " 'queue_machine', 'in_use' WHERE NOT EXISTS (FROM hall_devices WHERE device_id = $device)",
        {"device": f"PROBE-{hall}", "hall": hall},
    )


def places_assumed_elsewhere(ground: Ground) -> None:
    """A limited planner assumes a hall at home, and none in the next station."""
    db = ground.served.db
    plan = drafts.begin(db, NORTH, "probe")
    by_lon = sorted(range(len(ground.town.cells)), key=lambda n: ground.town.places[n][1])
    for place, is_own in ((by_lon[2], True), (by_lon[-1], False)):
        at = ground.town.places[place][::-1]
        try:
            what_if.add_place(db, NORTH, plan, "crew", name="probe", at=at)
        except AccessDenied:
            assert not is_own, "nothing can be assumed at home"
            continue
        if not is_own:
            ground.found.tell("planner_north", "what_if", "a place assumed elsewhere")


def customers_elsewhere(ground: Ground) -> None:
    """A customer of the next station has no card, though its reference is known."""
    number = ground.town.numbers()[ground.homes(west=False)[0]]
    reference = privacy.customer_ref(ground.served.db, number)
    with ground.person("planner_north") as visitor:
        sight = visitor.run("customers", {"customer": reference, "lang": "en"})
        ground.found.look("planner_north", sight, ground.east())
        if b"T-0" in sight.data:
            ground.found.tell("planner_north", sight.where, "a customer elsewhere")


def queues_of_others(ground: Ground) -> None:
    """Steps of one person's phone are not taken from whoever signed in there after them."""
    with ground.person("inspector") as visitor:
        answer = visitor.client.post(
            "/crew/steps", json={"who": "user:town-crew", "steps": []},
            headers={"Origin": ground.served.url},
        )  # fmt: skip
        if answer.status_code != 409:
            ground.found.tell("inspector", "/crew/steps", "another's queue")


def customers_found(ground: Ground) -> None:
    """Who finds a customer sees the number, name and address as their role may."""
    for login in ("manager", "planner"):
        with ground.person(login) as visitor:
            first = visitor.run("customers")
            for sight in (first, *crawl.search(visitor, "customers", first, SEARCHED)):
                ground.found.look(login, sight, [])


def out_too_often(ground: Ground) -> None:
    """Who has nothing to do with reliability is not told which customers were out too often."""
    wish = ReliabilityWish(NOW.date(), NOW.date(), "area")
    for login, role in (("crew", "crew"), ("clerk", "hall_clerk")):
        actor = Actor(f"user:town-{login}", login, role)
        with contextlib.suppress(AccessDenied):
            reliability_places.frequent_customers(ground.served.db, actor, wish, "E-01")
            ground.found.tell(login, "reliability", "customers out too often")


def losses_of_the_province(ground: Ground) -> None:
    """Who may not see suspicion is told no losses of cells either."""
    wish = ProvinceWish(NOW.date(), NOW.date(), "loss_kwh")
    for login in ("planner", "admin"):
        with contextlib.suppress(AccessDenied):
            try:
                province.cells(
                    ground.served.db, Actor(f"user:town-{login}", login, login), wish, 9, []
                )
            except UserError as beyond:
                if isinstance(beyond, AccessDenied):
                    raise
            ground.found.tell(login, "province", "losses of cells")


def homes_by_minutes(ground: Ground) -> None:
    """Who sees no addresses is not told minutes from a home itself: neighbours have the same."""
    db = ground.served.db
    rows = db.read().execute(
        "SELECT list(customer_no ORDER BY customer_no) FROM customers WHERE cell_id IS NOT NULL"
        " GROUP BY cell_id HAVING count(DISTINCT lon) > 1 ORDER BY min(customer_no) LIMIT 1"
    )
    found = rows.fetchone()
    neighbours = found[0] if found else []
    wish = HallWish(at=datetime(2026, 7, 16, 3, tzinfo=UTC), mode="walk")
    for login in ("manager", "analyst"):
        actor = Actor(f"user:town-{login}", login, login)
        ways = {
            tuple(hall_choice.nearest(db, actor, Question(customer=one), wish).halls["travel_min"])
            for one in neighbours
        }
        if len(ways) > 1:
            ground.found.tell(login, "hall_choice", "minutes from a home whose place is masked")


def important_in_gaps(ground: Ground) -> None:
    """How many important customers no crew reaches is for those who may know who they are."""
    for login in ("manager", "analyst"):
        actor = Actor(f"user:town-{login}", login, login)
        found = coverage.coverage(ground.served.db, actor, CoverageWish())
        if found.figures.important is not None:
            ground.found.tell(login, "coverage", "important customers out of reach")


def readings_in_doubt(ground: Ground) -> None:
    """Who reviews no readings is told no home's days in doubt, and no cell's quality."""
    db = ground.served.db
    meter = f"M{ground.town.numbers()[0]}"
    doubt = EntryWish(meter, date(2026, 7, 10), date(2026, 7, 11))
    number = reading_review_steps.enter(db, LOADER, doubt)
    for login, role in (("crew", "crew"), ("clerk", "hall_clerk"), ("planner_north", "planner")):
        actor = NORTH if login == "planner_north" else Actor(f"user:town-{login}", login, role)
        with contextlib.suppress(AccessDenied):
            reading_reviews.one(db, actor, number)
            ground.found.tell(login, "data quality", "a home's days in doubt")
    reading_review_steps.withdraw(db, LOADER, [number])


def small_cells(ground: Ground) -> None:
    """A planner, who has no need of it, is told no cell's own energy where few live."""
    with ground.person("planner_north") as visitor:
        look_for_small_cells(visitor, ground)


def look_for_small_cells(visitor: Visitor, ground: Ground) -> None:
    """No cell of the town has five customers: nobody without need gets a cell's own energy."""
    shown = crawl.read_cells(visitor.get(crawl.cells_address("energy_kwh")).data)
    held = ground.served.db.query(
        "SELECT cell_id, avg(energy_kwh) AS e FROM cell_energy_days GROUP BY 1"
    )
    true = dict(zip(held["cell_id"], held["e"], strict=True))
    exact = sum(abs(value - true[cell]) < 1e-3 for cell, value in shown.items() if cell in true)
    if exact <= len(true) / 4:
        return
    if visitor.login in MAY_SEE["small cell"]:
        ground.found.seen.add((visitor.login, "small cell"))
    else:
        ground.found.tell(visitor.login, "cells of energy", "small cell")


def downloads_of_others(ground: Ground) -> None:
    """A download is for the person whose page offered it, and for nobody else who knows it."""
    with ground.person("admin") as admin, ground.person("manager") as manager:
        paths = crawl.MEDIA.findall(admin.run("dictionary").data) or [
            path for sight in exported(admin) for path in crawl.MEDIA.findall(sight.data)
        ]
        assert paths, "no page offered a download"
        for path in sorted({one.decode() for one in paths}):
            if admin.get(path).status != 200 or manager.get(path).status != 403:
                ground.found.tell("manager", path, "another's download")


def exported(visitor: Visitor) -> list[Sight]:
    """The service map with its cells taken along, for a purpose."""
    first = visitor.run("service_map")
    wanted: dict[str, Any] = {
        box.id: box.options[0] for box in first.elements("selectbox") if "purpose" in box.id
    }
    made = {one.id: True for one in first.elements("button") if "export_make" in one.id}
    assert wanted, "the map asks for no purpose"
    assert made, "the map offers no export"
    return [first, visitor.run("service_map", widgets={**wanted, **made})]


@contextmanager
def suspected(ground: Ground) -> Iterator[str]:
    """A run of scores while it lasts; the reference of a suspect."""
    db, numbers = ground.served.db, theft_town.suspects(ground.town)
    run = theft_town.keep_run(db, ground.town)
    try:
        yield privacy.customer_ref(db, numbers[0])
    finally:
        for table in ("theft_runs", "theft_scores", "transformer_scores"):
            sql = f"DELETE FROM {table} WHERE run_id = ?"
            db.write(lambda connection, sql=sql: connection.execute(sql, [run]))
        for sql in ("DELETE FROM loss_days", "DELETE FROM inspections WHERE batch_id IS NULL"):
            db.write(lambda connection, sql=sql: connection.execute(sql))


def energy_of_suspects(ground: Ground) -> None:
    """Who may not see a home's days is told no energy and no day of a suspect."""
    with suspected(ground) as ref:
        rows = theft_suspects.listing(ground.served.db, theft_town.MANAGER)
        score = theft_suspects.story(ground.served.db, theft_town.MANAGER, ref).score
        told = [*rows["lost_kwh_day"], *rows["since"], score["lost_kwh_day"], score["since"]]
        if pd.Series(told, dtype="object").notna().any():
            ground.found.tell("manager", "theft_suspects", "energy of a home")


def scores_taken_along(ground: Ground) -> None:
    """Who may make runs and not see suspicions takes no scores along."""
    admin, target = Actor("test:admin", "Admin", "admin"), ground.folder / "scores.csv"
    frame = pd.DataFrame({"customer_no": [ground.town.numbers()[0]], "score": [0.9]})
    with contextlib.suppress(AccessDenied):
        theft_exports.write(ground.served.db, admin, frame, target, "customer_scores")
        ground.found.tell("admin", "theft_exports", "scores")


def left_alone(ground: Ground) -> None:
    """No visit is ordered to a customer in whose supply nothing was found a day ago."""
    db, inspector = ground.served.db, theft_town.INSPECTOR
    with suspected(ground) as ref:
        day = (NOW - timedelta(days=1)).date()
        cleared = ResultWish("cleared", day, ("P1", "P2"), "S-1", b"signed")
        inspections.enter(db, inspector, ref, cleared)
        run = int(theft_hotspots.runs(db, inspector)["run_id"].iloc[0])
        with contextlib.suppress(UserError):
            inspection_plans.order(db, inspector, run, [ref])
            ground.found.tell("inspector", "inspection_plans", "a visit to who is left alone")


def unsigned_results(ground: Ground) -> None:
    """A result that nobody signed is not kept."""
    with suspected(ground) as ref, contextlib.suppress(UserError):
        wish = ResultWish("confirmed", NOW.date(), ("P1", "P2"), "S-1", b"", 10.0)
        inspections.enter(ground.served.db, theft_town.INSPECTOR, ref, wish)
        ground.found.tell("inspector", "inspections", "a result without a signature")


Probe = Callable[[Ground], None]

ALL: tuple[Probe, ...] = (
    cells_in_scope, debts, whose_elsewhere, customers_elsewhere, first_password, foreign_session,
    revoked_session, signed_out, users_of_others, areas_of_the_next_station,
    preview_of_customers, devices_elsewhere, queues_of_others, customers_found,
    downloads_of_others, small_cells,
    out_too_often, important_in_gaps, homes_by_minutes,
    scores_taken_along, energy_of_suspects, left_alone,
    unsigned_results,
)  # fmt: skip
"""Every probe, quick ones first."""
