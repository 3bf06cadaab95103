"""Coming in, being known, going out: back-off and lock, expiry, replay, and who is told."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import access, sessions, sign_in_refusals, users
from app.use_cases.actors import Actor
from app.use_cases.passwords import Argon2
from app.use_cases.users import UserWish
from grid_cells.errors import AccessDenied, UserError

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CLI = Actor("cli:op", "op", role="admin")


class PlainPasswords:
    """Keeps passwords as they are, and notes for each check whether there was one to compare."""

    def __init__(self):
        self.checked = []

    def hashed(self, password):
        return f"plain:{password}"

    def fits(self, kept, password):
        self.checked.append(kept is not None)
        return kept == f"plain:{password}"


@pytest.fixture
def passwords():
    return PlainPasswords()


@pytest.fixture(scope="module")
def opened_once(tmp_path_factory):
    with Database(tmp_path_factory.mktemp("sessions") / "a.duckdb") as opened:
        yield opened


@pytest.fixture
def db(opened_once):
    """The module's database with nobody in it: to open one for each test would take a minute."""

    def empty(connection):
        for table in ("users", "credentials", "sessions", "sign_in_failures", "audit_log"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM meta WHERE starts_with(name, 'session_')")

    opened_once.write(empty)
    sign_in_refusals._held.clear()
    yield opened_once
    opened_once.read().execute("CALL disable_logging()")


@pytest.fixture
def add(db, passwords):
    def one(login, role="planner", **more):
        wish = UserWish(login, login.title(), role, **more)
        return users.add_user(db, CLI, wish, passwords=passwords)

    return one


@pytest.fixture
def enter(db, passwords):
    def one(login, password, *, source="10.0.0.1", at=NOW):
        return sessions.sign_in_local(
            db, login, password, source=source, agent="Firefox", at=at, passwords=passwords
        )

    return one


@pytest.fixture
def told():
    ended = []
    stop = sessions.watch_ended(ended.append)
    yield ended
    stop()


def refused(work, *, error=UserError):
    with pytest.raises(error) as raised:
        work()
    return raised.value


def events(db):
    frame = db.query("SELECT event, subject, actor, detail FROM audit_log ORDER BY event_id")
    return [tuple(row) for row in frame.itertuples(index=False)]


def test_the_right_password_opens_a_session_of_that_user(db, add, enter):
    user_id, password = add("anna", "dispatcher")
    opened = enter(" ANNA ", password)
    session = sessions.resolve(db, opened.token, at=NOW)
    assert session.actor == Actor(f"user:{user_id}", "Anna", "dispatcher", None, opened.session_id)
    assert (session.way, session.must_change, opened.must_change) == ("local", True, True)
    assert session.expires_at == NOW + 8 * HOUR
    assert sessions.of_id(db, opened.session_id, at=NOW) == session


def test_the_token_is_long_and_not_in_the_store(db, add, enter):
    opened = enter("anna", add("anna")[1])
    assert len(opened.token) == 43
    held = db.query("SELECT * FROM sessions").astype(str).to_csv()
    assert opened.token not in held
    assert opened.session_id in held


def test_a_scope_comes_with_the_session_even_when_its_unit_is_gone(db, add, enter):
    _, password = add("anna")
    db.write(lambda c: c.execute("UPDATE users SET unit_id = 'gone', area_id = 'A1'"))
    actor = sessions.resolve(db, enter("anna", password).token, at=NOW).actor
    assert actor.scope == Scope("gone", "A1")
    assert access.within(db, actor).query("SELECT * FROM org_units").empty


# --- wrong passwords ---------------------------------------------------------------------------


def tries(enter, count, *, wait=True, source="10.0.0.1"):
    """Codes of so many wrong tries, waiting as told or not."""
    at, said = NOW, []
    for _ in range(count):
        error = refused(lambda at=at: enter("anna", "wrong", source=source, at=at))
        said.append(error.code)
        if wait and error.code != "sign_in_locked":
            at += timedelta(seconds=error.values.get("seconds", 32))
    return said, at


def test_ten_wrong_passwords_with_patience_end_in_a_lock(add, enter):
    add("anna")
    said, _ = tries(enter, 11)
    assert said == ["sign_in_failed"] * 9 + ["sign_in_locked"] * 2


def test_ten_wrong_passwords_in_a_row_back_off_then_lock(add, enter):
    add("anna")
    said, _ = tries(enter, 11, wait=False)
    assert said == ["sign_in_failed"] * 4 + ["sign_in_wait"] * 5 + ["sign_in_locked"] * 2


def test_the_right_password_is_not_looked_at_while_one_waits_or_is_locked(add, enter, passwords):
    _, password = add("anna")
    tries(enter, 4, wait=False)
    looked = len(passwords.checked)
    assert refused(lambda: enter("anna", password)).code == "sign_in_wait"
    tries(enter, 6, wait=False)
    assert refused(lambda: enter("anna", password)).values["minutes"] == 15
    assert len(passwords.checked) == looked


def test_the_right_password_from_elsewhere_gets_in_at_once(db, add, enter):
    _, password = add("anna")
    tries(enter, 11, wait=False)
    opened = enter("anna", password, source="10.0.0.2")
    assert sessions.resolve(db, opened.token, at=NOW).actor.name == "Anna"
    assert refused(lambda: enter("anna", password)).code == "sign_in_locked"


def test_nobody_is_locked_out_by_a_hundred_sources_that_guess(add, enter):
    _, password = add("anna")
    for source in range(100):
        refused(lambda source=source: enter("anna", "wrong", source=f"10.1.0.{source}"))
    assert enter("anna", password, source="10.0.0.2").token
    # but whoever has failed is slowed while the login is under attack
    assert refused(lambda: enter("anna", "x", source="10.1.0.7")).code == "sign_in_wait"


def test_the_lock_ends_by_itself_and_tries_meanwhile_do_not_prolong_it(add, enter):
    _, password = add("anna")
    tries(enter, 10, wait=False)
    for minute in range(1, 15):
        error = refused(lambda minute=minute: enter("anna", "x", at=NOW + minute * MINUTE))
        left = {"minutes": 15 - minute, "seconds": 60 * (15 - minute)}
        assert (error.code, error.values) == ("sign_in_locked", left)
    assert enter("anna", password, at=NOW + 15 * MINUTE).token


def test_one_try_every_quarter_of_an_hour_keeps_nobody_out(add, enter):
    _, password = add("anna")
    tries(enter, 10, wait=False)
    for lock in range(1, 4):
        at = NOW + 15 * lock * MINUTE
        assert refused(lambda at=at: enter("anna", "x", at=at)).code == "sign_in_failed"
    assert enter("anna", password, at=at + MINUTE).token


def test_success_clears_the_failures_of_that_source(db, add, enter):
    _, password = add("anna")
    tries(enter, 3, wait=False)
    enter("anna", password)
    assert tries(enter, 4, wait=False)[0] == ["sign_in_failed"] * 4
    assert db.query("SELECT sum(failed) AS n FROM sign_in_failures")["n"].tolist() == [4]


def test_many_tries_at_once_are_no_more_than_many_in_a_row(add, enter, passwords):
    add("anna")
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: refused(lambda: enter("anna", "wrong")).code, range(40)))
    assert len(passwords.checked) == said.count("sign_in_failed") == 4
    assert said.count("sign_in_wait") == 5
    assert said.count("sign_in_locked") == 31


@pytest.mark.parametrize("typed", ["", "\x00", "\ud800", "x" * 100_000, "' OR 1=1 --", "户" * 300])
def test_whatever_is_typed_is_only_a_wrong_password(add, enter, typed):
    _, password = add("anna")
    assert refused(lambda: enter(typed, password)).code == "sign_in_failed"
    assert refused(lambda: enter("anna", typed)).code == "sign_in_failed"
    assert not Argon2().fits(None, typed)


def test_what_was_typed_is_nowhere_in_the_store(db, add, enter):
    add("anna")
    for login in ("anna", "hunter2-hunter2"):
        refused(lambda login=login: enter(login, "typed-secret", source="10.9.8.7"))
    assert len(db.query("SELECT * FROM sign_in_failures")) == 2
    for table in ("sign_in_failures", "audit_log", "sessions"):
        held = db.query(f"SELECT * FROM {table}").astype(str).to_csv()
        assert not any(word in held for word in ("hunter2", "typed-secret", "10.9.8.7"))


def test_every_refusal_is_recorded_by_code_and_keyed_login(db, add, enter):
    add("anna")
    tries(enter, 10, wait=False)
    rows = [row for row in events(db) if row[0] == "sign_in_refused"]
    assert len(rows) == 10
    assert {(len(subject), subject[:6], actor) for _, subject, actor, _ in rows} == {
        (18, "login:", "nobody")
    }
    assert rows[0][3] == '{"code": "sign_in_failed"}'
    assert rows[9][3] == '{"code": "sign_in_locked"}'


def test_a_flood_of_tries_is_counted_and_does_not_fill_the_audit(db, add, enter):
    """Of 200 tries while a source is locked some twenty stand alone; none is lost from the sum."""
    add("anna")
    tries(enter, 210, wait=False)
    held = refusal_rows(db)
    assert len(held) < 60
    sign_in_refusals.write_counted(db, NOW)
    held = refusal_rows(db)
    assert len(held) < 65
    repeated = [int(row.get("repeated", 0)) for row in held]
    # a row that stands for itself tells those left out before it; a count stands for all it counts
    assert 210 <= len(held) + sum(repeated) <= 210 + len(held)
    sign_in_refusals.write_counted(db, NOW)
    assert refusal_rows(db) == held


def refusal_rows(db):
    return [json.loads(row[3]) for row in events(db) if row[0] == "sign_in_refused"]


# --- nobody learns whether a user exists -------------------------------------------------------


class Heard:
    """Every question put to a database, by the database's own log, writes included."""

    def __init__(self, db):
        self._connection = db.cursor()
        self._connection.execute("CALL enable_logging('QueryLog')")
        self.forget()

    def forget(self):
        self._connection.execute("CALL truncate_duckdb_logs()")

    def __call__(self):
        rows = self._connection.execute("SELECT message FROM duckdb_logs").fetchall()
        return [sql for (sql,) in rows if "duckdb_logs" not in sql]


@pytest.fixture
def crowd(db, add):
    """A user who may enter, a disabled one, and one without a password."""
    add("known")
    users.set_active(db, CLI, add("disabled")[0], False)
    add("elsewhere", oidc_subject="sub-1")
    return db


@pytest.mark.parametrize("login", ["unknown", "disabled", "elsewhere"])
def test_who_cannot_enter_costs_the_same_work_as_a_wrong_password(crowd, passwords, login):
    heard, questions = {}, Heard(crowd)
    for name in ("known", login):
        questions.forget()
        error = refused(
            lambda name=name: sessions.sign_in_local(
                crowd, name, "wrong", source="s", agent="", at=NOW, passwords=passwords
            )
        )
        heard[name] = (str(error), questions())
    assert heard["known"] == heard[login]
    assert len(heard["known"][1]) > 5
    assert passwords.checked == [True, False]


def test_argon2_works_as_hard_for_nobody_as_for_somebody():
    counted = []

    class Counting(Argon2):
        def __init__(self):
            super().__init__()
            verify = self._hasher.verify
            self._hasher = self

            def count(kept, password):
                counted.append(kept.rsplit("$", 2)[0])
                return verify(kept, password)

            self.verify = count

        def hash(self, password):
            return KEPT

    real = Argon2()
    KEPT = real.hashed("a good password")  # noqa: N806 - read by the class above
    hasher = Counting()
    assert hasher.fits(KEPT, "a good password")
    assert not hasher.fits(KEPT, "a bad password")
    assert not hasher.fits(None, "a good password")
    assert counted == ["$argon2id$v=19$m=65536,t=3,p=4"] * 3


def test_no_more_than_two_passwords_are_worked_on_at_once():
    at_work, most, turn = [], [], threading.Lock()

    class Slow:
        def verify(self, kept, password):
            with turn:
                at_work.append(1)
                most.append(len(at_work))
            threading.Event().wait(0.01)
            with turn:
                at_work.pop()

        def hash(self, password):
            return "x"

    hasher = Argon2()
    hasher._hasher = Slow()
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: hasher.fits("x", "y"), range(16)))
    assert max(most) == 2


# --- being known -------------------------------------------------------------------------------


def denied(db, token, at=NOW):
    return refused(lambda: sessions.resolve(db, token, at=at), error=AccessDenied).code


def test_without_a_token_or_with_a_made_up_one_nobody_is_known(db, add, enter):
    enter("anna", add("anna")[1])
    assert denied(db, "") == "session_none"
    assert denied(db, "x" * 43) == "session_unknown"
    assert denied(db, "\ud800") == "session_unknown"


def test_a_token_replayed_after_sign_out_is_refused(db, add, enter, told):
    user_id, password = add("anna")
    opened = enter("anna", password)
    sessions.sign_out(db, opened.session_id, at=NOW)
    assert denied(db, opened.token) == "session_ended"
    error = refused(lambda: sessions.of_id(db, opened.session_id, at=NOW), error=AccessDenied)
    assert error.code == "session_ended"
    assert told == [{opened.session_id}]
    assert events(db)[-1][:3] == ("signed_out", f"session:{opened.session_id}", f"user:{user_id}")
    sessions.sign_out(db, opened.session_id, at=NOW)
    assert told == [{opened.session_id}]


def test_a_session_left_alone_runs_out_and_one_in_use_does_not(db, add, enter):
    opened = enter("anna", add("anna")[1])
    late = NOW + 7 * HOUR
    assert sessions.resolve(db, opened.token, at=late).expires_at == late + 8 * HOUR
    written(db, opened.session_id, late)
    assert sessions.resolve(db, opened.token, at=NOW + 14 * HOUR)
    assert denied(db, opened.token, NOW + 23 * HOUR) == "session_expired"


def written(db, session_id, seen_at):
    """Wait until the thread beside has written when the session was last seen."""
    for _ in range(500):
        frame = db.query("SELECT seen_at FROM sessions WHERE session_id = ?", [session_id])
        if frame["seen_at"].iloc[0] == seen_at:
            db.write(
                lambda _: None
            )  # what is kept between commits is asked anew only after the writer's turn
            return
        threading.Event().wait(0.01)
    pytest.fail("nobody wrote down that the session was seen")


def test_a_session_in_use_still_ends_after_a_day(db, add, enter):
    opened = enter("anna", add("anna")[1])
    for hour in (7, 14, 21):
        sessions.resolve(db, opened.token, at=NOW + hour * HOUR)
        written(db, opened.session_id, NOW + hour * HOUR)
    assert sessions.resolve(db, opened.token, at=NOW + 23 * HOUR).expires_at == NOW + 24 * HOUR
    assert denied(db, opened.token, NOW + 24 * HOUR) == "session_expired"


def test_how_long_sessions_last_is_a_setting(db, add, enter):
    def set_hours(connection):
        meta.set_value(connection, "session_idle_h", "0.5")
        meta.set_value(connection, "session_max_h", "nonsense")

    db.write(set_hours)
    opened = enter("anna", add("anna")[1])
    assert sessions.resolve(db, opened.token, at=NOW).expires_at == NOW + HOUR / 2
    assert denied(db, opened.token, NOW + HOUR / 2) == "session_expired"


def test_being_seen_is_written_once_a_minute_and_not_on_the_asking_thread(db, add, enter):
    opened = enter("anna", add("anna")[1])
    heard = Heard(db)
    for second in range(60):
        sessions.resolve(db, opened.token, at=NOW + timedelta(seconds=second))
    assert not any("UPDATE" in sql for sql in heard())
    hold, free = threading.Event(), threading.Event()
    busy = threading.Thread(target=db.write, args=(lambda _: (hold.set(), free.wait(10)),))
    busy.start()
    assert hold.wait(10)
    for _ in range(3):  # answered although the writer is busy
        sessions.resolve(db, opened.token, at=NOW + MINUTE)
    free.set()
    busy.join()
    written(db, opened.session_id, NOW + MINUTE)
    assert sum("UPDATE" in sql for sql in heard()) == 1


def test_a_known_session_asks_again_only_after_something_was_written(db, add, enter):
    opened = enter("anna", add("anna")[1])
    sessions.resolve(db, opened.token, at=NOW)
    heard = Heard(db)
    sessions.resolve(db, opened.token, at=NOW)
    assert len(heard()) == 0
    db.write(lambda _: None)
    sessions.resolve(db, opened.token, at=NOW)
    assert len([sql for sql in heard() if sql.startswith("SELECT")]) == 1


# --- the provider and the proxy ----------------------------------------------------------------


def provider(db, subject="sub-1", proof="cookie-1", at=NOW):
    return sessions.sign_in_oidc(db, subject, proof=proof, agent="Firefox", at=at)


def test_the_provider_opens_sessions_of_the_subjects_user_only(db, add):
    user_id, password = add("anna", oidc_subject="sub-1")
    assert password is None
    opened = provider(db)
    session = sessions.resolve(db, opened.token, at=NOW)
    assert (session.actor.id, session.way) == (f"user:{user_id}", "oidc")
    assert refused(lambda: provider(db, "sub-2")).code == "sign_in_no_account"
    assert refused(lambda: provider(db, "")).code == "sign_in_no_account"
    assert events(db)[-1][1].startswith("subject:")


def test_a_proof_whose_session_is_over_opens_no_other(db, add):
    add("anna", oidc_subject="sub-1")
    opened = provider(db)
    assert provider(db).session_id != opened.session_id  # a second window, while it is open
    sessions.sign_out(db, opened.session_id, at=NOW)
    assert refused(lambda: provider(db)).code == "sign_in_replayed"
    assert provider(db, proof="cookie-2").token
    assert refused(lambda: provider(db, proof="cookie-2", at=NOW + 9 * HOUR)).code == (
        "sign_in_replayed"
    )


def test_a_disabled_user_comes_in_by_no_way(db, add, enter):
    user_id, password = add("anna")
    users.set_active(db, CLI, user_id, False)
    assert refused(lambda: enter("anna", password)).code == "sign_in_failed"
    proxied = refused(lambda: sessions.sign_in_proxy(db, "anna", agent="", at=NOW))
    assert proxied.code == "sign_in_no_account"


def test_the_proxy_names_a_user(db, add):
    user_id, _ = add("anna")
    opened = sessions.sign_in_proxy(db, "Anna", agent="", at=NOW)
    session = sessions.resolve(db, opened.token, at=NOW)
    assert (session.actor.id, session.way, session.must_change) == (
        f"user:{user_id}", "proxy", False,
    )  # fmt: skip
    error = refused(lambda: sessions.sign_in_proxy(db, "nobody", agent="", at=NOW))
    assert error.code == "sign_in_no_account"


# --- ending sessions ---------------------------------------------------------------------------


def test_signing_out_everywhere_ends_every_session_of_ones_own(db, add, enter, told):
    user_id, password = add("anna")
    add("bo")
    opened = {enter("anna", password).session_id for _ in range(3)}
    other = sessions.sign_in_proxy(db, "bo", agent="", at=NOW)
    actor = sessions.of_id(db, min(opened), at=NOW).actor
    assert sessions.sign_out_user(db, actor, user_id) == 3
    assert told == [opened]
    assert sessions.resolve(db, other.token, at=NOW)
    assert [row[0] for row in events(db)].count("session_ended") == 3


def test_another_persons_sessions_are_for_those_who_manage_users(db, add, enter, told):
    anna, _ = add("anna")
    bo, _ = add("bo", "manager")
    opened = sessions.sign_in_proxy(db, "anna", agent="", at=NOW)
    meddler = Actor(f"user:{bo}", "Bo", "manager")
    for meddle in (
        lambda: sessions.sign_out_user(db, meddler, anna),
        lambda: sessions.end_session(db, meddler, opened.session_id),
        lambda: sessions.end_session(db, meddler, "made-up"),
    ):
        assert refused(meddle, error=AccessDenied).code == "access_no_permission"
    assert told == []
    sessions.end_session(db, CLI, opened.session_id)
    assert told == [{opened.session_id}]
    assert denied(db, opened.token) == "session_ended"


def test_one_sees_ones_own_open_sessions(db, add, enter):
    _, password = add("anna")
    add("bo")
    at = datetime.now(UTC)
    here, there = enter("anna", password, at=at), enter("anna", password, at=at)
    sessions.sign_in_proxy(db, "bo", agent="", at=at)
    sessions.sign_out(db, there.session_id, at=at)
    actor = sessions.of_id(db, here.session_id, at=at).actor
    frame = sessions.list_sessions(db, actor)
    assert frame["session_id"].tolist() == [here.session_id]
    assert frame["is_this"].tolist() == [True]
    assert frame["agent"].tolist() == ["Firefox"]


def test_a_watcher_is_told_after_the_commit_and_one_that_breaks_stops_nobody(
    db, add, enter, told, caplog
):
    opened = enter("anna", add("anna")[1])
    seen = []

    def look(ended):
        seen.append(denied(db, opened.token))
        raise ValueError

    stop = sessions.watch_ended(look)
    sessions.sign_out(db, opened.session_id, at=NOW)
    stop()
    assert seen == ["session_ended"]
    assert told == [{opened.session_id}]
    assert "a watcher of ended sessions broke" in caplog.text


# --- one's own password ------------------------------------------------------------------------


@pytest.fixture
def change(db, passwords):
    def one(opened, old, new, *, at=NOW):
        actor = sessions.of_id(db, opened.session_id, at=at).actor
        sessions.change_password(db, actor, old, new, at=at, passwords=passwords)

    return one


def test_the_first_password_is_changed_and_only_other_sessions_end(db, add, enter, change, told):
    _, password = add("anna")
    here, there = enter("anna", password), enter("anna", password)
    change(here, password, "春江潮水连海平海上明月")
    assert told == [{there.session_id}]
    assert not sessions.resolve(db, here.token, at=NOW).must_change
    assert refused(lambda: enter("anna", password)).code == "sign_in_failed"
    assert not enter("anna", "春江潮水连海平海上明月").must_change
    assert "password_changed" in [row[0] for row in events(db)]


@pytest.mark.parametrize(
    ("new", "code"),
    [("short", "password_short"), ("anna.larsson", "password_is_login"), ("", "password_same")],
)
def test_a_password_that_will_not_do_changes_nothing(add, enter, change, new, code):
    _, password = add("anna.larsson")
    opened = enter("anna.larsson", password)
    assert refused(lambda: change(opened, password, new or password)).code == code
    assert enter("anna.larsson", password).must_change


def test_whoever_holds_the_session_cannot_guess_the_password_for_ever(add, enter, change):
    opened = enter("anna", add("anna")[1])
    said = [refused(lambda: change(opened, "guess", "a new long password")).code for _ in range(11)]
    assert said[0] == "password_wrong"
    assert said[-1] == "sign_in_locked"


def test_who_has_no_password_cannot_change_it(db, add, passwords):
    add("anna", oidc_subject="sub-1")
    actor = sessions.resolve(db, provider(db).token, at=NOW).actor
    for who in (actor, CLI):
        error = refused(
            lambda who=who: sessions.change_password(
                db, who, "x", "a new long password", at=NOW, passwords=passwords
            )
        )
        assert error.code == "password_none"


def test_looking_is_not_use_and_does_not_put_off_the_end(db, add, enter):
    password = add("anna")[1]
    looked_at, used = (enter("anna", password).session_id for _ in range(2))
    late = NOW + timedelta(hours=7)
    sessions.of_id(db, looked_at, at=late, is_use=False)
    sessions.of_id(db, used, at=late)
    written(db, used, late)
    with pytest.raises(AccessDenied, match="session_expired"):
        sessions.of_id(db, looked_at, at=NOW + timedelta(hours=9))
    assert sessions.of_id(db, used, at=NOW + timedelta(hours=9)).session_id == used
