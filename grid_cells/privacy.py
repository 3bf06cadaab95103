"""Masks for what tells one person from another: enough is left to recognise, never to know."""

import re
from collections.abc import Callable
from typing import Any

import pandas as pd

STARS = "***"
PHONE_HEAD, PHONE_TAIL = 3, 2
ACCOUNT_HEAD, ACCOUNT_TAIL = 2, 2
SHORTEST_PHONE = 8
SHORTEST_ACCOUNT = 8
TELLING_RUN = 6
"""So many characters in a row of a value are taken for the value itself."""

_WORD = re.compile(r"\S+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_STREET = re.compile(r"^.*(?:大道|路|街|巷|胡同|弄|道|里|村|镇|乡|庄|屯)", re.DOTALL)
_NAMED = r"[^\W\d_][^\W\d_.'’-]*"
_STREET_AFTER = re.compile(
    rf"(?<![\w])(?:{_NAMED}\.?[ '’-]){{1,4}}(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr"
    r"|boulevard|blvd|way|square|sq|place|pl|court|ct|terrace|highway|hwy|row|close|crescent)\b",
    re.IGNORECASE,
)
_STREET_BEFORE = re.compile(
    rf"(?<![\w])(?:rue|avenue|boulevard|chemin|place|via|viale|piazza|calle|plaza|rua|avenida)"
    rf"(?:[ '’-]{_NAMED}){{1,4}}",
    re.IGNORECASE,
)
_STREET_WITHIN = re.compile(
    r"(?<![\w])[^\W\d_-]+(?:straße|strasse|weg|platz|gasse|allee|straat|laan|gatan|vägen)\b",
    re.IGNORECASE,
)


def mask_name(value: str) -> str:
    """The first letter of each word of a name; of a name without spaces in Han only the first."""
    words = _WORD.findall(value)
    if not words:
        return ""
    if _HAN.match(words[0]):
        return _other(f"{words[0][0]}**", value)
    return _other(" ".join(_initial(word) for word in words[:3]), value)


def mask_phone(value: str) -> str:
    """The first three and last two digits of a telephone number, nothing of a short one."""
    digits = "".join(one for one in value if one.isdigit())
    if not value.strip():
        return ""
    if len(digits) < SHORTEST_PHONE:
        return _other(STARS, value)
    return _other(f"{digits[:PHONE_HEAD]}******{digits[-PHONE_TAIL:]}", value)


def mask_account(value: str) -> str:
    """The first two and last two characters of a number, nothing of a short one."""
    kept = "".join(one for one in value if one.isalnum())
    if not value.strip():
        return ""
    if len(kept) < SHORTEST_ACCOUNT:
        return _other(STARS, value)
    return _other(f"{kept[:ACCOUNT_HEAD]}******{kept[-ACCOUNT_TAIL:]}", value)


def mask_address(value: str) -> str:
    """The street of an address; house, entrance, flat and whatever else stands there are masked."""
    text = value.strip()
    if not text:
        return ""
    if _HAN.search(text):
        found = _HAN_STREET.match(re.split(r"\d", text, maxsplit=1)[0])
        return _other(f"{found.group(0) if found else ''}{STARS}", value)
    for pattern in (_STREET_AFTER, _STREET_WITHIN, _STREET_BEFORE):
        if match := pattern.search(text):
            before = f"{STARS} " if match.start() else ""
            return _other(f"{before}{match.group(0)} {STARS}", value)
    return _other(STARS, value)


def hide(value: str) -> str:
    """Stars in place of anything that was there."""
    return _other(STARS, value) if value.strip() else ""


MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": mask_phone,
    "address": mask_address,
    "account": mask_account,
    "hidden": hide,
}


def masked(value: Any, mask: str) -> str | None:
    """The value under one of MASKS, None where there is none."""
    return None if value is None or pd.isna(value) else MASKS[mask](str(value))


def masked_column(values: "pd.Series[Any]", mask: str) -> "pd.Series[str]":
    """Every value of a column under one of MASKS, missing where there is none."""
    texts = {one: MASKS[mask](str(one)) for one in values.dropna().unique()}
    return values.map(texts).astype("str")


def gives_away(text: str, value: str) -> bool:
    """Whether a text holds the value, or a telling run of it, however either is punctuated."""
    asked, secret = _bare(text), _bare(value)
    if not asked or not secret:
        return False
    run = min(len(secret), TELLING_RUN)
    return any(secret[at : at + run] in asked for at in range(len(secret) - run + 1))


def _bare(text: str) -> str:
    return "".join(one for one in text.casefold() if one.isalnum())


def _initial(word: str) -> str:
    return f"{word[0]}{STARS}" if word[0].isalpha() else STARS


def _other(shown: str, value: str) -> str:
    """The masked text, never the very text that was given."""
    return shown if shown != value else f"{shown}*"
