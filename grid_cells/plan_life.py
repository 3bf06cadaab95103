"""The life of a service plan: its states, who may move it on, and which plan is in force when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from grid_cells.errors import UserError

DRAFT, REVIEW, APPROVED = "draft", "review", "approved"
PUBLISHED, RETIRED, WITHDRAWN = "published", "retired", "withdrawn"

MOVES: Final[dict[tuple[str, str], str]] = {
    (DRAFT, "submit"): REVIEW,
    (REVIEW, "send_back"): DRAFT,
    (REVIEW, "approve"): APPROVED,
    (APPROVED, "send_back"): DRAFT,
    (APPROVED, "publish"): PUBLISHED,
    (DRAFT, "withdraw"): WITHDRAWN,
    (REVIEW, "withdraw"): WITHDRAWN,
    (APPROVED, "withdraw"): WITHDRAWN,
    (WITHDRAWN, "reopen"): DRAFT,
    (PUBLISHED, "retire"): RETIRED,
}
"""State and deed, and the state that follows; what is not here cannot be done."""


@dataclass(frozen=True)
class Term:
    """When a published plan is in force: from `begins` (None = always) until `ends` (None = open).

    Of several plans at one moment the one that began last is in force, so that a temporary plan
    stands before the former one and gives way to it when it ends.
    """

    plan_id: int
    begins: datetime | None = None
    ends: datetime | None = None


def move(state: str, deed: str) -> str:
    """The state after a deed; raises UserError `plan_cannot` where the state does not allow it."""
    if (state, deed) not in MOVES:
        raise UserError("plan_cannot", deed=deed, state=state)
    return MOVES[state, deed]


def deeds_of(state: str) -> tuple[str, ...]:
    """What can be done with a plan in that state."""
    return tuple(deed for held, deed in MOVES if held == state)


def check_approver(actor: str, drawers: Collection[str]) -> None:
    """Raise UserError `plan_own_approval` where the one who approves has drawn the plan too."""
    if actor in drawers:
        raise UserError("plan_own_approval")


def in_force(terms: Sequence[Term], at: datetime) -> int | None:
    """Number of the plan in force at that moment, None where there is none."""
    holding = [t for t in terms if _holds(t, at)]
    return max(holding, key=_beginning).plan_id if holding else None


def span(terms: Sequence[Term], at: datetime) -> tuple[datetime | None, datetime | None]:
    """Since when and until when the plan of that moment is in force without a break.

    None = since ever, and for good as far as is known.
    """
    held = in_force(terms, at)
    edges = sorted({edge for t in terms for edge in (t.begins, t.ends) if edge is not None})
    since = None
    for edge in reversed([edge for edge in edges if edge <= at]):
        since = edge
        if in_force(terms, edge - timedelta(microseconds=1)) != held:
            break
    else:
        since = None
    until = next((e for e in edges if e > at and in_force(terms, e) != held), None)
    return since, until


def stage(terms: Sequence[Term], plan_id: int, now: datetime) -> str:
    """Where a published plan stands: coming, in_force, resting or retired.

    A plan rests while a temporary one stands before it.
    """
    own = next(t for t in terms if t.plan_id == plan_id)
    if own.begins is not None and own.begins > now:
        return "coming"
    if in_force(terms, now) == plan_id:
        return "in_force"
    later = [e for t in terms for e in (t.begins, t.ends) if e is not None and e > now]
    return "resting" if any(in_force(terms, edge) == plan_id for edge in later) else RETIRED


def check_term(terms: Sequence[Term], new: Term, *, now: datetime) -> None:
    """Raise UserError where a plan cannot be published for that time.

    `plan_ends_early`: it would end before it begins; `plan_begins_in_past`: answers already given
    would change; `plan_same_moment`: another plan begins at that very moment.
    """
    if new.begins is not None and new.begins < now:
        raise UserError("plan_begins_in_past", begins=new.begins)
    if new.ends is not None and new.ends <= (new.begins or now):
        raise UserError("plan_ends_early", ends=new.ends)
    if any(t.begins == new.begins for t in terms):
        raise UserError("plan_same_moment", begins=new.begins)


def roll_back(terms: Sequence[Term], to: int, at: datetime) -> tuple[list[int], bool]:
    """How an earlier plan comes back from `at` on: plans never to begin, and whether to copy it.

    Published plans that had not begun are withdrawn. Where the wanted plan is not in force then,
    a copy of it is published: a term that is over stays over, so that the past stays answerable.
    Raises UserError `plan_not_published`, and `plan_in_force` where nothing would change.
    """
    if to not in {t.plan_id for t in terms}:
        raise UserError("plan_not_published", plan=to)
    coming = [t.plan_id for t in terms if t.begins is not None and t.begins > at]
    left = [t for t in terms if t.plan_id not in coming]
    needs_copy = in_force(left, at) != to
    if not coming and not needs_copy:
        raise UserError("plan_in_force", plan=to)
    return coming, needs_copy


def _holds(term: Term, at: datetime) -> bool:
    return (term.begins is None or term.begins <= at) and (term.ends is None or at < term.ends)


def _beginning(term: Term) -> tuple[bool, float]:
    return term.begins is not None, 0.0 if term.begins is None else term.begins.timestamp()
