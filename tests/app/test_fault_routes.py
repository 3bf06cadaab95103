"""The hotline's route: who gets in by which token, what is answered, what is refused and why."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from app.fault_routes import LONGEST_BODY
from app.use_cases import fault_intake, sessions, tokens, users
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.errors import UserError
from tests.conftest import NOW

ADMIN = Actor("test:admin", "Admin", role="admin")
ROUTE = "/fault-reports"
DARK, LIT = "0000000041", "0000000045"


@pytest.fixture
def token(served: Any) -> tokens.Token:
    return tokens.issue(served.db, ADMIN, "town-hotline", days=30)


@pytest.fixture
def hotline(served: Any, token: tokens.Token) -> httpx.Client:
    return served.visitor(Authorization=f"Bearer {token.token}")


def stored(served: Any) -> int:
    return int(served.db.query("SELECT count(*) AS n FROM fault_reports")["n"].iloc[0])


def test_a_call_is_acknowledged_with_its_verdict_area_crew_and_promise(
    served: Any, hotline: httpx.Client
) -> None:
    call = {"report_id": "HL-1", "channel": "95598", "customer_no": DARK, "caller": "王先生",
            "phone": "13900000000", "fault_class": "低压故障", "note": "没电"}  # fmt: skip
    answer = hotline.post(ROUTE, json=call)
    assert answer.status_code == 201
    told = answer.json()
    assert told == {
        "report_id": "HL-1", "registered_at": NOW.isoformat(), "verdict": "known_outage",
        "outage_id": "OUT-1", "area": told["area"], "crew": told["crew"], "promise_class": None,
        "arrive_by": None, "repeated": False,
    }  # fmt: skip
    assert (told["area"], told["crew"]) in {("W-01", "C0"), ("E-01", "C1")}
    row = served.db.query("SELECT * FROM fault_reports WHERE report_id = 'HL-1'").iloc[0]
    assert (row["phone"], row["transformer_id"], row["feeder_id"]) == (
        "13900000000", "T-010", "F-07",
    )  # fmt: skip


def test_a_call_sent_again_is_answered_alike_and_kept_once(
    served: Any, hotline: httpx.Client
) -> None:
    call = {"report_id": "HL-2", "customer_no": LIT}
    first, again = hotline.post(ROUTE, json=call), hotline.post(ROUTE, json=call)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"repeated": True}
    held = served.db.query("SELECT count(*) AS n FROM fault_reports WHERE report_id = 'HL-2'")
    assert held["n"].iloc[0] == 1


def test_another_call_under_a_used_number_is_not_acknowledged(
    served: Any, hotline: httpx.Client
) -> None:
    call = {"report_id": "HL-3", "customer_no": LIT, "note": "dark"}
    assert hotline.post(ROUTE, json=call).status_code == 201
    before = stored(served)
    others = [call | {"customer_no": DARK}, call | {"note": "sparks"}, call | {"address": "x"},
              call | {"registered_at": (NOW - timedelta(hours=1)).isoformat()}]  # fmt: skip
    for other in others:
        refused = hotline.post(ROUTE, json=[{"report_id": "HL-4", "customer_no": LIT}, other])
        told = refused.json()
        assert (refused.status_code, told["code"], told["item"]) == (
            409, "fault_report_id_taken", 1,
        )  # fmt: skip
    assert stored(served) == before


def test_a_list_is_stored_whole_or_not_at_all(served: Any, hotline: httpx.Client) -> None:
    good = [{"report_id": f"L-{k}", "customer_no": f"{k:010d}"} for k in range(1, 21)]
    answer = hotline.post(ROUTE, json=[*good, good[0]])
    told = answer.json()["reports"]
    assert answer.status_code == 201
    assert [one["repeated"] for one in told] == [False] * 20 + [True]
    before = stored(served)
    bad = [{"report_id": "L-98", "customer_no": LIT}, {"report_id": "L-99", "customer_no": "12"}]
    refused = hotline.post(ROUTE, json=bad)
    assert refused.status_code == 400
    assert refused.json() | {"reason": ""} == {
        "code": "fault_unknown_customer_no", "item": 1, "field": "customer_no", "value": "12",
        "reason": "",
    }  # fmt: skip
    assert stored(served) == before


@pytest.mark.parametrize(
    ("call", "field"),
    [
        ({"customer_no": LIT, "colour": "red"}, "colour"),
        ({"customer_no": 45}, "customer_no"),
        ({"customer_no": LIT, "fault_class": "地震"}, "fault_class"),
        ({"customer_no": LIT, "channel": "pigeon"}, "channel"),
        ({"customer_no": LIT, "registered_at": "yesterday"}, "registered_at"),
        ({"customer_no": LIT, "registered_at": "2026-07-16T19:40:00"}, "registered_at"),
        ({"customer_no": LIT, "registered_at": "2026-07-16T20:40:00+08:00"}, "registered_at"),
        ({"customer_no": LIT, "registered_at": "2026-07-08T19:39:00+08:00"}, "registered_at"),
        ({"customer_no": LIT, "report_id": "a b"}, "report_id"),
        ({"customer_no": LIT, "note": "x" * 1001}, "note"),
        ({"lon": 112.5}, "lat"),
        ({"lon": 112.5, "lat": 30.4}, "datum"),
        ({"lon": 112.5, "lat": 30.4, "datum": "mars"}, "datum"),
        ({"lon": "112.5", "lat": 30.4, "datum": "wgs84"}, "lon"),
        ({"lon": 512.5, "lat": 30.4, "datum": "wgs84"}, "lon"),
        ({"lon": 10**400, "lat": 30.4, "datum": "wgs84"}, "lon"),
        ({"customer_no": LIT, "registered_at": "0001-01-01T00:00:00+08:00"}, "registered_at"),
        ({"transformer_id": "T-x"}, "transformer_id"),
        ({"caller": "somebody"}, "customer_no"),
        ("text", ""),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_used_is_named(
    served: Any, hotline: httpx.Client, call: Any, field: str
) -> None:
    before = stored(served)
    answer = hotline.post(ROUTE, json=call)
    assert answer.status_code == 400
    told = answer.json()
    assert (told["field"], told["item"]) == (field, 0)
    assert told["reason"]
    assert told["code"] not in told["reason"]
    assert stored(served) == before


def test_bodies_of_other_kinds_are_refused(served: Any, hotline: httpx.Client) -> None:
    kind = {"Content-Type": "application/json"}
    assert hotline.post(ROUTE, data={"customer_no": LIT}).status_code == 415
    assert hotline.post(ROUTE, content=b"{", headers=kind).status_code == 400
    figures = b'{"lon": ' + b"9" * 5000 + b"}"
    assert hotline.post(ROUTE, content=figures, headers=kind).status_code == 400
    assert hotline.post(ROUTE, content=b"\xff", headers=kind).status_code == 400
    long = b'"' + b"x" * LONGEST_BODY + b'"'
    assert hotline.post(ROUTE, content=long, headers=kind).status_code == 413
    assert hotline.post(ROUTE, json=[]).status_code == 400
    many = hotline.post(ROUTE, json=[{"customer_no": LIT}] * 501)
    assert (many.status_code, many.json()["code"]) == (400, "fault_too_many")
    assert "公里" not in hotline.post(f"{ROUTE}?lang=zh", json=[]).json()["reason"]
    assert "每次请求" in hotline.post(f"{ROUTE}?lang=zh", json=[]).json()["reason"]


def test_who_comes_while_too_many_wait_is_told_to_come_again(
    served: Any, hotline: httpx.Client, monkeypatch: Any
) -> None:
    before = stored(served)
    monkeypatch.setattr(fault_intake, "MOST_WAITING", 0)
    answer = hotline.post(ROUTE, json={"customer_no": LIT})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json()["code"] == "fault_busy"
    assert stored(served) == before


def test_what_could_not_be_stored_is_not_acknowledged(
    served: Any, hotline: httpx.Client, monkeypatch: Any
) -> None:
    before = stored(served)

    def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(fault_intake.store, "insert", broken)
    answer = hotline.post(ROUTE, json={"customer_no": LIT})
    assert (answer.status_code, answer.json()["code"]) == (503, "fault_not_stored")
    monkeypatch.undo()
    assert stored(served) == before
    assert hotline.post(ROUTE, json={"customer_no": LIT}).status_code == 201


def test_without_a_token_nobody_gets_in_and_it_is_recorded(served: Any) -> None:
    call = {"customer_no": LIT}
    for shown in ("", "Bearer", "Bearer wrong", "Basic abc"):
        before = len(served.refusals())
        headers = {"Authorization": shown} if shown else {}
        assert served.visitor().post(ROUTE, json=call, headers=headers).status_code == 403
        assert served.refusals()[before]["asked"] == f"POST {ROUTE}"
    cookie = served.begin("dispatcher")
    bearer = {"Authorization": f"Bearer {cookie}"}
    assert served.visitor().post(ROUTE, json=call, headers=bearer).status_code == 403


def test_a_person_may_by_cookie_but_never_from_another_site(served: Any) -> None:
    call = {"customer_no": LIT}
    dispatcher = served.person("dispatcher")
    assert dispatcher.post(ROUTE, json=call, headers={"Origin": served.url}).status_code == 201
    foreign = {"Origin": "http://another.example"}
    assert dispatcher.post(ROUTE, json=call, headers=foreign).status_code == 403
    assert served.person("planner").post(ROUTE, json=call).status_code == 403


def test_a_token_opens_this_route_and_nothing_else(
    served: Any, hotline: httpx.Client, token: tokens.Token
) -> None:
    for path in ("/today", "/cells/1/all/customers.bin", "/_stcore/health", "/account"):
        assert hotline.get(path).status_code == 403
    cookie = served.visitor()
    cookie.cookies.set("gridcells_session", token.token)
    assert cookie.get("/account").status_code == 403
    assert cookie.post(ROUTE, json={"customer_no": LIT}).status_code == 403
    assert served.refusals()[-1]["code"] == "token_not_here"


def test_a_token_is_ended_like_any_session(
    served: Any, hotline: httpx.Client, token: tokens.Token
) -> None:
    call = {"customer_no": LIT}
    assert hotline.post(ROUTE, json=call).status_code == 201
    sessions.end_session(served.db, ADMIN, token.session_id)
    assert hotline.post(ROUTE, json=call).status_code == 403
    last = served.refusals()[-1]
    assert (last["code"], last["asked"]) == ("session_ended", f"POST {ROUTE}")
    other = tokens.issue(served.db, ADMIN, "town-hotline", days=1)
    held = sessions.resolve(served.db, other.token, at=real_now() + timedelta(hours=23))
    assert held.way == "token"
    with pytest.raises(UserError, match="session_expired"):
        sessions.resolve(served.db, other.token, at=real_now() + timedelta(hours=25))


def test_only_programs_get_tokens_and_the_store_keeps_none(
    served: Any, token: tokens.Token
) -> None:
    with pytest.raises(UserError, match="user_token_role"):
        tokens.issue(served.db, ADMIN, "town-dispatcher")
    for days in (0, 2000):
        with pytest.raises(UserError, match="user_token_days"):
            tokens.issue(served.db, ADMIN, "town-hotline", days=days)
    for table in ("sessions", "audit_log"):
        held = served.db.query(f"SELECT t::VARCHAR AS line FROM {table} t")["line"]
        assert not held.str.contains(token.token, regex=False).any()
    row = served.db.query("SELECT * FROM audit_log WHERE event = 'token_issued'").iloc[-1]
    assert row["subject"] == f"session:{token.session_id}"


def test_a_program_that_becomes_something_else_loses_its_token(served: Any) -> None:
    user_id = users.add_user(served.db, ADMIN, users.UserWish("hl2", "Hotline 2", "hotline"))[0]
    given = tokens.issue(served.db, ADMIN, user_id)
    program = served.visitor(Authorization=f"Bearer {given.token}")
    assert program.post(ROUTE, json={"customer_no": LIT}).status_code == 201
    users.set_active(served.db, ADMIN, user_id, active=False)
    assert program.post(ROUTE, json={"customer_no": LIT}).status_code == 403
    with pytest.raises(UserError, match="user_unknown"):
        tokens.issue(served.db, ADMIN, user_id)


def test_neither_phone_nor_name_nor_number_is_in_the_audit(
    served: Any, hotline: httpx.Client
) -> None:
    call = {"customer_no": LIT, "caller": "诸葛孔明", "phone": "13977712345", "note": "紫色的灯"}
    assert hotline.post(ROUTE, json=call).status_code == 201
    row = served.db.query("SELECT * FROM audit_log WHERE event = 'faults_reported'").iloc[-1]
    assert row["actor"] == "user:town-hotline"
    lines = served.db.query("SELECT t::VARCHAR AS line FROM audit_log t")["line"].str.cat()
    for word in ("诸葛孔明", "13977712345", "紫色", LIT):
        assert word not in lines


def test_a_call_may_bring_its_own_moment(served: Any, hotline: httpx.Client) -> None:
    at = NOW - timedelta(minutes=20)
    told = hotline.post(ROUTE, json={"customer_no": LIT, "registered_at": at.isoformat()}).json()
    assert datetime.fromisoformat(told["registered_at"]) == at
