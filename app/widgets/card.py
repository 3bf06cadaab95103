"""Cards: a title, a line under it, and rows of a word and what it says. All text is escaped."""

from collections.abc import Iterable
from typing import Literal

import streamlit as st

from app import language as words
from app.widgets import plain

Tone = Literal["plain", "good", "risk", "broken"]
Row = tuple[str, str]


def title(text: str, under: str = "") -> None:
    """The head of a card; both lines are plain text."""
    line = f"<p>{plain.escaped(under)}</p>" if under else ""
    st.html(f'<div class="gc-card-title"><h3>{plain.escaped(text)}</h3>{line}</div>')


def rows(pairs: Iterable[Row]) -> None:
    """Rows of a card: (word, HTML made by this module)."""
    lines = "".join(f"<dt>{plain.escaped(word)}</dt><dd>{content}</dd>" for word, content in pairs)
    st.html(f'<dl class="gc-card">{lines}</dl>')


def text(value: object, *, strong: bool = False) -> str:
    """HTML of a plain value."""
    if plain.is_missing(value) or value == "":
        return words.NOTHING
    return f"<b>{plain.escaped(value)}</b>" if strong else plain.escaped(value)


def badge(value: object, tone: Tone = "plain") -> str:
    """HTML of a short word set off by its colour and form."""
    sign = {"plain": "", "good": "✓ ", "risk": "△ ", "broken": "✕ "}[tone]
    return f'<span class="gc-badge gc-{tone}">{sign}{plain.escaped(value)}</span>'


def joined(*parts: str) -> str:
    """HTML parts in one line, empty ones left out."""
    return " ".join(part for part in parts if part)


def quiet(value: object) -> str:
    """HTML of a side remark."""
    return f"<small>{plain.escaped(value)}</small>"


def note(value: object) -> None:
    """A quiet line below a card."""
    st.html(f'<p class="gc-note">{plain.escaped(value)}</p>')
