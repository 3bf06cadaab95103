"""The signs of outages as the map draws them, for legends."""

import base64
from typing import Final

from app.widgets import plain, session
from app.widgets import words_of as naming

# as in static/outage_signs.js: the rim in a box of 24 around the middle, and its colour
SIGNS: Final = {
    "fault": ("M0 -11.5L12 9.5H-12z", "#8b1e1e"),
    "planned": ("M-10 -10H10V10H-10z", "#1d5fa8"),
    "urgent": ("M0 -12.5L12.5 0 0 12.5-12.5 0z", "#9a6300"),
    "customer": ("M0 -10.5a10.5 10.5 0 1 0 0.01 0z", "#4d6a63"),
    "load_limit": ("M-6 -10.4H6L12 0 6 10.4H-6L-12 0z", "#5b3a86"),
}
_BOLT: Final = "M1.1 -5.6L-4.1 1.5h3.1L-1.7 7.2 4.7 -0.9H1.3L2.3 -5.6z"


def sign(kind: str) -> str:
    """The sign of a kind as a small picture."""
    rim, colour = SIGNS.get(kind, SIGNS["fault"])
    drawn = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-13 -13 26 26">'
        f'<path d="{rim}" fill="{colour}"/><path d="{_BOLT}" fill="#fff"/></svg>'
    )
    data = base64.b64encode(drawn.encode()).decode()
    return f'<img alt="" src="data:image/svg+xml;base64,{data}">'


def legend() -> str:
    """Every kind with its sign, and what a number and a gold dot stand for."""
    signs = "".join(
        f"<li>{sign(kind)}<span>{plain.escaped(naming.value('kind', kind))}</span></li>"
        for kind in SIGNS
    )
    crowd = plain.escaped(session.say("outages_sign_crowd"))
    dot = plain.escaped(session.say("outages_sign_important"))
    return (
        f'<ul class="gc-signs">{signs}'
        f'<li><b class="gc-crowd">7</b><span>{crowd}</span></li>'
        f'<li><i class="gc-dot"></i><span>{dot}</span></li></ul>'
    )
