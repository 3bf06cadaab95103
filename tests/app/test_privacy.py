"""Who sees which personal value, how one is unmasked, and what an exported file carries."""

import csv
import io
import json
import shutil
from datetime import UTC, datetime, timedelta

import geopandas as gpd
import pandas as pd
import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import audit, batches, customers, export, file_privacy, privacy, search
from app.use_cases import whose as whose_case
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load, preview
from app.use_cases.roles import permissions_by_role, permits
from grid_cells.errors import AccessDenied, UserError

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
NO, PHONE, NAME, ADDRESS = "0000000041", "13987654321", "欧阳金雀", "码头路8号2单元301"
STAFF_PHONE, CREW_PHONE = "13700001111", "13700002222"
COLUMNS = {"name": NAME, "phone": PHONE, "address": ADDRESS, "customer_no": NO}
NEEDED = {"name": "see_names", "phone": "see_phones", "address": "see_addresses",
          "customer_no": "see_account_numbers"}  # fmt: skip


READERS = {
    "csv": pd.read_csv, "parquet": gpd.read_parquet,
    "xlsx": lambda path: pd.read_excel(path, engine="openpyxl"),
}  # fmt: skip


def act(role, scope=None):
    return Actor(f"user:{role}", role, role=role, scope=scope)


SEERS = [role for role in permissions_by_role() if permits(role, "see_customers")]


@pytest.fixture(scope="module")
def held(town_file, tmp_path_factory):
    copy = tmp_path_factory.mktemp("privacy") / "town.duckdb"
    shutil.copy(town_file, copy)
    with Database(copy) as opened:
        opened.write(fill_in)
        yield opened


def fill_in(connection):
    connection.execute(
        "UPDATE customers SET name = ?, phone = ?, address = ?, life_support = true,"
        " prepaid = true WHERE customer_no = ?",
        [NAME, PHONE, ADDRESS, NO],
    )
    connection.execute("UPDATE staff SET phone = ?", [STAFF_PHONE])
    connection.execute("UPDATE crews SET phone = ?, members = 'P1;P2'", [CREW_PHONE])
    meta.touch_facts(connection, "customers")


@pytest.fixture
def db(held):
    """The one database of these tests, which only write to the audit; it is read from here on."""
    held.begun = int(held.query("SELECT coalesce(max(event_id), 0) AS n FROM audit_log")["n"][0])
    return held


def audit_rows(db):
    return db.query("SELECT * FROM audit_log WHERE event_id > ? ORDER BY event_id", [db.begun])


def audited(db, event):
    rows = audit_rows(db).to_dict("records")
    return [row | {"detail": json.loads(row["detail"])} for row in rows if row["event"] == event]


def test_a_reference_leads_back_and_tells_nothing(db):
    ref = privacy.customer_ref(db, NO)
    assert privacy.customer_ref(db, NO) == ref
    assert privacy.customer_ref(db, "0000000042") != ref
    assert privacy.customer_no_of(db, ref) == NO
    assert NO not in ref
    assert ref.isalnum()
    assert ref == ref.lower()


@pytest.mark.parametrize("foreign", ["", "0000000041", "aaaa", "?", "b" * 42, "号"])
def test_a_foreign_reference_is_a_users_error(db, foreign):
    with pytest.raises(UserError, match="customer_ref_unknown"):
        privacy.customer_no_of(db, foreign)


@pytest.mark.parametrize("role", SEERS)
def test_a_customers_card_shows_each_value_to_those_alone_who_may_see_it(db, role):
    card = customers.card(db, act(role), NO, NOW)
    for column, value in COLUMNS.items():
        if permits(role, NEEDED[column]):
            assert card.archive[column] == value
            assert column not in card.masked
        else:
            assert value not in str(card)
            assert card.masked[column] is permits(role, "unmask")
    assert card.archive["life_support"] == (True if permits(role, "see_names") else "***")
    assert card.archive["prepaid"] == (True if permits(role, "see_credit") else "***")
    assert card.readings_withheld is not permits(role, "see_names")
    assert len(card.readings) == (15 if permits(role, "see_names") else 0)
    assert card.ref == privacy.customer_ref(db, NO)


def test_a_reference_out_of_sight_is_not_turned_back_into_a_number(db, town):
    """The page asks by reference; the answer must not name what the role only sees masked."""
    east = next(n for n in range(len(town.numbers())) if not town.is_west(n // 4))
    number = town.numbers()[east]
    for role, told in (("planner", f"{number[:2]}******{number[-2:]}"), ("crew", number)):
        limited = Actor(f"user:{role}", role, role=role, scope=Scope("S1"))
        with pytest.raises(UserError) as unknown:
            customers.card(db, limited, number, NOW)
        assert unknown.value.values["customer"] == told


def test_a_position_is_an_address(db, town):
    lat, lon = town.places[10]
    rough = customers.card(db, act("planner"), NO, NOW)
    assert rough.is_place_rough
    assert (rough.lon, rough.lat) == pytest.approx((lon, lat), abs=1e-6)
    assert rough.archive["given_x"] is None
    exact = db.query("SELECT lon FROM customers WHERE customer_no = '0000000042'")["lon"].iloc[0]
    second = customers.card(db, act("planner"), "0000000042", NOW)
    assert abs(second.lon - exact) > 1e-4
    assert second.whose.lon == second.lon
    assert customers.card(db, act("crew"), "0000000042", NOW).lon == exact


def test_phones_of_colleagues_show_to_those_who_may_call_them(db):
    clerk = whose_case.whose(db, act("hall_clerk"), customer=NO)
    assert clerk.crew.phone == CREW_PHONE
    analyst = whose_case.whose(db, act("analyst"), customer=NO)
    assert analyst.crew.phone == "137******22"
    assert analyst.crew.id == clerk.crew.id


def found(db, role, text):
    return search.find(db, act(role), text, datum="wgs84", now=NOW)


@pytest.mark.parametrize("role", SEERS)
def test_search_hits_what_a_role_sees_and_is_blind_to_the_rest(db, role):
    by_name, by_piece = found(db, role, NAME), found(db, role, "码头路")
    assert bool(by_name) is permits(role, "see_names")
    assert bool(by_piece) is permits(role, "see_addresses")
    assert bool(found(db, role, "2单元301")) is permits(role, "see_addresses")
    assert bool(found(db, role, "000000004")) is permits(role, "see_account_numbers")
    [exact] = found(db, role, NO)
    assert exact.id == privacy.customer_ref(db, NO)
    for column in ("name", "address", "customer_no"):
        assert (COLUMNS[column] in repr(exact)) is permits(role, NEEDED[column])


def test_a_role_without_customers_finds_none(db):
    assert found(db, "admin", NO) == []


def test_an_address_is_no_riddle(db):
    analyst, crew = act("analyst"), act("crew")
    with pytest.raises(UserError, match="address_unknown"):
        whose_case.whose(db, analyst, address="8号2单元")
    assert whose_case.whose(db, crew, address="8号2单元").customer == NO
    assert whose_case.whose(db, act("planner"), address=ADDRESS).customer == "00******41"
    with pytest.raises(UserError, match="address_ambiguous") as told:
        whose_case.whose(db, act("admin"), address="码头路")
    assert "码头路***" in told.value.values["examples"]
    assert "号" not in told.value.values["examples"]


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_a_value_is_unmasked_with_a_reason_and_recorded_without_it(db, column):
    value = privacy.unmask(db, act("manager"), NO, column, "complaint", "T-77")
    assert value == COLUMNS[column]
    [row] = audited(db, "value_unmasked")
    assert row["subject"] == f"customer:{privacy.customer_ref(db, NO)}"
    kept = privacy.ticket_ref(db, "t-77")
    assert row["detail"] == {"column": column, "reason": "complaint", "ticket": kept}
    told = str(audit_rows(db).to_dict())
    assert not any(secret in told for secret in (*COLUMNS.values(), "T-77"))


def test_an_auditor_finds_the_row_of_a_ticket_by_typing_it(db):
    privacy.unmask(db, act("manager"), NO, "phone", "visit", "WO-13977700123")
    assert "13977700123" not in str(audit_rows(db).to_dict())
    found = audit.search(db, act("auditor"), audit.AuditQuery(subject="ticket:wo-13977700123"))
    assert found["event"].tolist() == ["value_unmasked"]
    assert audit.search(db, act("auditor"), audit.AuditQuery(subject="ticket:WO-1")).empty


@pytest.mark.parametrize(
    ("column", "reason", "ticket", "code"),
    [
        ("phone", "curiosity", None, "unmask_reason_unknown"),
        ("phone", "other", None, "unmask_ticket_needed"),
        ("phone", "other", "has blanks", "unmask_ticket_unreadable"),
        ("phone", "visit", "T" * 21, "unmask_ticket_unreadable"),
        ("phone", "visit", PHONE, "unmask_ticket_tells"),
        ("phone", "visit", "x-654321", "unmask_ticket_tells"),
        ("phone", "visit", NO, "unmask_ticket_tells"),
        ("prepaid", "visit", None, "unmask_column_unknown"),
        ("lon", "visit", None, "unmask_column_unknown"),
        ("tariff", "visit", None, "unmask_column_unknown"),
    ],
)
def test_unmasking_is_refused_without_a_good_reason(db, column, reason, ticket, code):
    with pytest.raises(UserError, match=code):
        privacy.unmask(db, act("manager"), NO, column, reason, ticket)
    assert audited(db, "value_unmasked") == []


@pytest.mark.parametrize("role", [r for r in permissions_by_role() if not permits(r, "unmask")])
def test_roles_without_the_right_unmask_nothing(db, role):
    with pytest.raises(AccessDenied):
        privacy.unmask(db, act(role), NO, "phone", "visit")
    assert audited(db, "access_refused")[-1]["detail"]["asked"] == "privacy.unmask"


def test_nothing_is_unmasked_outside_the_scope_alike_known_or_not(db, town):
    inside = next(n for k, n in enumerate(town.numbers()) if town.is_west(k // 4))
    outside = next(n for k, n in enumerate(town.numbers()) if not town.is_west(k // 4))
    crew = act("crew", Scope("S1"))
    privacy.unmask(db, crew, inside, "phone", "visit")
    for number in (outside, "no such customer"):
        with pytest.raises(AccessDenied, match="access_out_of_scope"):
            privacy.unmask(db, crew, number, "phone", "visit")
    assert [row["actor"] for row in audited(db, "value_unmasked")] == ["user:crew"]
    about = [row["subject"] for row in audited(db, "access_refused")]
    assert about == [f"customer:{privacy.customer_ref(db, outside)}", "customer:unknown"]


def test_a_day_has_an_end_of_unmasking_for_each_person(db):
    one, two = (Actor(f"user:eager{k}", "Eager", role="manager") for k in (1, 2))
    db.write(lambda connection: meta.set_value(connection, "unmask_a_day", "2"))
    for _ in range(2):
        privacy.unmask(db, one, NO, "phone", "visit")
    with pytest.raises(UserError, match="unmask_too_many") as told:
        privacy.unmask(db, one, NO, "phone", "visit")
    assert told.value.values["limit"] == 2
    assert privacy.unmask(db, two, NO, "phone", "visit") == PHONE
    assert len(audited(db, "value_unmasked")) == 3
    db.write(lambda connection: meta.set_value(connection, "unmask_a_day", ""))


def test_a_scope_of_an_outage_names_no_customer(db):
    scope = f"transformer:T-001;customer:{NO}"
    shown = privacy.shown_value(act("planner"), "outages", "scope", scope)
    assert shown == "transformer:T-001;customer:00******41"
    assert privacy.shown_value(act("crew"), "outages", "scope", scope) == scope


def layer(db, role, tmp_path, name="crews", form="csv", **wishes):
    path = tmp_path / f"{name}.{form}"
    export.export_layer(db, act(role), name, path, **wishes)
    return path


@pytest.mark.parametrize("form", export.FORMS)
@pytest.mark.parametrize("name", ["crews", "areas", "customers"])
def test_every_file_says_who_when_what_for_datum_and_class(db, tmp_path, name, form):
    path = layer(db, "planner", tmp_path, name, form, purpose="给王局的周报")
    frame = READERS.get(form, gpd.read_file)(path)
    assert set(frame["exported_by"]) == {"user:planner"}
    assert set(frame["purpose"]) == {"给王局的周报"}
    assert set(frame["datum"]) == {"WGS-84"}
    assert set(frame["classification"]) == {"internal"}
    [at] = set(pd.to_datetime(frame["exported_at"], utc=True))
    assert abs(pd.Timestamp.now("UTC") - at) < timedelta(minutes=5)


def test_an_export_is_recorded_by_code_and_words_stay_in_the_file(db, tmp_path):
    layer(db, "planner", tmp_path, purpose="for Ms 王金雀")
    layer(db, "planner", tmp_path, purpose="report")
    details = [row["detail"] for row in audited(db, "cells_exported")]
    assert [detail["purpose"] for detail in details] == ["in_words", "report"]
    assert "王金雀" not in str(audit_rows(db).to_dict())


def test_an_export_without_a_purpose_is_refused(db):
    with pytest.raises(UserError, match="export_purpose_needed"):
        export.export_cells(
            db, act("planner"), measure="customers", form="csv", now=NOW, purpose=" "
        )
    with pytest.raises(UserError, match="export_purpose_long"):
        export.picture_stamp(db, act("planner"), "x" * 61)
    assert audited(db, "cells_exported") == []


def test_an_export_masks_until_one_who_may_asks_for_more(db, tmp_path):
    masked = layer(db, "dispatcher", tmp_path).read_text("utf-8-sig")
    assert CREW_PHONE not in masked
    assert "P1;P2" not in masked
    clear = layer(db, "dispatcher", tmp_path, personal=True).read_text("utf-8-sig")
    assert CREW_PHONE in clear
    rows = list(csv.DictReader(io.StringIO(clear)))
    assert {row["classification"] for row in rows} == {"personal"}
    assert [r["detail"]["classification"] for r in audited(db, "cells_exported")] == [
        "internal", "personal",
    ]  # fmt: skip
    with pytest.raises(AccessDenied):
        layer(db, "analyst", tmp_path, personal=True)


def test_a_picture_carries_its_stamp(db):
    line = export.picture_stamp(db, act("manager"), "report")
    assert line.startswith("user:manager · 20")
    assert line.endswith("+00:00 · report · internal · WGS-84")
    export.note_picture(db, act("manager"), "energy_kwh-1.png", 61, purpose="report")
    assert audited(db, "cells_exported")[0]["detail"]["form"] == "png"


@pytest.fixture
def rejected_file(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(
        "户号,户名,手机,地址,备注,经度,纬度\n"
        f"9000000001,{NAME},{PHONE},{ADDRESS},打 {PHONE},112.51412,30.42312\n"
        f"9000000002,{NAME},{PHONE},{ADDRESS},打 {PHONE},abc,30.42312\n",
        encoding="utf-8",
    )
    return path


def test_a_preview_shows_a_page_what_the_role_may_see(db, rejected_file):
    admin = act("admin")
    raw = preview(db, admin, "customers", [rejected_file], LoadChoice(datum="wgs84"))
    shown = file_privacy.shown_outcome(admin, raw)
    page = f"{shown.head.to_dict()} {shown.rejects.to_dict()}"
    assert not any(secret in page for secret in (NAME, PHONE, ADDRESS))
    assert shown.head["lon"].tolist() == [112.514]
    assert shown.head["customer_no"].tolist() == ["9000000001"]
    assert PHONE in raw.reports[0].rejected_rows.to_string()


def test_rejects_are_whole_for_who_brought_the_file_and_masked_for_others(
    town_database, rejected_file
):
    db, town_database.begun = town_database, 0
    one = act("admin")
    done = load(db, one, "customers", [rejected_file], LoadChoice(datum="wgs84"))
    own = batches.rejects_file(db, one, done.batch_id).decode("utf-8-sig")
    assert PHONE in own
    other = Actor("user:other", "Other", role="admin")
    shown = batches.rejects_file(db, other, done.batch_id).decode("utf-8-sig")
    assert not any(secret in shown for secret in (NAME, PHONE, ADDRESS))
    assert "9000000002" in shown
    assert [row["detail"]["whole"] for row in audited(db, "rejects_exported")] == [True, False]


def test_every_personal_column_and_reason_is_worded_and_known():
    for personal in privacy.personal_columns().values():
        assert any(permits(role, personal.permission) for role in permissions_by_role())
    assert privacy.unmask_reasons()[-1] == "other"
    assert "report" in privacy.export_purposes()
