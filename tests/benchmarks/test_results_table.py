import json

from results_table import figure, read_results, standing, table_of

MACHINE = {"cpu": "A CPU", "cores": 2, "memory_gib": 23.5, "kernel": "Linux 6"}
STAMP = {"quick": False, "machine": MACHINE, "at": "2026-11-29T06:00:00+00:00", "commit": "abc"}
ROW = {
    "case": "points | cells", "ours": 0.25, "peer": 2.5, "peer_name": "a peer", "ceiling": 0.2,
    "ratio": 10.0, "equal": False, "different": 1200, "unit": "s", "more_is_better": False,
}  # fmt: skip
DONE = {
    **STAMP, "name": "fast", "state": "done", "why": None, "rows": [ROW],
    "versions": {"numpy": "2.4", "peer": "missing"}, "seconds": 12.3, "peak_mb": 1234,
    "before": {"load": [0.1, 0.2, 0.3], "busy": 0.02, "is_quiet": True},
}  # fmt: skip
ABSENT = {**STAMP, "name": "other", "state": "missing", "why": "set DATA", "rows": []}


def test_figures_show_three_digits_or_whole_thousands():
    assert [figure(value) for value in (None, 0, 0.0012345, 12.345, 1234.5, 1e7)] == [
        "–", "0", "0.00123", "12.3", "1,234", "10,000,000"
    ]  # fmt: skip


def test_standing_says_who_is_better_whichever_way_better_is():
    assert standing(14.2, more_is_better=False) == "14.2× better"
    assert standing(0.8, more_is_better=False) == "1.25× worse"
    assert standing(0.8, more_is_better=True) == "1.25× better"
    assert standing(1.25, more_is_better=True) == "1.25× worse"
    assert standing(1.001, more_is_better=False) == "the same"
    assert standing(None, more_is_better=False) == "–"


def test_the_page_has_each_row_and_each_absent_benchmark():
    lines = table_of([DONE, ABSENT]).splitlines()
    assert (
        "| fast | points / cells | s | 0.25 | 2.5 | 0.2 | 10 | 10× better | no (1,200 differ) |"
        " a peer |"
    ) in lines
    assert "| other | missing: set DATA | – | – | – | – | – | – | – | – |" in lines
    assert lines.count("- A CPU, 2 cores, 23.5 GiB, Linux 6") == 1
    assert (
        "| fast | done | 12.3 | 1,234 | 2% | 0.1 0.2 0.3 | 2026-11-29T06:00:00+00:00 | abc |"
        in lines
    )
    assert "- numpy 2.4" in lines
    assert "- peer missing" in lines


def test_a_peer_that_is_missing_is_told_in_its_row():
    row = {**ROW, "peer": None, "ratio": None, "equal": None, "missing": "not installed"}
    page = table_of([{**DONE, "rows": [row]}])
    assert "| 0.25 | – | 0.2 | – | – | – | a peer (missing: not installed) |" in page


def test_quick_runs_and_failures_are_named_as_such():
    failed = {**ABSENT, "state": "failed", "why": "ValueError: no", "quick": True}
    page = table_of([failed])
    assert "| other | failed: ValueError: no |" in page
    assert "| other | failed (quick) |" in page


def test_results_are_read_from_their_files_by_name(tmp_path):
    for result in (ABSENT, DONE):
        (tmp_path / f"{result['name']}.json").write_text(json.dumps(result))
    assert [result["name"] for result in read_results(tmp_path)] == ["fast", "other"]
