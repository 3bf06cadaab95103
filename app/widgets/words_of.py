"""Names of measures, columns, kinds and values in this session's language."""

from app import language as words
from app.use_cases.measures import Measure
from app.widgets import session
from grid_cells.vocabulary import COLUMNS, KINDS, label

_FACT = "fact:"
_ENDINGS = {"_no": "_number", "_id": "", "_code": "", "_at": "", "_on": ""}
_WHOLE = {"lon": "longitude", "lat": "latitude", "opens": "opening hours", "as_of": "as of"}


def measure(one: Measure) -> str:
    """A measure's name; a fact that came from a file keeps the name it came with."""
    return measure_code(one.code)


def measure_code(code: str) -> str:
    """The name of a measure by its code."""
    if not code.startswith(_FACT):
        return session.say(f"measure_{code}")
    name, language = code.removeprefix(_FACT), session.language()
    known = f"fact_{name}"
    return words.say(known, language) if words.knows(known, language) else name.replace("_", " ")


def unit_of(one: Measure) -> str:
    """What stands behind a figure of the measure: its unit, or the thing counted."""
    if one.unit not in ("", "1"):
        return unit(one.unit)
    counted = f"counted_{one.code}"
    language = session.language()
    return words.say(counted, language) if words.knows(counted, language) else ""


def unit(code: str) -> str:
    """A unit as people write it; units that are the same in every language stay."""
    language = session.language()
    return words.say(f"unit_{code}", language) if words.knows(f"unit_{code}", language) else code


def column(name: str) -> str:
    """A column's name with its unit; a foreign column keeps its own."""
    language = session.language()
    if name not in COLUMNS:
        known = f"column_{name}"
        return words.say(known, language) if words.knows(known, language) else _spoken(name)
    if language == "zh":
        return label(name, language)
    unit = COLUMNS[name].unit
    bare = name.removesuffix(f"_{unit.replace('/', '').lower()}") if unit else name
    return f"{_spoken(bare)} ({unit})" if unit not in ("", "1") else _spoken(bare)


def _spoken(name: str) -> str:
    """A column's name as one says it in English."""
    for suffix, said in _ENDINGS.items():
        if name.endswith(suffix):
            name = f"{name.removesuffix(suffix)}{said}"
    return _WHOLE.get(name, name).replace("_", " ")


def kind(name: str) -> str:
    """The name of a kind of file."""
    if session.language() == "zh" and name in KINDS:
        return KINDS[name].zh
    return name.replace("_", " ")


def value(column_name: str, given: object) -> object:
    """A coded value in words where there are some, else as it is."""
    code = f"value_{column_name}_{given}"
    language = session.language()
    return words.say(code, language) if words.knows(code, language) else given


def said(code: str, otherwise: object) -> object:
    """The sentence for a code where there is one, else what is given."""
    language = session.language()
    return words.say(code, language) if words.knows(code, language) else otherwise
