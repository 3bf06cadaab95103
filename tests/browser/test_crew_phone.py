"""The crew's phone page in a real browser: cold without a line, filled in, sent once in order."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from app.store.database import Database
from tests.app.phone_town import order, settle, west
from tests.browser.conftest import PAGE_MS, PHONE, Server
from tests.conftest import LittleTown, copy_of

pytestmark = pytest.mark.browser

BOSS = "user:town-dispatcher"
GATE = {
    "task": "Change the fuse", "tools": "ladder", "materials": "fuse 160 A",
    "measures": "voltage tested, earthed", "precautions": "traffic", "guardian": "钱勇",
}  # fmt: skip


@pytest.fixture(scope="module")
def orders() -> list[str]:
    """Ids of the crew's orders, filled by the town's making."""
    return []


@pytest.fixture(scope="module")
def town_file(
    town_file: Path, town: LittleTown, orders: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The town with four orders of the crew C0, due one after the other."""
    working = copy_of(town_file, tmp_path_factory.mktemp("working"))
    with Database(working) as db:
        settle(db)
        orders += [order(db, place) for place in west(town)[:4]]
    return working


class Phone:
    """The page on a phone, and what its server was asked."""

    def __init__(self, made: Any) -> None:
        self.visit = made
        self.page: Page = made.page
        self.context: BrowserContext = made.page.context
        self.sent: list[dict[str, Any]] = []
        self.page.on("request", self._note)

    def _note(self, request: Any) -> None:
        if request.url.endswith("/crew/steps") and request.method == "POST":
            self.sent += json.loads(request.post_data)["steps"]

    def open(self, part: str = "") -> Page:
        self.page.goto(f"{self.visit.server.url}/crew{part}")
        self.ready()
        return self.page

    def again(self) -> None:
        self.page.reload()
        self.ready()

    def ready(self) -> None:
        self.page.locator("body[data-ready]").wait_for(timeout=PAGE_MS)

    def kept(self) -> None:
        """Wait until the service worker keeps the shell."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function(
            "caches.keys().then(names => names.some(name => name.includes('crew-shell')))"
        )

    def cut(self) -> None:
        self.context.set_offline(True)

    def back(self) -> None:
        self.context.set_offline(False)

    def unsent(self, count: int) -> None:
        pill = self.page.locator("#unsent")
        expect(pill).to_have_attribute("data-count", str(count), timeout=PAGE_MS)

    def go(self, part: str) -> None:
        self.page.evaluate("part => { location.hash = part; }", part)

    def next(self, words: str) -> None:
        """Press the one deed at the bottom, which must be the expected one."""
        expect(self.page.locator("#next")).to_have_text(words)
        self.page.locator("#next").click()


@pytest.fixture
def phone(visit: Callable[..., Any]) -> Iterator[Callable[..., Phone]]:
    made: list[Phone] = []

    def begin(login: str = "crew", locale: str = "en-US") -> Phone:
        one = Phone(visit(PHONE, locale, login))
        made.append(one)
        return one

    yield begin
    for one in made:
        one.back()


def states(server: Server, page: Page) -> dict[str, str]:
    """The state of each order as the server tells it."""
    told = page.context.request.get(f"{server.url}/crew/day").json()
    return {one["order_id"]: one["state"] for one in told["orders"]}


def test_cold_without_a_line_filled_in_and_sent_once_in_order(
    phone: Callable[..., Phone], server: Server, orders: list[str], picture: Any
) -> None:
    mine = phone()
    page = mine.open()
    mine.kept()
    expect(page.locator("#ground")).to_be_visible()
    picture(page, "crew-today")

    mine.cut()
    page.close()
    page = mine.page = mine.context.new_page()
    page.on("request", mine._note)
    mine.open()
    expect(page.locator("#notice")).to_contain_text("No connection")
    expect(page.locator(".job")).to_be_visible()
    expect(page.locator("#map canvas").first).to_be_visible()
    expect(page.locator("#screen")).to_contain_text("Low-voltage fault")

    _fill_in(mine, page, first := orders[0], picture)
    mine.go("#today")
    page.reload()
    mine.ready()
    mine.unsent(5)

    mine.back()
    mine.unsent(0)
    made = [(one["kind"], one.get("move")) for one in mine.sent]
    assert list(dict.fromkeys(made)) == [
        ("move", "accepted"), ("card", None), ("move", "gate_asked"), ("move", "arrived"),
    ]  # fmt: skip
    assert len({one["key"] for one in mine.sent}) == 4
    assert states(server, page)[first] == "arrived"
    mine.go("#queue")
    expect(page.locator("#screen")).to_contain_text("Every step has arrived")
    picture(page, "crew-queue")


def _fill_in(mine: Phone, page: Page, first: str, picture: Any) -> None:
    """Without a line: accepted, the card filled over a reload, checked in, a note made."""
    mine.go(f"#order/{first}")
    mine.next("Accept")
    mine.unsent(1)
    mine.next("Fill in the card")
    for name, value in GATE.items():
        page.locator(f"#field-{name}").fill(value)
    page.locator("#field-leader").fill("赵强")
    page.locator("#field-leader_at_site").check()

    page.reload()
    mine.ready()
    expect(page.locator("#field-measures")).to_have_value(GATE["measures"])
    expect(page.locator("#field-leader_at_site")).to_be_checked()
    mine.unsent(1)
    mine.next("Ask for approval")
    expect(page.locator("#notice")).to_contain_text("Guardian stands at the site")
    page.locator("#field-guardian_at_site").check()
    picture(page, "crew-card-offline")
    mine.next("Ask for approval")
    mine.unsent(3)
    mine.next("Check in here")
    page.locator("#outside-reason").select_option("no_position")
    page.locator("#check-in").click()
    mine.unsent(4)
    page.locator("#evidence-note").fill("Cabinet locked, key at the porter's")
    page.get_by_role("button", name="Keep the note").click()
    mine.unsent(5)


@pytest.mark.long
def test_what_another_person_moved_meanwhile_is_shown_and_nothing_is_overwritten(
    phone: Callable[..., Phone], server: Server, orders: list[str], picture: Any, visit: Any
) -> None:
    mine, taken, own = phone(), orders[1], orders[2]
    page = mine.open()
    mine.kept()
    mine.cut()
    for one in (taken, own):
        mine.go(f"#order/{one}")
        mine.next("Accept")
    mine.unsent(2)
    mine.go(f"#order/{taken}")
    page.locator("#evidence-note").fill("gate is open")
    page.get_by_role("button", name="Keep the note").click()
    mine.unsent(3)

    boss = visit(login="dispatcher").page.context.request
    step = {"key": "boss-1", "kind": "move", "order": taken, "move": "reassigned", "crew_id": "C1"}
    answer = boss.post(
        f"{server.url}/crew/steps", data=json.dumps({"who": BOSS, "steps": [step]}),
        headers={"Origin": server.url, "Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.json()["answers"][0]["fate"] == "done", answer.text()

    mine.back()
    mine.unsent(2)
    assert states(server, page).get(own) == "accepted"
    mine.go("#queue")
    screen = page.locator("#screen")
    expect(screen).to_contain_text("True now:")
    expect(screen).to_contain_text("assigned, by 林薇")
    expect(screen).to_contain_text("One later step of this order waits until you decide.")
    picture(page, "crew-conflict")
    page.get_by_role("button", name="Give mine up").click()
    expect(screen).to_contain_text("Your crew does not hold this order.", timeout=PAGE_MS)


@pytest.mark.long
def test_two_people_at_one_phone_send_only_what_is_their_own(
    phone: Callable[..., Phone], server: Server, orders: list[str]
) -> None:
    mine, one = phone(), orders[3]
    page = mine.open(f"#order/{one}")
    mine.kept()
    mine.cut()
    mine.next("Accept")
    mine.unsent(1)
    page.locator("#evidence-note").fill("typed and not kept")
    mine.context.clear_cookies()
    mine.back()
    expect(page.locator("#notice")).to_contain_text("Sign in again")
    mine.visit.enter("inspector")
    mine.open("#queue")
    mine.again()  # as who comes from the sign-in page does
    mine.unsent(0)
    expect(page.locator("#screen")).to_contain_text("2 steps of another person wait")
    held = page.evaluate("Object.keys(localStorage).filter(key => key.includes('town-crew'))")
    assert held == []
    mine.visit.enter("crew")
    mine.open()
    mine.again()
    mine.unsent(0)
    assert states(server, page)[one] == "accepted"
    told = page.context.request.get(f"{server.url}/crew/day").json()["orders"]
    kept = next(row["evidence"] for row in told if row["order_id"] == one)
    assert [piece["note"] for piece in kept] == ["typed and not kept"]


@pytest.mark.long
def test_it_speaks_chinese_and_can_be_installed(
    phone: Callable[..., Phone], server: Server, picture: Any
) -> None:
    mine = phone(locale="zh-CN")
    page = mine.open()
    expect(page.locator("#title")).to_contain_text("我的网格")
    picture(page, "crew-today-zh")
    mine.go("#menu")
    expect(page.locator("#screen")).to_contain_text("上班")
    told = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then(a => a.json())"
    )
    assert (told["start_url"], told["scope"], told["display"]) == ("/crew", "/crew", "standalone")
    page.locator("#language").click()
    expect(page.locator("#title")).to_contain_text("Duty and phone")
    boxes = page.locator("button:visible, .button:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(boxes) >= 48
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE[0]
