"""The service worker that lets a phone's page open without a connection."""

import json
from collections.abc import Sequence
from typing import Final

from app.assets import STATIC

SOURCE: Final = STATIC / "shell_worker.js"


def text(page: str, version: str, files: Sequence[str]) -> str:
    """The worker of a page's address: it keeps these addresses, anew for each version."""
    told = {"{{page}}": page, "{{version}}": version}
    source = SOURCE.read_text(encoding="utf-8")
    for mark, value in told.items():
        source = source.replace(f'"{mark}"', json.dumps(value))
    return source.replace("{{files}}", json.dumps(list(files)))
