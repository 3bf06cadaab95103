"""`gridcells dispatch plan --input`: a day planned from a file, without a database."""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from app.cli.dispatch_store import COMMANDS
from grid_cells.errors import UserError

CREWS = [
    {"id": "A", "location": 0, "skills": ["lv"], "shift": [480, 960]},
    {"id": "B", "location": 3, "skills": ["lv", "hv"], "shift": [480, 960]},
]
ORDERS = [
    {"id": "x", "location": 1, "skill": "lv", "service_min": 30, "window": [480, 500],
     "priority": 3},
    {"id": "y", "location": 2, "skill": "hv", "service_min": 30, "window": [480, 500],
     "priority": 5},
    {"id": "z", "location": 2, "skill": "gas", "service_min": 30, "window": [480, 500],
     "priority": 5},
]  # fmt: skip
MATRIX = [[10 * abs(a - b) for b in range(4)] for a in range(4)]
DAY = {"crews": CREWS, "orders": ORDERS, "matrix": MATRIX}
FIRE = {"id": "fire", "location": 1, "skill": "lv", "service_min": 10, "window": [520, 560],
        "priority": 10}  # fmt: skip

Call = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Runs the command in a folder with a day, in which no database may be opened."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "day.json").write_text(json.dumps(DAY), encoding="utf-8")
    told = {"at": 500, "orders": [FIRE]}
    (tmp_path / "fire.json").write_text(json.dumps(told), encoding="utf-8")

    def run(*words: str, as_json: bool = True) -> tuple[int, Any, str]:
        db = str(tmp_path / "none" / "no.duckdb")
        code = main(["dispatch", "plan", *words, "--db", db, *(["--json"] if as_json else [])])
        said = capsys.readouterr()
        return code, json.loads(said.out) if as_json and code == 0 else said.out, said.err

    return run


def test_a_plan_is_one_json_object(call: Call) -> None:
    code, told, said = call("--input", "day.json")
    assert (code, said) == (0, "")
    assert {key: told[key] for key in ("orders", "served", "score", "travel_min")} == {
        "orders": 3, "served": 2, "score": 8, "travel_min": 40,
    }  # fmt: skip
    assert [(r["crew"], r["stops"]) for r in told["routes"]] == [
        ("A", [{"order": "x", "arrive_min": 490, "leave_min": 520}]),
        ("B", [{"order": "y", "arrive_min": 490, "leave_min": 520}]),
    ]
    assert told["unserved"] == [{"order": "z", "reason": "no_skill", "outweighed_by": []}]
    assert told["seconds"] > 0


def test_for_people_it_is_a_table(call: Call) -> None:
    code, out, _ = call("--input", "day.json", as_json=False)
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("2 of 3 orders served · score 8 · 40 min of travel")
    assert lines[1] == "A: 1 orders, 20 min of travel"
    assert lines[2].split() == ["08:10–08:40", "x", "3", "lv"]
    assert lines[-1] == "not served: z, no crew has the skill"


def test_an_emergency_changes_the_plan_in_progress(call: Call, tmp_path: Path) -> None:
    _, told, _ = call("--input", "day.json")
    (tmp_path / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    words = ("--input", "day.json", "--plan", "plan.json", "--replan", "fire.json")
    code, told, _ = call(*words)
    assert code == 0
    assert told["routes"][0]["stops"] == [
        {"order": "x", "arrive_min": 490, "leave_min": 520},
        {"order": "fire", "arrive_min": 520, "leave_min": 530},
    ]
    replan = told["replan"]
    assert (replan["emergencies_served"], replan["moved"], replan["lost"]) == (1, 0, 0)
    assert replan["changes"] == [{"order": "fire", "from": None, "to": "A"}]
    _, out, _ = call(*words, as_json=False)
    assert "Changed at 08:20: 1 of 1 emergencies served, 0 orders go to another crew" in out
    assert "fire         nobody → A" in out


@pytest.mark.parametrize(
    "more",
    [
        {"positions": [{"crew": "A", "location": 0}]},
        {"matrix": [[30 * abs(a - b) for b in range(4)] for a in range(4)]},
    ],
)  # fmt: skip
def test_ways_may_have_changed_since_the_plan_was_made(
    more: dict[str, Any], call: Call, tmp_path: Path
) -> None:
    _, told, _ = call("--input", "day.json")
    (tmp_path / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "fire.json").write_text(json.dumps({"at": 492, "orders": [FIRE], **more}))
    words = ("--input", "day.json", "--plan", "plan.json", "--replan", "fire.json", "--explain")
    code, told, said = call(*words)
    assert (code, said) == (0, "")
    assert told["replan"]["emergencies_served"] == 1
    assert "fire" in {one["order"] for one in told["explanations"]}
    _, told, _ = call(*words, "x")
    assert [(one["order"], one["crew"], one["why"]) for one in told["explanations"]] == [
        ("x", "A", "begun")
    ]


def test_each_assignment_is_explained(call: Call) -> None:
    _, told, _ = call("--input", "day.json", "--explain", "x")
    (one,) = told["explanations"]
    assert (one["crew"], one["why"], one["extra_min"], one["spare_min"]) == (
        "A", "others_full", 20, 10,
    )  # fmt: skip
    # B goes 3 → 1 by 08:20, works until 08:50, and would be at 2 at 09:00, 40 minutes late
    assert one["others"] == [
        {"crew": "B", "could": "others_late", "extra_min": 20, "arrive_min": 500,
         "home_late_min": 0, "late": [{"order": "y", "late_min": 40}]},
    ]  # fmt: skip
    _, out, _ = call("--input", "day.json", "--explain", as_json=False)
    assert "x goes to A: " in out
    assert "  B could be there at 08:20; then late: y by 40 min" in out
    assert "  A lacks the skill" in out
    code, _, said = call("--input", "day.json", "--explain", "q")
    assert (code, said.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("words", "text", "said"),
    [
        (["--input", "day.json", "--at", "2026-01-01"], "", "--at goes with the store alone"),
        (["--input", "none.json"], "", "There is no file"),
        (["--input", "bad.json"], "{", "bad.json is no JSON"),
        (["--input", "bad.json"], '{"crews": [], "orders": []}', "bad.json: matrix is missing."),
        (["--input", "day.json", "--replan", "bad.json"], '{"orders": []}', "at is missing."),
        (["--input", "day.json", "--plan", "bad.json"],
         json.dumps({"routes": [{"crew": "A", "stops": [
             {"order": "y", "arrive_min": 490, "leave_min": 520}]}]}),
         "bad.json does not fit the day"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(words, text, said, call: Call, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text(text, encoding="utf-8")
    code, out, error = call(*words)
    assert (code, out) == (1, "")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("words", [["--input"], ["--input", "x", "--seconds", "-1"], ["--x"]])
def test_wrong_usage_ends_with_2(words: list[str], call: Call) -> None:
    with pytest.raises(SystemExit) as end:
        call(*words)
    assert end.value.code == 2


@pytest.mark.parametrize("word", ["plan", "replan", "seconds", "explain", "seed"])
def test_the_store_refuses_what_goes_with_a_file_alone(word: str) -> None:
    given: dict[str, Any] = dict.fromkeys(("plan", "replan", "seconds", "explain", "seed"))
    words = argparse.Namespace(**{**given, word: 0}, at=None)
    untouched: Any = None
    with pytest.raises(UserError) as error:
        COMMANDS["dispatch"](untouched, untouched, words, untouched, untouched)
    assert (error.value.code, error.value.values) == (
        "dispatch_only_with_input", {"word": f"--{word}"},
    )  # fmt: skip


def test_ids_that_are_numbers_stay_numbers(call: Call, tmp_path: Path) -> None:
    crews = [{**CREWS[0], "id": 7}, {**CREWS[1], "id": "8"}]
    orders = [{**one, "id": 100 + at} for at, one in enumerate(ORDERS)]
    tight = {**ORDERS[0], "id": "tight", "priority": 1, "service_min": 300}
    day = {"crews": crews, "orders": [*orders, tight], "matrix": MATRIX}
    (tmp_path / "day.json").write_text(json.dumps(day), encoding="utf-8")
    code, told, _ = call("--input", "day.json", "--explain", "100")
    assert code == 0
    assert [(r["crew"], [s["order"] for s in r["stops"]]) for r in told["routes"]] == [
        (7, [100]), ("8", [101]),
    ]  # fmt: skip
    assert [(u["order"], u["outweighed_by"]) for u in told["unserved"]] == [
        (102, []), ("tight", [100]),
    ]  # fmt: skip
    (why,) = told["explanations"]
    assert (why["order"], why["crew"]) == (100, 7)
    assert [(one["crew"], one["late"]) for one in why["others"]] == [
        ("8", [{"order": 101, "late_min": 40}])
    ]
    (tmp_path / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    fire = {"at": 500, "orders": [{**FIRE, "id": 9}]}
    (tmp_path / "fire.json").write_text(json.dumps(fire), encoding="utf-8")
    words = ("--input", "day.json", "--plan", "plan.json", "--replan", "fire.json")
    _, told, _ = call(*words)
    assert told["replan"]["changes"] == [{"order": 9, "from": None, "to": 7}]


def test_neither_store_nor_pandas_is_loaded(tmp_path: Path) -> None:
    day = tmp_path / "day.json"
    day.write_text(json.dumps(DAY), encoding="utf-8")
    program = (
        "import sys; from app.cli import main;"
        f"code = main(['dispatch', 'plan', '--input', {str(day)!r}, '--json']);"
        "print(code, *({'pandas', 'duckdb', 'streamlit'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert (done.stderr.strip(), json.loads(done.stdout)["score"]) == ("0", 8)
