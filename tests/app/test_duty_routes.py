"""The addresses of a crew's phone: who gets in, what is answered, what is refused and why."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.duty_routes import LONGEST_BODY
from app.store.database import Connection
from tests.conftest import NOW

DUTY, POSITIONS = "/crew/duty", "/crew/positions"
STEP = {"step": "on", "step_key": "x"}
HERE: dict[str, Any] = {"lon": 112.514, "lat": 30.423, "accuracy_m": 9}


@pytest.fixture
def phone(served: Any) -> httpx.Client:
    def change(connection: Connection) -> None:
        connection.execute("UPDATE users SET crew_id = 'C0' WHERE user_id = 'town-crew'")
        connection.execute("DELETE FROM crew_duties")
        connection.execute("DELETE FROM crew_positions")

    served.db.write(change)
    return served.person("crew")


def fix(seconds: float) -> dict[str, Any]:
    return {"at": (NOW + timedelta(seconds=seconds)).isoformat(), **HERE}


def held(served: Any) -> int:
    return int(served.db.query("SELECT count(*) AS n FROM crew_positions")["n"].iloc[0])


def test_a_phone_comes_on_duty_tells_its_place_and_goes_off(
    served: Any, phone: httpx.Client
) -> None:
    told = phone.get(DUTY).json()
    assert (told["on_duty"], told["crew"], told["tracks_kept_days"]) == (False, "C0", 7)
    assert phone.post(POSITIONS, json={"fixes": [fix(0)]}).json() == {
        "on_duty": False, "counts": {"outside_duty": 1}, "verdicts": ["outside_duty"],
    }  # fmt: skip
    on = {"step": "on", "step_key": "r-1", "told_of_tracks": True, "place": HERE}
    first, again = phone.post(DUTY, json=on), phone.post(DUTY, json=on)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"repeated": True}
    assert first.json()["since"] == NOW.isoformat()
    answer = phone.post(POSITIONS, json={"fixes": [fix(0), fix(60)], "sent_at": NOW.isoformat()})
    assert answer.json()["counts"] == {"kept": 2}
    off = phone.post(DUTY, json={"step": "off", "step_key": "r-2"})
    assert (off.status_code, off.json()["on_duty"]) == (201, False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"step": "on", "step_key": "x"}, 409, "duty_not_told"),
        ({"step": "off", "step_key": "x"}, 409, "duty_not_on"),
        ({"step": "up", "step_key": "x"}, 400, "duty_unreadable"),
        ({"step": "on"}, 400, "duty_unreadable"),
        (STEP | {"place": {"lon": 10**400, "lat": 1}}, 400, "duty_unreadable"),
        (STEP | {"place": {"lon": True, "lat": 1}}, 400, "duty_unreadable"),
        ({"step": "on", "step_key": "x", "open_orders": {"a": 1}}, 400, "duty_unreadable"),
        ([], 400, "duty_unreadable"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_in_words(
    phone: httpx.Client, body: Any, status: int, code: str
) -> None:
    refused = phone.post(DUTY, json=body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["reason"] not in ("", code)


def test_words_come_in_the_callers_language(phone: httpx.Client) -> None:
    refused = phone.post(
        DUTY, json={"step": "off", "step_key": "x"}, headers={"Accept-Language": "zh-CN"}
    )
    assert refused.json()["reason"] == "您当前不在岗。"


@pytest.mark.parametrize(
    "fixes",
    ["no list", [1], [{}], [{**HERE, "at": "now"}], [{**HERE, "at": "2026-07-16T10:00:00"}]],
)
def test_places_that_cannot_be_read_are_refused_whole(
    served: Any, phone: httpx.Client, fixes: Any
) -> None:
    refused = phone.post(POSITIONS, json={"fixes": fixes})
    assert (refused.status_code, refused.json()["code"]) == (400, "duty_unreadable")
    assert held(served) == 0


def test_too_long_or_no_json_is_refused(phone: httpx.Client) -> None:
    head = {"content-type": "application/json"}
    assert phone.post(DUTY, content=b"x" * (LONGEST_BODY + 1), headers=head).status_code == 413
    assert phone.post(DUTY, content=b"{", headers=head).json()["code"] == "duty_unreadable"
    assert phone.post(DUTY, content=b"{}").status_code == 415


def test_another_site_and_other_roles_do_not_get_in(served: Any, phone: httpx.Client) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    on = {"step": "on", "step_key": "x", "told_of_tracks": True}
    assert phone.post(DUTY, json=on, headers=foreign).status_code == 403
    assert served.person("analyst").post(DUTY, json=on).status_code == 403
    assert served.visitor().get(DUTY).status_code == 403
    assert served.person("inspector").get(DUTY).json()["code"] == "duty_no_crew"
