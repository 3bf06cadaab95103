"""Users at the command line, and acting as one of them, here and through a server."""

import io
import json
import queue
from datetime import UTC, datetime

import pytest

from app.cli import remote
from app.cli.arguments import parse
from app.cli.commands import run
from app.cli.people import LIST_KEYS
from app.cli.terminal import Terminal
from app.store.database import Database
from app.use_cases import sessions
from app.widgets import session as page_session
from grid_cells.errors import AccessDenied

UNITS = "unit_id,parent_id,level,name\nC,,company,Company\nN,C,county,North\nS,C,county,South\n"
KEYS = {
    "user_id", "login", "name", "role", "unit_id", "area_id", "oidc_subject", "is_active",
    "crew_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    with Database(tmp_path_factory.mktemp("cli") / "a.duckdb") as db:
        yield db


@pytest.fixture
def db(company, tmp_path, monkeypatch):
    """A database with units and nobody in it."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)

    def empty(connection):
        for table in ("users", "credentials", "sessions", "audit_log"):
            connection.execute(f"DELETE FROM {table}")

    company.write(empty)
    return company


@pytest.fixture
def call(db, tmp_path):
    """Run a command on the open database: exit code, what stdout and stderr said."""

    def one(*words, os_user="op"):
        out, err = io.StringIO(), io.StringIO()
        arguments = parse([*words])
        terminal = Terminal(out, err, as_json=arguments.json)
        code = run(arguments, terminal, cwd=tmp_path, db=db, os_user=os_user)
        return code, out.getvalue(), err.getvalue()

    return one


@pytest.fixture
def answer(call):
    """The one JSON object of a command that went well."""

    def one(*words):
        code, out, err = call(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    return one


def enter(db, login, password):
    at = datetime.now(UTC)
    return sessions.sign_in_local(db, login, password, source="s", agent="", at=at)


def audit(db):
    return db.query("SELECT actor, event, subject, detail FROM audit_log ORDER BY event_id")


def test_add_prints_the_first_password_once_and_it_opens_the_door(db, call, answer):
    added = answer("users", "add", "Anna", "--role", "admin", "--name", "Anna L")
    assert set(added) == KEYS | {"password"}
    assert (added["login"], added["name"], added["is_active"]) == ("anna", "Anna L", True)
    assert enter(db, "anna", added["password"]).must_change
    code, out, err = call("users", "add", "bo", "--role", "crew")
    password = next(line for line in out.splitlines() if line.startswith("password: "))[10:]
    assert code == 0
    assert out.count(password) == 1
    assert password not in err
    assert "shown this once" in err
    assert password not in audit(db).to_csv()
    assert audit(db)["actor"].iloc[0] == "cli:op"


def test_a_user_of_the_provider_gets_no_password(db, answer):
    added = answer("users", "add", "eva", "--role", "manager", "--subject", "sub-1")
    assert (added["password"], added["oidc_subject"]) == (None, "sub-1")


def test_list_shows_who_may_sign_in(call, answer):
    answer("users", "add", "anna", "--role", "admin")
    rows = answer("users", "list")["users"]
    assert set(rows[0]) == set(LIST_KEYS)
    assert (rows[0]["login"], rows[0]["unit_id"], rows[0]["seen_at"]) == ("anna", None, None)
    code, out, _ = call("users", "list")
    assert code == 0
    assert "anna" in out
    assert "admin" in out


def test_a_change_changes_what_is_named_and_leaves_the_rest(db, call, answer, tmp_path):
    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    assert call("load", "units", "units.csv")[0] == 0
    answer("users", "add", "bo", "--role", "planner", "--unit", "N", "--name", "Bo")
    changed = answer("users", "change", "bo", "--role", "dispatcher")
    assert (changed["role"], changed["unit_id"], changed["name"]) == ("dispatcher", "N", "Bo")
    assert answer("users", "change", "bo", "--unit", "S")["unit_id"] == "S"
    assert answer("users", "change", "bo", "--whole")["unit_id"] is None
    assert answer("users", "change", "bo", "--login", "Bosse")["login"] == "bosse"
    subject = answer("users", "change", "bosse", "--subject", "sub-2")["oidc_subject"]
    assert subject == "sub-2"
    assert answer("users", "change", "bosse", "--subject", "")["oidc_subject"] is None


def test_disable_enable_reset_and_end_sessions(db, call, answer):
    password = answer("users", "add", "bo", "--role", "planner")["password"]
    signed = enter(db, "bo", password)
    assert answer("users", "end-sessions", "bo")["ended"] == 1
    with pytest.raises(AccessDenied, match="session_ended"):
        sessions.resolve(db, signed.token, at=datetime.now(UTC))
    assert answer("users", "disable", "bo")["is_active"] is False
    assert answer("users", "enable", "bo")["is_active"] is True
    fresh = answer("users", "reset-password", "BO")
    assert set(fresh) == KEYS | {"password"}
    assert enter(db, "bo", fresh["password"]).must_change


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("users", "disable", "nobody"), "There is no active user nobody."),
        (("users", "add", "anna", "--role", "crew"), "The user name anna is taken."),
        (("users", "add", "x", "--role", "boss"), "There is no role boss."),
        (("users", "add", "x", "--role", "crew", "--unit", "X9"), "There is no unit X9."),
        (("users", "disable", "anna"), "anna is the last active administrator"),
        (("users", "list", "--as", "nobody"), "There is no active user nobody."),
        (("whose", "--at", "1,2", "--as", "nobody"), "There is no active user nobody."),
    ],
)
def test_an_error_is_one_clear_line(answer, call, words, said):
    answer("users", "add", "anna", "--role", "admin")
    code, out, err = call(*words)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_as_a_user_one_has_their_rights_and_no_more(db, call, answer):
    answer("users", "add", "anna", "--role", "admin")
    bo = answer("users", "add", "bo", "--role", "planner")
    code, out, err = call("users", "list", "--as", "bo")
    assert (code, out) == (1, "")
    assert "planner" in err
    assert answer("users", "list", "--as", "ANNA")["users"][0]["login"] == "anna"
    rows = audit(db)
    ran = rows[rows["event"] == "command_run_as"]
    assert ran["actor"].tolist() == ["cli:op", "cli:op"]
    assert ran["subject"].iloc[0] == f"user:{bo['user_id']}"
    assert ran["detail"].iloc[0] == '{"command": "users"}'
    refusal = rows[rows["event"] == "access_refused"]
    assert refusal["actor"].tolist() == [f"user:{bo['user_id']}"]


def test_nobody_acts_as_a_disabled_user(db, call, answer):
    answer("users", "add", "anna", "--role", "admin")
    answer("users", "add", "cy", "--role", "admin")
    answer("users", "disable", "cy")
    assert call("users", "list", "--as", "cy")[2].strip() == "There is no active user cy."


def test_through_a_server_the_command_is_still_of_who_gave_it(db, tmp_path):
    page_session.use_database(db)
    try:
        said = queue.Queue()
        asked = {
            "argv": ["users", "add", "anna", "--role", "admin", "--json"],
            "cwd": str(tmp_path), "user": "operator",
        }  # fmt: skip
        assert remote._run(asked, said) == 0
        asked["argv"] = ["users", "add", "bo", "--role", "crew", "--json", "--as", "anna"]
        assert remote._run(asked, said) == 0
        asked["argv"] = ["users", "list", "--as", "operator"]
        assert remote._run(asked, said) == 1
    finally:
        page_session.use_database(None)
    rows = audit(db)
    anna = rows.loc[rows["event"] == "user_added", "subject"].iloc[0]
    assert rows[["actor", "event"]].to_numpy().tolist() == [
        ["cli:operator", "user_added"],
        ["cli:operator", "command_run_as"],
        [anna, "user_added"],
    ]


def test_wrong_usage_is_exit_code_2(call, capsys):
    for words in (("users",), ("users", "add", "anna"), ("users", "sack", "anna")):
        with pytest.raises(SystemExit) as stopped:
            call(*words)
        assert stopped.value.code == 2
    assert "usage: gridcells users" in capsys.readouterr().err
