"""The audit log: sealed row by row, proved by the command, read within one's scope."""

import ast
import hashlib
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from app import language
from app.cli import main
from app.store import audit as store
from app.store import audit_seal, migrations
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import audit, doctor, privacy
from app.use_cases.actors import Actor, command_line_actor
from app.use_cases.audit import AuditQuery
from grid_cells.audit_chain import Problem
from grid_cells.errors import AccessDenied, UserError

AT = datetime(2026, 7, 16, 4, 0, tzinfo=UTC)
APP = Path(audit.__file__).parents[1]
AUDITOR = Actor("user:9", "Qian", "auditor")


def note(db, actor, event, subject="", *, at=AT, **detail):
    return db.write(
        lambda connection: store.record(
            connection, actor, event, at=at, subject=subject, detail=detail
        )
    )


@pytest.fixture(scope="module")
def sealed_folder(tmp_path_factory):
    """A closed database with six rows: the start of its key, and five deeds."""
    folder = tmp_path_factory.mktemp("sealed")
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "file_loaded", "batch:1", rows=10)
        note(db, "user:1", "signed_in", "session:1", at=AT + timedelta(hours=1))
        note(db, "user:2", "cells_exported", "customers.csv", at=AT + timedelta(hours=2), rows=3)
        note(db, "user:2", "access_refused", "unit:S2", at=AT + timedelta(hours=3))
        note(db, "user:1", "signed_out", "session:1", at=AT + timedelta(hours=4))
    return folder


@pytest.fixture
def folder(sealed_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    copy = tmp_path / "db"
    shutil.copytree(sealed_folder, copy)
    return copy


@pytest.fixture
def verify(folder, capsys):
    def run(*words, name="a.duckdb"):
        code = main(["audit", "verify", "--db", str(folder / name), "--json", *words])
        answer = json.loads(capsys.readouterr().out)
        assert set(answer) == {
            "rows", "verified", "problems", "head_at", "head_rows", "warnings", "seconds",
        }  # fmt: skip
        assert (code == 0) == (answer["problems"] == [])
        return answer

    return run


def found(answer):
    return [(one["event_id"], one["problem"]) for one in answer["problems"]]


def tamper(folder, *statements):
    with duckdb.connect(str(folder / "a.duckdb")) as raw:
        for sql in statements:
            raw.execute(sql)


def test_a_whole_log_is_proved_and_not_a_byte_of_it_changes(folder, verify):
    before = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    answer = verify()
    assert (answer["rows"], answer["verified"], answer["problems"]) == (6, 6, [])
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()} == before


@pytest.mark.parametrize(
    "change",
    [
        "happened_at = happened_at + INTERVAL 1 MICROSECOND",
        "actor = 'user:3'",
        "event = 'cells_exporteD'",
        "subject = 'customers.csw'",
        "subject = NULL",
        "detail = replace(detail, '3', '4')",
        "event_id = 40",
        "mac = reverse(mac)",
        "mac = upper(mac)",
        "mac = NULL",
        "key_id = CASE WHEN key_id[1] = 'f' THEN '0' ELSE 'f' END || key_id[2:]",
        "key_id = NULL",
    ],
)
def test_one_altered_byte_in_any_column_is_found(folder, verify, change):
    tamper(folder, f"UPDATE audit_log SET {change} WHERE event_id = 4")
    answer = verify()
    assert answer["verified"] < 6
    assert {number for number, _ in found(answer)} & {4, 5, 40}


def test_a_row_removed_in_the_middle_or_at_the_start_is_found(folder, verify):
    tamper(folder, "DELETE FROM audit_log WHERE event_id = 3")
    assert found(verify()) == [(4, "row_missing_before"), (6, "rows_missing")]
    tamper(folder, "DELETE FROM audit_log WHERE event_id <= 2")
    assert found(verify())[0] == (4, "row_missing_before")


def test_rows_that_changed_places_are_found(folder, verify):
    tamper(
        folder,
        "UPDATE audit_log SET event_id = 100 WHERE event_id = 3",
        "UPDATE audit_log SET event_id = 3 WHERE event_id = 4",
        "UPDATE audit_log SET event_id = 4 WHERE event_id = 100",
    )
    assert {(3, "row_changed"), (4, "row_changed")} <= set(found(verify()))


def test_rows_stored_in_another_order_with_the_same_numbers_are_the_same_log(folder, verify):
    tamper(
        folder,
        "CREATE TABLE other AS SELECT * FROM audit_log ORDER BY event_id DESC",
        "DROP TABLE audit_log",
        "ALTER TABLE other RENAME TO audit_log",
    )
    assert verify()["problems"] == []


def test_an_inserted_row_is_found(folder, verify):
    tamper(
        folder,
        "INSERT INTO audit_log SELECT 7, happened_at, actor, event, subject, detail, key_id, mac"
        " FROM audit_log WHERE event_id = 6",
    )
    assert found(verify()) == [(7, "row_changed")]


def test_a_cut_tail_is_found_by_the_head(folder, verify):
    tamper(folder, "DELETE FROM audit_log WHERE event_id >= 5")
    assert found(verify()) == [(6, "tail_cut")]


def test_a_cut_tail_is_still_found_after_the_database_was_used_again(folder, verify):
    tamper(folder, "DELETE FROM audit_log WHERE event_id >= 5")
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "file_loaded", "batch:2")
        last = store.latest(db, 2)
    assert last["event_id"].tolist() == [8, 7]  # numbers of rows cut off are not given again
    assert last["event"].tolist() == ["file_loaded", "audit_break_found"]
    answer = verify()
    assert found(answer) == [(7, "tail_cut")]
    assert answer["verified"] == answer["rows"] == 6


def test_a_head_deleted_with_the_tail_is_missed_and_a_head_kept_elsewhere_tells_the_rest(
    folder, verify, tmp_path
):
    kept = tmp_path / "kept.head"
    shutil.copy(folder / "a.duckdb.audit.head", kept)
    tamper(folder, "DELETE FROM audit_log WHERE event_id >= 5")
    (folder / "a.duckdb.audit.head").unlink()
    assert found(verify()) == [(None, "head_missing")]
    assert found(verify("--head", str(kept))) == [(None, "head_missing"), (6, "tail_cut")]
    with Database(folder / "a.duckdb"):
        pass
    assert found(verify()) == [(5, "head_missing")]


def roll_back(folder, to: int, head: str) -> None:
    """What somebody does who kept an old head: the rows after it go, and it comes back."""
    tamper(folder, f"DELETE FROM audit_log WHERE event_id > {to}")
    (folder / "a.duckdb.audit.head").write_text(head)


def test_verify_says_when_the_head_was_signed_and_after_how_many_rows(folder, verify, tmp_path):
    old = (folder / "a.duckdb.audit.head").read_text()
    answer = verify()
    assert (answer["head_at"], answer["head_rows"]) == (json.loads(old)["at"], 6)
    assert answer["warnings"] == []
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "user_added", "user:victim")
    kept = tmp_path / "kept.head"
    shutil.copy(folder / "a.duckdb.audit.head", kept)
    (folder / "a.duckdb.audit.head").write_text(old)
    assert verify()["warnings"] == ["head_behind"]
    roll_back(folder, 6, old)
    answer = verify()
    assert (answer["problems"], answer["head_rows"]) == ([], 6)  # only its time tells
    assert found(verify("--head", str(kept))) == [(7, "tail_cut")]


def test_a_head_older_than_the_last_backups_is_found(folder, verify):
    old = (folder / "a.duckdb.audit.head").read_text()
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "user_added", "user:victim")
        doctor.back_up(db, command_line_actor("root"), folder / "b.duckdb")
    assert verify()["problems"] == []
    roll_back(folder, 6, old)
    answer = verify()
    assert found(answer) == [(7, "tail_cut")]
    assert answer["warnings"] == ["head_before_backup"]


def test_an_anchor_elsewhere_finds_an_older_head_put_back(folder, verify, tmp_path, monkeypatch):
    anchors = tmp_path / "elsewhere"
    anchors.mkdir()
    monkeypatch.setenv("GRIDCELLS_AUDIT_ANCHOR", str(anchors))
    assert found(verify()) == [(None, "anchor_missing")]
    with Database(folder / "a.duckdb"):
        pass
    old = (folder / "a.duckdb.audit.head").read_text()
    assert verify()["problems"] == []
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "user_added", "user:victim")
    roll_back(folder, 6, old)
    assert found(verify()) == [(7, "tail_cut")]
    with Database(folder / "a.duckdb") as db:
        assert store.latest(db, 1)["event"].tolist() == ["audit_break_found"]
    assert found(verify()) == [(8, "tail_cut")]


def test_a_restored_backup_begins_a_new_anchor(folder, verify, tmp_path, monkeypatch):
    monkeypatch.setenv("GRIDCELLS_AUDIT_ANCHOR", str(tmp_path))
    path, copied = folder / "a.duckdb", folder / "b.duckdb"
    with Database(path) as db:
        doctor.back_up(db, command_line_actor("root"), copied)
        note(db, "user:1", "signed_in")
    assert main(["restore", str(copied), "--db", str(path), "--replace", "--json"]) == 0
    with Database(path):
        pass
    assert len(list(tmp_path.glob("*.audit.head*"))) == 2


def test_a_log_emptied_with_its_head_is_found(folder, verify):
    tamper(folder, "DELETE FROM audit_log")
    (folder / "a.duckdb.audit.head").unlink()
    assert found(verify()) == [(None, "head_missing")]
    with Database(folder / "a.duckdb"):
        pass
    assert found(verify()) == [(1, "head_missing")]


@pytest.mark.parametrize("forge", [{"event_id": 4}, {"rows": 5}, {"signature": "0" * 64}])
def test_a_forged_head_is_found(folder, verify, forge):
    path = folder / "a.duckdb.audit.head"
    path.write_text(json.dumps(json.loads(path.read_text()) | forge))
    assert found(verify()) == [(None, "head_forged")]


def test_a_head_that_is_no_head_is_found(folder, verify):
    (folder / "a.duckdb.audit.head").write_bytes(b"\xff\x00 nonsense")
    assert found(verify()) == [(None, "head_forged")]


def test_a_byte_flipped_in_the_file_itself_is_found(folder, verify):
    path = folder / "a.duckdb"
    data = bytearray(path.read_bytes())
    place = data.index(b"cells_exported")
    data[place] ^= 1
    path.write_bytes(data)
    assert found(verify()) == [(None, "file_damaged")]


def test_a_lost_key_makes_a_new_one_says_so_and_never_crashes(folder, verify):
    (folder / "a.duckdb.key").unlink()
    answer = verify()
    assert found(answer) == [(None, "head_key_unknown"), (1, "key_unknown")]
    assert not (folder / "a.duckdb.key").exists()
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "file_loaded", "batch:2")
        assert store.latest(db, 2)["event"].tolist() == ["file_loaded", "audit_key_started"]
    answer = verify()
    assert found(answer) == [(1, "key_unknown")]
    assert (answer["rows"], answer["verified"]) == (8, 2)


def test_an_unreadable_key_is_the_users_error_and_leaves_the_file_free(folder):
    key = folder / "a.duckdb.key"
    held = key.read_text()
    key.write_text("{}")
    with pytest.raises(UserError, match="store_key_unreadable"):
        Database(folder / "a.duckdb")
    key.write_text(held)
    with Database(folder / "a.duckdb") as db:
        assert len(store.latest(db, 9)) == 6


def test_a_fall_between_the_deed_and_its_head_is_no_problem(folder, verify):
    old = (folder / "a.duckdb.audit.head").read_text()
    with Database(folder / "a.duckdb") as db:
        note(db, "cli:root", "file_loaded", "batch:2")
    (folder / "a.duckdb.audit.head").write_text(old)
    assert verify()["problems"] == []
    with Database(folder / "a.duckdb"):
        pass
    head = json.loads((folder / "a.duckdb.audit.head").read_text())
    assert (head["event_id"], head["rows"]) == (7, 7)
    assert verify()["problems"] == []


def test_a_rolled_back_deed_leaves_neither_row_nor_number_nor_head(folder, verify):
    with Database(folder / "a.duckdb") as db:
        head = (folder / "a.duckdb.audit.head").read_text()

        def half(connection):
            store.record(connection, "user:1", "file_loaded", at=AT)
            raise ValueError("stop")

        with pytest.raises(ValueError, match="stop"):
            db.write(half)
        assert (folder / "a.duckdb.audit.head").read_text() == head
        assert note(db, "user:1", "signed_in") == 7
    assert verify()["problems"] == []


def test_two_rows_of_one_deed_are_chained(folder, verify):
    with Database(folder / "a.duckdb") as db:
        db.write(lambda c: [store.record(c, "user:1", "signed_in", at=AT) for _ in range(3)])
    answer = verify()
    assert (answer["rows"], answer["verified"], answer["problems"]) == (9, 9, [])


def test_a_row_outside_the_transaction_of_a_deed_is_a_programmers_error(folder):
    with (
        Database(folder / "a.duckdb") as db,
        pytest.raises(RuntimeError, match=r"inside Database\.write"),
    ):
        store.record(db.read(), "user:1", "signed_in", at=AT)


def test_rows_from_before_there_were_seals_are_sealed_once(tmp_path, capsys):
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as raw:
        raw.execute(
            "CREATE TABLE migrations (number INTEGER, name VARCHAR, applied_at TIMESTAMPTZ)"
        )
        for file in migrations.known_migrations()[:2]:
            raw.execute(file.read_text(encoding="utf-8"))
            raw.execute("INSERT INTO migrations VALUES (?, ?, now())", [int(file.name[:4]), "m"])
        raw.execute(
            "INSERT INTO audit_log SELECT 3 * i, now(), 'cli:root', 'file_loaded', NULL, '{}'"
            " FROM range(1, 4) t(i)"
        )
    assert main(["audit", "verify", "--db", str(path), "--json"]) == 1
    assert "log_unsealed" in capsys.readouterr().out
    with Database(path) as db:
        assert store.latest(db, 1)["event_id"].tolist() == [10]
    assert main(["audit", "verify", "--db", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] == 4
    with duckdb.connect(str(path)) as raw:
        raw.execute(
            "UPDATE audit_log SET actor = 'x', mac = NULL, key_id = NULL WHERE event_id = 6"
        )
    with Database(path):
        pass
    assert main(["audit", "verify", "--db", str(path), "--json"]) == 1


def test_a_backup_carries_the_head_and_never_the_key(folder, verify):
    with Database(folder / "a.duckdb") as db:
        doctor.back_up(db, command_line_actor("root"), folder / "b.duckdb")
        secret = db.keys.secret
    key = str(folder / "a.duckdb.key")
    assert verify("--key", key, name="b.duckdb")["verified"] == 6
    for file in folder.glob("b.duckdb*"):
        assert secret not in file.read_bytes()
        assert secret.hex().encode() not in file.read_bytes()
    kept = (folder / "b.duckdb.audit.head").rename(folder / "kept.head")
    assert found(verify("--key", key, name="b.duckdb")) == [(None, "head_missing")]
    assert verify("--key", key, "--head", str(kept), name="b.duckdb")["problems"] == []
    with duckdb.connect(str(folder / "b.duckdb")) as raw:
        raw.execute("DELETE FROM audit_log WHERE event_id = 6")
    told = found(verify("--key", key, name="b.duckdb"))
    assert told == [(None, "head_missing"), (6, "tail_cut")]
    assert not (folder / "b.duckdb.key").exists()


def test_a_backup_comes_back_in_place_of_a_database_which_is_kept_aside(folder, verify, capsys):
    path, backup = folder / "a.duckdb", folder / "b.duckdb"
    with Database(path) as db:
        db.write(
            lambda c: c.execute(
                "INSERT INTO sessions VALUES"
                " ('s', 't', '1', 'local', NULL, '', now(), now(), now(), NULL, NULL)"
            )
        )
        doctor.back_up(db, command_line_actor("root"), backup)
        note(db, "user:1", "signed_in")
    assert main(["restore", str(backup), "--db", str(path)]) == 1
    assert "already" in capsys.readouterr().err
    assert main(["restore", str(backup), "--db", str(path), "--replace", "--json"]) == 0
    aside = Path(json.loads(capsys.readouterr().out)["kept_aside"])
    with Database(path) as db:
        newest = store.latest(db, 1).iloc[0]
        assert (newest["event_id"], newest["event"]) == (7, "database_restored")
        assert json.loads(newest["detail"])["replaced_last_event"] == 8
        assert db.query("SELECT ended_why FROM sessions")["ended_why"].tolist() == ["restored"]
        assert db.query("SELECT * FROM meta WHERE name = 'audit_head'").empty
    assert verify()["problems"] == []
    answer = verify("--key", str(folder / "a.duckdb.key"), name=aside.name)
    assert (answer["rows"], answer["problems"]) == (8, [])


def test_a_backup_whose_log_is_not_proved_is_not_put_back(folder, tmp_path, capsys):
    target = tmp_path / "new" / "x.duckdb"
    (folder / "a.duckdb").rename(folder / "b.duckdb")
    words = ["restore", str(folder / "b.duckdb"), "--db", str(target)]
    assert main(words) == 1  # no key: nothing is proved
    with duckdb.connect(str(folder / "b.duckdb")) as raw:
        raw.execute("UPDATE audit_log SET actor = 'x' WHERE event_id = 3")
    (folder / "a.duckdb.audit.head").rename(folder / "b.duckdb.audit.head")
    key = ["--key", str(folder / "a.duckdb.key")]
    assert main([*words, *key]) == 1
    assert "row_changed" in capsys.readouterr().err
    assert not target.exists()
    assert main([*words, *key, "--despite-problems", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == 1
    assert main(["audit", "verify", "--db", str(target), "--json"]) == 1
    assert found(json.loads(capsys.readouterr().out)) == [(3, "row_changed")]


def test_no_code_changes_or_removes_an_audit_row_but_the_one_that_seals_old_ones():
    sql = re.compile(
        r"(UPDATE|DELETE\s+FROM|TRUNCATE|DROP\s+TABLE|INSERT\s+OR\s+\w+\s+INTO)[^;]{0,20}audit_log",
        re.IGNORECASE,
    )
    hits = {
        path.name: len(sql.findall(path.read_text(encoding="utf-8")))
        for path in [*APP.rglob("*.py"), *APP.rglob("*.sql"), *migrations.known_migrations()]
    }
    assert {name: count for name, count in hits.items() if count} == {"audit_seal.py": 1}


@pytest.fixture(scope="module")
def office_folder(tmp_path_factory):
    """A company with two stations and a user in each, and what each of them did."""
    folder = tmp_path_factory.mktemp("office")
    with Database(folder / "o.duckdb") as db:
        units = pd.DataFrame(
            [("C", None), ("S1", "C"), ("S2", "C"), ("D", None)], columns=["unit_id", "parent_id"]
        )

        def fill(connection):
            connection.register("units", units)
            connection.execute("INSERT INTO org_units (unit_id, parent_id) SELECT * FROM units")
            for number, unit in ((1, "S1"), (2, "S2"), (3, "C"), (9, None)):
                connection.execute(
                    "INSERT INTO users VALUES"
                    " (?, ?, ?, 'planner', ?, NULL, NULL, true, false, now(), 'x', NULL, NULL)",
                    [str(number), f"u{number}", f"Name {number}", unit],
                )

        db.write(fill)
        note(db, "user:1", "file_loaded", "batch:1", rows=10)
        note(db, "user:2", "cells_exported", "a.csv", at=AT + timedelta(days=1), rows=77)
        note(db, "nobody", "sign_in_refused", "user:1", at=AT + timedelta(days=2))
        note(db, "nobody", "sign_in_refused", "user:2", at=AT + timedelta(days=2))
        note(db, "cli:root", "user_changed", "user:1", at=AT + timedelta(days=3))
    return folder


@pytest.fixture
def office(office_folder, tmp_path):
    shutil.copytree(office_folder, tmp_path / "office")
    with Database(tmp_path / "office" / "o.duckdb") as db:
        yield db


def numbers(db, who, **asked):
    return audit.search(db, who, AuditQuery(**asked))["event_id"].tolist()


def test_rows_are_found_by_time_actor_event_subject_and_text(office):
    assert numbers(office, AUDITOR) == [6, 5, 4, 3, 2, 1]
    assert numbers(office, AUDITOR, actor="user:1") == [2]
    assert numbers(office, AUDITOR, event="sign_in_refused") == [5, 4]
    assert numbers(office, AUDITOR, subject="user:1") == [6, 4]
    assert numbers(office, AUDITOR, subject="user") == [6, 5, 4]
    assert numbers(office, AUDITOR, text='"rows": 77') == [3]
    assert numbers(office, AUDITOR, text="100%_'") == []
    day = AT + timedelta(days=1)
    assert numbers(office, AUDITOR, start=day, end=day + timedelta(days=1)) == [3]
    assert numbers(office, AUDITOR, limit=2, offset=1) == [5, 4]
    assert audit.count(office, AUDITOR, AuditQuery(limit=2, event="sign_in_refused")) == 2
    assert audit.choices(office, AUDITOR, "actor") == [
        "cli:root", "nobody", "system", "user:1", "user:2",
    ]  # fmt: skip


def test_a_limited_auditor_sees_only_what_people_of_the_scope_did(office):
    county = Actor("user:3", "", "auditor", Scope("S1"))
    assert numbers(office, county) == [4, 2]
    assert audit.count(office, county, AuditQuery()) == 2
    assert audit.choices(office, county, "actor") == ["nobody", "user:1"]
    assert numbers(office, county, actor="user:2") == []
    data, _ = audit.export(office, county, AuditQuery(), "county check")
    assert b"user:2" not in data
    assert b"signature" not in data  # the head counts the rows of everybody
    with pytest.raises(AccessDenied) as refused:
        audit.verify(office, county)
    assert refused.value.code == "access_whole_only"


def test_a_typed_customer_number_is_looked_for_by_its_reference(office):
    ref = privacy.customer_ref(office, "0000000001")
    note(office, "user:1", "value_unmasked", f"customer:{ref}", column="phone")
    assert numbers(office, AUDITOR, subject="0000000001") == [7]
    assert numbers(office, AUDITOR, subject="0000000002") == []


@pytest.mark.parametrize(
    ("form", "read"),
    [
        ("csv", pd.read_csv),
        ("xlsx", partial(pd.read_excel, engine="openpyxl")),
        ("parquet", pd.read_parquet),
    ],
)
def test_an_export_says_who_when_and_what_for_and_is_itself_recorded(office, form, read, tmp_path):
    data, name = audit.export(office, AUDITOR, AuditQuery(limit=1), "yearly  check", form=form)
    path = tmp_path / name
    path.write_bytes(data)
    frame = read(path)
    assert frame["event_id"].tolist() == [6, 5, 4, 3, 2, 1]
    assert set(frame["exported_by"]) == {"user:9"}
    assert set(frame["exported_for"]) == {"yearly check"}
    assert json.loads(frame["audit_head"].iloc[0])["rows"] == 6
    newest = store.latest(office, 1).iloc[0]
    assert (newest["actor"], newest["event"]) == ("user:9", "audit_exported")
    assert json.loads(newest["detail"]) == {"rows": 6, "form": form, "purpose": "in_words"}


def test_an_export_without_a_purpose_is_refused(office):
    with pytest.raises(UserError) as caught:
        audit.export(office, AUDITOR, AuditQuery(), "  ")
    assert caught.value.code == "audit_purpose_missing"


def test_looking_is_not_recorded_and_verifying_is(office):
    numbers(office, AUDITOR)
    assert store.latest(office, 1)["event_id"].tolist() == [6]
    assert audit.verify(office, AUDITOR).problems == ()
    assert store.latest(office, 1)["event"].tolist() == ["audit_verified"]
    assert audit.verify(office, AUDITOR).rows == 7


def test_a_living_database_that_lost_its_head_says_so(office):
    kept = audit.head_beside(office.path)
    audit_seal.head_path(office.path).unlink()
    assert audit.verify(office, AUDITOR, head=kept).problems == (Problem(None, "head_missing"),)


def test_roles_without_the_right_are_refused(office):
    stranger = Actor("user:1", "", "planner")
    for ask in (
        lambda: audit.search(office, stranger, AuditQuery()),
        lambda: audit.count(office, stranger, AuditQuery()),
        lambda: audit.choices(office, stranger, "actor"),
        lambda: audit.export(office, stranger, AuditQuery(), "because"),
        lambda: audit.verify(office, stranger),
    ):
        with pytest.raises(AccessDenied):
            ask()


def test_every_event_and_problem_has_words_in_both_languages():
    events = recorded_events()
    assert {"file_loaded", "file_left_unchanged", "signed_in", "user_enabled"} <= events
    source = Path(audit_seal.__file__).parents[2] / "grid_cells" / "audit_chain.py"
    problems = set(
        re.findall(r"^    Codes: (.*?)\.$", source.read_text(), re.DOTALL | re.MULTILINE)
    )
    codes = set(re.findall(r"[a-z]+_[a-z_]+", " ".join(problems)))
    assert len(codes) == 13
    for name in language.LANGUAGES:
        assert [e for e in sorted(events) if not language.knows(f"event_{e}", name)] == []
        assert [c for c in sorted(codes) if not language.knows(f"problem_{c}", name)] == []


def recorded_events() -> set[str]:
    """Every word that app/ gives to `record` as the event, followed through names and callers."""
    found: set[str] = set()
    for path in APP.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and _is_record(call):
                        found |= _words(call.args[2], function, tree)
    return found


def _is_record(call: ast.Call) -> bool:
    named = call.func
    is_ours = isinstance(named, ast.Attribute) and named.attr in ("record", "append")
    return is_ours and len(call.args) >= 3


def _words(value: ast.expr, function: ast.AST, tree: ast.Module) -> set[str]:
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return _words(value.body, function, tree) | _words(value.orelse, function, tree)
    if isinstance(value, ast.Subscript):  # one of a table of events
        name = ast.unparse(value.value)
        named = (node for node in tree.body if isinstance(node, ast.AnnAssign))
        table = next(node.value for node in named if ast.unparse(node.target) == name)
        return {str(one.value) for one in table.values}
    assert isinstance(value, ast.Name), ast.unparse(value)
    given = [argument.arg for argument in function.args.args if argument.arg != "self"]
    for node in [*ast.walk(function), *([] if value.id in given else tree.body)]:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(isinstance(one, ast.Name) and one.id == value.id for one in targets):
            return _words(node.value, function, tree)
    return _told_by_callers(given.index(value.id), function.name, tree)


def _told_by_callers(place: int, name: str, tree: ast.Module) -> set[str]:
    words: set[str] = set()
    for caller in ast.walk(tree):
        if isinstance(caller, ast.FunctionDef) and caller.name != name:
            for call in ast.walk(caller):
                called = getattr(call, "func", None)
                if name in (getattr(called, "id", ""), getattr(called, "attr", "")):
                    words |= _words(call.args[place], caller, tree)
    return words
