"""Which part of the page of halls is open."""

from typing import Final

from app.use_cases import access
from app.widgets import session
from app.widgets.page_parts import PageParts

PAGE: Final = "halls"
_PARTS: Final = ("now", "day", "week", "forecast", "repeats", "devices", "tally", "duty")
_NEEDS: Final = {"tally": "tally_visits"}


def parts() -> PageParts:
    """The parts that the person may use."""
    actor = session.actor()
    open_to = [one for one in _PARTS if one not in _NEEDS or access.may(actor, _NEEDS[one])]
    return PageParts(PAGE, "halls_view", tuple(open_to))
