"""The files of the page of taps: its shell, its words, its service worker."""

import hashlib
import json
from functools import cache
from typing import Final

from app import language, shell_worker
from app.assets import STATIC
from app.gate_routes import TALLY

FILES: Final = (
    "tally_app.js", "tally_queue.js", "tally.css", "crew_line.js", "crew_dom.js", "crew_sender.js",
)  # fmt: skip
OWN: Final = f"{TALLY}/static/"
_PAGE: Final = STATIC / "tally.html"
_WORDS: Final = ("tally_", "matter_")


def page() -> str:
    """The page: the same for everybody."""
    return _PAGE.read_text(encoding="utf-8")


def words(spoken: str) -> dict[str, str]:
    """Every sentence that the page may show."""
    return {
        code: text for code, text in language.catalogue(spoken).items() if code.startswith(_WORDS)
    }


def kept() -> list[str]:
    """Addresses of everything that the page needs to open without a connection."""
    spoken = (f"words-{one}.json" for one in language.LANGUAGES)
    return [TALLY, *(f"{OWN}{name}" for name in (*FILES, *spoken))]


def worker() -> str:
    """The service worker, another one whenever a file or a word of the page has changed."""
    return shell_worker.text(TALLY, version(), kept())


@cache
def version() -> str:
    """A word that changes with the page."""
    digest = hashlib.sha256()
    for file in (_PAGE, shell_worker.SOURCE, *(STATIC / name for name in FILES)):
        digest.update(file.read_bytes())
    for spoken in language.LANGUAGES:
        digest.update(json.dumps(words(spoken), sort_keys=True).encode())
    return digest.hexdigest()[:16]
