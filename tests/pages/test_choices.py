"""What one chose stays chosen: rows whatever the filter, tabs whatever the language."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.store import users as user_store
from app.store.database import Database
from app.use_cases import batches
from app.use_cases.actors import Actor
from app.widgets import session

ADMIN = Actor("test:admin", "Admin", role="admin")


def select(page: AppTest, key: str, row: int) -> AppTest:
    """Choose a row of a table, as a click does."""
    page.session_state[key] = {"selection": {"rows": [row], "columns": []}}
    return page.run()


def rows(page: AppTest, key: str) -> list[int]:
    return list(page.session_state[key]["selection"]["rows"])


def logins(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["sign-in name"])


def test_the_account_being_edited_stays_the_same_under_a_filter(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("users")
    select(page, "users_table", logins(page).index("planner_north"))
    page.text_input(key="users_filter").set_value("planner").run()
    assert [logins(page)[row] for row in rows(page, "users_table")] == ["planner_north"]
    page.selectbox(key="users_town-planner_north_role").set_value("analyst").run()
    page.button(key="users_save").click().run()
    role = {one: user_store.by_login(served.read(), one) for one in ("planner_north", "planner")}
    assert [user.role for user in role.values() if user] == ["analyst", "planner"]


def test_a_filter_that_hides_the_account_lets_go_of_it(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("users")
    select(page, "users_table", 0)
    assert page.button(key="users_switch")
    held = logins(page)[0]
    other = next(one for one in logins(page) if held not in one and one not in held)
    page.text_input(key="users_filter").set_value(other).run()
    assert rows(page, "users_table") == []
    assert "users_switch" not in {button.key for button in page.button}


def test_a_new_load_does_not_move_the_choice_to_another_load(
    served: Database, open_page: Any, as_user: Any
) -> None:
    as_user("admin")
    page = open_page("data")
    select(page, "batch_list", 1)
    chosen = int(page.dataframe[0].value["number"].iloc[1])
    assert str(chosen) in page.button(key="batch_undo").label
    served.write(
        lambda c: c.execute(
            "INSERT INTO import_batches BY NAME SELECT * REPLACE ((SELECT max(batch_id) + 1"
            " FROM import_batches) AS batch_id) FROM import_batches WHERE batch_id = ?",
            [chosen],
        ).fetchall()
    )
    assert int(batches.list_batches(served, ADMIN)["batch_id"].iloc[2]) == chosen
    page.run()
    assert rows(page, "batch_list") == [2]
    assert f"load {chosen} " in page.button(key="batch_undo").label.lower()


def test_on_a_phone_an_account_is_chosen_by_a_tap(
    served: Database, open_page: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "is_phone", lambda: True)
    as_user("admin")
    page = open_page("users")
    assert not page.dataframe
    line = next(one for one in page.button if "\\(crew\\)" in one.label)
    line.click().run()
    assert page.selectbox(key="users_town-crew_role").value == "crew"
    page.button(key="users_table_back").click().run()
    assert "users_switch" not in {button.key for button in page.button}


@pytest.mark.parametrize(
    ("code", "name", "word", "said"),
    [
        ("users", "users_tabs", "users_tab_roles", "角色"),
        ("data", "data_tabs", "data_tab_past", "装载记录"),
    ],
)
def test_the_tab_stays_open_when_the_language_changes(
    served: Database, open_page: Any, as_user: Any, code: str, name: str, word: str, said: str
) -> None:
    as_user("admin")
    page = open_page(code, lang="en")
    page.session_state[f"{name}_open"] = word  # as the tabs' own callback keeps it
    page.query_params["lang"] = "zh"
    page.run()
    assert not page.exception
    assert page.session_state[f"{name}_zh"] == said
