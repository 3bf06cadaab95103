"""How long rows are kept: what is due goes, what is not stays, and nothing is half undone."""

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta

import duckdb
import pandas as pd
import pytest

from app import language
from app.cli import main
from app.store import audit as audit_store
from app.store import meta
from app.store.database import Database
from app.use_cases import batches, reference, retention
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.clock import real_now
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import AccessDenied, UserError

ADMIN = command_line_actor("root")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PHONE = "13800001111"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A closed database: one customer loaded, then changed by a second load, one row rejected."""
    folder = tmp_path_factory.mktemp("kept")
    with Database(folder / "k.duckdb") as db:
        for number, phone in enumerate((PHONE, "13900002222")):
            file = folder / f"{number}.csv"
            file.write_text(f"customer_no,phone,lon,lat\n1,{phone},112.5,30.4\n2,{phone},x,30.4\n")
            load(db, ADMIN, "customers", [file], LoadChoice(datum="wgs84"))
        db.write(_fill)
    return folder


def _fill(connection):
    for days in (1, 89, 91, 400):
        at = NOW - days * DAY
        connection.execute(
            "INSERT INTO sessions VALUES"
            " (?, 't', '1', 'local', NULL, '', ?, ?, ?, ?, 'signed_out')",
            [f"s{days}", at, at, at + DAY, at],
        )
        connection.execute("INSERT INTO sign_in_failures VALUES ('k', 's', 1, ?, NULL)", [at])
        connection.execute(
            "INSERT INTO users VALUES"
            " (?, ?, 'Lin', 'crew', NULL, NULL, 'sub', ?, false, ?, 'x', ?, NULL)",
            [str(days), f"lin{days}", days != 400, at, at],
        )
        connection.execute(
            "INSERT INTO meter_readings (meter_id, day, energy_kwh) VALUES ('M', ?, 1)",
            [(NOW - 10 * days * DAY).date()],
        )
        connection.execute(
            "INSERT INTO outages"
            " (outage_id, scope, cause, started_at, restored_at, customers_affected)"
            " VALUES (?, 'customer:1', 'storm', ?, ?, 4)",
            [f"o{days}", NOW - 10 * days * DAY, NOW - 10 * days * DAY],
        )
    connection.execute(
        "INSERT INTO sessions VALUES ('open', 't', '1', 'local', NULL, '', ?, ?, ?, NULL, NULL)",
        [NOW - DAY, NOW - DAY, NOW + DAY],
    )
    connection.execute("INSERT INTO outages (outage_id, scope) VALUES ('running', 'customer:1')")
    connection.execute("UPDATE import_batches SET loaded_at = ?", [NOW - 91 * DAY])


@pytest.fixture
def kept(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "db")
    with Database(tmp_path / "db" / "k.duckdb") as db:
        yield db


def ids(db, table, column):
    return db.query(f"SELECT {column} AS id FROM {table} ORDER BY 1")["id"].tolist()


def test_what_is_due_goes_and_what_is_not_stays(kept):
    done = retention.run(kept, ADMIN, NOW)
    assert done == {
        "sessions": 2, "sign_in_failures": 3, "users": 1, "import_rejects": 2,
        "customers_before": 1, "meter_readings": 1, "outages": 1,
    }  # fmt: skip
    assert ids(kept, "sessions", "session_id") == ["open", "s1", "s89"]
    assert ids(kept, "sign_in_failures", "last_at") == [pd.Timestamp(NOW - DAY)]
    assert len(ids(kept, "meter_readings", "day")) == 3
    assert retention.run(kept, ADMIN, NOW) == {}


def test_a_blanked_row_keeps_what_counts_and_loses_the_person(kept):
    retention.run(kept, ADMIN, NOW)
    users = kept.query("SELECT * FROM users ORDER BY user_id").set_index("user_id")
    assert users.loc["400", ["login", "name", "oidc_subject", "role"]].fillna("").tolist() == [
        "gone-400", "", "", "crew",
    ]  # fmt: skip
    assert users.loc["91", "login"] == "lin91"  # active, however old
    outages = kept.query("SELECT * FROM outages ORDER BY outage_id").set_index("outage_id")
    assert outages.loc["o400", "scope"] is None or pd.isna(outages.loc["o400", "scope"])
    assert outages.loc["o400", "customers_affected"] == 4
    assert outages.loc[["o91", "running"], "scope"].tolist() == ["customer:1"] * 2


def test_no_copy_of_the_old_phone_is_left_in_any_table(kept):
    def tables_with(phone):
        names = kept.query("SELECT table_name FROM duckdb_tables()")["table_name"]
        return [
            name for name in names
            if kept.query(f'SELECT * FROM "{name}" t WHERE contains(t::VARCHAR, ?)', [phone]).size
        ]  # fmt: skip

    assert tables_with(PHONE) == ["customers_before", "import_rejects"]
    retention.run(kept, ADMIN, NOW)
    assert tables_with(PHONE) == []
    assert tables_with("13900002222") == ["customers"]


def test_counts_alone_are_recorded_and_the_audit_itself_is_left_alone(kept):
    before = len(kept.query("SELECT * FROM audit_log"))
    retention.run(kept, ADMIN, NOW + 4000 * DAY)
    log = kept.query("SELECT * FROM audit_log ORDER BY event_id")
    assert len(log) > before
    new = log.iloc[before:]
    assert set(new["event"]) == {"rows_expired"}
    assert "table:sessions" in new["subject"].tolist()
    for text in new["detail"]:
        assert set(json.loads(text)) == {"days", "rows"}
    assert "audit_log" not in set(reference.table("retention")["table"])


def test_a_load_whose_copies_are_gone_cannot_be_half_undone(kept):
    retention.run(kept, ADMIN, NOW)
    with pytest.raises(UserError) as caught:
        batches.undo(kept, ADMIN, 2)
    assert (caught.value.code, caught.value.values) == ("undo_expired", {"batch": 2})
    assert kept.query("SELECT phone FROM customers")["phone"].tolist() == ["13900002222"]


def test_a_load_whose_copies_are_kept_is_undone_whole(kept):
    retention.run(kept, ADMIN, NOW - 2 * DAY)
    batches.undo(kept, ADMIN, 2)
    assert kept.query("SELECT phone FROM customers")["phone"].tolist() == [PHONE]


def test_longer_days_do_not_bring_an_expired_undo_back(kept):
    retention.run(kept, ADMIN, NOW)
    retention.set_days(kept, ADMIN, "undo_copies", 400)
    retention.run(kept, ADMIN, NOW)
    with pytest.raises(UserError, match="undo_expired"):
        batches.undo(kept, ADMIN, 2)


def test_the_sample_citys_facts_are_left_alone(kept):
    kept.write(lambda connection: meta.set_value(connection, "origin", "sample"))
    due = retention.list_rules(kept, ADMIN, now=NOW).set_index("table")["due"]
    done = retention.run(kept, ADMIN, NOW + 4000 * DAY)
    assert {"meter_readings", "outages"}.isdisjoint(done)
    assert (due["meter_readings"], due["outages"]) == (0, 0)
    assert len(ids(kept, "meter_readings", "day")) == 4
    assert ids(kept, "sessions", "session_id") == []


def test_readings_that_go_make_what_was_derived_from_them_stale(kept):
    before = meta.facts_version(kept)
    retention.run(kept, ADMIN, NOW)
    assert meta.facts_version(kept) == before + 2  # readings and outages


def test_rules_say_days_oldest_row_and_rows_due(kept):
    rules = retention.list_rules(kept, ADMIN, now=NOW).set_index("table")
    assert rules.loc["sessions", ["days", "deed", "least_days", "most_days"]].tolist() == [
        90, "delete", 60, 400,
    ]  # fmt: skip
    assert rules.loc["sessions", "oldest"] == NOW - 400 * DAY
    assert rules.loc["users", "deed"] == "blank"
    assert rules.loc["undo_copies", "due"] == 1


def test_days_can_be_set_within_limits_and_that_is_recorded(kept):
    retention.set_days(kept, ADMIN, "sessions", 400)
    assert retention.run(kept, ADMIN, NOW).get("sessions") is None
    rules = retention.list_rules(kept, ADMIN).set_index("table")
    assert rules.loc["sessions", ["days", "usual_days"]].tolist() == [400, 90]
    log = kept.query("SELECT * FROM audit_log WHERE event = 'retention_changed'")
    assert log["subject"].tolist() == ["table:sessions"]
    assert json.loads(log["detail"].iloc[0]) == {"days": 400, "before": 90}
    for table, days, code in (
        ("sessions", 59, "retention_out_of_range"),
        ("sessions", 401, "retention_out_of_range"),
        ("audit_log", 90, "retention_unknown"),
        ("hall_rooms", 400, "retention_unknown"),
    ):
        with pytest.raises(UserError) as caught:
            retention.set_days(kept, ADMIN, table, days)
        assert caught.value.code == code


def test_a_setting_beyond_the_limits_written_by_hand_is_held_to_them(kept):
    kept.write(lambda connection: meta.set_value(connection, "retention:sessions", "0"))
    rules = retention.list_rules(kept, ADMIN).set_index("table")
    assert rules.loc["sessions", "days"] == 60


def test_only_who_looks_after_the_store_may_ask(kept):
    for role in ("manager", "auditor", "analyst"):
        with pytest.raises(AccessDenied):
            retention.run(kept, Actor("user:1", "", role), NOW)


def test_a_table_of_a_later_day_is_honoured_once_it_is_there(kept):
    kept.write(lambda connection: connection.execute("DROP TABLE hall_visits"))
    assert "hall_visits" not in retention.list_rules(kept, ADMIN, now=NOW)["table"].tolist()

    def make(connection):
        connection.execute("CREATE TABLE hall_visits (visitor_key VARCHAR, taken_at TIMESTAMPTZ)")
        for days in (1, 401):
            connection.execute("INSERT INTO hall_visits VALUES ('V1', ?)", [NOW - days * DAY])

    kept.write(make)
    assert retention.run(kept, ADMIN, NOW)["hall_visits"] == 1


def test_the_daily_work_runs_and_stops(kept):
    stop = retention.start_daily(kept, first_s=0.0, every_s=3600)
    for _ in range(600):
        if not kept.query("SELECT 1 FROM audit_log WHERE event = 'rows_expired'").empty:
            break
        threading.Event().wait(0.05)
    stop()
    last = audit_store.latest(kept, 1).iloc[0]
    assert (last["actor"], last["event"]) == ("system", "rows_expired")
    assert "retention" not in {thread.name for thread in threading.enumerate()}


def test_the_command_says_what_would_go_and_what_went(folder, tmp_path, capsys):
    shutil.copytree(folder, tmp_path / "db")
    path = tmp_path / "db" / "k.duckdb"
    with duckdb.connect(str(path)) as raw:  # the command goes by the real clock
        raw.execute("UPDATE import_batches SET loaded_at = ?", [real_now() - 91 * DAY])
    code = main(["retention", "run", "--dry-run", "--db", str(path), "--json"])
    dry = json.loads(capsys.readouterr().out)
    assert (code, dry["dry_run"], dry["rows"]["undo_copies"]) == (0, True, 1)
    assert main(["retention", "run", "--db", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"]["customers_before"] == 1
    assert main(["retention", "set", "sessions", "1", "--db", str(path)]) == 1
    assert "Give from 60 to 400" in capsys.readouterr().err


def test_every_rule_has_words_a_reason_and_a_source():
    rules = reference.table("retention")
    assert rules["table"].is_unique
    assert rules[["why", "source", "as_of"]].notna().all().all()
    assert (rules["least_days"] <= rules["days"]).all()
    assert (rules["days"] <= rules["most_days"]).all()
    for name in language.LANGUAGES:
        assert all(language.knows(f"retention_{table}", name) for table in rules["table"])


def test_tables_with_personal_columns_have_a_rule_unless_they_say_who_is_there_now():
    personal = set(reference.table("personal_columns")["table"])
    ruled = set(reference.table("retention")["table"])
    assert personal - ruled == {"customers", "meters", "staff", "crews"}
