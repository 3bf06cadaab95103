"""The commands `plan inbox` and `plan override` on the little town."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.store import meta
from app.store.database import Connection, Database
from tests.conftest import copy_of

Call = Callable[..., tuple[int, Any, str]]


def _unclaim(connection: Connection) -> None:
    connection.execute("DELETE FROM plan_units WHERE transformer_id = 'T-010'")
    meta.touch_facts(connection, "areas")


@pytest.fixture
def call(town_file: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs a command on a town in which nobody claims T-010."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    path = copy_of(town_file, tmp_path)
    with Database(path) as db:
        db.write(_unclaim)

    def run(*words: str, as_json: bool = True) -> tuple[int, Any, str]:
        code = main(["plan", *words, "--db", str(path), *(["--json"] if as_json else [])])
        said = capsys.readouterr()
        return code, json.loads(said.out) if as_json and code == 0 else said.out, said.err

    return run


def test_the_inbox_is_one_json_object_and_what_is_drawn_in_it_is_taken(call: Call) -> None:
    code, told, _ = call("inbox")
    assert code == 0
    assert told["counts"] == {"no_area": 1, "twice": 0, "split": 0, "vacant": 2}
    (one,) = [entry for entry in told["entries"] if entry["kind"] == "no_area"]
    assert (one["units"], one["customers"], one["draft"]) == (["T-010"], 4, None)
    assert one["offer"]["way"] == "draft"
    _, taken, _ = call("inbox", "--take", one["key"])
    assert (taken["status"], taken["units"], taken["customers"]) == ("draft", 1, 4)
    _, told, _ = call("inbox")
    drafted = [entry["draft"] for entry in told["entries"] if entry["kind"] == "no_area"]
    assert drafted == [taken["plan"]]
    code, _, said = call("inbox", "--take", "all")
    assert code == 1
    assert "nothing to take" in said


def test_for_people_it_is_sentences(call: Call) -> None:
    code, out, said = call("inbox", as_json=False)
    assert code == 0
    assert "vacant: 2" in out
    assert "4 customers of transformer T-010 are in no area" in said
    assert "Give to " in said


def test_exceptions_are_made_listed_and_ended(call: Call) -> None:
    made = ("override", "add", "--transformer", "T-011", "--area", "W-01", "--reason", "fed there")
    _, told, _ = call(*made)
    (one,) = told["overrides"]
    assert (one["transformer"], one["area"], one["stage"]) == ("T-011", "W-01", "in_force")
    code, _, said = call(*made)
    assert code == 1
    assert "another exception of the same thing" in said
    assert call("override", "list")[1]["overrides"] == [one]
    _, told, _ = call("override", "end", "--transformer", "T-011")
    assert [row["stage"] for row in told["overrides"]] == ["ended"]


def test_an_exception_for_a_time_is_told_with_its_days(call: Call) -> None:
    _, told, _ = call(
        "override", "add", "--customer", "0000000041", "--area", "W-01", "--reason", "a visit",
        "--from", "2026-08-01T00:00", "--until", "2026-08-02T00:00",
    )  # fmt: skip
    (one,) = told["overrides"]
    assert one["customer"] == "0000000041"
    assert (one["begins"], one["ends"]) == (
        "2026-07-31T16:00:00+00:00", "2026-08-01T16:00:00+00:00",
    )  # fmt: skip
    assert one["stage"] == "coming"


def test_wrong_words_are_wrong_usage(call: Call) -> None:
    with pytest.raises(SystemExit) as ended:
        call("override", "add", "--area", "W-01", "--reason", "of nothing")
    assert ended.value.code == 2
