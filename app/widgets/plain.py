"""Foreign text made harmless: what a file brought is shown as text and never as markup."""

import html
import re
from typing import Any

import pandas as pd

from app import language as words
from app.widgets import session

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=^])")


def escaped(value: Any) -> str:
    """A value as people read it, safe inside HTML."""
    return html.escape(words.shown(value, session.language()))


def in_markdown(value: Any) -> str:
    """A value as people read it, safe where Streamlit reads Markdown (labels, messages)."""
    one_line = " ".join(words.shown(value, session.language()).split())
    return _MARKDOWN.sub(r"\\\1", one_line)


def is_missing(value: Any) -> bool:
    """Whether a cell of a frame, or a plain value, holds nothing."""
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))
