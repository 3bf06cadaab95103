"""Models of suspicion in the store: kept, approved by a second person, live, retired."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from app.store import audit, theft_runs, users
from app.store import theft_models as store
from app.store.database import Connection, Database
from app.store.theft_models import ModelRow
from app.use_cases import roles
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import now as clock_now
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from grid_cells.theft_model_file import digest, pack
from loaders.theft_model_files import read_model

State = Literal["waiting", "live", "retired"]
REASONS: Final = ("superseded", "drift", "worse_than_expected", "wrong_data", "rejected")
_PERMISSION: Final = "run_theft"


@dataclass(frozen=True)
class Drift:
    """How far the customers of a run lay from training: population stability index of the score,
    its grade, and of how many features it is large.
    """  # noqa: D205

    run_id: int
    made_at: datetime
    score: float
    grade: str
    large: int


@dataclass(frozen=True)
class ModelCard:
    """A model as it is listed: its state, its card, and who did what when.

    drifts: of its runs, the latest first; kept_by, approved_by, retired_by: names where they are
    users', else their ids; None: nobody yet.
    """

    model_id: int
    name: str
    state: State
    card: dict[str, Any]
    row: ModelRow
    drifts: tuple[Drift, ...] = ()
    kept_by: str | None = None
    approved_by: str | None = None
    retired_by: str | None = None


def state_of(row: ModelRow) -> State:
    """Waiting for approval, live, or retired (also when it never was approved)."""
    if row.retired_at is not None:
        return "retired"
    return "live" if row.approved_at is not None else "waiting"


@needs(_PERMISSION)
def list_models(db: Database, actor: Actor) -> list[ModelCard]:  # noqa: ARG001 - checked by needs
    """All models, the newest first."""
    rows = store.every(db)
    people = {
        who for one in rows for who in (one.trained_by, one.approved_by, one.retired_by) if who
    }
    names = {who: who for who in people} | users.names(db.whole.read(), sorted(people))
    drifts = _drifts(db)
    return [
        ModelCard(
            row.model_id, row.name, state_of(row), json.loads(row.card), row,
            tuple(drifts.get(row.model_id, ())),
            *(names.get(who or "") for who in (row.trained_by, row.approved_by, row.retired_by)),
        )
        for row in rows
    ]  # fmt: skip


def _drifts(db: Database) -> dict[int, list[Drift]]:
    found: dict[int, list[Drift]] = {}
    for row in theft_runs.drifts(db.whole.read(), clock_now(db)).to_dict("records"):
        told = json.loads(row["drift"])
        at = row["made_at"].to_pydatetime()
        one = Drift(int(row["run_id"]), at, told["score"], told["grade"], told["large"])
        found.setdefault(int(row["model_id"]), []).append(one)
    return found


@needs(_PERMISSION, whole=True)
def keep(db: Database, actor: Actor, source: Path) -> int:
    """Number of the model of a file, kept as waiting for approval; the same file is kept once.

    Raises UserError `theft_model_invalid`, `theft_model_kept` (number).
    """
    model = read_model(source)
    content = pack(model)
    sha256, at = digest(content), real_now()
    row = {
        "name": source.stem, "trained_at": at, "trained_by": actor.id, "content": content,
        "card": json.dumps(dict(model.card), ensure_ascii=False), "sha256": sha256,
    }  # fmt: skip

    def change(connection: Connection) -> int:
        known = store.by_digest(connection, sha256)
        if known is not None:
            raise UserError("theft_model_kept", number=known)
        number = store.add(connection, row)
        _record(connection, actor, "theft_model_kept", number, at=at)
        return number

    return db.write(change)


@needs(_PERMISSION, whole=True)
def approve(db: Database, actor: Actor, model_id: int) -> None:
    """Put a model live; the one that was live until now is retired.

    Raises UserError `theft_model_unknown`, `theft_model_not_waiting`, and `theft_model_own` for who
    kept it while somebody else has the right.
    """

    def change(connection: Connection) -> None:
        row = _known(connection, model_id)
        if state_of(row) != "waiting":
            raise UserError("theft_model_not_waiting", number=model_id)
        if row.trained_by == actor.id and store.has_others(connection, _who_may(), actor.id):
            raise UserError("theft_model_own")
        at = real_now()
        before = store.live(connection)
        if before is not None:
            store.retire(connection, before[0], at=at, by=actor.id, reason_code="superseded")
            _record(connection, actor, "theft_model_retired", before[0], at=at, reason="superseded")
        store.approve(connection, model_id, at=at, by=actor.id)
        _record(connection, actor, "theft_model_approved", model_id, at=at)

    db.write(change)


@needs(_PERMISSION, whole=True)
def retire(db: Database, actor: Actor, model_id: int, reason_code: str) -> None:
    """Take a model out of use, or refuse one that waits; its file and card stay.

    Raises UserError `theft_model_unknown`, `theft_model_retired`, `theft_model_reason`.
    """
    if reason_code not in REASONS:
        raise UserError("theft_model_reason", known=", ".join(REASONS))

    def change(connection: Connection) -> None:
        if state_of(_known(connection, model_id)) == "retired":
            raise UserError("theft_model_retired", number=model_id)
        at = real_now()
        store.retire(connection, model_id, at=at, by=actor.id, reason_code=reason_code)
        _record(connection, actor, "theft_model_retired", model_id, at=at, reason=reason_code)

    db.write(change)


def _known(connection: Connection, model_id: int) -> ModelRow:
    row = store.by_id(connection, model_id)
    if row is None:
        raise UserError("theft_model_unknown", number=model_id)
    return row


def _who_may() -> list[str]:
    return [role for role, held in roles.permissions_by_role().items() if _PERMISSION in held]


def _record(
    connection: Connection, actor: Actor, event: str, number: int, *, at: datetime, **detail: str
) -> None:
    audit.record(connection, actor.id, event, at=at, subject=f"theft_model:{number}", detail=detail)
