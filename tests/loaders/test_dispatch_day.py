"""A day of crews and orders from JSON: what is read, and what each mistake is told as."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from grid_cells.dispatch import UNREACHABLE, Crew, Order
from grid_cells.errors import FileRejected
from loaders.dispatch_day import read_day
from loaders.dispatch_emergencies import read_plan, read_turn

DAY = {
    "crews": [
        {"id": "A", "location": 0, "skills": ["lv", "hv"], "shift": [480, 960]},
        {"id": "B", "location": 1, "skills": ["lv"], "shifts": [[600, 700], [480, 540]],
         "start_location": 2, "free_from": 490, "committed": ["y"]},
    ],
    "orders": [
        {"id": "x", "location": 2, "skill": "hv", "service_min": 30, "window": [480, 540],
         "priority": 9},
        {"id": "y", "location": 1, "skills": ["lv"], "service_min": 20.0,
         "windows": [[700, 720], [480, 500]], "priority": 1, "allowed_crews": ["B"],
         "forbidden_crews": ["A"], "promise_min": 495, "known_from": 400},
    ],
    "matrix": [[0, 10, 20], [11, 0, None], [21, 12, 0]],
}  # fmt: skip


def written(tmp_path: Path, day: object, name: str = "day.json") -> Path:
    path = tmp_path / name
    path.write_text(day if isinstance(day, str) else json.dumps(day), encoding="utf-8")
    return path


def refused(path: Path) -> tuple[str, dict]:
    with pytest.raises(FileRejected) as error:
        read_day(path)
    assert error.value.values.pop("file") == str(path)
    return error.value.code, error.value.values


def test_a_day_is_read(tmp_path: Path) -> None:
    found = read_day(written(tmp_path, DAY))
    assert found.crews == (
        Crew("A", 0, frozenset({"lv", "hv"}), ((480, 960),)),
        Crew("B", 1, frozenset({"lv"}), ((480, 540), (600, 700)), 2, 490, ("y",)),
    )
    assert found.orders == (
        Order("x", 2, frozenset({"hv"}), 30, ((480, 540),), 9),
        Order("y", 1, frozenset({"lv"}), 20, ((480, 500), (700, 720)), 1, frozenset({"B"}),
              frozenset({"A"}), 495, 400),
    )  # fmt: skip
    assert np.array_equal(found.minutes, [[0, 10, 20], [11, 0, UNREACHABLE], [21, 12, 0]])


@pytest.mark.parametrize("far", [None, 20_161, 999_999, 5e9, 10**30, float("inf")])
def test_what_is_harmless_is_taken(far: float | None, tmp_path: Path) -> None:
    day = copy.deepcopy(DAY)
    day["matrix"] = [[0, 10.5, 20], [11, 0, far], [21, 12.0, 0]]
    day["crews"][0] = {
        "id": "A",
        "location": 0,
        "skills": ["lv"],
        "shifts": [[480, 600], [600, 700]],
    }
    day["orders"][0] |= {"priority": 0, "service_min": 29.2}
    found = read_day(written(tmp_path, day))
    assert found.minutes.tolist() == [[0, 11, 20], [11, 0, UNREACHABLE], [21, 12, 0]]
    assert found.crews[0].shifts == ((480, 600), (600, 700))
    assert (found.orders[0].priority, found.orders[0].service_min) == (0, 30)


def test_a_day_without_anything_is_a_day(tmp_path: Path) -> None:
    found = read_day(written(tmp_path, {"crews": [], "orders": [], "matrix": []}))
    assert (found.crews, found.orders, found.minutes.shape) == ((), (), (0, 0))


@pytest.mark.parametrize(
    ("path", "value", "code", "values"),
    [
        (("matrix", 1, 2), -3, "dispatch_no_whole",
         {"place": "matrix[1][2]", "value": "-3", "lowest": 0, "highest": 20_160}),
        (("matrix", 1, 2), -0.5, "dispatch_no_whole",
         {"place": "matrix[1][2]", "value": "-0.5", "lowest": 0, "highest": 20_160}),
        (("matrix", 1), [1, 2], "dispatch_matrix_not_square",
         {"place": "matrix[1]", "columns": 2, "rows": 3}),
        (("matrix", 1), 7, "dispatch_no_list", {"place": "matrix[1]", "value": "7"}),
        (("crews", 1, "id"), "A", "dispatch_twice", {"place": "crews[1].id", "value": "A"}),
        (("orders", 1, "id"), "x", "dispatch_twice", {"place": "orders[1].id", "value": "x"}),
        (("orders", 0, "window"), [540, 480], "dispatch_reversed",
         {"place": "orders[0].window", "value": "[540, 480]"}),
        (("orders", 0, "window"), [540], "dispatch_no_window",
         {"place": "orders[0].window", "value": "[540]"}),
        (("orders", 1, "windows"), [[480, 500], [499, 520]], "dispatch_overlap",
         {"place": "orders[1].windows", "value": "[[480, 500], [499, 520]]"}),
        (("orders", 1, "windows"), [], "dispatch_no_window",
         {"place": "orders[1].windows", "value": "[]"}),
        (("crews", 0, "shift"), [960, 480], "dispatch_reversed",
         {"place": "crews[0].shift", "value": "[960, 480]"}),
        (("crews", 0, "shift"), None, "dispatch_missing", {"place": "crews[0].shift"}),
        (("orders", 0, "location"), 3, "dispatch_place_outside",
         {"place": "orders[0].location", "value": "3", "places": 3}),
        (("orders", 0, "location"), True, "dispatch_place_outside",
         {"place": "orders[0].location", "value": "True", "places": 3}),
        (("crews", 0, "location"), -1, "dispatch_place_outside",
         {"place": "crews[0].location", "value": "-1", "places": 3}),
        (("orders", 0, "service_min"), -5, "dispatch_no_whole",
         {"place": "orders[0].service_min", "value": "-5", "lowest": 0, "highest": 20_160}),
        (("orders", 0, "service_min"), "abc", "dispatch_no_whole",
         {"place": "orders[0].service_min", "value": "abc", "lowest": 0, "highest": 20_160}),
        (("orders", 0, "priority"), -1, "dispatch_no_whole",
         {"place": "orders[0].priority", "value": "-1", "lowest": 0, "highest": 100}),
        (("orders", 0, "id"), "", "dispatch_no_text", {"place": "orders[0].id", "value": ""}),
        (("orders", 0), 5, "dispatch_no_object", {"place": "orders[0]", "value": "5"}),
        (("orders",), None, "dispatch_missing", {"place": "orders"}),
        (("crews", 1, "committed"), ["q"], "dispatch_order_unknown",
         {"place": "crews[1].committed[0]", "value": "q"}),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place(path, value, code, values, tmp_path: Path) -> None:
    day = copy.deepcopy(DAY)
    *way, last = path
    inner = day
    for key in way:
        inner = inner[key]
    inner[last] = value
    assert refused(written(tmp_path, day)) == (code, values)


def test_what_is_no_json_says_where_it_breaks_off(tmp_path: Path) -> None:
    broken = written(tmp_path, '{"crews": [\n')
    assert refused(broken) == ("dispatch_not_json", {"line": 2, "column": 1})
    assert refused(written(tmp_path, "[]")) == (
        "dispatch_no_object",
        {"place": "JSON", "value": "[]"},
    )
    assert refused(tmp_path / "none.json") == ("file_missing", {})
    assert refused(written(tmp_path, '{"matrix": [[NaN]], "crews": [], "orders": []}'))[0] == (
        "dispatch_no_whole"
    )
    (tmp_path / "latin.json").write_bytes(b'{"crews": "\xe9"}')
    assert refused(tmp_path / "latin.json")[0] == "dispatch_file_unreadable"


def test_emergencies_join_the_day(tmp_path: Path) -> None:
    day = read_day(written(tmp_path, DAY))
    fire = {**DAY["orders"][0], "id": "fire", "location": 3}
    matrix = np.full((4, 4), 5).tolist()
    told = {
        "at": 500, "orders": [fire], "cancelled": ["y"], "matrix": matrix,
        "positions": [{"crew": "A", "location": 3, "from": 505}, {"crew": "B", "location": 0}],
    }  # fmt: skip
    anew, turn = read_turn(written(tmp_path, told, "turn.json"), day)
    assert [order.id for order in anew.orders] == ["x", "fire"]
    assert anew.crews[1].committed == ()
    assert (turn.at, turn.emergencies) == (500, frozenset({"fire"}))
    assert turn.positions == {"A": (3, 505), "B": (0, 500)}
    assert anew.minutes.shape == (4, 4)


@pytest.mark.parametrize(
    ("more", "code", "place"),
    [
        ({"orders": [DAY["orders"][0]]}, "dispatch_twice", "orders[0].id"),
        ({"cancelled": ["q"]}, "dispatch_order_unknown", "cancelled[0]"),
        ({"positions": [{"crew": "Q", "location": 0}]}, "dispatch_crew_unknown",
         "positions[0].crew"),
        ({"matrix": [[0]]}, "dispatch_matrix_small", "matrix"),
        ({"at": None}, "dispatch_missing", "at"),
    ],
)  # fmt: skip
def test_mistakes_in_emergencies(more, code, place, tmp_path: Path) -> None:
    day = read_day(written(tmp_path, DAY))
    told = {"at": 500, "orders": [], **more}
    with pytest.raises(FileRejected) as error:
        read_turn(written(tmp_path, told, "turn.json"), day)
    assert (error.value.code, error.value.values["place"]) == (code, place)


def test_a_printed_plan_is_read_and_checked(tmp_path: Path) -> None:
    day = read_day(written(tmp_path, DAY))
    good = [{"crew": "A", "stops": [{"order": "x", "arrive_min": 500, "leave_min": 530}]}]
    found = read_plan(written(tmp_path, {"routes": good}, "plan.json"), day)
    assert (found.crew_of(), found.score, found.travel_min) == ({"x": "A"}, 9, 41)
    wrong = [{"crew": "B", "stops": good[0]["stops"]}]
    with pytest.raises(FileRejected) as error:
        read_plan(written(tmp_path, {"routes": wrong}, "plan.json"), day)
    assert (error.value.code, error.value.values["rule"]) == ("dispatch_plan_breaks", "no_skill")
