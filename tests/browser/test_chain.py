"""One fault from the call to the archive, at a phone's size, and its story on the page Orders."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect

from app.store.database import Database
from app.use_cases import clock
from tests.app.phone_town import CREW, settle, west
from tests.browser.conftest import PAGE_MS, PHONE
from tests.browser.test_crew_phone import GATE, Phone
from tests.conftest import LittleTown, copy_of

pytestmark = pytest.mark.browser

expect.set_options(timeout=PAGE_MS)  # the machine may be busy
THICK = 48
FAR = {"lon": 112.45, "lat": 30.40, "accuracy_m": 8}
STORY = [
    "Registered", "Crew told", "Accepted", "Card filled in", "Gate asked for", "Gate opened",
    "Checked in", "Evidence added", "Surveyed", "Evidence added", "Repaired", "Power is back",
    "Rated by the customer", "Archived",
]  # fmt: skip


@pytest.fixture(scope="module")
def town_file(town_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town as a city whose clock runs, so that every step has a moment of its own."""
    working = copy_of(town_file, tmp_path_factory.mktemp("chain"))
    zone = shapely.to_wkb(shapely.box(112, 30, 113, 31))
    with Database(working) as db:
        settle(db)
        row = "INSERT INTO promise_zones VALUES ('z', 'city', ?, 1, 1)"
        db.write(lambda c: c.execute(row, [zone]))
        at = clock.now(db)
        db.write(lambda c: clock.start_clock(c, at=at, running=True))
    return working


@pytest.fixture
def phone(visit: Callable[..., Any]) -> Iterator[Phone]:
    one = Phone(visit(PHONE, login="crew"))
    one.context.grant_permissions(["geolocation"])
    one.context.set_geolocation({"longitude": FAR["lon"], "latitude": FAR["lat"], "accuracy": 8})
    yield one
    one.back()


def call(desk: Any, number: str) -> str:
    """The number of a call taken on the page, as by a person at the telephone."""
    page = desk.open("fault_intake")
    page.locator(".st-key-search_text input").fill(number)
    page.locator(".st-key-search_text input").press("Enter")
    page.locator(".st-key-find_0_customer button").click()
    desk.settle()
    page.locator(".st-key-fault_root").get_by_text("LV fault").click()
    desk.settle()
    page.locator(".st-key-fault_caller input").fill("王先生")
    page.get_by_role("button", name="Register").click()
    said = page.locator(".st-key-fault_registered")
    expect(said).to_contain_text("The crew arrives by")
    return str(said.inner_text().split("Registered as ")[1].split(".")[0])


def grouped(desk: Any, report: str) -> str:
    """The outage that the rule made of both calls, as the page Promises tells it."""
    for _ in range(20):
        page: Page = desk.open(f"promises?order={report}")
        told = page.locator(".st-key-drawer_open").inner_text()
        if "2 open calls" in told:
            return str(told.split(", 2 open calls")[0].split()[-1])
        page.wait_for_timeout(500)
    pytest.fail(f"not grouped: {told}")


def sent_from_the_board(desk: Any) -> str:
    """The one order that the rule made of both calls: its suggested crew is told by one button."""
    board: Page = desk.open("dispatch")
    head = board.locator(".st-key-queue .gc-queue small")
    expect(head).to_have_count(1)
    order = str(head.inner_text().split(" · ")[0])
    send = board.locator(f".st-key-queue_take_{order} button")
    expect(send).to_contain_text("Send C0")
    assert send.bounding_box()["height"] >= THICK
    send.click()
    expect(board.locator(".stAlert", has_text=f"C0 was told of {order}.").first).to_be_visible()
    return order


def asked_at_the_gate(mine: Phone, order: str) -> None:
    """Accepted, the card filled in and the gate asked for."""
    page = mine.open(f"#order/{order}")
    mine.next("Accept")
    mine.next("Fill in the card")
    for name, value in {**GATE, "leader": "赵强"}.items():
        page.locator(f"#field-{name}").fill(value)
    for name in ("leader", "guardian"):
        page.locator(f"#field-{name}_at_site").check()
    mine.next("Ask for approval")
    mine.unsent(0)


def opened_by_another(desk: Any, order: str) -> None:
    """The dispatcher reads the card beside the order and opens the gate."""
    page = desk.open(f"orders?order={order}")
    page.locator(".st-key-order_more_gate_approved button").first.click()
    page.locator(".st-key-order_do_gate_approved button").click()
    expect(page.get_by_text("Done: Gate opened.")).to_be_visible(timeout=PAGE_MS)


def checked_in(mine: Phone, order: str) -> None:
    """Three kilometres off: refused without a reason, let through with one."""
    page = mine.open(f"#order/{order}")
    mine.next("Check in here")
    expect(page.locator("#sheet")).to_contain_text("You seem to be elsewhere")
    page.locator("#check-in").click()
    mine.unsent(0)
    assert told_of(mine, order)["state"] == "accepted"
    refused = sent(mine, {"key": "bare", "kind": "move", "order": order, "move": "arrived", **FAR})
    assert (refused["fate"], refused["code"]) == ("refused", "order_outside_fence"), refused
    page.locator("#outside-reason").select_option("fault_elsewhere")
    page.locator("#check-in").click()
    expect(page.locator("#next")).to_have_text("Survey done")
    mine.unsent(0)


def evidence_over_a_cut(mine: Phone, order: str) -> None:
    """The line goes while the evidence is being taken; all of it arrives once, in order."""
    page = mine.page
    _note(page, "Fuse blown")
    mine.unsent(0)
    mine.kept()
    mine.cut()
    mine.next("Survey done")
    page.locator("#evidence-note").fill("New fuse")
    page.reload()
    mine.ready()
    expect(page.locator("#evidence-note")).to_have_value("New fuse")
    page.get_by_role("button", name="Keep the note").click()
    mine.next("Repair done")
    mine.unsent(3)
    mine.back()
    mine.unsent(0)
    assert told_of(mine, order)["state"] == "repaired"


def _note(page: Page, words: str) -> None:
    page.locator("#evidence-note").fill(words)
    page.get_by_role("button", name="Keep the note").click()


def sent(mine: Phone, step: dict[str, Any]) -> dict[str, Any]:
    """The server's answer to a step that the page itself would not send."""
    url = mine.visit.server.url
    answer = mine.context.request.post(
        f"{url}/crew/steps", data=json.dumps({"who": CREW.id, "steps": [step]}),
        headers={"Origin": url, "Content-Type": "application/json"},
    )  # fmt: skip
    return dict(answer.json()["answers"][0])


def told_of(mine: Phone, order: str) -> dict[str, Any]:
    """The order as the server tells the phone."""
    day = mine.context.request.get(f"{mine.visit.server.url}/crew/day").json()
    return next(one for one in day["orders"] if one["order_id"] == order)


def stamped(desk: Any, report: str) -> None:
    """The call's own clock: each stamp of the order stands with it."""
    page = desk.open(f"promises?order={report}")
    drawer = page.locator(".st-key-drawer_open")
    expect(drawer).to_contain_text("C0, there since")
    done = drawer.inner_text().split("What was done")[1]
    deeds = ("Crew told", "Crew accepted", "Crew arrived", "The fault lies elsewhere on the line")
    places = [done.find(one) for one in deeds]
    assert -1 not in places, done
    assert places == sorted(places)


def story(desk: Any, order: str) -> list[str]:
    """What the timeline of the page Orders tells, from above: a moment and a deed a line."""
    page = desk.open(f"orders?order={order}")
    drawer = page.locator(".st-key-drawer_open")
    expect(drawer).to_contain_text("archived")
    told = drawer.inner_text().split("Timeline")[1].split("Job card")[0]
    lines = [one for one in told.splitlines() if one]
    moments, deeds = lines[::2], lines[1::2]
    assert all(one.startswith("Thu 16 Jul ") for one in moments)
    assert moments == sorted(moments)
    return [one for one in deeds if not one.startswith("Later calls joined")]


@pytest.mark.long
def test_a_call_becomes_an_order_that_is_worked_on_and_put_away(
    visit: Any, phone: Phone, town: LittleTown, picture: Any
) -> None:
    desk, place = visit(PHONE), west(town)[0]
    calls = [call(desk, f"{4 * place + nth:010d}") for nth in (1, 2)]
    assert grouped(desk, calls[0]) == grouped(desk, calls[1]) == "CALL-260716-0001"
    order = sent_from_the_board(desk)
    asked_at_the_gate(phone, order)
    opened_by_another(desk, order)
    checked_in(phone, order)
    for one in calls:
        stamped(desk, one)
    evidence_over_a_cut(phone, order)
    phone.next("Power is back")
    phone.next("Ask for a rating")
    phone.page.get_by_role("button", name="4 stars").click()
    phone.next("Archive")
    phone.unsent(0)

    deeds = story(desk, order)
    picture(desk.page, "chain-story")
    assert len(deeds) == len(STORY)
    assert [
        one for one, begins in zip(deeds, STORY, strict=True) if not one.startswith(begins)
    ] == []
    arrived = deeds[STORY.index("Checked in")]
    assert "The fault lies elsewhere on the line · outside the site" in arrived
    assert "林薇" in deeds[STORY.index("Gate opened")]
    figures = desk.open("promises").locator(".st-key-strip").inner_text()
    assert re.findall(r"^(\d+)[^\n]*\nOpen orders$", figures, re.MULTILINE) == ["0"]
    assert re.search(r"100\s%\nPromises kept today", figures)
