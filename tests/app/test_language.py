"""The catalogues say the same things in both languages, and say them as people read them."""

import ast
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app import language
from app.navigation import ENTRIES
from app.use_cases import measures
from app.widgets import export_menu, map_choice
from grid_cells.datum import DATUMS
from grid_cells.order_deeds import DEEDS
from grid_cells.vocabulary import CHOICES

PROJECT = Path(language.__file__).parents[1]
RAISED = re.compile(r"UserError|FileRejected|AccessDenied|BusyElsewhere")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_word_the_same_codes() -> None:
    assert language.catalogue("en").keys() == language.catalogue("zh").keys()


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_no_code_is_worded_twice(spoken: str) -> None:
    codes: Counter[str] = Counter()
    for file in (language.CATALOGUES / spoken).glob("*.toml"):
        codes.update(tomllib.loads(file.read_text(encoding="utf-8")).keys())
    assert [code for code, count in codes.items() if count > 1] == []


def test_a_sentence_takes_the_same_values_in_both_languages() -> None:
    different = [
        code
        for code, sentence in language.catalogue("en").items()
        if placeholders(sentence) != placeholders(language.catalogue("zh")[code])
        and not code.endswith("_one")
    ]
    assert different == []


def test_no_chinese_sentence_was_left_in_english() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    alike = re.compile(
        r"^(?:[\W\d_]*|(?:English|CSV|CGCS2000|WGS-84|Excel|GeoPackage|GeoParquet|GeoJSON|\{.*\}).*)$"
    )
    english = [
        code
        for code, sentence in language.catalogue("zh").items()
        if not chinese.search(sentence) and not alike.match(sentence)
    ]
    assert english == []


def codes_called(function: str, tree: ast.AST) -> Iterator[str]:
    """Codes given as a literal first argument to calls of that name."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        if re.fullmatch(function, name) and isinstance(first, ast.Constant):
            yield str(first.value)


def sources(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    for folder in folders:
        for file in sorted((PROJECT / folder).rglob("*.py")):
            yield file, parsed(file)


@cache
def parsed(file: Path) -> ast.AST:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_text_a_page_asks_for_exists(spoken: str) -> None:
    asked = {
        code
        for _, tree in sources("app/widgets", "pages", "app/main.py")
        for code in codes_called("say|_heading", tree)
    }
    assert len(asked) > 50
    assert sorted(code for code in asked if not language.knows(code, spoken)) == []


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_error_raised_has_words(spoken: str) -> None:
    raised = {
        code
        for _, tree in sources("app", "loaders", "grid_cells")
        for code in codes_called(RAISED.pattern, tree)
    }
    assert len(raised) > 20
    assert sorted(code for code in raised if not language.knows(code, spoken)) == []


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_choice_on_a_page_has_words(spoken: str) -> None:
    families = {
        "measure": [measure.code for measure in measures._MEASURES],
        "layer": map_choice.LAYERS,
        "export": export_menu.FORMS,
        "datum": DATUMS,
        "page": [entry.code for entry in ENTRIES],
        "rule": ("transformer", "cell", "customer", "none", "conflict"),
        "promise": ("city", "rural", "remote"),
        "found": ("customer", "place", "cell", "hall", "bank", "crew", "transformer"),
        "batch": ("loaded", "unchanged", "rejected", "undone"),
        "value": [f"{column}_{value}" for (_, column), known in CHOICES.items() for value in known],
    }
    asked = [f"{family}_{code}" for family, codes in families.items() for code in codes]
    assert [code for code in asked if not language.knows(code, spoken)] == []


def test_an_unknown_code_is_a_programmers_error() -> None:
    with pytest.raises(language.UnknownWord):
        language.say("no_such_code", "en")


def test_thousands_are_set_apart_and_nothing_is_a_dash() -> None:
    assert language.number(14812) == "14,812"
    assert language.number(92.4) == "92.4"
    assert language.number(-1.25) == "−1.25"
    assert language.shown(None, "en") == "—"
    assert language.shown(float("nan"), "zh") == "—"
    assert language.percent(0.924) == "92.4 %"


def test_a_count_of_one_takes_the_singular() -> None:
    assert language.say("data_rejected_rows", "en", count=1) == "One row rejected"
    assert language.say("data_rejected_rows", "en", count=2) == "2 rows rejected"


def test_moments_are_told_in_the_zone_asked_for() -> None:
    at = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
    shanghai = ZoneInfo("Asia/Shanghai")
    assert language.moment(at, "en", shanghai, now=at) == "Thu 16 Jul 19:40"
    assert language.moment(at, "zh", shanghai, now=at) == "7月16日 周四 19:40"
    assert language.moment(at, "en", shanghai, now=date(2027, 1, 1)) == "16 Jul 2026 19:40"


def test_durations_are_told_in_words() -> None:
    assert language.minutes(52, "en") == "52 min"
    assert language.minutes(61 * 3, "zh") == "3 小时 03 分"
    assert language.minutes(15 * 1440, "en") == "15 days"
    assert language.minutes(None, "en") == "—"


def test_lists_are_joined_as_the_language_does() -> None:
    assert language.shown(["a", "b"], "en") == "a, b"
    assert language.shown(["a", "b"], "zh") == "a、b"


def test_a_brace_in_a_value_is_only_text() -> None:
    said = language.say("card_cell", "en", cell="{0.__class__}")
    assert said == "Cell {0.__class__}"


def report_events() -> set[str]:
    """Every event of a fault report that code writes: deeds, literals of calls and of inserts."""
    found: set[str] = set(DEEDS)
    for file, tree in sources("app"):
        text = file.read_text(encoding="utf-8")
        for statement in re.findall(r"INSERT INTO fault_report_events .*?FROM", text, re.DOTALL):
            found |= set(re.findall(r"(?<![$.])'([a-z]+)'(?=,)(?!, [rp]\.)", statement))
        for node in ast.walk(tree) if file.name.startswith("fault_") else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_event":
                words = [one for one in node.args[2:3] if isinstance(one, ast.Constant)]
                found |= {str(one.value) for one in words}
    return found


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_event_of_an_order_has_words(spoken: str) -> None:
    written = report_events()
    assert {"told", "registered", "moved", "overruled"} <= written
    unknown = [one for one in written if not language.knows(f"order_event_{one}", spoken)]
    assert unknown == []
