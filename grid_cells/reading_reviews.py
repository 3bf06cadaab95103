"""How a reading in doubt becomes an accepted or a corrected one: by steps, and by two persons."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grid_cells.errors import UserError

ENTERED: Final = "entered"
CHECKED: Final = "checked"
ACCEPTED: Final = "accepted"
CORRECTED: Final = "corrected"
WITHDRAWN: Final = "withdrawn"
TAKEN_BACK: Final = "taken_back"
STATES: Final = (ENTERED, CHECKED, ACCEPTED, CORRECTED, WITHDRAWN)
VERDICTS: Final = (ACCEPTED, CORRECTED)
BY_HAND: Final = "hand"
BY_RULES: Final = "rules"
MOST_KWH: Final = 1e7
LONGEST_NOTE: Final = 300

_FROM: Final = {
    CHECKED: (ENTERED, CHECKED),
    ACCEPTED: (CHECKED,),
    CORRECTED: (CHECKED,),
    WITHDRAWN: (ENTERED, CHECKED),
}


@dataclass(frozen=True)
class Standing:
    """Where a review stands: its state, who entered it and how, who checked it."""

    review_id: int
    state: str
    entered_by: str
    entered_how: str
    checked_by: str | None = None


def check_step(standing: Standing, step: str, by: str, *, has_values: bool) -> None:
    """Raise where a step does not follow, or where the same person would have decided alone.

    UserError `review_not_now` (the state does not allow it), `review_same_person` (who entered it
    by hand or checked it may not decide), `review_no_values` (nothing was proposed to correct by).
    """
    if step == TAKEN_BACK:
        return
    if standing.state not in _FROM[step]:
        raise UserError("review_not_now", review=standing.review_id, state=standing.state)
    if step not in VERDICTS:
        return
    hands = {standing.checked_by}
    if standing.entered_how == BY_HAND:
        hands.add(standing.entered_by)
    if by in hands:
        raise UserError("review_same_person", review=standing.review_id)
    if step == CORRECTED and not has_values:
        raise UserError("review_no_values", review=standing.review_id)


def check_values(values: Iterable[float]) -> None:
    """Raise UserError `review_value_unreadable` where a day's kWh is no plausible number."""
    for value in values:
        if not math.isfinite(value) or abs(value) > MOST_KWH or value < 0:
            raise UserError("review_value_unreadable", most=int(MOST_KWH))
