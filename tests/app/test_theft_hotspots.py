"""Hotspots of the little town: found, rolled up for who must not see few people, never guessed."""

from datetime import timedelta

import numpy as np
import pytest

from app.store.database import Database
from app.use_cases import theft_hotspots, theft_suspects
from app.use_cases.access import within
from app.use_cases.actors import Actor
from app.use_cases.theft_hotspots import HotspotWish
from grid_cells.cells import hex_to_cells
from grid_cells.errors import AccessDenied, UserError
from tests.app.theft_town import (
    ANALYST,
    DISPATCHER,
    INSPECTOR,
    MANAGER,
    decoy,
    keep_run,
    spots,
    suspects,
)
from tests.conftest import NOW, LittleTown


@pytest.fixture
def scored(town_database: Database, town: LittleTown) -> Database:
    keep_run(town_database, town)
    return town_database


def test_the_cells_with_suspects_are_one_hotspot(scored: Database, town: LittleTown) -> None:
    found = theft_hotspots.found(scored, INSPECTOR)
    assert len(found.spots) == 1
    spot = found.spots.iloc[0]
    assert spot["suspects"] == 6
    wanted = hex_to_cells([town.cells[place] for place in spots(town)])
    held = found.cells[found.cells["hotspot"] == 0]["cell_id"]
    assert set(wanted) <= set(held)
    sums = found.cells.set_index("cell_id")["score_sum"]
    assert sums[wanted].tolist() == pytest.approx([1.8, 1.8, 1.8])


def test_lost_energy_above_the_usual_is_a_hotspot_of_its_own(scored: Database) -> None:
    found = theft_hotspots.found(scored, INSPECTOR, HotspotWish("lost_kwh"))
    # 10 kWh of 100 against the usual 4 %: 6 in each of three cells
    assert found.cells["lost_kwh"].sum() == pytest.approx(18.0)
    assert len(found.spots) == 1


def test_who_was_never_inspected_is_unknown_and_not_nought(scored: Database) -> None:
    spot = theft_hotspots.found(scored, INSPECTOR).spots.iloc[0]
    assert np.isnan(spot["inspected_share"])
    assert np.isnan(spot["hit_rate"])


def test_few_people_are_told_together(scored: Database, town: LittleTown) -> None:
    plain = theft_hotspots.found(scored, INSPECTOR).cells.set_index("cell_id")
    told = theft_hotspots.found(scored, MANAGER).cells.set_index("cell_id")
    assert not plain["rolled_up_to"].any()
    assert told["rolled_up_to"].all()  # four customers live in each cell
    assert told["score_sum"].sum() == pytest.approx(plain["score_sum"].sum())
    wanted = hex_to_cells([town.cells[place] for place in spots(town)])
    assert (told.loc[wanted, "suspects"] != 2).all()


def test_coarser_cells_hold_the_same_people(scored: Database) -> None:
    fine, coarse = (
        theft_hotspots.found(scored, INSPECTOR, HotspotWish(resolution=one)).cells for one in (9, 8)
    )
    for name in ("customers", "scored", "suspects", "score_sum"):
        assert fine[name].sum() == pytest.approx(coarse[name].sum())
    assert len(coarse) < len(fine)


def test_a_run_made_later_is_not_known_yet(town_database: Database, town: LittleTown) -> None:
    with pytest.raises(UserError, match="theft_no_run"):
        theft_hotspots.found(town_database, MANAGER)
    keep_run(town_database, town, NOW + timedelta(hours=1))
    assert theft_hotspots.runs(town_database, MANAGER).empty
    with pytest.raises(UserError, match="theft_no_run"):
        theft_hotspots.found(town_database, MANAGER)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (HotspotWish("nothing"), "theft_figure_unknown"),  # type: ignore[arg-type]
        (HotspotWish(cause="guilty"), "theft_cause_unknown"),
        (HotspotWish(resolution=12), "theft_resolution_unknown"),
        (HotspotWish(run_id=99), "theft_no_run"),
    ],
)
def test_wishes_that_cannot_be(scored: Database, wish: HotspotWish, code: str) -> None:
    with pytest.raises(UserError, match=code):
        theft_hotspots.found(scored, MANAGER, wish)


def test_a_wish_survives_its_word() -> None:
    wish = HotspotWish("lost_kwh", 8, 0.65, "pv", 3)
    assert theft_hotspots.wish_of(theft_hotspots.wish_word(wish)) == wish
    assert theft_hotspots.wish_of("score_sum,,0.5,suspect,") == HotspotWish()
    for word in ("", "score_sum,,0.50,suspect,", "score_sum,x,0.5,suspect,", "a,,0.5,suspect,"):
        with pytest.raises(UserError, match="theft_wish_unreadable"):
            theft_hotspots.wish_of(word)


def test_only_who_may_sees_suspicions(scored: Database) -> None:
    for ask in (theft_hotspots.found, theft_hotspots.runs, theft_suspects.listing):
        with pytest.raises(AccessDenied):
            ask(scored, DISPATCHER)


def test_a_scope_sees_its_own_people_with_gi_star_of_the_whole(
    scored: Database, town: LittleTown
) -> None:
    scope_of = within(scored, Actor("x", "x", role="inspector")).whole
    north = Actor("n", "n", role="inspector", scope=_scope(scope_of))
    whole = theft_hotspots.found(scored, INSPECTOR).cells.set_index("cell_id")
    mine = theft_hotspots.found(scored, north).cells.set_index("cell_id")
    assert 0 < len(mine) < len(whole)
    assert mine["z"].tolist() == pytest.approx(whole.loc[mine.index, "z"].tolist())
    coarse = theft_hotspots.found(scored, north, HotspotWish(resolution=7)).cells
    in_scope = 4 * sum(town.is_west(place) for place in range(len(town.cells)))
    assert mine["customers"].sum() == coarse["customers"].sum() == in_scope
    listed = theft_suspects.listing(scored, north)
    own = [one for place, one in enumerate(town.numbers()) if town.is_west(place // 4)]
    assert set(listed["customer_no"]) == {one for one in suspects(town) if one in own} | (
        {decoy(town)} & set(own)
    )


def _scope(db: Database) -> object:
    from app.store.scope import Scope  # noqa: PLC0415

    assert db is not None
    return Scope("S1")


def test_the_list_has_suspects_first_and_names_the_innocent_cause(
    scored: Database, town: LittleTown
) -> None:
    rows = theft_suspects.listing(scored, INSPECTOR)
    assert set(rows["customer_no"][:6]) == set(suspects(town))
    assert rows["customer_no"].iloc[6] == decoy(town)
    assert rows["cause"].tolist() == ["suspect"] * 6 + ["pv"]
    assert (rows["hotspot"][:6] == 0).all()
    assert rows["reason"].iloc[0]["code"] == "fell_as_loss_rose"
    hidden = theft_suspects.listing(scored, MANAGER)
    assert not set(hidden["customer_no"]) & set(town.numbers())
    assert not hidden["name"].str.contains("王[0-9]").any()
    assert hidden["ref"].tolist() == rows["ref"].tolist()


def test_a_look_at_a_customer_is_on_record_and_days_are_for_who_may(scored: Database) -> None:
    ref = theft_suspects.listing(scored, INSPECTOR)["ref"].iloc[0]
    story = theft_suspects.story(scored, INSPECTOR, ref)
    assert len(story.days) == 15
    assert story.losses["is_known"].sum() == 14
    assert story.score["reasons"][0]["percent"] == 72
    assert story.left_alone_until is None
    hidden = theft_suspects.story(scored, ANALYST, ref)
    assert hidden.days.empty
    assert hidden.is_withheld
    seen = scored.query("SELECT actor, subject FROM audit_log WHERE event = 'suspicion_seen'")
    assert seen["actor"].tolist() == [INSPECTOR.id, ANALYST.id]
    assert (seen["subject"] == f"customer:{ref}").all()


@pytest.mark.parametrize("actor", [ANALYST, MANAGER])
def test_a_loss_does_not_tell_a_home_s_days(scored: Database, actor: Actor) -> None:
    ref = theft_suspects.listing(scored, INSPECTOR)["ref"].iloc[0]
    few = theft_suspects.story(scored, actor, ref)
    assert few.losses.empty  # four customers
    assert few.transformer is not None
    assert np.isnan(few.transformer["loss_rate"])
    assert few.score["reasons"] == [
        {"code": "fell_as_loss_rose", "percent": 72, "is_withheld": True}
    ]
    line = str(few.score["transformer_id"])
    assert theft_suspects.losses(scored, actor, [line]).empty
    scored.write(
        lambda c: (
            c.execute("UPDATE customers SET transformer_id = ?", [line]),
            c.execute("UPDATE loss_days SET meters = 5, loss_rate = 0.0439"),
        )
    )
    told = theft_suspects.losses(scored, actor, [line])
    assert list(told.columns) == ["transformer_id", "day", "is_known", "loss_rate"]
    assert set(told["loss_rate"]) == {0.04}
    assert len(theft_suspects.losses(scored, INSPECTOR, [line])["forward_kwh"].dropna()) == 15


def test_a_customer_out_of_sight_has_no_story(scored: Database) -> None:
    with pytest.raises(UserError, match="customer_ref_unknown"):
        theft_suspects.story(scored, INSPECTOR, "nonsense")
