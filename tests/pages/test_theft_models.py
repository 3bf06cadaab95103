"""The cards of models, as a person with the right sees and moves them."""

import json

from streamlit.testing.v1 import AppTest

from app.store import theft_models as store
from app.use_cases import theft_models
from app.use_cases.actors import Actor
from app.widgets import session

AT = "2026-07-01T00:00:00Z"
MANAGER = Actor("user:town-manager", "周明", "manager")
INSPECTOR = Actor("user:town-inspector", "钱勇", "inspector")
CARD = {
    "data": {"rows": 600, "base_rate": 0.05, "first_day": "2024-01-01", "last_day": "2025-12-30"},
    "figures": {"auc": 0.731, "average_precision": 0.15},
    "intervals": {"auc": [0.7, 0.76]},
}


def page() -> None:
    from app.widgets import theft_models as widget  # noqa: PLC0415 - a page runs by itself

    widget.show()


def shown(monkeypatch, database, actor):
    monkeypatch.setattr(session, "database", lambda: database)
    monkeypatch.setattr(session, "actor", lambda: actor)
    return AppTest.from_function(page, default_timeout=30).run()


def kept(database):
    row = {
        "name": "m", "trained_at": AT, "trained_by": "user:town-analyst",
        "card": json.dumps(CARD), "content": b"x", "sha256": "0",
    }  # fmt: skip
    return database.write(lambda connection: store.add(connection, row))


def test_without_models_it_says_what_models_are_and_offers_nothing(town_database, monkeypatch):
    at = shown(monkeypatch, town_database, MANAGER)
    assert not at.exception
    assert [one.key for one in at.button] == ["theft_train"]
    assert any("a person decides each visit" in line.value for line in at.caption)


def test_a_manager_puts_a_waiting_model_live(town_database, monkeypatch):
    number = kept(town_database)
    at = shown(monkeypatch, town_database, MANAGER)
    assert not at.exception
    assert any("0.731 (0.700–0.760)" in line.value for line in at.markdown)
    at.button(key=f"theft_model_approve_{number}").click().run()
    assert not at.exception
    assert [one.state for one in theft_models.list_models(town_database, MANAGER)] == ["live"]
    people = " ".join(line.value for line in at.caption)
    assert "kept by 陈思" in people
    assert "approved by 周明" in people
    at.button(key=f"theft_model_retire_{number}").click().run()
    assert [one.state for one in theft_models.list_models(town_database, MANAGER)] == ["retired"]


def test_an_inspector_is_shown_no_models(town_database, monkeypatch):
    kept(town_database)
    at = shown(monkeypatch, town_database, INSPECTOR)
    assert not at.exception
    assert not [*at.button, *at.markdown, *at.caption]
