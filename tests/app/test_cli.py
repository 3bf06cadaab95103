"""The command line: one JSON object on stdout, one line on stderr, exit codes."""

import json

import pytest

from app.cli import main

KEYS = {"kind", "rows", "loaded", "corrected", "rejected", "unchanged", "batch_id", "seconds"}
WHOSE_KEYS = {
    "cell", "area", "manager", "backup", "crew", "unit", "hall", "hall_min", "bank", "bank_min",
    "promise_class", "rule", "valid_from", "valid_to",
}  # fmt: skip


@pytest.fixture
def call(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")

    def run(*words):
        code = main([words[0], *words[1:], "--db", str(tmp_path / "a.duckdb")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_load_prints_one_json_object_with_the_agreed_keys(call, tmp_path):
    (tmp_path / "c.csv").write_text(
        "户号,经度,纬度\n0001,112.5,30.4\n0002,x,30.4\n", encoding="gb18030"
    )
    code, out, _ = call(
        "load", "customers", "c.csv", "--datum", "wgs84", "--json", "--rejects", "r.csv"
    )
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= KEYS
    assert (answer["rows"], answer["loaded"], answer["rejected"]) == (2, 1, 1)
    assert "0002" in (tmp_path / "r.csv").read_text(encoding="utf-8-sig")


def test_whose_prints_ids_and_the_rule(call, tmp_path):
    (tmp_path / "c.csv").write_text("customer_no,lon,lat,transformer_id\n0001,112.5,30.4,T1\n")
    (tmp_path / "a.csv").write_text("transformer_id,area_id\nT1,A1\n")
    call("load", "customers", "c.csv", "--datum", "wgs84")
    call("load", "areas", "a.csv")
    code, out, _ = call("whose", "--customer", "0001", "--json")
    answer = json.loads(out)
    assert code == 0
    assert set(answer) >= WHOSE_KEYS
    assert (answer["area"], answer["rule"], answer["hall_min"]) == ("A1", "transformer", None)


def test_halls_nearest_tells_way_wait_doors_and_papers(call, tmp_path):
    (tmp_path / "h.csv").write_text(
        "hall_id,name,lon,lat,opens,capabilities\nH1,One,112.5,30.4,24/7,name_change\n"
    )
    call("load", "halls", "h.csv", "--datum", "wgs84")
    code, out, _ = call(
        "halls", "nearest", "--at", "112.51,30.4", "--matter", "name_change", "--at-time",
        "2026-07-16T10:00+08:00", "--json",
    )  # fmt: skip
    answer = json.loads(out)
    assert code == 0
    (hall,) = answer["halls"]
    assert set(hall) >= {"hall", "travel_min", "wait_min", "open"}
    assert (hall["hall"], hall["wait_min"], hall["open"]) == ("H1", None, True)
    assert 2 < hall["travel_min"] < 4
    assert answer["papers"] == ["id_card", "property_proof", "former_owner_consent"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("halls", "nearest", "--at", "112.5,30.4", "--matter", "poetry"), "poetry is no matter"),
        (("load", "customers", "none.csv"), "There is no file"),
        (("whose", "--customer", "1"), "There is no customer 1."),
        (("whose", "--at", "abc"), "“abc” is no point"),
        (("whose", "--at", "200,95"), "no place on Earth"),
        (("undo", "7"), "There is no load number 7."),
    ],
)
def test_a_users_error_is_one_line_and_exit_code_1(call, words, said):
    code, out, err = call(*words)
    assert (code, out) == (1, "")
    assert said in err.strip()
    assert len(err.strip().splitlines()) == 1


def test_wrong_usage_is_exit_code_2(call):
    with pytest.raises(SystemExit) as stopped:
        call("load", "customers")
    assert stopped.value.code == 2


def test_a_table_of_places_without_a_datum_is_refused(call, tmp_path):
    (tmp_path / "c.csv").write_text("customer_no,lon,lat\n1,112.5,30.4\n")
    code, _, err = call("load", "customers", "c.csv")
    assert code == 1
    assert "datum" in err


def test_a_dry_run_keeps_nothing(call, tmp_path):
    (tmp_path / "c.csv").write_text("customer_no,lon,lat\n1,112.5,30.4\n")
    code, out, _ = call("load", "customers", "c.csv", "--datum", "wgs84", "--dry-run", "--json")
    answer = json.loads(out)
    assert (code, answer["dry_run"], answer["batch_id"], answer["loaded"]) == (0, True, None, 1)
    assert call("whose", "--customer", "1")[0] == 1


def test_a_copy_is_whole_and_never_overwrites(call, tmp_path):
    (tmp_path / "c.csv").write_text("customer_no,lon,lat\n1,112.5,30.4\n")
    call("load", "customers", "c.csv", "--datum", "wgs84")
    assert call("backup", "copy.duckdb")[0] == 0
    assert call("backup", "copy.duckdb")[0] == 1
    code = main(["whose", "--customer", "1", "--db", str(tmp_path / "copy.duckdb")])
    assert code == 0
