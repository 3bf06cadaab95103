"""Who changes area and manager: lists by the reader's rights, and files that say who took them."""

import io
import json
import shutil

import pandas as pd
import pytest

from app import language
from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import hand_over
from app.use_cases.actors import Actor
from app.use_cases.hand_over import Changes
from app.use_cases.roles import permissions_by_role, permits
from grid_cells.errors import AccessDenied, UserError
from grid_cells.hand_over import COLUMNS
from tests.conftest import NOW

NO, PHONE, NAME, ADDRESS = "0000000041", "13987654321", "欧阳金雀", "码头路8号2单元301"
STAFF_PHONE = "13700001111"
SECRETS = (NO, PHONE, NAME, ADDRESS)
READERS = [role for role in permissions_by_role() if permits(role, "see_plans")]


def act(role, scope=None):
    return Actor(f"user:{role}", role, role=role, scope=scope)


@pytest.fixture(scope="module")
def held(town_file, tmp_path_factory):
    copy = tmp_path_factory.mktemp("hand-over") / "town.duckdb"
    shutil.copy(town_file, copy)
    with Database(copy) as opened:
        opened.write(fill_in)
        yield opened


def fill_in(connection):
    connection.execute(
        "UPDATE customers SET name = ?, phone = ?, address = ? WHERE customer_no = ?",
        [NAME, PHONE, ADDRESS, NO],
    )
    connection.execute("UPDATE staff SET phone = ?", [STAFF_PHONE])
    connection.execute(
        "INSERT INTO area_duties (area_id, staff_id, duty) VALUES ('E-01', 'P2', 'manager')"
    )
    meta.touch_facts(connection, "customers")


@pytest.fixture
def db(held):
    held.begun = int(held.query("SELECT coalesce(max(event_id), 0) AS n FROM audit_log")["n"][0])
    return held


def audited(db, event):
    rows = db.query(
        "SELECT * FROM audit_log WHERE event_id > ? AND event = ? ORDER BY event_id",
        [db.begun, event],
    )
    return [row | {"detail": json.loads(row["detail"])} for row in rows.to_dict("records")]


def changes(*rows, basis="transformer", **choice):
    """Two transformers change sides by default: T-010 (with the customer of the secrets), T-000."""
    given = rows or (
        ("T-010", "E-01", "W-01"),
        ("T-000", "W-01", "E-01"),
        ("T-001", "W-01", "W-01"),
    )
    return Changes(
        pd.DataFrame(given, columns=["unit", "old_area", "new_area"]), basis, NOW, **choice
    )  # fmt: skip


def side(town, place):
    return "W-01" if town.is_west(place) else "E-01"


def test_the_places_of_these_tests_are_as_they_say(town):
    assert not town.is_west(10)
    assert town.is_west(0)


def test_customers_of_changed_units_with_old_and_new_manager(db):
    found = hand_over.customers(db, act("dispatcher"), changes())
    assert found["customer_no"].tolist() == [
        "0000000041", "0000000042", "0000000043", "0000000044",
        "0000000001", "0000000002", "0000000003", "0000000004",
    ]  # fmt: skip
    first, last = found.iloc[0], found.iloc[-1]
    assert (first["name"], first["phone"], first["address"]) == (NAME, PHONE, ADDRESS)
    assert (first["unit"], first["old_area"], first["new_area"]) == ("T-010", "E-01", "W-01")
    assert (first["old_manager"], first["new_manager"]) == ("赵强", "林薇")
    assert (last["old_manager"], last["new_manager"]) == ("林薇", "赵强")


def test_a_list_is_read_in_pieces(db):
    whole = hand_over.customers(db, act("dispatcher"), changes())
    parts = [hand_over.customers(db, act("dispatcher"), changes(), first=k, most=3)
             for k in (0, 3, 6)]  # fmt: skip
    assert [len(part) for part in parts] == [3, 3, 2]
    assert pd.concat(parts, ignore_index=True).equals(whole)


@pytest.mark.parametrize("role", READERS)
def test_each_value_shows_to_those_alone_who_may_see_it(db, role):
    actor = act(role)
    if not permits(role, "see_customers"):
        for ask in (hand_over.customers, hand_over.notice):
            with pytest.raises(AccessDenied, match="access_no_permission"):
                ask(db, actor, changes())
        return
    found = hand_over.customers(db, actor, changes()).iloc[0]
    told = hand_over.notice(db, actor, changes())
    rights = {"name": "see_names", "phone": "see_phones", "address": "see_addresses",
              "customer_no": "see_account_numbers"}  # fmt: skip
    for (column, right), secret in zip(rights.items(), (NAME, PHONE, ADDRESS, NO), strict=True):
        assert (found[column] == secret) is permits(role, right), column
        assert (secret in told.to_string()) is permits(role, right)
    phones = set(told["new_manager_phone"])
    assert phones == {STAFF_PHONE if permits(role, "see_staff_contacts") else "137******11"}


def test_counts_are_for_all_who_may_see_plans_and_tell_of_nobody(db):
    for role in READERS:
        found = hand_over.pairs(db, act(role), changes())
        assert found.sort_values("old_area").to_dict("list") == {
            "old_area": ["E-01", "W-01"], "new_area": ["W-01", "E-01"],
            "units": [1, 1], "customers": [4, 4],
        }  # fmt: skip
    with pytest.raises(AccessDenied):
        hand_over.pairs(db, act("crew"), changes())


def test_a_notice_goes_to_those_alone_who_get_another_manager(db):
    more = (("T-010", "E-01", "W-01"), ("T-020", None, "E-01"), ("T-000", "E-02", "E-03"))
    found = hand_over.notice(db, act("dispatcher"), changes(*more))
    assert found["new_area"].value_counts().to_dict() == {"W-01": 4, "E-01": 4}
    first = found[found["customer_no"] == NO].iloc[0]
    assert (first["new_manager"], first["new_manager_phone"]) == ("林薇", STAFF_PHONE)


def test_the_duties_of_the_day_it_comes_into_force_count(town_database):
    actor, then = act("dispatcher"), NOW + pd.Timedelta(days=30)
    vacant = hand_over.customers(town_database, actor, changes())
    assert vacant["old_manager"].head(4).isna().all(), "E-01 has no manager"
    town_database.write(lambda connection: connection.execute(
        "INSERT INTO area_duties (area_id, staff_id, duty, valid_from)"
        " VALUES ('E-01', 'P2', 'manager', ?)",
        [NOW + pd.Timedelta(days=3)],
    ))  # fmt: skip
    later = hand_over.customers(town_database, actor, changes(on=then))
    assert later["old_manager"].head(4).tolist() == ["赵强"] * 4
    now = hand_over.customers(town_database, actor, changes())
    assert now["old_manager"].head(4).isna().all()


def test_staff_and_crews_touched_with_their_hours(db):
    found = hand_over.staff(db, act("planner"), changes(("T-010", "E-01", "W-01")))
    rows = found.set_index(["duty", "holder_id"])
    assert list(found.columns) == ["holder_id", "name", *COLUMNS[1:]]
    assert rows.loc[("manager", "P1"), ["customers_gained", "customers_lost"]].tolist() == [4, 0]
    assert rows.loc[("manager", "P2"), "customers_lost"] == 4
    assert rows.loc[("repair", "C0"), "customers_gained"] == 4
    assert rows.loc[("repair", "C1"), "hours_lost"] > 1.8, "a fault a month alone takes 110 min"
    assert rows.loc[("manager", "P1"), "name"] == "林薇"


def test_by_cells_the_unit_is_told_in_hexadecimal(db, town):
    cell = int(town.cells[10], 16)
    found = hand_over.customers(
        db, act("dispatcher"), changes((cell, "E-01", "W-01"), basis="cell")
    )
    assert found["unit"].tolist() == [town.cells[10]] * 4


def test_a_customer_with_an_own_override_does_not_move(town_database):
    def change(connection):
        [plan] = connection.execute("SELECT plan_id FROM service_plans").fetchone()
        connection.execute(
            "INSERT INTO assignment_overrides (plan_id, customer_no, area_id)"
            " VALUES (?, ?, 'E-01')",
            [plan, NO],
        )
        meta.touch_facts(connection, "areas")

    town_database.write(change)
    found = hand_over.customers(
        town_database, act("dispatcher"), changes(("T-010", "E-01", "W-01"))
    )
    assert found["customer_no"].tolist() == ["0000000042", "0000000043", "0000000044"]
    told = hand_over.pairs(town_database, act("dispatcher"), changes(("T-010", "E-01", "W-01")))
    assert told["customers"].tolist() == [3]


def test_outside_the_scope_nobody_is_listed_and_nobody_counted(db, town):
    north = act("planner", Scope("S1"))
    everywhere = changes(*[(f"T-{k:03d}", side(town, k), "X-01") for k in range(len(town.cells))])
    west = 4 * sum(town.is_west(k) for k in range(len(town.cells)))
    pairs = hand_over.pairs(db, north, everywhere)
    assert pairs[["old_area", "customers"]].to_numpy().tolist() == [["W-01", west]]
    assert len(hand_over.customers(db, north, everywhere, most=None)) == west
    assert set(hand_over.staff(db, north, everywhere)["holder_id"].dropna()) <= {"P1", "P2", "C0"}
    data, _ = hand_over.export_list(
        db, north, "customers", everywhere, form="csv", purpose="report"
    )
    assert len(pd.read_csv(io.BytesIO(data))) == west


def taken(db, role, name="customers", form="csv", **choice):
    data, file = hand_over.export_list(
        db, act(role), name, changes(), form=form, purpose="planning", **choice
    )
    assert file == f"hand-over-{name}-20260716-1140.{form}"
    if form == "csv":
        return pd.read_csv(io.BytesIO(data), dtype="str", encoding="utf-8-sig")
    return pd.read_excel(io.BytesIO(data), dtype="str", engine="openpyxl")


@pytest.mark.parametrize("form", hand_over.FORMS)
@pytest.mark.parametrize("name", hand_over.LISTS)
def test_every_list_is_taken_along_masked_and_stamped(db, name, form):
    table = taken(db, "dispatcher", name, form)
    assert len(table) > 1
    assert set(table["exported_by"]) == {"user:dispatcher"}
    assert set(table["purpose"]) == {"planning"}
    assert set(table["classification"]) == {"internal"}
    text = table.to_string()
    assert not any(secret in text for secret in (*SECRETS, STAFF_PHONE))
    [row] = audited(db, "cells_exported")
    assert row["subject"] == f"layer:hand_over_{name}"
    assert row["detail"]["rows"] == len(table)


def test_in_the_clear_is_for_those_who_may_see_it_all(db):
    table = taken(db, "dispatcher", "notice", personal=True)
    assert set(SECRETS) <= set(table.loc[table["customer_no"] == NO].to_numpy().ravel())
    assert set(table["new_manager_phone"]) == {STAFF_PHONE}
    assert set(table["classification"]) == {"personal"}
    assert not any(secret in str(audited(db, "cells_exported")) for secret in SECRETS)
    with pytest.raises(AccessDenied):
        taken(db, "planner", personal=True)
    assert audited(db, "access_refused")[-1]["detail"]["asked"] == "hand_over.export_list personal"


def test_counts_may_be_taken_along_without_customers_and_customers_not(db):
    assert len(taken(db, "admin", "pairs")) == 2
    with pytest.raises(AccessDenied, match="access_no_permission"):
        taken(db, "admin", "customers")


def test_a_list_nobody_knows_is_a_users_error(db):
    with pytest.raises(UserError, match="hand_over_list_unknown"):
        taken(db, "dispatcher", "neighbours")
    with pytest.raises(UserError, match="export_form_unknown"):
        taken(db, "dispatcher", form="pdf")


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_every_list_and_column_has_its_words(spoken):
    asked = [f"hand_over_list_{name}" for name in hand_over.LISTS]
    asked += [f"hand_over_{name}" for name in COLUMNS if name not in ("holder_id", "areas")]
    assert [code for code in asked if not language.knows(code, spoken)] == []
