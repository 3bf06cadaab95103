"""Which part of the page of theft hotspots is open."""

from typing import Final

from app.use_cases.access import may
from app.widgets import session
from app.widgets.page_parts import PageParts

PAGE: Final = "theft_hotspots"
VIEWS: Final = ("map", "inspections", "models")


def parts() -> PageParts:
    """The parts for this person: models are for those who make runs."""
    offered = VIEWS if may(session.actor(), "run_theft") else VIEWS[:-1]
    return PageParts(PAGE, "theft_view", offered)
