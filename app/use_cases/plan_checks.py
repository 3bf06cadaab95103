"""What speaks against a plan: told, excused with a reason, and held against publishing it."""

from dataclasses import dataclass

from app.store import audit, plan_life
from app.store.database import Connection, Database
from app.use_cases import studio
from app.use_cases.access import needs
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from app.use_cases.draft_balance import exceptions, weigh_draft
from app.use_cases.what_if import check_none
from grid_cells.errors import UserError
from grid_cells.plan_rules import PLACES_ASSUMED, Problem, may_publish


@dataclass(frozen=True)
class Finding:
    """One problem with the area it is about, and whether a reason excuses it."""

    problem: Problem
    area_id: str
    area: str
    is_excused: bool


@needs("see_plans")
def findings(db: Database, actor: Actor, plan_id: int) -> list[Finding]:
    """Everything that speaks against a draft, what forbids publishing it first."""
    weighed = weigh_draft(db, actor, plan_id)
    excused = exceptions(db, plan_id)
    found = []
    for one in weighed.judged.problems:
        area = None if one.area is None else weighed.areas[one.area]
        about = "" if area is None else area.area_id
        name = "" if area is None else area.name
        found.append(Finding(one, about, name, (one.code, about) in excused))
    return sorted(found, key=lambda one: one.problem.level != "no")


@needs("draw_plans")
def excuse(db: Database, actor: Actor, plan_id: int, finding: tuple[str, str], reason: str) -> None:
    """Let a plan break a rule (its code and the area's id, empty for none) for a stated reason."""
    if not reason.strip():
        raise UserError("plan_needs_reason")
    rule, area_id = finding
    if rule == PLACES_ASSUMED:
        check_none(db, plan_id)
    stated = {
        "plan_id": plan_id, "area_id": area_id, "rule": rule, "reason": reason.strip()[:500],
        "actor": actor.id, "made_at": real_now(),
    }  # fmt: skip

    def change(connection: Connection) -> None:
        studio.check_open(connection, plan_id)
        plan_life.add_exception(connection, stated)
        audit.record(
            connection, actor.id, "plan_rule_excused", at=real_now(), subject=f"plan:{plan_id}",
            detail={"rule": rule, "area": area_id},
        )  # fmt: skip

    db.write(change)


def check_publishable(db: Database, actor: Actor, plan_id: int) -> None:
    """Raise UserError where a plan may not be published.

    `what_if_stands` while it assumes halls, banks or crew bases that are not there,
    `plan_has_problems` where a rule forbids it.
    """
    check_none(db, plan_id)
    problems = weigh_draft(db, actor, plan_id).judged.problems
    if not may_publish(problems):
        against = [one for one in problems if one.level == "no"]
        raise UserError(
            "plan_has_problems", count=len(against), customers=sum(o.customers for o in against)
        )
