"""The load of halls: tickets and tallies, waits as they count, all as known at the clock."""

import math
from datetime import timedelta

import pandas as pd
import pytest

from app.use_cases import clock, hall_load, hall_staffing, hall_waits
from app.use_cases.actors import Actor
from app.use_cases.load import LoadChoice, load
from grid_cells.errors import AccessDenied, UserError
from tests.app.hall_town import ZONE, at, fill, tap, tickets
from tests.conftest import LOADER

MANAGER = Actor("town-manager", "周明", role="manager")
AUDITOR = Actor("town-auditor", "郑直", role="auditor")


@pytest.fixture
def halls(town_database, town, tmp_path):
    fill(town_database, tmp_path, town.frames()["halls"])
    set_clock(town_database, "16 10:35")
    return town_database


def set_clock(db, text):
    db.write(lambda connection: clock.start_clock(connection, at=at(text), running=False))


def day(db, hall="H0"):
    table = hall_load.hour_load(db, MANAGER, [hall], at("16 00:00"), at("17 00:00"))
    return table.set_index(table["hour"].dt.tz_convert("Asia/Shanghai").dt.hour)


def test_an_hour_is_its_tickets_and_its_tallies(halls):
    nine = day(halls).loc[9]
    assert (nine["visits"], nine["tallies"], nine["load"], nine["source"]) == (4, 2, 6, "tickets")
    # 10 + 20 + 4 minutes: A3 waits from its appointment; A4 is still waiting
    assert nine["wait_mean_min"] == pytest.approx(34 / 3)
    assert nine["wait_p90_min"] == pytest.approx(18.0)
    assert nine["service_mean_min"] == pytest.approx(28 / 3)
    assert (nine["abandoned"], nine["waiting"], nine["called"]) == (0, 1, 3)
    # 28 minutes served, 6 to come for A4 (billing), 2 × 4 of tallies
    assert nine["load_h"] == pytest.approx((28 + 6 + 8) / 60)
    assert nine["erlangs"] == pytest.approx(0.7)
    assert (nine["staff"], nine["servers"], nine["is_overloaded"]) == (2.0, 2.0, False)
    # Erlang C for 0.7 erlangs and two: C = 0.49 / 2.7, wait = C · 7 min / 1.3
    assert nine["expected_wait_min"] == pytest.approx(0.49 / 2.7 * 7 / 1.3)


def test_an_hour_still_running_counts_as_far_as_it_is_over(halls):
    ten = day(halls).loc[10]
    assert (ten["visits"], ten["tallies"], ten["staff"]) == (3, 1, 1.0)
    # A5 is at the counter: the minutes of its matter (20) stand for what is not over; A6 waits (4)
    assert ten["load_h"] == pytest.approx((20 + 4 + 4 + 5) / 60)
    assert ten["erlangs"] == pytest.approx(33 / 35)
    assert day(halls).index.max() == 10


def test_nothing_after_the_clock_is_known(halls):
    set_clock(halls, "16 09:12")
    table = day(halls)
    assert table.index.max() == 9
    nine = table.loc[9]
    assert (nine["visits"], nine["called"], nine["waiting"], nine["tallies"]) == (2, 1, 1, 1)
    assert nine["wait_mean_min"] == pytest.approx(10)
    assert math.isnan(nine["service_mean_min"])


def test_a_ticket_never_called_is_given_up_after_the_time_of_the_table(halls):
    set_clock(halls, "16 11:40")
    assert day(halls).loc[9, "abandoned"] == 0
    set_clock(halls, "16 11:41")
    nine = day(halls).loc[9]
    assert (nine["abandoned"], nine["waiting"]) == (1, 0)
    assert nine["load_h"] == pytest.approx((28 + 8) / 60)


def test_open_without_a_ticket_is_none_where_a_machine_counts_and_unknown_elsewhere(halls):
    assert day(halls).loc[8, "visits"] == 0
    other = day(halls, "H1")
    assert other["is_open"].tolist() == [True, True, True]
    assert other["source"].tolist() == ["unknown", "unknown", "hall_hours"]
    assert other["visits"].isna().all()  # ten is not over: six is not all that came
    assert other.loc[10, "wait_mean_min"] == 4.0
    assert math.isnan(other.loc[8, "load_h"])
    set_clock(halls, "16 11:00")
    assert day(halls, "H1").loc[10, "visits"] == 6


def _rush(connection):
    """Nine visitors at noon, twenty minutes each."""
    connection.execute(
        "INSERT INTO hall_visits (ticket_id, hall_id, day, taken_at, called_at, finished_at)"
        " SELECT 'L' || i, 'H0', '2026-07-16', $at, $at + INTERVAL 1 MINUTE,"
        " $at + INTERVAL 21 MINUTE FROM range(9) t(i)",
        {"at": at("16 12:30")},
    )


def test_closed_hours_are_left_out_and_more_work_than_counters_is_said(halls):
    set_clock(halls, "17 07:00")
    table = day(halls)
    assert table.index.tolist() == [8, 9, 10, 11, 14, 15, 16]
    halls.write(_rush)
    noon = day(halls).loc[12]
    assert (noon["is_open"], noon["visits"], noon["servers"]) == (False, 9, 3.0)
    assert noon["erlangs"] == pytest.approx(3.0)
    assert noon["is_overloaded"]
    assert math.isnan(noon["expected_wait_min"])
    assert noon["needed"] > 3


def test_visitors_whose_work_is_unknown_are_not_weighed_by_a_tally_beside_them(halls):
    set_clock(halls, "17 07:00")
    halls.write(lambda c: tap(c, "KX", "H1", "enquiry", "16 10:30"))
    ten = day(halls, "H1").loc[10]
    assert (ten["visits"], ten["tallies"], ten["tally_h"]) == (6, 1, pytest.approx(4 / 60))
    assert math.isnan(ten["load_h"])
    assert math.isnan(ten["erlangs"])
    assert pd.isna(ten["needed"])
    # B2 alone was weighed: six minutes
    assert hall_staffing.service_min(halls, "H1", at("16 11:00")) == pytest.approx(6)


def test_a_service_that_cannot_be_counts_as_its_matter_does(halls):
    halls.write(
        lambda c: c.execute(
            "UPDATE hall_visits SET finished_at = called_at + to_hours(CASE ticket_id WHEN 'A1'"
            " THEN 17520 ELSE -1 END) WHERE ticket_id IN ('A1', 'A2')"
        )
    )
    halls.write(
        lambda c: clock.start_clock(c, at=at("16 09:59") + timedelta(days=900), running=False)
    )
    nine = day(halls).loc[9]
    assert nine["service_mean_min"] == pytest.approx(12)  # A3 alone
    # A1 (billing) 6, A2 (name_change) 12, A3 as told 12, A4 given up; 2 × 4 of tallies
    assert nine["load_h"] == pytest.approx((6 + 12 + 12 + 8) / 60)
    assert nine["needed"] > 0


def test_every_ticket_and_tally_is_in_one_hour(halls):
    set_clock(halls, "17 07:00")
    table = hall_load.hour_load(halls, MANAGER, None, at("01 00:00"), at("17 00:00"))
    assert table["visits"].sum() == len(tickets()) + 6  # six came by the hour alone
    assert table["load"].sum() == len(tickets()) + 6 + 3


def test_the_same_file_again_changes_nothing_and_visitors_are_hashed(halls, tmp_path):
    path = tmp_path / "again.csv"
    tickets().to_csv(path, index=False)
    outcome = load(halls, LOADER, "visits", [path], LoadChoice(mapping=ZONE), is_sample=True)
    assert (outcome.loaded, outcome.unchanged) == (0, len(tickets()))
    keys = halls.query("SELECT ticket_id, visitor_key FROM hall_visits ORDER BY ticket_id")
    keys = keys.set_index("ticket_id")["visitor_key"]
    assert keys["A2"] == keys["B1"] != keys["A1"]
    assert not keys.dropna().str.contains("V").any()
    assert "V2" not in outcome.head["visitor_key"].to_list()


def test_a_file_tells_a_number_used_again_from_the_ticket_that_is_known(halls, tmp_path):
    path = tmp_path / "more.csv"
    more = pd.DataFrame(
        {"ticket_id": "A1", "hall_id": "H0",
         "taken_at": ["2026-07-16 09:00", "2026-07-16 10:20:00", "2026-07-16 10:31:07"]}
    )  # fmt: skip
    more.to_csv(path, index=False)
    choice = LoadChoice(mapping=ZONE)
    load(halls, LOADER, "visits", [path], choice, is_sample=True)
    sql = "SELECT ticket_id FROM hall_visits WHERE starts_with(ticket_id, 'A1') AND hall_id = 'H0'"
    held = halls.query(sql + " ORDER BY 1")["ticket_id"].tolist()
    assert held == ["A1", "A1@10:20", "A1@10:31:07"]
    assert load(halls, LOADER, "visits", [path], choice, is_sample=True).unchanged == 3
    more.iloc[[2]].to_csv(path, index=False)  # the last of them alone is the same ticket too
    assert load(halls, LOADER, "visits", [path], choice, is_sample=True).unchanged == 1


def test_a_span_without_length_is_a_persons_error(halls):
    for last in (at("16 00:00"), at("16 00:00") + timedelta(days=801)):
        with pytest.raises(UserError) as caught:
            hall_load.hour_load(halls, MANAGER, None, at("16 00:00"), last)
        assert caught.value.code == "hall_span"
    with pytest.raises(AccessDenied):
        hall_load.hour_load(
            halls, Actor("x", "", role="auditor"), None, at("16 00:00"), at("17 00:00")
        )


def waits(db, moment):
    return hall_waits.present_waits(db, moment).set_index("hall_id")


def test_the_present_wait_is_of_those_just_called_and_of_a_queue_that_stands(halls):
    set_clock(halls, "16 09:45")
    table = waits(halls, at("16 09:45"))
    # called since 09:15: A2 after 20, A3 after 4; A4 has waited five minutes
    assert table.loc["H0", ["wait_min", "source", "waiting"]].tolist() == [12.0, "tickets", 1]
    set_clock(halls, "16 10:35")
    # called since 10:05: A5 after 30, B3 after 1; A6 has waited 20; A4 was passed over
    assert waits(halls, at("16 10:35")).loc["H0", ["wait_min", "waiting"]].tolist() == [20.0, 1]


def _early(connection):
    """One with an appointment at eleven, called at once at 10:33."""
    connection.execute(
        "INSERT INTO hall_visits (ticket_id, hall_id, day, taken_at, called_at, appointment_at)"
        " VALUES ('E1', 'H0', '2026-07-16', $came, $came, $due)",
        {"came": at("16 10:33"), "due": at("16 11:00")},
    )


def test_an_appointment_called_early_passes_over_nobody(halls):
    halls.write(_early)
    # A6 still waits, for twenty minutes now
    assert waits(halls, at("16 10:35")).loc["H0", ["wait_min", "waiting"]].tolist() == [20.0, 1]


def test_a_past_moment_is_told_as_it_was_known(halls):
    assert waits(halls, at("16 09:45")).loc["H0", "wait_min"] == 12.0


def test_a_later_hour_has_the_usual_wait_and_nothing_known_is_unknown(halls):
    set_clock(halls, "15 10:00")
    # Thursdays at nine: 9 July, twelve minutes at H0; 2 July, four at H1
    table = waits(halls, at("16 09:30"))
    assert table["wait_min"].tolist() == [12.0, 4.0]
    assert set(table["source"]) == {"usual"}
    table = waits(halls, at("17 09:30"))
    assert table["wait_min"].isna().all()
    assert set(table["source"]) == {"unknown"}


def test_a_figure_of_the_hour_stands_where_there_is_no_machine(halls):
    assert waits(halls, at("16 10:35")).loc["H1", ["wait_min", "source"]].tolist() == [
        4.0, "hall_hours",
    ]  # fmt: skip
    set_clock(halls, "16 12:00")
    assert waits(halls, at("16 12:00")).loc["H1", "source"] == "unknown"


def test_a_machine_that_told_nothing_for_long_is_not_idle(halls):
    set_clock(halls, "16 15:00")
    row = waits(halls, at("16 15:00")).loc["H0"]
    assert row["source"] == "unknown"
    assert pd.isna(row["wait_min"])
