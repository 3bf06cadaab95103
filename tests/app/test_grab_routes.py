"""The pool over the wire: what a phone reads, what it is answered, what is refused and why."""

from typing import Any

import httpx
import pytest

from app.grab_routes import LONGEST_BODY
from app.store.database import Connection
from app.use_cases import work_order_moves, work_order_wishes
from app.use_cases.actors import Actor
from app.use_cases.work_order_moves import Step
from app.use_cases.work_order_wishes import OrderWish

POOL, GRAB = "/crew/pool", "/crew/grab"
BOSS = Actor("user:town-dispatcher", "林薇", role="dispatcher")


@pytest.fixture
def phone(served: Any) -> httpx.Client:
    def change(connection: Connection) -> None:
        connection.execute("UPDATE users SET crew_id = 'C0' WHERE user_id = 'town-crew'")

    served.db.write(change)
    return served.person("crew")


@pytest.fixture
def pooled(served: Any) -> str:
    wish = OrderWish("repair_lv", transformer_id="T-010", phone="13900000077", contact="王五")
    order = work_order_wishes.make(served.db, BOSS, wish)
    work_order_moves.move(served.db, BOSS, order, Step("pooled"))
    return order


def test_a_phone_sees_the_pool_and_grabs_and_is_told_when_it_is_gone(
    phone: httpx.Client, pooled: str
) -> None:
    told = phone.get(POOL)
    row = next(one for one in told.json()["orders"] if one["order_id"] == pooled)
    assert (row["may"], row["why"], row["sentences"]) == (True, [], [])
    assert row["arrive_in_min"] >= 5
    assert "13900000077" not in told.text
    assert "王五" not in told.text
    first = phone.post(GRAB, json={"order": pooled, "step_key": f"k-{pooled}"})
    again = phone.post(GRAB, json={"order": pooled, "step_key": f"k-{pooled}"})
    assert (first.status_code, first.json()["outcome"]) == (200, "grab_yours")
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert first.json()["crew"] == "C0"
    assert pooled in first.json()["sentence"]
    assert pooled not in {one["order_id"] for one in phone.get(POOL).json()["orders"]}


def test_an_order_that_another_crew_has_is_a_conflict_in_words(
    served: Any, phone: httpx.Client, pooled: str
) -> None:
    work_order_moves.move(served.db, BOSS, pooled, Step("told", crew_id="C1"))
    refused = phone.post(GRAB, json={"order": pooled, "step_key": "z"})
    assert (refused.status_code, refused.json()["outcome"]) == (409, "grab_taken")
    assert "C1" in refused.json()["sentence"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"order": "W-none", "step_key": "x"}, 400, "work_order_unknown"),
        ({"order": "W-none"}, 400, "grab_body_unreadable"),
        ([], 400, "grab_body_unreadable"),
        ({"order": "x" * LONGEST_BODY, "step_key": "x"}, 413, "grab_body_long"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(
    phone: httpx.Client, body: Any, status: int, code: str
) -> None:
    refused = phone.post(GRAB, json=body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["reason"] not in ("", code)


def test_another_kind_of_body_is_refused(phone: httpx.Client) -> None:
    assert phone.post(GRAB, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
