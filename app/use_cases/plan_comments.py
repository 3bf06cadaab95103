"""What is said of a plan while it is drawn and reviewed, pinned to its cells."""

import uuid
from typing import Final

import pandas as pd

from app.store import audit
from app.store import plan_life as store
from app.store.database import Connection, Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.drafts import sight
from app.use_cases.plan_life import state_of
from grid_cells.errors import UserError

LONGEST_TEXT: Final = 2000


@needs("see_plans")
def add(db: Database, actor: Actor, plan_id: int, text: str, cell_id: int | None = None) -> str:
    """Id of a new comment on a plan, pinned to a cell where one is given."""
    cleaned = text.strip()[:LONGEST_TEXT]
    if not cleaned:
        raise UserError("comment_empty")
    said = {
        "comment_id": uuid.uuid4().hex, "plan_id": plan_id, "cell_id": cell_id,
        "made_at": real_now(), "actor": actor.id, "text": cleaned,
    }  # fmt: skip

    def change(connection: Connection) -> None:
        state_of(connection, plan_id)
        store.add_comment(connection, said)
        _record(connection, actor, plan_id, "plan_commented")

    db.write(change)
    return str(said["comment_id"])


@needs("draw_plans")
def settle(db: Database, actor: Actor, plan_id: int, comment_id: str) -> None:
    """Note that a comment was dealt with."""
    if comment_id not in set(list_comments(db, actor, plan_id)["comment_id"]):
        raise UserError("comment_gone")

    def change(connection: Connection) -> None:
        store.settle_comment(connection, comment_id, actor=actor.id, at=real_now())
        _record(connection, actor, plan_id, "plan_comment_settled")

    db.write(change)


@needs("see_plans")
def list_comments(db: Database, actor: Actor, plan_id: int) -> pd.DataFrame:
    """Comments on a plan within the person's sight, oldest first.

    comment_id, cell_id (0 where none), made_at, actor, actor_name, text, settled_at.
    """
    held = store.comments(db.whole.read(), plan_id)
    work = studio.of_plan(db, plan_id)
    seen = sight(db, actor, work).cells
    if seen is None:
        return held
    cells = {0, *work.book.cells[seen].tolist()}
    return held[held["cell_id"].isin(cells)].reset_index(drop=True)


def _record(connection: Connection, actor: Actor, plan_id: int, event: str) -> None:
    audit.record(connection, actor.id, event, at=real_now(), subject=f"plan:{plan_id}", detail={})
