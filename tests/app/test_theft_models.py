"""Models in the store: whoever keeps one does not put it live, and everything is on record."""

import json
from dataclasses import replace

import pytest

from app.store import audit, users
from app.store import theft_models as store
from app.store.database import Database
from app.store.users import User
from app.use_cases import theft_models
from app.use_cases.actors import Actor
from app.use_cases.clock import real_now
from grid_cells.errors import AccessDenied, UserError
from grid_cells.theft_model_file import unpack
from grid_cells.theft_models import MemberPlan, fit
from loaders.theft_model_files import write_model
from tests.grid_cells.visit_town import town

TREES = {"objective": "binary", "verbose": -1, "num_threads": 1, "num_leaves": 4}
MANAGER = Actor("user:town-manager", "周明", "manager")
ANALYST = Actor("user:town-analyst", "陈思", "analyst")
INSPECTOR = Actor("user:town-inspector", "钱勇", "inspector")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for seed in (1, 2):
        model = fit(town(300, seed=seed), plans=(MemberPlan(5, TREES),))
        write_model(replace(model, card={**model.card, "mapping": ""}), folder / f"m{seed}.model")
    return folder


def states(db):
    return {one.model_id: one.state for one in theft_models.list_models(db, MANAGER)}


def test_a_model_goes_live_by_another_person_alone(town_database, files):
    number = theft_models.keep(town_database, ANALYST, files / "m1.model")
    assert states(town_database) == {number: "waiting"}
    with pytest.raises(UserError, match="theft_model_own"):
        theft_models.approve(town_database, ANALYST, number)
    assert store.live(town_database.read()) is None
    theft_models.approve(town_database, MANAGER, number)
    assert states(town_database) == {number: "live"}
    found = store.live(town_database.read())
    assert found is not None
    assert unpack(found[1], "live").recipe.names == unpack(
        (files / "m1.model").read_bytes(), "m1"
    ).recipe.names  # fmt: skip


def test_alone_in_the_house_one_person_does_both(tmp_path, files):
    with Database(tmp_path / "alone.duckdb") as db:
        number = theft_models.keep(db, MANAGER, files / "m1.model")
        theft_models.approve(db, MANAGER, number)
        assert states(db) == {number: "live"}


def test_who_sees_a_part_alone_is_nobody_who_could_approve(tmp_path, files):
    with Database(tmp_path / "parts.duckdb") as db:
        boss = User("1", "boss", None, "manager", "S1", None, None, is_active=True, is_sample=False)
        area = replace(boss, user_id="2", login="area", unit_id=None, area_id="A1")
        number = theft_models.keep(db, MANAGER, files / "m1.model")
        for one in (boss, area):
            db.write(lambda c, one=one: users.insert(c, one, by="cli", at=real_now()))
        theft_models.approve(db, MANAGER, number)
        assert states(db) == {number: "live"}


def test_the_next_model_retires_the_one_before(town_database, files):
    first = theft_models.keep(town_database, ANALYST, files / "m1.model")
    second = theft_models.keep(town_database, ANALYST, files / "m2.model")
    theft_models.approve(town_database, MANAGER, first)
    theft_models.approve(town_database, MANAGER, second)
    assert states(town_database) == {first: "retired", second: "live"}
    theft_models.retire(town_database, MANAGER, second, "drift")
    assert store.live(town_database.read()) is None
    events = audit.latest(town_database, 6)
    mine = events[events["subject"].str.startswith("theft_model:")]
    assert [(row.event, row.subject) for row in mine.itertuples()] == [
        ("theft_model_retired", f"theft_model:{second}"),
        ("theft_model_approved", f"theft_model:{second}"),
        ("theft_model_retired", f"theft_model:{first}"),
        ("theft_model_approved", f"theft_model:{first}"),
        ("theft_model_kept", f"theft_model:{second}"),
        ("theft_model_kept", f"theft_model:{first}"),
    ]
    assert json.loads(mine["detail"].iloc[0])["reason"] == "drift"


def test_what_cannot_be_done_is_refused_and_changes_nothing(town_database, files):
    number = theft_models.keep(town_database, ANALYST, files / "m1.model")
    for code, deed in (
        ("theft_model_kept", lambda: theft_models.keep(town_database, MANAGER, files / "m1.model")),
        ("theft_model_unknown", lambda: theft_models.approve(town_database, MANAGER, 99)),
        ("theft_model_reason", lambda: theft_models.retire(town_database, MANAGER, number, "no")),
    ):
        with pytest.raises(UserError, match=code):
            deed()
    with pytest.raises(AccessDenied):
        theft_models.approve(town_database, INSPECTOR, number)
    assert states(town_database) == {number: "waiting"}
    theft_models.retire(town_database, MANAGER, number, "rejected")
    with pytest.raises(UserError, match="theft_model_not_waiting"):
        theft_models.approve(town_database, MANAGER, number)
    with pytest.raises(UserError, match="theft_model_retired"):
        theft_models.retire(town_database, MANAGER, number, "drift")
