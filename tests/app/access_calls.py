"""How each use case is called in the access table's test: arguments that work where it may run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.store.database import Database
from app.use_cases import audit, batches, hand_over, jobs, sessions, users
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.consequences import Drawing
from app.use_cases.load import LoadChoice
from grid_cells.cells import hex_to_cells
from grid_cells.drafts import Area
from tests.conftest import LOADER, NOW, PASSWORD, LittleTown

NUMBER = "0000000041"


@dataclass(frozen=True)
class Scene:
    """What a call may be made of."""

    db: Database
    actor: Actor
    town: LittleTown
    folder: Path

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

    def stranger(self, login: str) -> str:
        """A user to be managed."""
        wish = users.UserWish(login, "Somebody", "analyst")
        return users.add_user(self.db, LOADER, wish)[0]

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

    def changes(self) -> hand_over.Changes:
        """A transformer that changes area."""
        frame = pd.DataFrame({"unit": ["T-010"], "old_area": ["W-01"], "new_area": ["E-01"]})
        return hand_over.Changes(frame, "transformer", NOW)

    def batch(self) -> int:
        """The newest load, which may be taken back."""
        return int(batches.list_batches(self.db, LOADER)["batch_id"].max())


Call = Callable[[Scene], tuple[tuple[Any, ...], dict[str, Any]]]


def _now(*given: Any) -> Call:
    return lambda _scene: (given, {"now": NOW})


def _query(_scene: Scene) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (audit.AuditQuery(),), {}


CALLS: dict[str, Call] = {
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
    "customers.card": _now(NUMBER),
    "doctor.back_up": lambda s: ((s.folder / f"copy-{s.actor.role}.duckdb",), {}),
    "doctor.examine": lambda _: ((), {}),
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
    "load.load customers": lambda s: (
        ("customers", [s.file("customers")], LoadChoice(datum="wgs84")),
        {},
    ),
    "load.preview customers": lambda s: (
        ("customers", [s.file("customers")], LoadChoice(datum="wgs84")),
        {},
    ),
    "privacy.unmask": lambda _: ((NUMBER, "address", "visit"), {}),
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
    "today.lines": _now(),
    "unit_figures.figures": lambda s: ((), {"basis": "cell", "units": s.units(), "now": NOW}),
    "unit_figures.prepared": lambda s: ((), {"basis": "cell", "units": s.units(), "now": NOW}),
    "units.names": lambda _: ((), {}),
    "users.add_user": lambda s: ((users.UserWish("new", "New", "analyst"),), {}),
    "users.change_user": lambda s: (
        (s.stranger("other1"), users.UserWish("other1", "Other", "planner")),
        {},
    ),
    "users.list_users": lambda _: ((), {}),
    "users.my_account": lambda _: ((), {}),
    "users.of_login": lambda _: (("manager",), {}),
    "users.one": lambda _: (("town-manager",), {}),
    "users.reset_password": lambda s: ((s.stranger("other2"),), {}),
    "users.set_active": lambda s: ((s.stranger("other3"), False), {}),
    "whose.whose": lambda s: ((), {"at": s.town.places[10][::-1]}),
}

LAST = ("load.load", "load.load customers", "sessions.change_password", "sessions.sign_out_user")
"""Calls after which the sample or the actor's own account is no longer what it was."""

EXPECTED_ERRORS = {"sample.build_sample": "sample_needs_empty"}
"""What a call meets after its permission was found good."""
