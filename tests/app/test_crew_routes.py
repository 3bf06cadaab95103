"""The addresses of the crew's phone page: who may, what is answered, what is refused."""

import json
import struct
from typing import Any

import pytest

from app import crew_routes
from app.language import LANGUAGES
from tests.app.phone_town import order, settle, west
from tests.conftest import LittleTown

CREW = "user:town-crew"
FILES = ("/crew", "/crew/sw.js", "/crew/manifest.json", "/crew/static/crew.css",
         "/crew/static/crew_app.js", "/crew/static/words-en.json", "/crew/day")  # fmt: skip
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def crew(served: Any) -> Any:
    settle(served.db)
    return served.person("crew")


def post(served: Any, person: Any, path: str, **body: Any) -> Any:
    return person.post(path, json={"who": CREW, **body}, headers={"Origin": served.url})


def send(served: Any, person: Any, given: dict[str, Any], content: bytes, **headers: str) -> Any:
    return person.post(
        "/crew/evidence", content=json.dumps({"who": CREW, **given}).encode() + b"\n" + content,
        headers={"Origin": served.url, "Content-Type": "application/octet-stream", **headers},
    )  # fmt: skip


def step(key: str, made: str, name: str) -> dict[str, Any]:
    return {"key": key, "kind": "move", "order": made, "move": name}


def state(crew: Any, made: str) -> str:
    told = crew.get("/crew/day").json()["orders"]
    return next(one["state"] for one in told if one["order_id"] == made)


@pytest.mark.parametrize("path", FILES)
def test_the_page_is_for_those_who_do_orders(served: Any, path: str) -> None:
    for login in ("crew", "inspector", "dispatcher", "admin"):
        assert served.person(login).get(path).status_code == 200, login
    for login in ("manager", "planner", "analyst", "auditor", "clerk", "hotline"):
        assert served.person(login).get(path).status_code == 403, login
    assert served.visitor().get(path).status_code == 403


def test_the_shell_is_the_same_for_everybody_and_holds_nobodys_data(served: Any, crew: Any) -> None:
    shell = crew.get("/crew")
    assert shell.content == served.person("admin").get("/crew").content
    assert "frame-ancestors 'self'" in shell.headers["content-security-policy"]
    worker = crew.get("/crew/sw.js")
    assert worker.headers["service-worker-allowed"] == "/crew"
    assert "{{" not in worker.text
    listed = json.loads(worker.text.split("const FILES = ")[1].split(";\n")[0])
    assert "/crew/day" not in listed
    assert [path for path in listed if crew.get(path).status_code != 200] == []
    for spoken in LANGUAGES:
        told = crew.get(f"/crew/static/words-{spoken}.json").json()
        assert {"crew_unsent", "wo_task_repair_lv"} <= set(told)
    assert crew.get("/crew/static/crew.html").status_code == 404
    assert crew.get("/crew/static/redraw.js").status_code == 404


def test_a_phone_finds_pictures_of_the_size_it_asks_for(crew: Any) -> None:
    icons = crew.get("/crew/manifest.json").json()["icons"]
    assert {one["sizes"] for one in icons} == {"any", "192x192", "512x512"}
    for one in (icon for icon in icons if icon["type"] == "image/png"):
        picture = crew.get(one["src"])
        assert picture.headers["content-type"] == "image/png"
        width, height = struct.unpack(">II", picture.content[16:24])
        assert one["sizes"] == f"{width}x{height}"
        assert "maskable" in one["purpose"]


def test_the_day_is_kept_by_no_cache(crew: Any) -> None:
    assert crew.get("/crew/day").headers["cache-control"] == "private, no-store"


def test_steps_are_answered_one_by_one_with_reasons_in_the_language_asked_for(
    served: Any, crew: Any, town: LittleTown
) -> None:
    made, theirs = order(served.db, west(town)[0]), order(served.db, west(town)[1], crew="C1")
    steps = [step("a", made, "accepted"), step("b", theirs, "accepted")]
    told = post(served, crew, "/crew/steps?lang=zh", steps=steps).json()["answers"]
    assert [one["fate"] for one in told] == ["done", "refused"], told[0]
    assert (told[0]["state"], told[1]["code"]) == ("accepted", "order_not_yours")
    assert "班组" in told[1]["reason"]
    again = post(served, crew, "/crew/steps", steps=steps[:1]).json()["answers"]
    assert again[0]["fate"] == "repeated"


def test_orders_of_others_are_neither_told_nor_called_about(
    served: Any, crew: Any, town: LittleTown
) -> None:
    theirs = order(served.db, west(town)[1], crew="C1")
    assert theirs not in crew.get("/crew/day").text
    refused = post(served, crew, "/crew/call", order=theirs)
    assert (refused.status_code, refused.json()["code"]) == (400, "order_not_yours")
    given = {"key": "e", "order": theirs, "kind": "note", "note": "seen"}
    assert send(served, crew, given, b"").json()["code"] == "order_not_yours"


def test_a_queue_is_not_taken_from_somebody_else(served: Any, crew: Any, town: LittleTown) -> None:
    made = order(served.db, west(town)[0])
    inspector = served.person("inspector")
    for path, body in (
        ("/crew/steps", {"steps": [step("a", made, "accepted")]}), ("/crew/call", {"order": made}),
        ("/crew/duty", {"step": "on", "step_key": "d", "told_of_tracks": True}),
        ("/crew/positions", {"fixes": []}),
    ):  # fmt: skip
        answer = post(served, inspector, path, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "crew_other_person"), path
    assert send(served, inspector, {"key": "e"}, b"").status_code == 409
    assert state(crew, made) == "told"


def test_nothing_is_taken_from_another_site_or_without_a_session(
    served: Any, crew: Any, town: LittleTown
) -> None:
    made = order(served.db, west(town)[0])
    body = {"who": CREW, "steps": [step("a", made, "accepted")]}
    foreign = {"Origin": "http://another.example"}
    for path in ("/crew/steps", "/crew/whose", "/crew/call", "/crew/evidence"):
        assert crew.post(path, json=body, headers=foreign).status_code == 403
        assert served.visitor().post(path, json=body).status_code == 403
    assert state(crew, made) == "told"


def test_a_photo_is_kept_once(served: Any, crew: Any, town: LittleTown) -> None:
    made = order(served.db, west(town)[0])
    given = {"key": "e1", "order": made, "kind": "photo", "media_type": "image/png",
             "taken_at": "2026-07-16T19:39:00+08:00"}  # fmt: skip
    first = send(served, crew, given, PNG)
    assert (first.status_code, first.json()["repeated"]) == (200, False), first.text
    assert send(served, crew, given, PNG).json() == {**first.json(), "repeated": True}
    row = served.db.query("SELECT content, order_id FROM work_order_evidence")
    assert [bytes(one) for one in row["content"]] == [PNG]
    text = send(served, crew, {**given, "key": "e2"}, b"<html>not a picture</html>")
    assert (text.status_code, text.json()["code"]) == (400, "evidence_media")


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_refused(served: Any, crew: Any, body: bytes) -> None:
    headers = {"Origin": served.url, "Content-Type": "application/json"}
    answer = crew.post("/crew/steps", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "crew_body")
    headers["Content-Type"] = "text/plain"
    assert crew.post("/crew/steps", content=body, headers=headers).status_code == 415


def test_bodies_have_a_limit(served: Any, crew: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    long = {"who": CREW, "steps": [], "more": "x" * crew_routes.LONGEST_BODY}
    answer = crew.post("/crew/steps", json=long, headers={"Origin": served.url})
    assert (answer.status_code, answer.json()["code"]) == (413, "crew_body_long")
    monkeypatch.setattr(crew_routes, "LONGEST_FILE", 100)
    assert send(served, crew, {"key": "e"}, b"x" * 200).status_code == 413


def test_whose_is_asked_in_a_body_and_answered_as_the_role_may_see(
    served: Any, crew: Any, town: LittleTown
) -> None:
    number = f"{4 * west(town)[0] + 1:010d}"
    told = post(served, crew, "/crew/whose", customer=number).json()
    assert (told["area"], told["customer"]) == ("W-01", number)
    unknown = post(served, crew, "/crew/whose", customer="9999999999")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "customer_unknown")
    assert post(served, crew, "/crew/whose", lon=200, lat=0).status_code == 400
