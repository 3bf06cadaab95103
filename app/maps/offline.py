"""Keeps every map inside our own server: wraps streamlit-folium's single component call."""

import re
from collections.abc import Callable
from typing import Any

import streamlit_folium

from app.maps.links import UnmappedLinkError, offline_arguments

_OUTSIDE = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//[^"'\s>]+""", re.IGNORECASE)


def install() -> None:
    """Wraps the call once; every later st_folium in this process asks only our server."""
    inner = streamlit_folium._component_func  # the one seam there is
    if not getattr(inner, "is_offline", False):
        streamlit_folium._component_func = _wrapped(inner)


def _wrapped(inner: Callable[..., Any]) -> Callable[..., Any]:
    def component(**arguments: Any) -> Any:
        for part in ("header", "html"):
            outside = _OUTSIDE.search(arguments.get(part) or "")
            if outside:
                raise UnmappedLinkError(f"{outside.group()} stands in the map's {part}")
        return inner(**offline_arguments(arguments))

    component.is_offline = True  # type: ignore[attr-defined]
    return component
