"""Who sees which page: the menu by role, the refusal, and the end of a session."""

import re
from typing import Any

import pytest
from streamlit import runtime
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest

from app.language import catalogue
from app.navigation import first_of, open_to
from app.store.database import Database
from app.use_cases import clock, roles, sessions
from app.widgets import session

LOOK = ["Today", "Service map", "Outages"]
SERVE = ["Customers", "Halls", "Reach"]
PROMISED = [*LOOK, "Promises", "Reliability", *SERVE]
SUSPECTS = [
    *PROMISED, "Province", "Theft hotspots", "Data quality", "Redraw areas", "Inbox", "Crews",
    "Orders",
]  # fmt: skip
OWN = ("My account", "Data dictionary")
MENUS = {
    "manager": [*SUSPECTS, "Data"],
    "planner": [*PROMISED, "Province", "Redraw areas", "Inbox", "Crews", "Orders", "Data"],
    "dispatcher": [
        *PROMISED, "Redraw areas", "Inbox", "Crews", "Dispatch", "My area", "Orders",
        "Fault intake",
    ],
    "analyst": SUSPECTS,
    "auditor": ["Audit"],
    "crew": [*LOOK, "Promises", *SERVE, "Crews", "My area", "Orders", "Fault intake"],
    "clerk": [*LOOK, *SERVE, "Orders", "Fault intake"],
    "inspector": [*LOOK, *SERVE, "Theft hotspots", "My area", "Orders"],
    "admin": [
        *LOOK, "Promises", "Reliability", "Halls", "Reach", "Province", "Data quality",
        "Redraw areas", "Inbox", "Crews", "Dispatch", "My area", "Orders", "Fault intake",
        "Data", "Users", "Audit",
    ],
}  # fmt: skip


def written(page: AppTest) -> str:
    parts = [*page.get("html"), *page.caption, *page.header, *page.error, *page.markdown]
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts)


def menu(page: AppTest) -> list[str]:
    """The pages named in the bar, without those in the person's own menu."""
    labels = [str(link.proto.label) for link in page.get("page_link")]
    titles = {text for code, text in catalogue("en").items() if code.startswith("page_")}
    return [label for label in labels if label in titles and label not in OWN]


def refusals(db: Database) -> list[tuple[str, str]]:
    rows = db.read().execute(
        "SELECT actor, detail FROM audit_log WHERE event = 'access_refused' ORDER BY event_id"
    )
    return [(str(actor), str(detail)) for actor, detail in rows.fetchall()]


@pytest.mark.parametrize("login", MENUS)
def test_the_menu_holds_what_the_role_may_use(
    served: Database, open_page: Any, as_user: Any, login: str
) -> None:
    as_user(login)
    page = open_page("account")
    assert menu(page) == MENUS[login]
    assert refusals(served) == []


def test_everybody_lands_on_a_page_of_their_own() -> None:
    landing = {role: first_of(role).code for role in roles.permissions_by_role()}
    assert landing["auditor"] == "audit"
    assert landing["crew"] == "today"
    assert all(first_of(role) in open_to(role) for role in landing)
    assert first_of("nobody at all").code == "account"


def test_the_auditor_starts_at_the_audit(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("auditor")
    page = open_page("no such page")
    assert page.header[0].value == "Audit"


@pytest.mark.parametrize(
    ("login", "code", "reason"),
    [
        ("auditor", "service_map", "Your role, auditor, may not see the service map"),
        ("dispatcher", "users", "Your role, dispatcher, may not manage users and roles"),
        ("manager", "audit", "Your role, manager, may not read the audit"),
        ("admin", "customers", "Your role, administrator, may not look up customers"),
    ],
)
def test_a_page_of_others_is_refused_with_the_reason_and_recorded(
    served: Database, open_page: Any, as_user: Any, login: str, code: str, reason: str
) -> None:
    as_user(login)
    page = open_page(code)
    assert not page.exception
    assert page.header[0].value == "This page is not for your role"
    assert reason in page.error[0].value
    assert "Ask an administrator" in page.error[0].value
    ((actor, detail),) = refusals(served)
    assert actor == f"user:town-{login}"
    assert f"page.{code}" in detail
    assert not page.get("dataframe")
    assert not page.get("component_instance")


def test_a_refusal_is_worded_in_chinese_too(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("auditor")
    page = open_page("customers", lang="zh")
    assert "您的角色是审计员，不能查询客户" in page.error[0].value


def test_who_has_not_signed_in_sees_a_sentence_and_nothing_else(
    served: Database, open_page: Any
) -> None:
    session.stand_in(None)
    page = AppTest.from_file(str(open_page.__globals__["MAIN"]), default_timeout=60).run()
    assert not page.exception
    assert [part.proto.body.count("/sign-in") for part in page.get("html")] == [1]
    assert not page.get("page_link")
    assert not page.button


def test_a_page_left_open_shows_nothing_once_its_session_ended(
    served: Database, open_page: Any, as_user: Any
) -> None:
    session_id = as_user("dispatcher")
    page = open_page("customers")
    assert page.header
    sessions.sign_out(served, session_id, at=clock.real_now())
    page.run()
    assert not page.exception
    assert not page.header
    assert "/sign-in" in written(page)


def test_somebody_else_in_the_same_tab_finds_nothing_of_the_one_before(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("dispatcher")
    page = open_page("service_map")
    page.session_state["export_made"] = ("secret",)
    as_user("manager")
    page.run()
    assert not page.exception
    assert "export_made" not in page.session_state
    assert "周明" in str(page.get("popover")) or "周明" in written(page)


def test_nobody_can_stand_in_while_pages_are_served(served: Database) -> None:
    assert not runtime.exists()
    Runtime._instance = object()  # type: ignore[assignment]
    try:
        with pytest.raises(RuntimeError):
            session.stand_in("any")
    finally:
        Runtime._instance = None


def test_a_planner_of_one_station_brings_areas_only(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("planner_north")
    page = open_page("data")
    assert not page.exception
    assert page.selectbox(key="data_kind").options == ["areas"]
    assert [tab.label for tab in page.tabs] == ["Bring files in"]


def test_who_runs_halls_brings_their_files(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("manager")
    page = open_page("data")
    assert not page.exception
    assert page.selectbox(key="data_kind").options == [
        "payments",
        "visits",
        "hall hours",
        "devices",
    ]
    assert [tab.label for tab in page.tabs] == ["Bring files in", "Past loads"]


def test_of_a_part_of_the_company_no_files_of_halls_are_brought(
    served: Database, open_page: Any, as_user: Any
) -> None:
    served.write(
        lambda c: c.execute("UPDATE users SET unit_id = 'S1' WHERE user_id LIKE '%-manager'")
    )
    as_user("manager")
    page = open_page("data")
    assert not page.exception
    assert "who sees all of it brings them" in written(page)
    assert not page.selectbox


def test_a_line_of_today_leads_only_where_one_may_go(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    page = open_page("today")
    assert not page.exception
    targets = {re.sub(r".*/", "", str(link.proto.page)) for link in page.get("page_link")}
    assert targets.isdisjoint({"users", "audit"})
