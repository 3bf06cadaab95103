"""Who may sign in: added, changed and disabled within the scope of whoever does it."""

from datetime import UTC, datetime

import pytest

from app.store import meta
from app.store.database import Database
from app.store.scope import Scope
from app.use_cases import roles, sample, sample_accounts, sessions, users
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from app.use_cases.users import UserWish
from grid_cells.errors import AccessDenied, UserError

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
CLI = Actor("cli:op", "op", role="admin")
UNITS = """unit_id,parent_id,level,name
C,,company,Company
N,C,county,North
N1,N,station,North 1
S,C,county,South
S1,S,station,South 1
"""
AREAS = "transformer_id,area_id,unit_id\nT1,A-N,N1\nT2,A-S,S1\n"


class PlainPasswords:
    """Keeps passwords as they are."""

    def hashed(self, password):
        return f"plain:{password}"

    def fits(self, kept, password):
        return kept == f"plain:{password}"


PLAIN = PlainPasswords()


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    with Database(folder / "a.duckdb") as db:
        for kind, text in (("units", UNITS), ("areas", AREAS)):
            path = folder / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            load(db, CLI, kind, [path], LoadChoice())
        yield db


@pytest.fixture
def db(company):
    """The company's database with nobody in it."""

    def empty(connection):
        for table in ("users", "credentials", "sessions", "sign_in_failures", "audit_log"):
            connection.execute(f"DELETE FROM {table}")
        meta.set_value(connection, "origin", "own")

    company.write(empty)
    return company


@pytest.fixture
def add(db):
    def one(login, role="planner", unit=None, area=None, **more):
        wish = UserWish(login, login.title(), role, unit, area, **more)
        return users.add_user(db, CLI, wish, passwords=PLAIN)[0]

    return one


def north_admin(user_id="0"):
    return Actor(f"user:{user_id}", "North", "admin", Scope("N"))


def refused(work, error=UserError):
    with pytest.raises(error) as raised:
        work()
    return raised.value.code


def opened(db, login):
    return sessions.sign_in_proxy(db, login, agent="", at=datetime.now(UTC))


def state(db, token):
    try:
        return sessions.resolve(db, token, at=datetime.now(UTC)).actor.role
    except AccessDenied as denied:
        return denied.code


def test_a_user_gets_a_password_for_one_sign_in(db):
    wish = UserWish(" Anna ", "Anna Larsson", "crew", None, "A-N")
    user_id, password = users.add_user(db, CLI, wish, passwords=PLAIN)
    user = users.of_login(db, CLI, "ANNA")
    assert (user.user_id, user.login, user.name) == (user_id, "anna", "Anna Larsson")
    assert (user.unit_id, user.area_id) == ("N1", "A-N")
    signed = sessions.sign_in_local(
        db, "anna", password, source="s", agent="", at=NOW, passwords=PLAIN
    )
    assert signed.must_change
    frame = users.list_users(db, CLI)
    assert frame["login"].tolist() == ["anna"]
    assert frame["must_change"].tolist() == [True]


def test_every_deed_is_recorded_by_ids_alone(db, add):
    user_id = add("anna", "crew", "N1", "A-N")
    users.change_user(db, CLI, user_id, UserWish("anna", "Annika", "planner", "N"))
    users.set_active(db, CLI, user_id, False)
    users.set_active(db, CLI, user_id, True)
    users.reset_password(db, CLI, user_id, passwords=PLAIN)
    rows = db.query("SELECT event, actor, subject, detail FROM audit_log ORDER BY event_id")
    assert rows["event"].tolist() == [
        "user_added", "user_changed", "user_disabled", "user_enabled", "password_reset",
    ]  # fmt: skip
    assert set(rows["subject"]) == {f"user:{user_id}"}
    assert set(rows["actor"]) == {"cli:op"}
    assert rows["detail"][0] == '{"role": "crew", "unit_id": "N1", "area_id": "A-N"}'
    assert "Ann" not in rows.to_csv()


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (UserWish("an na", "Anna", "planner"), "user_login_form"),
        (UserWish("", "Anna", "planner"), "user_login_form"),
        (UserWish("anna", " ", "planner"), "user_name_form"),
        (UserWish("anna", "Anna", "boss"), "user_role_unknown"),
        (UserWish("anna", "Anna", ""), "user_role_unknown"),
        (UserWish("anna", "Anna", "planner", "X"), "user_unit_unknown"),
        (UserWish("anna", "Anna", "planner", None, "X"), "user_area_unknown"),
        (UserWish("anna", "Anna", "planner", "S", "A-N"), "user_area_unknown"),
        (UserWish("TAKEN", "Anna", "planner"), "user_login_taken"),
        (UserWish("anna", "Anna", "planner", oidc_subject="sub-1"), "user_subject_taken"),
    ],
)
def test_a_wish_that_cannot_be_granted_says_why(db, add, wish, code):
    add("taken", oidc_subject="sub-1")
    other = add("other")
    assert refused(lambda: users.add_user(db, CLI, wish, passwords=PLAIN)) == code
    assert refused(lambda: users.change_user(db, CLI, other, wish)) == code
    assert users.list_users(db, CLI)["login"].tolist() == ["other", "taken"]


@pytest.mark.parametrize(
    "wish",
    [
        UserWish("bo", "Bo", "crew", "N1"),
        UserWish("bo", "Bo", "planner", "N"),
        UserWish("bo", "Bo", "planner", "N1", "A-N"),
        UserWish("annika", "Bo", "planner", "N1"),
        UserWish("bo", "Bo", "planner", "N1", oidc_subject="sub-9"),
    ],
)
def test_a_change_of_role_scope_or_sign_in_ends_the_sessions(db, add, wish):
    user_id = add("bo", "planner", "N1")
    signed = opened(db, "bo")
    users.change_user(db, CLI, user_id, wish)
    assert state(db, signed.token) == "session_ended"


def test_a_new_name_ends_nothing(db, add):
    user_id = add("bo", "planner", "N1")
    signed = opened(db, "bo")
    users.change_user(db, CLI, user_id, UserWish("bo", "Bo Ek", "planner", "N1"))
    session = sessions.resolve(db, signed.token, at=datetime.now(UTC))
    assert session.actor.name == "Bo Ek"


def test_disabling_ends_the_sessions_and_enabling_brings_none_back(db, add):
    user_id = add("bo")
    signed, told = opened(db, "bo"), []
    stop = sessions.watch_ended(told.append)
    users.set_active(db, CLI, user_id, False)
    stop()
    assert told == [{signed.session_id}]
    assert state(db, signed.token) == "user_disabled"
    users.set_active(db, CLI, user_id, True)
    assert state(db, signed.token) == "session_ended"


def test_a_new_password_ends_sessions_and_locks(db, add):
    user_id = add("bo")
    signed = opened(db, "bo")

    def enter(password):
        return sessions.sign_in_local(
            db, "bo", password, source="s", agent="", at=NOW, passwords=PLAIN
        )

    for _ in range(10):
        refused(lambda: enter("wrong"))
    password = users.reset_password(db, CLI, user_id, passwords=PLAIN)
    assert state(db, signed.token) == "session_ended"
    assert enter(password).must_change


# --- scope and rights --------------------------------------------------------------------------


@pytest.mark.parametrize("role", [*sorted(set(roles.permissions_by_role()) - {"admin"}), ""])
def test_only_admins_manage_users(db, add, role):
    user_id = add("bo")
    actor = Actor("user:99", "Eva", role)
    wish = UserWish("new", "New", "admin")
    for work in (
        lambda: users.list_users(db, actor),
        lambda: users.add_user(db, actor, wish),
        lambda: users.change_user(db, actor, user_id, wish),
        lambda: users.set_active(db, actor, user_id, False),
        lambda: users.reset_password(db, actor, user_id),
        lambda: users.of_login(db, actor, "bo"),
        lambda: users.one(db, actor, user_id),
    ):
        assert refused(work, AccessDenied) == "access_no_permission"
    assert users.list_users(db, CLI)["login"].tolist() == ["bo"]
    refusals = db.query("SELECT 1 FROM audit_log WHERE event = 'access_refused'")
    assert len(refusals) == 7


@pytest.mark.parametrize(("unit", "area"), [(None, None), ("C", None), ("S", None), ("S1", "A-S"),
                                            (None, "A-S"), ("X", None)])  # fmt: skip
def test_nobody_gives_a_scope_beyond_their_own(db, add, unit, area):
    inside = add("inside", "planner", "N1")
    wish = UserWish("new", "New", "admin", unit, area)
    actor = north_admin()
    for work in (
        lambda: users.add_user(db, actor, wish, passwords=PLAIN),
        lambda: users.change_user(db, actor, inside, wish),
    ):
        assert refused(work, AccessDenied) == "access_out_of_scope"
    assert users.one(db, CLI, inside).unit_id == "N1"


def test_within_their_own_scope_they_do(db):
    wish = UserWish("new", "New", "crew", "N1", "A-N")
    user_id, _ = users.add_user(db, north_admin(), wish, passwords=PLAIN)
    users.change_user(db, north_admin(), user_id, UserWish("new", "New", "admin", "N"))
    assert users.one(db, CLI, user_id).role == "admin"


def test_users_beyond_ones_scope_are_as_if_they_were_not_there(db, add):
    add("here", "planner", "N1")
    beyond = [add("boss", "admin"), add("there", "planner", "S1"), "made-up"]
    actor = north_admin()
    assert users.list_users(db, actor)["login"].tolist() == ["here"]
    for user_id in beyond:
        said = set()
        for work in (
            lambda user_id=user_id: users.reset_password(db, actor, user_id),
            lambda user_id=user_id: users.set_active(db, actor, user_id, False),
            lambda user_id=user_id: sessions.sign_out_user(db, actor, user_id),
        ):
            said.add(refused(work, AccessDenied))
        assert said == {"access_out_of_scope"}


def test_a_unit_that_is_gone_gives_no_rights_over_anybody(db, add):
    add("here", "planner", "N1")
    add("whole")
    actor = Actor("user:0", "Lost", "admin", Scope("gone"))
    assert users.list_users(db, actor).empty
    wish = UserWish("new", "New", "admin", "gone")
    assert refused(lambda: users.add_user(db, actor, wish), AccessDenied) == "access_out_of_scope"


# --- the last admin ----------------------------------------------------------------------------


def test_nobody_takes_their_own_admin_role_away(db, add):
    user_id = add("anna", "admin")
    add("bo", "admin")
    actor = Actor(f"user:{user_id}", "Anna", "admin")
    planner = UserWish("anna", "Anna", "planner")
    for work in (
        lambda: users.change_user(db, actor, user_id, planner),
        lambda: users.set_active(db, actor, user_id, False),
    ):
        assert refused(work, AccessDenied) == "user_own_admin"
    assert users.one(db, CLI, user_id).role == "admin"


@pytest.mark.parametrize("other", [None, ("admin", "N", True), ("admin", None, False)])
def test_the_last_admin_of_the_whole_company_stays(db, add, other):
    user_id = add("anna", "admin", "C")
    if other is not None:
        role, unit, active = other
        users.set_active(db, CLI, add("bo", role, unit), active)
    for work in (
        lambda: users.set_active(db, CLI, user_id, False),
        lambda: users.change_user(db, CLI, user_id, UserWish("anna", "Anna", "planner")),
        lambda: users.change_user(db, CLI, user_id, UserWish("anna", "Anna", "admin", "N")),
    ):
        assert refused(work) == "user_last_admin"
    add("cy", "admin")
    users.set_active(db, CLI, user_id, False)
    assert not users.one(db, CLI, user_id).is_active


# --- one's own account -------------------------------------------------------------------------


def test_everybody_sees_their_own_account(db, add):
    user_id = add("bo", "crew", "N1", "A-N")
    actor = sessions.of_id(db, opened(db, "bo").session_id, at=datetime.now(UTC)).actor
    account = users.my_account(db, actor)
    assert (account.user_id, account.login, account.role) == (user_id, "bo", "crew")
    assert (account.unit_id, account.unit_name, account.area_id) == ("N1", "North 1", "A-N")
    assert account.has_password
    assert refused(lambda: users.my_account(db, CLI)) == "user_unknown"


# --- the sample's accounts ---------------------------------------------------------------------


@pytest.fixture
def in_sample(db):
    """The database as if the sample ran in it, with its accounts."""
    hashes = sample_accounts.hashes(PLAIN)

    def change(connection):
        meta.set_value(connection, "origin", "sample")
        sample_accounts.create(connection, CLI, hashes)

    db.write(change)
    return db


def sample_entry(db, login):
    password = {one.login: one.password for one in sessions.sample_accounts(db)}[login]
    return sessions.sign_in_local(
        db, login, password, source="s", agent="", at=datetime.now(UTC), passwords=PLAIN
    )


def own_data(folder):
    path = folder / "units.csv"
    path.write_text("unit_id,level,name\nU9,station,Ours\n", encoding="utf-8")
    return [path]


def test_the_sample_has_an_account_for_each_role(in_sample):
    shown = sessions.sample_accounts(in_sample)
    assert [one.login for one in shown] == [
        "manager", "planner", "dispatcher", "analyst", "auditor", "crew", "clerk", "inspector",
        "admin",
    ]  # fmt: skip
    people = {r for r in roles.permissions_by_role() if roles.family_of(r) != "machine"}
    assert {one.role for one in shown} == people
    assert not sessions.has_accounts(in_sample)
    frame = users.list_users(in_sample, CLI).set_index("login")
    assert frame.loc["crew", ["unit_id", "area_id"]].tolist() == ["N1", "A-N"]
    assert frame.loc[["clerk", "inspector", "planner"], "unit_id"].tolist() == ["N1", "N", "N"]
    whole = ["admin", "analyst", "auditor", "dispatcher", "manager"]
    assert frame.loc[whole, "unit_id"].isna().all()
    for one in shown:
        signed = sample_entry(in_sample, one.login)
        assert (state(in_sample, signed.token), signed.must_change) == (one.role, False)


def test_the_samples_accounts_end_with_the_first_data_of_ones_own(in_sample, tmp_path):
    signed, told = sample_entry(in_sample, "crew"), []
    shown = sessions.sample_accounts(in_sample)
    stop = sessions.watch_ended(told.append)
    load(in_sample, CLI, "units", own_data(tmp_path), LoadChoice())
    stop()
    assert told == [{signed.session_id}]
    assert state(in_sample, signed.token) == "user_disabled"
    assert sessions.sample_accounts(in_sample) == []
    for one in shown:
        error = refused(
            lambda one=one: sessions.sign_in_local(
                in_sample, one.login, one.password, source=one.login, agent="", at=NOW,
                passwords=PLAIN,
            )
        )  # fmt: skip
        assert error == "sign_in_failed"
    crew = users.of_login(in_sample, CLI, "crew")
    assert refused(lambda: users.set_active(in_sample, CLI, crew.user_id, True)) == (
        "user_of_sample"
    )


def test_a_load_that_fails_ends_nothing(in_sample, tmp_path):
    def stop(done):
        if done > 0.9:
            raise KeyboardInterrupt

    signed = sample_entry(in_sample, "admin")
    with pytest.raises(KeyboardInterrupt):
        load(in_sample, CLI, "units", own_data(tmp_path), LoadChoice(), progress=stop)
    assert state(in_sample, signed.token) == "admin"
    assert len(sessions.sample_accounts(in_sample)) == 9


def test_who_came_in_by_a_sample_account_must_leave_an_admin_behind(in_sample, tmp_path):
    signed = sample_entry(in_sample, "admin")
    actor = sessions.of_id(in_sample, signed.session_id, at=datetime.now(UTC)).actor
    files = own_data(tmp_path)
    error = refused(lambda: load(in_sample, actor, "units", files, LoadChoice()))
    assert error == "sample_needs_admin"
    assert state(in_sample, signed.token) == "admin"
    wish = UserWish("eva", "Eva", "admin")
    users.add_user(in_sample, actor, wish, passwords=PLAIN)
    load(in_sample, actor, "units", files, LoadChoice())
    assert state(in_sample, signed.token) == "user_disabled"
    assert sessions.has_accounts(in_sample)
    assert state(in_sample, opened(in_sample, "eva").token) == "admin"


def test_nobody_changes_a_samples_account(in_sample):
    crew = users.of_login(in_sample, CLI, "crew").user_id
    wish = UserWish("crew", "Mine", "admin")
    signed = sample_entry(in_sample, "crew")
    actor = sessions.of_id(in_sample, signed.session_id, at=datetime.now(UTC)).actor
    for work in (
        lambda: users.change_user(in_sample, CLI, crew, wish),
        lambda: users.reset_password(in_sample, CLI, crew),
        lambda: sessions.change_password(
            in_sample, actor, "sample-city-crew", "a new long password", at=NOW, passwords=PLAIN
        ),
    ):
        assert refused(work) == "user_of_sample"


@pytest.mark.long
def test_a_login_of_ones_own_is_left_alone_by_the_sample(tmp_path):
    with Database(tmp_path / "b.duckdb") as db:
        mine = UserWish("admin", "Mine", "admin")
        user_id, password = users.add_user(db, CLI, mine, passwords=PLAIN)
        sample.build_sample(db, CLI, customers=1_000)
        shown = {one.login: one for one in sessions.sample_accounts(db)}
        assert len(shown) == 8
        assert "admin" not in shown
        assert users.of_login(db, CLI, "admin").user_id == user_id
        clerk = sessions.sign_in_local(
            db, "clerk", shown["clerk"].password, source="s", agent="", at=NOW
        )
        assert sessions.resolve(db, clerk.token, at=NOW).actor.scope is not None
        assert sessions.sign_in_local(
            db, "admin", password, source="s", agent="", at=NOW, passwords=PLAIN
        ).must_change
