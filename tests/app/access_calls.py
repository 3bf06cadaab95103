"""How each use case is called in the access table's test: arguments that work where it may run."""

import itertools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.store import meta
from app.store.database import Connection, Database
from app.use_cases import (
    audit,
    batches,
    crew_area,
    crew_fences,
    drafts,
    duties,
    fault_group_deeds,
    fault_reports,
    hall_device_deeds,
    hall_staff,
    hand_over,
    jobs,
    order_deeds,
    outage_deeds,
    outage_film,
    overrides,
    plan_comments,
    plan_inbox,
    plan_life,
    plan_print,
    privacy,
    province_load,
    reading_checks,
    reading_review_steps,
    repairs,
    roles,
    sessions,
    shifts,
    sketches,
    users,
    what_if,
    work_order_cards,
    work_order_evidence,
    work_order_moves,
    work_order_wishes,
    work_orders,
)
from app.use_cases.actors import Actor
from app.use_cases.area_strokes import AreaWish
from app.use_cases.asked_places import Question
from app.use_cases.clock import real_now
from app.use_cases.consequences import Drawing
from app.use_cases.coverage_wishes import CoverageWish
from app.use_cases.crew_area import Ground
from app.use_cases.crew_duties import DutyStep
from app.use_cases.crew_fences import FenceDeed, FenceWish
from app.use_cases.crew_results import PhoneResult
from app.use_cases.dispatch_simulations import LineUp
from app.use_cases.duties import Duty
from app.use_cases.fault_wishes import ReportWish
from app.use_cases.hall_balance import HallChange
from app.use_cases.hall_choice import HallWish
from app.use_cases.hall_device_events import DeviceEvent
from app.use_cases.hall_events import VisitEvent
from app.use_cases.hall_staff import DutyWish
from app.use_cases.hall_tallies import Tap
from app.use_cases.inspection_plans import BudgetWish
from app.use_cases.inspections import ResultWish
from app.use_cases.load import LoadChoice
from app.use_cases.order_deeds import DeedWish
from app.use_cases.outage_closing import Answer
from app.use_cases.outage_deeds import StepWish
from app.use_cases.outages import OutageWish
from app.use_cases.overrides import OverrideWish, Thing
from app.use_cases.plan_wishes import ProposalWish
from app.use_cases.post_sites import SiteWish
from app.use_cases.province import ProvinceWish
from app.use_cases.reach_sites import SiteWish as ReachSites
from app.use_cases.reach_wishes import ReachWish
from app.use_cases.reading_review_steps import CheckWish, EntryWish
from app.use_cases.reliability import ReliabilityWish
from app.use_cases.repairs import Mending, RepairWish
from app.use_cases.shifts import ShiftWish
from app.use_cases.sketches import Sketch
from app.use_cases.strokes import Stroke
from app.use_cases.theft_hotspots import HotspotWish
from app.use_cases.work_order_cards import CardWish
from app.use_cases.work_order_evidence import EvidenceWish
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_parts import PartWish
from app.use_cases.work_order_wishes import OrderWish
from app.use_cases.work_orders import OrderFilter
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Area
from grid_cells.errors import AccessDenied
from grid_cells.outage_board import Wish
from grid_cells.plan_life import Term
from grid_cells.province import ancestor
from loaders.contract import ColumnMap
from tests.app import province_town, theft_town
from tests.app.outage_town import put
from tests.conftest import LOADER, NOW, PASSWORD, LittleTown

NUMBER = "0000000041"
CARD = dict.fromkeys(
    ("task", "tools", "materials", "measures", "precautions", "leader", "guardian"), "as usual"
) | {"leader_at_site": True, "guardian_at_site": True}
DAY = NOW.date()
_COUNT = itertools.count()


def doubt(meter: str) -> EntryWish:
    """Two days of a meter in doubt."""
    return EntryWish(meter, date(2026, 7, 10), date(2026, 7, 11))


@dataclass(frozen=True)
class Scene:
    """What a call may be made of."""

    db: Database
    actor: Actor
    town: LittleTown
    folder: Path

    @property
    def own_area(self) -> str:
        """The area of that cell."""
        return "W-01" if self.town.is_west(10) else "E-01"

    def commented(self) -> tuple[int, str]:
        """A draft with a comment on it."""
        plan = self.draft()
        return plan, plan_comments.add(self.db, LOADER, plan, "too far")

    def suspect(self) -> str:
        """The reference of a customer whom a run made a suspect."""
        theft_town.keep_run(self.db, self.town)
        return privacy.customer_ref(self.db, theft_town.suspects(self.town)[0])

    def checked(self) -> None:
        """The readings are checked."""
        reading_checks.check(self.db, LOADER)

    def review(self, *, is_checked: bool = False) -> int:
        """A review in the queue that somebody else has entered."""
        meter = f"M{self.town.numbers()[next(_COUNT) % 200]}"
        number = reading_review_steps.enter(self.db, LOADER, doubt(meter))
        if is_checked:
            wish = CheckWish("accepted", "real_use")
            reading_review_steps.check(self.db, LOADER, [number], wish)
        return number

    @property
    def cell(self) -> int:
        """A cell of the town."""
        return int(hex_to_cells([self.town.cells[10]])[0])

    def session(self) -> str:
        """A session of the actor's own."""
        login = self.actor.id.removeprefix("user:town-")
        signed = sessions.sign_in_local(
            self.db, login, PASSWORD, source="test", agent="test", at=real_now()
        )
        return signed.session_id

    def file(self, kind: str) -> Path:
        """A file of the town, as people bring it."""
        path = self.folder / f"{kind}.csv"
        self.town.frames()[kind].to_csv(path, index=False)
        return path

    def facts(self, figure: str = "energy_kwh") -> ProvinceWish:
        """A day of cell facts is held."""
        province_town.write_day(
            self.folder / "facts", province_town.DAY, [province_town.fact(self.cell, 10)]
        )
        province_load.load(self.db, LOADER, self.folder / "facts")
        return ProvinceWish(province_town.DAY, province_town.DAY, figure)

    def visits(self) -> Path:
        """A file of one ticket of the town's first hall."""
        path = self.folder / "visits.csv"
        path.write_text("ticket_id,hall_id,taken_at\nZ9,H0,2026-07-16 09:00\n", encoding="utf-8")
        return path

    def stranger(self, login: str) -> str:
        """A user to be managed."""
        wish = users.UserWish(login, "Somebody", "analyst")
        return users.add_user(self.db, LOADER, wish)[0]

    def work(self) -> str:
        """A new work order that waits for a crew."""
        wish = OrderWish("repair_lv", transformer_id="T-010")
        return work_order_wishes.make(self.db, LOADER, wish)

    def shift(self) -> ShiftWish:
        """A shift that nothing lies on yet."""
        begins = NOW + timedelta(days=1 + next(_COUNT))
        return ShiftWish("C0", begins, begins + timedelta(hours=1))

    def shifted(self) -> ShiftWish:
        """A shift that was entered."""
        wish = self.shift()
        shifts.add(self.db, LOADER, wish)
        return wish

    def fence(self) -> FenceWish:
        """A fence round a place of the town."""
        lon, lat = self.point(10)
        return FenceWish("site", "Gate", 5, lon, lat, 100)

    def fenced(self) -> FenceDeed:
        """A fence that was drawn."""
        return crew_fences.add(self.db, LOADER, self.fence())

    def order(self) -> str:
        """A new call that waits for a crew."""

        def change(connection: Connection) -> str:
            rows = connection.execute("SELECT count(*) FROM fault_reports").fetchone()
            report = f"ACCESS-{rows[0] if rows else 0}"
            connection.execute(
                "INSERT INTO fault_reports (report_id, registered_at, customer_no)"
                " VALUES (?, ?, ?)",
                [report, NOW - timedelta(minutes=20), NUMBER],
            )
            meta.touch_facts(connection, "fault_reports")
            return report

        return self.db.write(change)

    def ground(self) -> Ground:
        """Where a crew works."""
        return crew_area.ground(self.db, LOADER, NOW)

    def work_order(self, *moves: str) -> str:
        """A work order of the crew C0 after these moves of somebody else's."""
        made = work_order_wishes.make(self.db, LOADER, OrderWish("new_supply", customer_no=NUMBER))
        for move in ("told", *moves):
            crew = "C0" if move == "told" else None
            work_order_moves.move(self.db, LOADER, made, Step(move, crew_id=crew))
        return made

    def nudged(self) -> str:
        """A work order with a step of the actor's own, if they may take one."""
        made = self.work_order("accepted")
        with suppress(AccessDenied):
            work_order_moves.move(self.db, self.actor, made, Step("urged"))
        return made

    def carded(self, *, asked: bool = False) -> str:
        """A work order with a filled card, its gate perhaps asked for."""
        made = self.work_order("accepted")
        work_order_cards.fill(self.db, LOADER, made, CardWish(CARD, 0))
        if asked:
            work_order_cards.ask(self.db, LOADER, made)
        return made

    def evidence(self) -> int:
        """A note from the site about something that is not as it should be."""
        wish = EvidenceWish("note", note=f"{next(_COUNT)}", irregularity="broken_seal")
        return work_order_evidence.add(self.db, LOADER, self.work_order(), wish).evidence_id

    def urged(self) -> str:
        """An order with a step of the actor's own, or of somebody else's who may."""
        report = self.order()
        may = roles.permits(self.actor.role, "report_faults")
        order_deeds.urge(self.db, self.actor if may else LOADER, report)
        return report

    def job(self) -> str:
        """A job of the actor's own."""
        return jobs.start(self.db, self.actor, "test", lambda _tell: {})

    def units(self) -> "pd.Index[Any]":
        """The town's cells."""
        return pd.Index(hex_to_cells(self.town.cells))

    def drawing(self) -> Drawing:
        """A draft that moves one cell."""
        before = np.zeros(len(self.town.cells), dtype=np.int32)
        after = before.copy()
        after[0] = -1
        return Drawing("cell", self.units(), before, after, [Area("W-01", "West")])

    def reported(self) -> str:
        """A fault report taken from somebody."""
        wish = ReportWish(customer_no=NUMBER)
        return fault_reports.register(self.db, LOADER, wish).report_id

    def split_off(self) -> str:
        """An outage of one call, made by somebody else."""
        return fault_group_deeds.split(self.db, LOADER, [self.reported()])

    def regrouped(self) -> tuple[()]:
        """Nothing, after the actor, if they may, has moved a call."""
        with suppress(AccessDenied):
            fault_group_deeds.split(self.db, self.actor, [self.reported()])
        return ()

    def hall_duty(self) -> int:
        """A duty at a hall that somebody else entered."""
        hall_staff.enter(self.db, LOADER, _DUTY)
        found = hall_staff.listing(self.db, LOADER, _DUTY.starts_at, _DUTY.ends_at)
        return int(found["duty_id"].max())

    def device(self, told: str = "") -> str:
        """A device of a hall that nobody did anything about, else faulty or moved."""
        name = f"D{next(_COUNT)}"
        self.db.write(
            lambda c: c.execute(
                "INSERT INTO hall_devices (device_id, hall_id, kind) VALUES (?, 'H0', 'kiosk')",
                [name],
            )
        )
        if told == "faulty":
            hall_device_deeds.report_fault(self.db, DEVICE_CLERK, name, "paper")
        if told == "moved":
            hall_device_deeds.move(self.db, LOADER, name, "H1", "in_use")
        return name

    def own_word(self) -> str:
        """A fault that the actor, if they may, has reported."""
        with suppress(AccessDenied):
            return hall_device_deeds.report_fault(self.db, self.actor, self.device(), "paper")
        return "nothing"

    def changes(self) -> hand_over.Changes:
        """A transformer that changes area."""
        frame = pd.DataFrame({"unit": ["T-010"], "old_area": ["W-01"], "new_area": ["E-01"]})
        return hand_over.Changes(frame, "transformer", NOW)

    def batch(self) -> int:
        """The newest load, which may be taken back."""
        return int(batches.list_batches(self.db, LOADER)["batch_id"].max())

    def draft(self) -> int:
        """A draft of somebody else's."""
        return drafts.begin(self.db, LOADER, "a plan")

    def sheet(self) -> plan_print.PlanSheet:
        """A draft on paper."""
        return plan_print.sheet_of(self.db, LOADER, self.draft(), "report")

    def stroke(self, to: str | None = None) -> Stroke:
        """A stroke of one cell on a draft of somebody else's."""
        return Stroke(self.draft(), "key", [self.cell], to)

    def assuming(self) -> int:
        """A draft of somebody else's that assumes a hall closed."""
        plan = self.draft()
        what_if.close_place(self.db, LOADER, plan, ("hall", "H1"))
        return plan

    def point(self, place: int) -> tuple[float, float]:
        """lon, lat of a cell of the town."""
        lat, lon = self.town.places[place]
        return lon, lat

    def outage(self, status: str = "in_force") -> str:
        """An outage of one transformer in that status."""
        held = self.db.query("SELECT count(*) AS n FROM outages")["n"].iloc[0]
        name = f"O-{status}-{held}"
        name = f"O-{next(_COUNT)}"
        ended = NOW - timedelta(minutes=5) if status == "ended" else None
        put(self.db, name, "transformer:T-010", NOW - timedelta(hours=1), ended, status=status)
        return name

    def stepped(self) -> str:
        """An outage with a step that was recorded by hand."""
        name = self.outage()
        outage_deeds.step(self.db, LOADER, name, StepWish("restored", "transformer:T-010"))
        return name

    def answer(self) -> Answer:
        """What a customer of the town's outage said."""
        return Answer(privacy.customer_ref(self.db, NUMBER), "call", True)

    def by_cells(self) -> Stroke:
        """A stroke of one cell on a draft by cells."""
        return Stroke(drafts.begin(self.db, LOADER, "cells", basis="cell"), "key", [self.cell])

    def sketched(self) -> tuple[Stroke, Sketch]:
        """A stroke on a draft, and a proposal for it."""
        plan = self.draft()
        return Stroke(plan, "key"), sketches.sketch(self.db, LOADER, plan, ProposalWish(0))[0]

    def given(self) -> Duty:
        """A duty given by hand."""
        duty = Duty("E-01", "backup", "P2")
        duties.assign(self.db, LOADER, duty)
        return duty

    def excepted(self) -> Thing:
        """A customer with an exception."""
        thing = Thing("customer", NUMBER)
        overrides.add(self.db, LOADER, OverrideWish(thing, "W-01", "the bridge is shut"))
        return thing

    def strays(self) -> list[str]:
        """Entries of the inbox about a transformer that no area claims."""

        def change(connection: Connection) -> None:
            connection.execute("DELETE FROM plan_units WHERE transformer_id = 'T-020'")
            meta.touch_facts(connection, "areas")

        self.db.write(change)
        return [one.key for one in plan_inbox.inbox(self.db, LOADER).of_kind("no_area")]

    def mended(self) -> tuple[Stroke, Mending]:
        """A stroke on a draft, and a repair of it."""
        plan = self.draft()
        return Stroke(plan, "key"), repairs.suggest(self.db, LOADER, plan, RepairWish())

    def plan_in(self, *deeds: str) -> int:
        """A draft of somebody else's after these deeds."""
        plan = self.draft()
        for deed in deeds:
            {"submit": plan_life.submit, "approve": plan_life.approve,
             "withdraw": plan_life.withdraw}[deed](self.db, _HELPERS[deed], plan)  # fmt: skip
        return plan


_HELPERS = {"submit": LOADER, "withdraw": LOADER, "approve": Actor("test:b", "B", role="admin")}

Call = Callable[[Scene], tuple[tuple[Any, ...], dict[str, Any]]]


def _later(role: str) -> datetime:
    """Tomorrow, at a moment of each role's own: no two plans begin at one."""
    return NOW + timedelta(days=1, minutes=len(role))


def _now(*given: Any) -> Call:
    return lambda _scene: (given, {"now": NOW})


def _query(_scene: Scene) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (audit.AuditQuery(),), {}


DEVICE_CLERK = Actor("test:clerk", "Clerk", role="hall_clerk")
_DUTY = DutyWish("H0", NOW, NOW + timedelta(hours=4), 2)
_AREAS_IN_JULY = ReliabilityWish(date(2026, 7, 1), date(2026, 7, 16), "area")

CALLS: dict[str, Call] = {
    "area_strokes.change_area": lambda s: ((s.stroke(), "W-01", AreaWish(name="West")), {}),
    "area_strokes.create_area": lambda s: ((s.stroke(), Area("N-01", "New", unit_id="S1")), {}),
    "area_strokes.delete_area": lambda s: ((s.stroke(), "W-01"), {}),
    "area_strokes.lock_area": lambda s: ((s.stroke(), "W-01"), {"locked": True}),
    "area_strokes.merge_areas": lambda s: ((s.stroke("E-01"), "W-01"), {}),
    "area_strokes.split_area": lambda s: ((s.stroke(), s.own_area, Area("N-02", "New")), {}),
    "cell_strokes.divide": lambda s: ((s.by_cells(),), {}),
    "cell_strokes.empty": lambda s: ((s.by_cells().plan_id,), {}),
    "cell_strokes.merge": lambda s: ((s.by_cells(),), {}),
    "cell_strokes.over": lambda s: ((s.by_cells().plan_id, 3), {}),
    "audit.choices": lambda _: (("event",), {}),
    "audit.count": _query,
    "audit.export": lambda _: ((audit.AuditQuery(), "report"), {}),
    "audit.search": _query,
    "audit.verify": lambda _: ((), {}),
    "batches.list_batches": lambda _: ((), {}),
    "batches.rejects_file": lambda s: ((s.batch(),), {}),
    "batches.undo": lambda s: ((s.batch(),), {}),
    "cell_card.cell_card": lambda s: ((s.cell, NOW), {}),
    "clock.set_clock": lambda _: ((), {"at": NOW, "running": False}),
    "consequences.judge": lambda s: ((s.drawing(),), {"now": NOW}),
    "coverage.coverage": lambda _: ((CoverageWish(),), {}),
    "hall_balance.balance": lambda _: ((), {}),
    "hall_balance.what_if": lambda _: (((HallChange("close", "H1"),),), {}),
    "hall_choice.nearest": lambda _: ((Question(at=(112.514, 30.423)), HallWish()), {}),
    "payment_channels.channels": lambda _: ((), {}),
    "reach.cells": lambda _: ((ReachWish(), "minutes"), {}),
    "reach.reach": lambda _: ((ReachWish(),), {}),
    "reach_export.export_reach": lambda _: (
        (ReachWish(),),
        {"what": "gaps", "form": "csv", "purpose": "test of access"},
    ),
    "reach_groups.chosen": lambda _: (("payers",), {}),
    "reach_groups.groups": lambda _: ((), {}),
    "reach_groups.old": lambda _: ((), {}),
    "reach_hours.week": lambda _: ((ReachWish(),), {}),
    "reach_losses.closed_lately": lambda _: ((), {}),
    "reach_losses.if_closed": lambda _: (("bank:none",), {}),
    "reach_sites.is_large": lambda _: ((ReachWish(),), {}),
    "reach_sites.propose": lambda _: ((ReachWish(mode="walk"), ReachSites()), {}),
    "coverage_views.cells": lambda _: ((CoverageWish(), "minutes"), {}),
    "coverage_views.choices": lambda _: ((CoverageWish(),), {}),
    "coverage_views.hours": lambda _: ((CoverageWish(), 1), {}),
    "coverage_export.export_cells": lambda _: (
        (CoverageWish(),),
        {"form": "csv", "purpose": "report"},
    ),
    "coverage_export.export_gaps": lambda _: (
        (CoverageWish(),),
        {"form": "csv", "purpose": "report"},
    ),
    "crew_area.ground": lambda _: ((NOW,), {}),
    "crew_area.why_dark": lambda s: ((s.ground(), NOW), {}),
    "crew_calls.number": lambda _: (("W-1",), {}),
    "crew_chores.chores": lambda s: ((s.ground(), NOW), {}),
    "crew_chores.tick": lambda _: (("unread:T-001",), {"is_done": True, "step_key": "access"}),
    "crew_day.day": lambda _: ((), {}),
    "crew_jobs.colleagues": lambda _: ((), {}),
    "crew_jobs.jobs": lambda _: ((), {}),
    "crew_steps.add_evidence": lambda _: (
        ({"kind": "note", "note": "seen", "order": "W-1", "key": "access"}, b"", None),
        {},
    ),
    "crew_steps.take": lambda _: (([],), {}),
    "crew_whose.ask": lambda _: (({"customer": NUMBER},), {}),
    "customers.card": _now(NUMBER),
    "doctor.back_up": lambda s: ((s.folder / f"copy-{s.actor.role}.duckdb",), {}),
    "doctor.examine": lambda _: ((), {}),
    "lake_export.export_lake": lambda s: ((s.folder / f"lake-{s.actor.role}",), {}),
    "draft_balance.weigh_draft": lambda s: ((s.draft(),), {}),
    "drafts.areas": lambda s: ((s.draft(),), {}),
    "drafts.begin": lambda _: (("a plan",), {}),
    "drafts.cells": lambda s: ((s.draft(),), {}),
    "drafts.free_area_id": lambda s: ((s.draft(),), {}),
    "drafts.resolution": lambda s: ((), {}),
    "drafts.seq": lambda s: ((s.draft(),), {}),
    "duties.assign": lambda _: ((Duty("E-01", "manager", "P2"),), {}),
    "duties.entered": lambda _: ((), {}),
    "duties.release": lambda s: ((s.given(),), {}),
    "export.export_cells": lambda _: (
        (),
        {"measure": "customers", "form": "csv", "now": NOW, "purpose": "report"},
    ),
    "export.export_layer": lambda s: (
        ("halls", s.folder / f"halls-{s.actor.role}.csv"),
        {"purpose": "report"},
    ),
    "export.note_picture": lambda _: (("map.png", 61), {"purpose": "report"}),
    "export.picture_stamp": lambda _: (("report",), {}),
    "fault_group_deeds.merge": lambda s: ((s.split_off(), s.split_off()), {}),
    "fault_group_deeds.move": lambda s: (([s.reported()], s.split_off()), {}),
    "fault_group_deeds.split": lambda s: (([s.reported()],), {}),
    "fault_group_deeds.undo": lambda s: (s.regrouped(), {}),
    "fault_reports.look": lambda _: ((ReportWish(customer_no=NUMBER),), {}),
    "fault_reports.overrule": lambda s: ((s.reported(), "crew_needed", "danger"), {}),
    "fault_reports.recent": lambda _: ((), {}),
    "fault_reports.register": lambda _: ((ReportWish(customer_no=NUMBER),), {}),
    "fault_reports.submit": lambda _: (([ReportWish(customer_no=NUMBER)],), {}),
    "hand_over.customers": lambda s: ((s.changes(),), {}),
    "hand_over.export_list": lambda s: (
        ("pairs", s.changes()),
        {"form": "csv", "purpose": "report"},
    ),
    "hand_over.export_list customers": lambda s: (
        ("customers", s.changes()),
        {"form": "csv", "purpose": "report"},
    ),
    "hand_over.notice": lambda s: ((s.changes(),), {}),
    "hand_over.pairs": lambda s: ((s.changes(),), {}),
    "hand_over.staff": lambda s: ((s.changes(),), {}),
    "jobs.ask_to_stop": lambda s: ((s.job(),), {}),
    "jobs.poll": lambda s: ((s.job(),), {}),
    "jobs.start": lambda _: (("test", lambda _tell: {}), {}),
    "load.load": lambda s: (("areas", [s.file("areas")], LoadChoice()), {}),
    "load.preview": lambda s: (("areas", [s.file("areas")], LoadChoice()), {}),
    "load.kinds_for": lambda _: ((), {}),
    "load.load visits": lambda s: (
        ("visits", [s.visits()], LoadChoice(mapping=ColumnMap(timezone="Asia/Shanghai"))),
        {},
    ),
    "load.load customers": lambda s: (
        ("customers", [s.file("customers")], LoadChoice(datum="wgs84")),
        {},
    ),
    "load.preview customers": lambda s: (
        ("customers", [s.file("customers")], LoadChoice(datum="wgs84")),
        {},
    ),
    "outage_closing.answered": lambda s: (("OUT-1", s.answer()), {}),
    "outage_closing.close": lambda s: ((s.outage(),), {"reason": "confirmed_elsewhere"}),
    "outage_closing.examine": lambda _: (("OUT-1",), {}),
    "outage_deeds.estimate": lambda _: (("OUT-1", NOW + timedelta(hours=2), "on_site"), {}),
    "outage_deeds.move": lambda s: ((s.outage("approved"), "notified"), {}),
    "outage_deeds.nest": lambda s: ((s.outage(), "OUT-1"), {}),
    "outage_deeds.news": lambda _: (("OUT-1", "searching"), {}),
    "outage_deeds.reopen": lambda s: ((s.outage("ended"),), {}),
    "outage_deeds.set_cause": lambda _: (("OUT-1", "树碰线"), {}),
    "outage_deeds.step": lambda _: (
        ("OUT-1", StepWish("restored", "customer:0000000041")),
        {},
    ),
    "outage_deeds.take_step_back": lambda s: ((s.stepped(),), {}),
    "outage_messages.export_messages": lambda _: ((), {"purpose": "report"}),
    "outage_messages.messages": lambda _: ((), {}),
    "outage_notices.export_list": lambda _: (("OUT-1",), {"form": "csv", "purpose": "report"}),
    "outage_notices.notices": lambda _: (("OUT-1",), {}),
    "outage_notices.rows": lambda _: (("OUT-1",), {}),
    "outage_story.story": lambda _: (("OUT-1",), {}),
    "outages.list_outages": lambda _: ((OutageWish(),), {}),
    "crew_attendance.export_day": lambda _: ((DAY,), {"form": "csv", "purpose": "other"}),
    "crew_attendance.hours": lambda _: ((), {}),
    "crew_attendance.of_day": lambda _: ((DAY,), {}),
    "crew_duties.go_off": lambda _: ((DutyStep("off"),), {}),
    "crew_duties.go_on": lambda _: ((DutyStep("on", told_of_tracks=True),), {}),
    "crew_duties.state": lambda _: ((), {}),
    "crew_fences.add": lambda s: ((s.fence(),), {}),
    "crew_fences.end": lambda s: ((s.fenced().fence_id,), {}),
    "crew_fences.events": lambda _: ((NOW - timedelta(days=1), NOW), {}),
    "crew_fences.listing": lambda _: ((), {}),
    "crew_fences.undo": lambda s: ((s.fenced(),), {}),
    "crew_positions.now_seen": lambda _: ((), {}),
    "crew_positions.store_positions": lambda _: (([],), {}),
    "crew_positions.track": lambda _: (("C0", NOW - timedelta(hours=1), NOW), {}),
    "shifts.add": lambda s: ((s.shift(),), {}),
    "shifts.cancel": lambda s: (("C0", s.shifted().starts_at), {}),
    "shifts.change": lambda s: (((one := s.shifted()).starts_at, one), {}),
    "shifts.roster": lambda _: ((NOW, NOW + timedelta(days=1)), {}),
    "shifts.undo": lambda s: ((shifts.add(s.db, LOADER, s.shift()),), {}),
    "overrides.add": lambda _: (
        (OverrideWish(Thing("transformer", "T-010"), "W-01", "the bridge is shut"),),
        {},
    ),
    "overrides.areas": lambda _: ((), {}),
    "overrides.end": lambda s: ((s.excepted(),), {}),
    "overrides.find": lambda _: (("T-010",), {}),
    "overrides.list_overrides": lambda _: ((), {}),
    "plan_areas.areas_of": lambda s: ((s.draft(),), {}),
    "plan_checks.excuse": lambda s: ((s.draft(), ("area_in_pieces", "W-01"), "an island"), {}),
    "plan_checks.findings": lambda s: ((s.draft(),), {}),
    "plan_comments.add": lambda s: ((s.draft(), "too far", s.cell), {}),
    "plan_comments.list_comments": lambda s: ((s.draft(),), {}),
    "plan_comments.settle": lambda s: (s.commented(), {}),
    "plan_diff.compare": lambda s: ((s.draft(),), {}),
    "order_deeds.direct": lambda s: ((s.order(), DeedWish("told", crew_id="C0")), {}),
    "order_deeds.possible": lambda s: ((s.order(),), {}),
    "order_deeds.progress": lambda s: ((s.order(), DeedWish("arrived")), {}),
    "order_deeds.undo": lambda s: ((s.urged(),), {}),
    "order_deeds.urge": lambda s: ((s.order(),), {}),
    "theft_models.approve": lambda s: ((1,), {}),
    "theft_models.keep": lambda s: ((s.folder / "none.model",), {}),
    "theft_learning.train": lambda _: ((), {}),
    "theft_models.list_models": lambda s: ((), {}),
    "theft_models.retire": lambda s: ((1, "drift"), {}),
    "work_orders.listing": lambda _: ((), {}),
    "work_orders.own": lambda _: ((), {}),
    "work_orders.story": lambda s: ((s.work_order(),), {}),
    "work_orders.counted": lambda s: ((work_orders.listing(s.db, LOADER),), {}),
    "work_order_moves.move": lambda s: ((s.work_order(), Step("urged")), {}),
    "work_order_moves.possible": lambda s: ((s.work_order(),), {}),
    "work_order_moves.undo": lambda s: ((s.nudged(),), {}),
    "work_order_cards.fill": lambda s: ((s.work_order("accepted"), CardWish(CARD, 0)), {}),
    "work_order_cards.card": lambda s: ((s.carded(),), {}),
    "work_order_cards.ask": lambda s: ((s.carded(),), {}),
    "work_order_cards.approve": lambda s: ((s.carded(asked=True),), {}),
    "work_order_cards.refuse": lambda s: ((s.carded(asked=True), "measures_missing"), {}),
    "work_order_evidence.add": lambda s: ((s.work_order(), EvidenceWish("note", note="dry")), {}),
    "work_order_evidence.content": lambda s: ((s.evidence(),), {}),
    "work_order_evidence.judge": lambda s: ((s.evidence(),), {"is_confirmed": True}),
    "work_order_parts.add": lambda s: ((s.work_order(), PartWish("FUSE-160")), {}),
    "work_order_wishes.make": lambda _: ((OrderWish("reconnect", customer_no=NUMBER),), {}),
    "work_order_wishes.make_of_reports": lambda s: (([s.order()],), {}),
    "work_order_wishes.link": lambda s: ((s.work_order(), s.work_order(), "follows"), {}),
    "work_order_wishes.unlink": lambda s: ((s.work_order(), s.work_order(), "follows"), {}),
    "work_order_crews.who_could": lambda s: ((s.work_order(),), {}),
    "work_order_crews.names": lambda _: ((), {}),
    "work_order_export.export_orders": lambda _: (
        (OrderFilter(),),
        {"form": "csv", "purpose": "report"},
    ),
    "promise_cells.cells": lambda _: (("place",), {}),
    "promise_history.export_history": lambda _: (
        (),
        {"first": DAY, "last": DAY, "by": "class", "form": "csv", "purpose": "report"},
    ),
    "promise_history.history": lambda _: ((DAY, DAY, "area"), {}),
    "promises.figures": lambda _: ((), {}),
    "promises.open_orders": lambda _: ((), {}),
    "promises.order": lambda s: ((s.order(),), {}),
    "dispatch_board.board": lambda _: ((), {}),
    "dispatch_board.candidates": lambda s: ((s.work(),), {}),
    "dispatch_board.send": lambda s: ((s.work(), "C0"), {}),
    "dispatch_plans.latest": lambda _: ((), {}),
    "dispatch_plans.plan": lambda s: ((), {"at": s.work() and None}),
    "dispatch_plans.take": lambda _: ((0,), {}),
    "dispatch_plans.undo": lambda _: ((0,), {}),
    "dispatch_replans.replan": lambda s: (([s.work()],), {}),
    "dispatch_simulations.crews_of": lambda _: ((DAY,), {}),
    "dispatch_simulations.latest": lambda _: ((), {}),
    "dispatch_simulations.simulate": lambda _: ((LineUp(DAY + timedelta(days=900)),), {}),
    "grabs.grab": lambda s: ((s.work(),), {}),
    "grabs.pool": lambda _: ((), {}),
    "promises.who_could": lambda s: ((s.order(),), {}),
    "plan_diff.compared_cells": lambda s: ((s.draft(), 1), {}),
    "plan_files.bring_in": lambda s: ((s.file("areas"), LoadChoice()), {"name": "brought"}),
    "plan_files.take_along": lambda s: (
        (s.draft(), s.folder / f"plan-{s.actor.role}.csv"),
        {"purpose": "report"},
    ),
    "plan_inbox.inbox": lambda _: ((), {}),
    "plan_inbox.take": lambda s: ((s.strays(), "Inbox"), {}),
    "plan_life.approve": lambda s: ((s.plan_in("submit"),), {}),
    "plan_life.deeds": lambda s: ((s.draft(),), {}),
    "outage_film.film": lambda _: ((outage_film.until_now(NOW, timedelta(hours=6)),), {}),
    "outage_export.export_outages": lambda _: (
        (outage_film.until_now(NOW, timedelta(hours=6)), Wish()),
        {"at": None, "form": "csv", "purpose": "report"},
    ),
    "plan_life.list_plans": lambda _: ((), {}),
    "plan_life.publish": lambda s: (
        (Term(s.plan_in("submit", "approve"), _later(s.actor.role)),),
        {},
    ),
    "inspection_plans.chosen": lambda _: ((), {}),
    "inspection_plans.order": lambda s: ((1, s.suspect()[:0].split()), {}),
    "inspection_plans.propose": lambda s: ((BudgetWish(2),), {"wish": s.suspect() and None}),
    "inspection_plans.undo": lambda _: ((99,), {}),
    "inspections.history": lambda _: ((), {}),
    "inspections.inspectors": lambda _: ((), {}),
    "inspections.enter": lambda s: (
        (s.suspect(), ResultWish("nobody_there", date(2026, 7, 15))),
        {},
    ),
    "inspections.standing": lambda _: ((), {}),
    "inspections.take_back": lambda _: (("IR-none",), {}),
    "reading_checks.check": lambda _: ((), {}),
    "reading_checks.may_check": lambda _: ((), {}),
    "reading_checks.latest": lambda _: ((), {}),
    "reading_exports.write": lambda s: (
        (pd.DataFrame({"name": []}), s.folder / "quality.csv", "maker"),
        {},
    ),
    "reading_figures.cells": lambda s: ((), {"wish": s.checked()}),
    "reading_figures.figures": lambda s: (("maker",), {"maker": s.checked()}),
    "reading_figures.level": lambda _: ((), {}),
    "reading_figures.makers": lambda _: ((), {}),
    "reading_figures.trend": lambda s: ((), {"maker": s.checked()}),
    "reading_review_steps.check": lambda s: (
        ([s.review()], CheckWish("accepted", "real_use")),
        {},
    ),
    "reading_review_steps.decide": lambda s: (([s.review(is_checked=True)],), {"agrees": True}),
    "reading_review_steps.enter": lambda s: ((doubt(f"M{s.town.numbers()[-1]}"),), {}),
    "reading_review_steps.take_back": lambda s: (([s.review(is_checked=True)],), {}),
    "reading_review_steps.withdraw": lambda s: (([s.review()],), {}),
    "reading_reviews.counted": lambda _: ((), {}),
    "reading_reviews.one": lambda s: ((s.review(),), {}),
    "reading_reviews.queue": lambda _: ((), {}),
    "feeder_losses.balance": lambda _: ((), {}),
    "feeder_losses.held": lambda _: ((), {}),
    "plan_life.reopen": lambda s: ((s.plan_in("withdraw"),), {}),
    "plan_life.roll_back": lambda _: ((1,), {}),
    "plan_life.send_back": lambda s: ((s.plan_in("submit"), "look again"), {}),
    "plan_life.submit": lambda s: ((s.draft(),), {}),
    "plan_life.withdraw": lambda s: ((s.draft(),), {}),
    "plan_print.note_print": lambda s: ((s.sheet(), "pdf", "report"), {}),
    "plan_print.sheet_of": lambda s: ((s.draft(), "report"), {}),
    "proposals.propose": lambda _: ((ProposalWish(2),), {}),
    "repairs.suggest": lambda s: ((s.draft(), RepairWish()), {}),
    "repairs.take": lambda s: (s.mended(), {}),
    "repairs.terms": lambda s: ((s.draft(),), {}),
    "post_sites.assume": lambda s: ((None, f"cell:{s.town.cells[10]}"), {"name": "Post"}),
    "post_sites.is_large": lambda _: ((CoverageWish(), SiteWish()), {}),
    "post_sites.propose": lambda _: ((CoverageWish(), SiteWish()), {}),
    "privacy.unmask": lambda _: ((NUMBER, "address", "visit"), {}),
    "remote_checks.check": lambda s: ((s.suspect(),), {}),
    "hall_forecasts.latest": lambda _: (("visits",), {}),
    "hall_forecasts.may_make": lambda _: ((), {}),
    "hall_forecasts.make": lambda _: ((lambda _done: None,), {}),
    "hall_staffing.staffing": lambda _: (("H1",), {}),
    "hall_devices.devices": lambda _: ((), {}),
    "hall_devices.availability": lambda _: (("maker",), {}),
    "hall_devices.load_effect": lambda _: ((), {}),
    "hall_device_deeds.report_fault": lambda s: ((s.device(), "paper"), {}),
    "hall_device_deeds.say_repaired": lambda s: ((s.device("faulty"),), {}),
    "hall_device_deeds.take_back": lambda s: ((s.own_word(),), {}),
    "hall_device_deeds.move": lambda s: ((s.device(), "H1", "spare"), {}),
    "hall_device_deeds.undo_move": lambda s: ((s.device("moved"),), {}),
    "hall_device_events.take": lambda s: (
        ([DeviceEvent("K1", s.device(), "beat", NOW)],),
        {},
    ),
    "hall_events.take": lambda _: (([VisitEvent("H0", "A1", "taken", NOW)],), {}),
    "hall_staff.enter": lambda _: ((_DUTY,), {}),
    "hall_staff.listing": lambda _: ((NOW, NOW + timedelta(hours=1)), {}),
    "hall_staff.remove": lambda s: ((s.hall_duty(),), {}),
    "hall_staff.staff": lambda _: ((), {}),
    "hall_tallies.day": lambda _: ((), {}),
    "hall_tallies.take": lambda _: (([Tap("K1", "H0", "enquiry")],), {}),
    "halls.alternatives": lambda _: (("H0",), {}),
    "halls.board": lambda _: ((), {}),
    "halls.day": lambda _: (("H0", date(2026, 7, 16)), {}),
    "halls.repeats": lambda _: ((), {}),
    "halls.told_span": lambda _: ((), {}),
    "halls.uncounted": lambda _: ((), {}),
    "halls.week": lambda _: ((None, "load"), {}),
    "hall_load.hour_load": lambda _: ((None, NOW - timedelta(days=1), NOW), {}),
    "province.figures": lambda _: ((), {}),
    "province.ground": lambda _: ((), {}),
    "province.totals": lambda s: ((s.facts().first, province_town.DAY), {}),
    "province.nowhere": lambda s: ((s.facts().first, province_town.DAY), {}),
    "province.cells": lambda s: ((s.facts(), 9, [ancestor(s.cell, 5)]), {}),
    "province.cells loss": lambda s: ((s.facts("loss_kwh"), 9, [ancestor(s.cell, 5)]), {}),
    "province.sample": lambda s: ((s.facts(),), {}),
    "province.card": lambda s: ((s.cell, s.facts().first, province_town.DAY), {}),
    "province_load.look": lambda s: ((s.facts() and s.folder / "facts",), {}),
    "province_load.load": lambda s: ((s.facts() and s.folder / "facts",), {}),
    "reliability.figures": lambda _: ((_AREAS_IN_JULY,), {}),
    "reliability.names": lambda _: (("area",), {}),
    "reliability_export.export_reliability": lambda _: (
        (_AREAS_IN_JULY,),
        {"form": "csv", "purpose": "report"},
    ),
    "reliability_export.save": lambda s: (
        (_AREAS_IN_JULY, s.folder / "reliability.csv"),
        {"purpose": "report"},
    ),
    "reliability_places.cells": lambda _: ((_AREAS_IN_JULY, "saidi"), {}),
    "reliability_places.frequent_customers": lambda _: ((_AREAS_IN_JULY, "E-01"), {}),
    "reliability_places.place_at": lambda _: ((_AREAS_IN_JULY, 0), {}),
    "theft_balance.balance": lambda _: ((), {}),
    "theft_scores.score": lambda _: ((), {}),
    "theft_exports.check_may": lambda _: ((), {}),
    "theft_exports.note": lambda _: (("customer_scores", 1), {}),
    "theft_exports.write": lambda s: (
        (pd.DataFrame({"score": []}), s.folder / "scores.csv", "customer_scores"),
        {},
    ),
    "reliability_places.story": lambda _: ((_AREAS_IN_JULY, "E-01"), {}),
    "retention.list_rules": lambda _: ((), {}),
    "retention.run": lambda _: ((), {"now": real_now()}),
    "retention.set_days": lambda _: (("jobs", 100), {}),
    "sample.build_sample": lambda _: (
        (),
        {"customers": 300, "seed": 1, "end": date(2026, 7, 16)},
    ),
    "search.find": lambda _: ((NUMBER,), {"datum": "wgs84", "now": NOW}),
    "service_map.areas": _now(),
    "service_map.cells": lambda _: ((), {"measure": "customers", "now": NOW}),
    "service_map.cells_in_scope": lambda _: (
        (),
        {"scope": "all", "measure": "customers", "now": NOW},
    ),
    "service_map.figures": _now(),
    "service_map.list_measures": lambda _: ((), {}),
    "service_map.places": _now(),
    "service_map.units": lambda _: ((), {}),
    "sessions.change_password": lambda _: (
        (PASSWORD, "another Long word 7"),
        {"at": real_now()},
    ),
    "sessions.end_session": lambda s: ((s.session(),), {}),
    "sessions.list_sessions": lambda _: ((), {}),
    "sessions.sign_out_user": lambda s: ((s.actor.id.removeprefix("user:"),), {}),
    "area_halves.halve": lambda s: ((s.stroke(), s.own_area, Area("N-03", "New")), {}),
    "sketches.sketch": lambda s: ((s.draft(), ProposalWish(0)), {}),
    "sketches.take": lambda s: (s.sketched(), {}),
    "strokes.lock_cells": lambda s: ((s.stroke(),), {"locked": True}),
    "strokes.paint": lambda s: ((s.stroke(),), {}),
    "strokes.redo": lambda s: ((s.stroke(),), {}),
    "strokes.since": lambda s: ((s.draft(), 0), {}),
    "strokes.undo": lambda s: ((s.stroke(),), {}),
    "today.lines": _now(),
    "tokens.issue": lambda _: (("town-hotline",), {"days": 1}),
    "unit_figures.figures": lambda s: ((), {"basis": "cell", "units": s.units(), "now": NOW}),
    "unit_figures.prepared": lambda s: ((), {"basis": "cell", "units": s.units(), "now": NOW}),
    "units.levels": lambda _: ((), {}),
    "units.names": lambda _: ((), {}),
    "theft_hotspots.found": lambda s: ((), {"wish": s.suspect() and None}),
    "theft_hotspots.level": lambda _: ((), {}),
    "theft_hotspots.runs": lambda _: ((), {}),
    "theft_pack.pack_of": lambda s: ((s.suspect(), "report"), {}),
    "theft_suspects.listing": lambda s: ((), {"wish": s.suspect() and None}),
    "theft_suspects.losses": lambda s: ((["T-001"],), {"run_id": s.suspect() and None}),
    "theft_suspects.story": lambda s: ((s.suspect(),), {}),
    "crew_results.enter": lambda _: (
        ("WO-none", PhoneResult("cleared", (), "", 0, 0, None, None)),
        {},
    ),
    "crew_results.inspectors": lambda _: ((), {}),
    "theft_trends.over_runs": lambda s: ((s.suspect() and HotspotWish(),), {}),
    "theft_suspects.tally": lambda s: ((), {"wish": s.suspect() and None}),
    "theft_suspects.transformers": lambda s: ((), {"run_id": s.suspect() and None}),
    "users.add_user": lambda s: ((users.UserWish("new", "New", "analyst"),), {}),
    "users.change_user": lambda s: (
        (s.stranger("other1"), users.UserWish("other1", "Other", "planner")),
        {},
    ),
    "users.list_users": lambda _: ((), {}),
    "users.my_account": lambda _: ((), {}),
    "users.crews": lambda _: ((), {}),
    "users.of_login": lambda _: (("manager",), {}),
    "users.one": lambda _: (("town-manager",), {}),
    "users.reset_password": lambda s: ((s.stranger("other2"),), {}),
    "users.set_active": lambda s: ((s.stranger("other3"), False), {}),
    "what_if.add_place": lambda s: (
        (s.draft(), "bank"),
        {"name": "New", "at": s.point(10)},
    ),
    "what_if.close_place": lambda s: ((s.draft(), ("hall", "H1")), {}),
    "what_if.list_assumed": lambda s: ((s.assuming(),), {}),
    "what_if.list_places": lambda s: ((s.draft(), "hall"), {}),
    "what_if.move_place": lambda s: ((s.draft(), ("hall", "H1"), s.point(10)), {}),
    "what_if.settle": lambda s: ((s.assuming(), ("hall", "H1")), {}),
    "what_if.take_back": lambda s: ((s.assuming(),), {}),
    "what_if_reach.reach_changes": lambda s: ((s.assuming(),), {}),
    "whose.whose": lambda s: ((), {"at": s.town.places[10][::-1]}),
}

LAST = (
    "batches.undo",  # of the newest load, which is the readings
    "plan_life.publish",
    "plan_life.roll_back",
    "plan_inbox.take",
    "load.load visits",
    "load.load",
    "load.load customers",
    "sessions.change_password",
    "sessions.sign_out_user",
)
"""Calls after which the sample or the actor's own account is no longer what it was."""

EXPECTED_ERRORS = {
    "reach_losses.if_closed": "reach_point_unknown",
    "hall_forecasts.make": "forecast_too_short",
    "crew_calls.number": "order_not_yours",
    "theft_learning.train": "theft_inspections_few",
    "theft_models.approve": "theft_model_unknown",
    "theft_models.keep": "file_missing",
    "theft_models.retire": "theft_model_unknown",
    "crew_chores.tick": "crew_none",
    "crew_steps.add_evidence": "work_order_unknown",
    "crew_results.enter": "work_order_unknown",
    **dict.fromkeys(
        (
            "crew_duties.go_off", "crew_duties.go_on", "crew_duties.state",
            "crew_positions.store_positions",
        ),
        "duty_no_crew",
    ),
    "inspection_plans.order": "inspection_none_ticked",
    "inspection_plans.undo": "inspection_plan_unknown",
    "inspections.take_back": "inspection_unknown",
    "remote_checks.check": "remote_check_off",
    "sample.build_sample": "sample_needs_empty",
    **dict.fromkeys(
        ("theft_balance.balance", "theft_scores.score", "feeder_losses.balance"), "theft_few_days"
    ),
    "what_if.settle": "what_if_not_real",
    "dispatch_simulations.simulate": "dispatch_day_ahead",
    "dispatch_plans.take": "dispatch_run_unknown",
    "dispatch_plans.undo": "dispatch_run_unknown",
    "grabs.grab": "grab_no_crew",
}  # fmt: skip
"""What a call meets after its permission was found good."""

MET_BY_CREWS = {
    "crew_chores.tick": "chore_unknown",
    "crew_duties.go_off": "duty_not_on",
    "crew_duties.go_on": "done",
    "crew_duties.state": "done",
    "crew_positions.store_positions": "done",
    "grabs.grab": "done",
}
"""What of these somebody meets who works with a crew."""
