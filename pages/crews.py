"""Crews: where they are and who is on duty, how they kept their shifts, whom they reach in time."""

from app.widgets import (
    coverage,
    crews_attendance,
    crews_positions,
    crews_view,
    empty,
    errors,
    session,
)

VIEWS = {
    "positions": crews_positions.show,
    "attendance": crews_attendance.show,
    "coverage": coverage.show,
}


if not empty.shown(session.database()):
    with errors.kindly():
        VIEWS[crews_view.PARTS.chosen()]()
