"""Where the browser finds each file: every outside address becomes one of ours."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.assets import STATIC, VENDOR, read_table

PREFIX = "/assets"
OURS = f"{PREFIX}/static"
ICONS = f"{PREFIX}/vendor/leaflet/dist/images/"


class UnmappedLinkError(LookupError):
    """A map asks for a browser file that assets.toml does not have."""


@lru_cache(maxsize=1)
def _links() -> dict[str, str]:
    table: dict[str, str] = read_table()["links"]
    return table


@lru_cache(maxsize=256)
def _version(file: Path, changed_ns: int) -> str:
    del changed_ns  # only part of the key, so that an edited file gets a new address
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def _versioned(address: str, file: Path) -> str:
    """Address with the file's version, so that browsers may keep it for good."""
    if not file.exists():
        return address
    return f"{address}?v={_version(file, file.stat().st_mtime_ns)}"


def own(name: str) -> str:
    """Address of a file of app/static."""
    return _versioned(f"{OURS}/{name}", STATIC / name)


def vendored(name: str) -> str:
    """Address of a file of app/static/vendor, given as `package/file`."""
    return _versioned(f"{PREFIX}/vendor/{name}", VENDOR / name)


def local(link: str) -> str | None:
    """Address on our own server for a link, None when the link is to be dropped.

    Raises UnmappedLinkError for a link that neither is ours nor stands in assets.toml.
    """
    if link.startswith(f"{PREFIX}/"):
        return link
    target = _links().get(link)
    if target is None:
        raise UnmappedLinkError(f"{link} is not in app/static/assets.toml")
    if target == "drop":
        return None
    if target.startswith("folium:"):
        return f"{PREFIX}/folium/{target.removeprefix('folium:')}"
    return vendored(target)


def all_local(links: list[str]) -> list[str]:
    """Addresses on our own server, in order, dropped ones left out."""
    return [address for link in links if (address := local(link)) is not None]


def offline_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments of the map component with every link replaced by ours."""
    return {
        **arguments,
        "js_links": all_local(arguments["js_links"]),
        "css_links": all_local(arguments["css_links"]),
    }
