"""The files of the crew's phone page: its shell, its words, its service worker, its manifest."""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from app import language, shell_worker
from app.assets import STATIC, VENDOR

SHELL: Final = "/crew"
OWN: Final = "/crew/static/"
ICON: Final = "crew_icon.svg"
PICTURES: Final = {192: "crew_icon_192.png", 512: "crew_icon_512.png"}
"""For phones that install no page by a drawing; the sign stays inside the circle they cut out."""
TYPES: Final = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png",
}  # fmt: skip
VENDORED: Final = (
    "leaflet/dist/leaflet.css", "leaflet/dist/leaflet.js", "h3-js/dist/h3-js.umd.js",
    "protomaps-leaflet/dist/protomaps-leaflet.js",
)  # fmt: skip
_WORDS: Final = (
    "crew_",
    "wo_task_",
    "fault_verdict_",
    "keep_reason_",
    "value_promise_class_",
    "value_outcome_",
)
"""Families of words that the page shows."""


def files() -> dict[str, Path]:
    """Our own browser files of the page by name."""
    found = [one for end in TYPES for one in STATIC.glob(f"crew*{end}")]
    return {one.name: one for one in sorted(found)}


def words(spoken: str) -> Mapping[str, str]:
    """Every sentence that the page may show."""
    return {
        code: text for code, text in language.catalogue(spoken).items() if code.startswith(_WORDS)
    }


def kept() -> list[str]:
    """Addresses of everything that the page needs to open without a connection."""
    own = [f"{OWN}{name}" for name in files()]
    return [
        SHELL, f"{SHELL}/manifest.json", *own,
        *(f"{OWN}words-{spoken}.json" for spoken in language.LANGUAGES),
        *(f"/assets/vendor/{name}" for name in VENDORED), "/assets/static/basemap.js",
    ]  # fmt: skip


def worker() -> str:
    """The service worker, another one whenever a file or a word of the page has changed."""
    return shell_worker.text(SHELL, version(), kept())


@cache
def version() -> str:
    """A word that changes with the page."""
    digest = hashlib.sha256()
    for file in (
        STATIC / "crew.html",
        STATIC / "basemap.js",
        shell_worker.SOURCE,
        *files().values(),
    ):
        digest.update(file.read_bytes())
    for spoken in language.LANGUAGES:
        digest.update(json.dumps(words(spoken), sort_keys=True).encode())
    stamp = VENDOR / ".stamp"
    digest.update(stamp.read_bytes() if stamp.exists() else b"")
    return digest.hexdigest()[:16]


def manifest(spoken: str) -> dict[str, Any]:
    """What a phone asks for to install the page."""
    return {
        "id": SHELL, "name": language.say("crew_app_name", spoken),
        "short_name": language.say("crew_my_area", spoken), "lang": spoken, "start_url": SHELL,
        "scope": SHELL, "display": "standalone", "orientation": "portrait",
        "background_color": "#ffffff", "theme_color": "#0f3d3b",
        "icons": [
            {"src": f"{OWN}{ICON}", "sizes": "any", "type": "image/svg+xml",
             "purpose": "any maskable"},
            *({"src": f"{OWN}{name}", "sizes": f"{size}x{size}", "type": "image/png",
               "purpose": "any maskable"} for size, name in PICTURES.items()),
        ],
    }  # fmt: skip
