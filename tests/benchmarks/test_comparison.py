import json
import socket

import pytest
from comparison import Row, Timing, free_port, in_turn, missing, rounds_of, show


def test_the_ratio_is_the_peers_figure_over_ours():
    row = Row("a case", 2.0, 5.0, "a peer", None, equal=True, more={"different": 0})
    assert row.as_json() == {
        "case": "a case", "ours": 2.0, "peer": 5.0, "peer_name": "a peer", "ceiling": None,
        "equal": True, "unit": "s", "more_is_better": False, "ratio": 2.5, "different": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("ours", "peer"), [(None, 5.0), (2.0, None), (0, 5.0)])
def test_without_a_figure_there_is_no_ratio(ours, peer):
    assert Row("a case", ours, peer, "a peer", None, None).as_json()["ratio"] is None


def test_a_figure_is_the_median_of_its_rounds():
    assert Timing("result", (3.0, 1.0, 8.0)).seconds == 3.0
    assert rounds_of(ours=Timing(None, (3.0, 1.0, 8.0))) == {
        "ours_rounds": {"count": 3, "least_s": 1.0, "most_s": 8.0}
    }


def test_works_take_turns_and_the_first_round_is_not_counted():
    called = []
    timings = in_turn(lambda: called.append("a") or "A", lambda: called.append("b"), rounds=2)
    assert "".join(called) == "ababab"
    assert [len(timing.rounds) for timing in timings] == [2, 2]
    assert timings[0].result == "A"


def test_a_work_without_patience_left_keeps_its_only_round():
    called = []
    (timing,) = in_turn(lambda: called.append("a"), rounds=5, patience_s=-1.0)
    assert (called, len(timing.rounds)) == (["a"], 1)


def test_the_last_line_is_the_result_in_json(capsys):
    show("tiny", [Row("a case", 0.5, None, "-", None, None)], {"numpy": "2"}, as_json=True)
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["name"] == "tiny"
    assert last["rows"][0]["ours"] == 0.5


def test_what_is_missing_ends_a_benchmark_with_its_name():
    with pytest.raises(SystemExit, match=r"^missing: set SOMETHING$"):
        missing("set SOMETHING")


def test_a_free_port_can_be_listened_at():
    port = free_port()
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        assert server.getsockname()[1] == port
