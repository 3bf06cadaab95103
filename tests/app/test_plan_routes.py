"""The addresses that the redraw map talks to: who may, what is answered, what is refused."""

from typing import Any

import pytest

from app.maps import cells_file
from app.store import audit
from app.use_cases import drafts
from app.use_cases.actors import Actor
from grid_cells.cells import cells_to_hex, hex_to_cells
from tests.conftest import LittleTown

ADMIN = Actor("test:admin", "Admin", role="admin")


@pytest.fixture
def plan(served: Any) -> int:
    return drafts.begin(served.db, ADMIN, "routes")


def east_of(town: LittleTown) -> list[str]:
    return [cell for n, cell in enumerate(town.cells) if not town.is_west(n)]


def post(served: Any, person: Any, address: str, **body: Any) -> Any:
    return person.post(address, json=body, headers={"Origin": served.url})


def test_a_planner_paints_undoes_and_is_told_what_became_of_it(
    served: Any, plan: int, town: LittleTown
) -> None:
    planner, east = served.person("planner"), sorted(east_of(town))
    begun = cells_file.decode(planner.get(f"/plans/{plan}/cells/0.bin").content)
    assert len(begun.cells) == 61
    stroke = {"key": "k1", "seen": 0, "kind": "paint", "cells": east[:2], "to": "W-01"}
    answer = post(served, planner, f"/plans/{plan}/strokes", **stroke).json()
    west = next(
        n for n, a in enumerate(drafts.areas(served.db, ADMIN, plan)) if a.area.area_id == "W-01"
    )
    assert answer["seq"] == 1
    assert [(c["area"], sorted(c["cells"])) for c in answer["changes"]] == [(west, east[:2])]
    assert post(served, planner, f"/plans/{plan}/strokes", **stroke).json()["seq"] == 1
    other = served.person("manager").get(f"/plans/{plan}/strokes?since=0").json()
    assert sorted(other["changes"][0]["cells"]) == east[:2]
    back = post(served, planner, f"/plans/{plan}/undo", key="u1", seen=1).json()
    assert (back["undo"], back["redo"], back["changes"][0]["area"]) == (0, 1, 1 - west)
    again = post(served, planner, f"/plans/{plan}/redo", key="r1", seen=2).json()
    assert (again["undo"], again["redo"]) == (1, 0)


def test_reasons_are_worded_in_the_language_asked_for(
    served: Any, plan: int, town: LittleTown
) -> None:
    planner, cell = served.person("planner"), east_of(town)[0]
    path = f"/plans/{plan}/strokes"
    post(served, planner, path, key="l", kind="lock", cells=[cell])
    stroke = {"key": "k", "cells": [cell], "to": None}
    told = post(served, planner, f"{path}?lang=zh", **stroke).json()
    assert told["refused"] == [{"cells": [cell], "reason": "已锁定"}]
    assert told["locked"] == {"cells": [cell]}
    gone = post(served, planner, f"{path}?lang=en", key="x", cells=[cell], to="nowhere")
    assert gone.status_code == 409
    assert "no longer in the plan" in gone.json()["reason"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"key": ""}, {"key": "x" * 65}, {"key": "k", "cells": ["nonsense"]},
        {"key": "k", "cells": 7}, {"key": "k", "cells": [], "to": 5}, {"key": "k", "kind": "eat"},
        {"key": "k", "seen": "1", "cells": []}, [], "text", None,
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_changes_nothing(
    served: Any, plan: int, body: Any
) -> None:
    planner = served.person("planner")
    answer = planner.post(f"/plans/{plan}/strokes", json=body, headers={"Origin": served.url})
    assert answer.status_code == 409
    assert "Reload" in answer.json()["reason"] or "刷新" in answer.json()["reason"]
    assert drafts.seq(served.db, ADMIN, plan) == 0


def test_an_unknown_plan_is_not_found(served: Any) -> None:
    planner = served.person("planner")
    for plan in ("999999", "9" * 30, "abc"):
        assert planner.get(f"/plans/{plan}/cells/0.bin").status_code == 404


@pytest.mark.parametrize("login", ["manager", "dispatcher", "analyst"])
def test_who_may_only_look_sees_cells_and_paints_nothing(
    served: Any, plan: int, town: LittleTown, login: str
) -> None:
    person = served.person(login)
    assert person.get(f"/plans/{plan}/cells/0.bin").status_code == 200
    for deed in ("strokes", "undo", "redo"):
        assert post(served, person, f"/plans/{plan}/{deed}", key="k").status_code == 403
    assert drafts.seq(served.db, ADMIN, plan) == 0


@pytest.mark.parametrize("login", ["auditor", "crew", "clerk", "inspector"])
def test_everybody_else_sees_nothing(served: Any, plan: int, login: str) -> None:
    person = served.person(login)
    assert person.get(f"/plans/{plan}/cells/0.bin").status_code == 403
    assert person.get(f"/plans/{plan}/strokes?since=0").status_code == 403


def test_without_a_session_or_from_another_site_nothing_is_changed(
    served: Any, plan: int, town: LittleTown
) -> None:
    stroke = {"key": "k", "cells": east_of(town)[:1], "to": None}
    assert served.visitor().post(f"/plans/{plan}/strokes", json=stroke).status_code == 403
    planner = served.person("planner")
    foreign = planner.post(
        f"/plans/{plan}/strokes", json=stroke, headers={"Origin": "http://another.example"}
    )
    assert foreign.status_code == 403
    assert drafts.seq(served.db, ADMIN, plan) == 0


def test_a_planner_of_one_station_gets_its_own_cells_only(
    served: Any, plan: int, town: LittleTown
) -> None:
    north, east = served.person("planner_north"), east_of(town)
    seen = cells_file.decode(north.get(f"/plans/{plan}/cells/0.bin").content)
    assert not set(cells_to_hex(seen.cells)) & set(east)
    answer = post(served, north, f"/plans/{plan}/strokes", key="k", cells=east[:3], to="W-01")
    assert answer.json()["changes"] == []
    assert answer.json()["refused"] == []
    assert b"E-01" not in north.get(f"/plans/{plan}/strokes?since=0").content
    assert drafts.seq(served.db, ADMIN, plan) == 0


def test_every_stroke_is_in_the_audit_without_a_cell(
    served: Any, plan: int, town: LittleTown
) -> None:
    planner, cell = served.person("planner"), east_of(town)[0]
    post(served, planner, f"/plans/{plan}/strokes", key="k", cells=[cell], to="W-01")
    row = audit.latest(served.db, 1).iloc[0]
    assert (row["event"], row["actor"], row["subject"]) == (
        "draft_changed", "user:town-planner", f"plan:{plan}",
    )  # fmt: skip
    assert str(int(hex_to_cells([cell])[0])) not in row["detail"]
    assert cell not in row["detail"]
