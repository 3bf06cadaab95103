"""The account, users and audit pages, and the retention tab, done by hand."""

import re
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store import users as user_store
from app.store.database import Database
from app.use_cases import clock, sessions
from app.widgets import session
from grid_cells.errors import UserError

FIRST = re.compile(r"\S{8,}")


def written(page: AppTest) -> str:
    parts = [*page.get("html"), *page.markdown, *page.caption, *page.error, *page.success]
    return "\n".join(str(getattr(part, "value", None) or part.proto.body) for part in parts)


def pick(page: AppTest, login: str) -> AppTest:
    """Choose a user's row, as a click in the table does."""
    rows = list(page.dataframe[0].value["sign-in name"])
    page.session_state["users_table"] = {"selection": {"rows": [rows.index(login)], "columns": []}}
    return page.run()


def events(db: Database, subject: str) -> list[str]:
    rows = db.read().execute(
        "SELECT event FROM audit_log WHERE subject = ? ORDER BY event_id", [subject]
    )
    return [str(row[0]) for row in rows.fetchall()]


def test_the_account_says_who_one_is_and_what_one_may(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("planner_north")
    told = written(open_page("account"))
    assert "何北" in told
    assert "江北供电所" in told
    assert "load service areas" in told
    assert "manage users" not in told
    assert 'href="/password"' in told


def test_another_session_is_ended_from_the_account(
    served: Database, open_page: Any, as_user: Any
) -> None:
    other = as_user("manager")
    as_user("manager")
    page = open_page("account")
    assert "Ends all 2 sessions" in written(page)
    page.button(key=f"end_{other}").click().run()
    assert not page.exception
    assert "your only one" in written(page)
    with pytest.raises(UserError):
        sessions.of_id(served, other, at=clock.real_now())


def test_signing_out_everywhere_ends_this_session_too(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("manager")
    page = open_page("account")
    page.button(key="end_all").click().run()
    assert not page.exception
    assert "/sign-in" in written(page)
    assert not page.button


def test_a_user_is_added_and_the_first_password_is_shown_once(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("users")
    page.session_state["users_add"] = True
    page.run()
    page.text_input(key="users_new_0_login").set_value("Wang.Fang").run()
    page.text_input(key="users_new_0_name").set_value("王芳").run()
    page.selectbox(key="users_new_0_role").set_value("planner").run()
    page.selectbox(key="users_new_0_unit").set_value("S1").run()
    page.button(key="users_add_now").click().run()
    assert not page.exception
    assert not page.error
    password = page.code[0].value
    assert FIRST.fullmatch(password)
    user = user_store.by_login(served.read(), "wang.fang")
    assert user is not None
    assert (user.name, user.role, user.unit_id) == ("王芳", "planner", "S1")
    opened = sessions.sign_in_local(
        served, "wang.fang", password, source="test", agent="", at=clock.real_now()
    )
    assert opened.must_change
    page.run()
    assert not page.code
    assert password not in repr(page.session_state)


def test_a_new_account_has_no_role_before_one_is_chosen(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("users")
    page.session_state["users_add"] = True
    page.run()
    page.text_input(key="users_new_0_login").set_value("wang.fang").run()
    assert page.selectbox(key="users_new_0_role").value is None
    assert page.button(key="users_add_now").disabled
    page.selectbox(key="users_new_0_role").set_value("planner").run()
    assert not page.button(key="users_add_now").disabled


def test_the_way_to_another_password_keeps_the_language(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("planner_north")
    assert 'href="/password?lang=zh"' in written(open_page("account", lang="zh"))


def test_a_role_is_changed_and_changed_back(served: Database, open_page: Any, as_user: Any) -> None:
    held = as_user("crew")
    as_user("admin")
    page = pick(open_page("users"), "crew")
    page.selectbox(key="users_town-crew_role").set_value("inspector").run()
    page.button(key="users_save").click().run()
    assert "signed out" in page.success[0].value
    assert user_store.by_login(served.read(), "crew").role == "inspector"  # type: ignore[union-attr]
    with pytest.raises(UserError):
        sessions.of_id(served, held, at=clock.real_now())
    page.button(key="users_undo").click().run()
    assert user_store.by_login(served.read(), "crew").role == "crew"  # type: ignore[union-attr]
    assert events(served, "user:town-crew").count("user_changed") == 2


def test_a_user_is_disabled_and_enabled_again(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = pick(open_page("users"), "clerk")
    page.button(key="users_switch").click().run()
    assert user_store.by_login(served.read(), "clerk").is_active is False  # type: ignore[union-attr]
    page.button(key="users_undo").click().run()
    assert user_store.by_login(served.read(), "clerk").is_active is True  # type: ignore[union-attr]


def test_one_cannot_disable_the_own_administration(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = pick(open_page("users"), "admin")
    page.button(key="users_switch").click().run()
    assert not page.exception
    assert page.error
    assert user_store.by_login(served.read(), "admin").is_active is True  # type: ignore[union-attr]


def test_a_password_is_reset_and_shown_once(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("admin")
    page = pick(open_page("users"), "analyst")
    page.button(key="users_reset").click().run()
    assert FIRST.fullmatch(page.code[0].value)
    page.run()
    assert not page.code


def test_the_filter_finds_people_by_role_and_unit(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("users")
    page.text_input(key="users_filter").set_value("planner 江北").run()
    assert list(page.dataframe[0].value["name"]) == ["何北"]
    page.text_input(key="users_filter").set_value("nobody like this").run()
    assert "Nobody fits this filter" in written(page)


def test_the_roles_are_told_in_words(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("admin")
    told = written(open_page("users"))
    assert "hall clerk" in told
    assert "uncover one masked value, with a reason" in told


def test_the_audit_is_read_in_sentences_and_filtered(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("dispatcher")
    as_user("auditor")
    page = open_page("audit")
    assert page.dataframe[0].value["what"].iloc[0] == "Signed in (by password)"
    assert page.dataframe[0].value["who"].iloc[0] == "郑直"
    page.selectbox(key="audit_person").set_value("user:town-dispatcher").run()
    assert set(page.dataframe[0].value["who"]) == {"林薇"}
    page.text_input(key="audit_subject").set_value("user:nobody").run()
    assert "Nothing was recorded that fits" in written(page)


def test_the_audit_calls_units_people_and_pages_by_name(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = pick(open_page("users"), "planner_north")
    page.selectbox(key="users_town-planner_north_area_S1").set_value("W-01").run()
    page.button(key="users_save").click().run()
    as_user("auditor")
    open_page("customers")
    table = open_page("audit").dataframe[0].value
    changed = table[table["what"].str.startswith("Changed a user")].iloc[0]
    assert "unit 江北供电所" in changed["what"]
    assert changed["about"] == "何北"
    refused = table[table["what"].str.startswith("Was refused")].iloc[0]
    assert "asked for Customers" in refused["what"]


def test_on_a_phone_the_audit_is_read_in_lines(
    served: Database, open_page: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "is_phone", lambda: True)
    as_user("auditor")
    page = open_page("audit")
    assert not page.dataframe
    assert "<p>Signed in (by password)</p>" in written(page)


def test_the_audit_is_turned_page_by_page(served: Database, open_page: Any, as_user: Any) -> None:
    for _ in range(60):
        as_user("auditor")
    page = open_page("audit")
    newest = int(page.dataframe[0].value["number"].iloc[0])
    assert page.button(key="audit_newer").disabled
    page.button(key="audit_older").click().run()
    assert int(page.dataframe[0].value["number"].iloc[0]) == newest - 50
    assert not page.button(key="audit_newer").disabled


def test_the_audit_is_verified_on_a_click(served: Database, open_page: Any, as_user: Any) -> None:
    as_user("auditor")
    page = open_page("audit")
    page.button(key="audit_verify").click().run()
    assert "The log is whole" in page.success[0].value
    served.write(
        lambda c: c.execute("UPDATE audit_log SET subject = 'user:x' WHERE event_id = 3").fetchall()
    )
    page.button(key="audit_verify").click().run()
    assert "tampered" in page.error[0].value
    assert "3: This row, or its seal, was changed" in written(page).replace("\\", "")


def test_the_audit_goes_along_only_for_a_purpose(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("auditor")
    page = open_page("audit")
    page.button(key="audit_make").click().run()
    assert "Say what the audit is taken along for" in page.error[0].value
    page.text_input(key="audit_purpose").set_value("yearly review").run()
    page.button(key="audit_make").click().run()
    assert page.get("download_button")
    assert events(served, "audit_log")[-1] == "audit_exported"


def test_retention_is_run_from_the_data_page(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    old = clock.real_now() - timedelta(days=3000)
    served.write(
        lambda c: c.execute(
            "INSERT INTO sign_in_failures VALUES ('k', 's', 1, ?, NULL)", [old]
        ).fetchall()
    )
    page = open_page("data")
    assert not page.exception
    served.write(lambda c: c.execute("DELETE FROM sign_in_failures").fetchall())  # done elsewhere
    page.button(key="retention_run").click().run()
    assert not page.exception
    assert "Nothing was due" in page.success[0].value
