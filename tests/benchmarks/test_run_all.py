import json

import pytest
import run_all
from registry import Benchmark
from watched import Ended

TINY = """
from comparison import Row, arguments, in_turn, show
given = arguments("tiny").parse_args()
ours, peer = in_turn(lambda: sum(range(100)), lambda: sum(list(range(100))), rounds=2)
equal = ours.result == peer.result
row = Row("sum", ours.seconds, peer.seconds, "lists", None, equal, {"seed": given.seed})
show("tiny", [row], {"python": "3"}, as_json=given.json)
"""


def ended(code=0, out="", words="", *, is_too_slow=False):
    return Ended(code, out, words, 1.0, 10.0, is_too_slow)


def test_the_last_line_tells_the_result():
    line = json.dumps({"name": "x", "versions": {"a": "1"}, "rows": [{"case": "c"}]})
    assert run_all.judged(ended(out=f"a table\n{line}\n")) == {
        "state": "done", "why": None, "versions": {"a": "1"}, "rows": [{"case": "c"}]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("end", "state", "why"),
    [
        (ended(1, words="Traceback …\nValueError: no\n\n"), "failed", "ValueError: no"),
        (ended(-9), "failed", "exit code -9"),
        (ended(1, words="missing: set DATA\n"), "missing", "set DATA"),
        (ended(-9, words="anything", is_too_slow=True), "failed", "its time was over"),
        (ended(0, out="a table without a result\n"), "failed", "its last line is no result"),
        (ended(0, out="[1]\n"), "failed", "its last line is no result"),
        (ended(0), "failed", "its last line is no result"),
    ],
)
def test_what_became_of_a_benchmark(end, state, why):
    found = run_all.judged(end)
    assert (found["state"], found["why"], found["rows"]) == (state, why, [])


@pytest.fixture
def three(tmp_path, monkeypatch):
    """One benchmark that works, one that fails, one whose data is not there."""
    (tmp_path / "tiny.py").write_text(TINY)
    (tmp_path / "broken.py").write_text("raise ValueError('it is broken')")
    monkeypatch.setenv("PYTHONPATH", str(run_all.HERE))
    monkeypatch.delenv("NOWHERE", raising=False)
    monkeypatch.setattr(Benchmark, "path", lambda self: tmp_path / f"{self.name}.py")
    every = [
        Benchmark("absent", input="", variable="NOWHERE"), Benchmark("broken"), Benchmark("tiny")
    ]  # fmt: skip
    monkeypatch.setattr(run_all, "benchmarks", lambda: every)
    monkeypatch.setattr(
        run_all, "business", lambda: {"load": [0.5], "busy": 0.5, "is_quiet": False}
    )
    return tmp_path / "results"


def test_one_that_fails_stops_no_other_and_the_exit_code_tells_it(three, capsys):
    assert run_all.main(["--seed", "4", "--results", str(three)]) == 1
    results = {file.stem: json.loads(file.read_text()) for file in three.glob("*.json")}
    assert {name: result["state"] for name, result in results.items()} == {
        "absent": "missing", "broken": "failed", "tiny": "done"
    }  # fmt: skip
    assert results["broken"]["why"] == "ValueError: it is broken"
    assert results["absent"]["why"] == "set NOWHERE"
    (row,) = results["tiny"]["rows"]
    assert (row["case"], row["equal"], row["seed"]) == ("sum", True, 4)
    assert results["tiny"]["peak_mb"] > 1
    page = (three / "README.md").read_text()
    assert "| tiny | sum | s |" in page
    assert "| broken | failed: ValueError: it is broken |" in page
    assert "others use 50% of the processors" in capsys.readouterr().out


def test_only_the_named_run_and_the_table_keeps_the_others(three):
    assert run_all.main(["--only", "tiny", "--results", str(three)]) == 0
    assert [file.name for file in three.glob("*.json")] == ["tiny.json"]
    page = (three / "README.md").read_text()
    (three / "README.md").unlink()
    assert run_all.main(["--table", "--results", str(three)]) == 0
    assert (three / "README.md").read_text() == page


def test_an_unknown_name_is_refused(three):
    with pytest.raises(SystemExit, match="no benchmark nothing; there are absent, broken, tiny"):
        run_all.main(["--only", "nothing", "--results", str(three)])
