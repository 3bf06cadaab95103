import sys

import pytest
from registry import HERE, Benchmark, benchmarks

SCRIPT = "from comparison import arguments, show\n"


@pytest.fixture
def folder(tmp_path):
    for name in ("plain", "twice"):
        (tmp_path / f"{name}.py").write_text(SCRIPT)
    (tmp_path / "part.py").write_text("from comparison import Row\n")
    (tmp_path / "table.toml").write_text(
        '[first]\nscript = "twice"\nwords = ["--by", "1"]\nquick = ["--by", "0"]\n'
        '[second]\nscript = "twice"\ninput = "data/file.csv"\nlimit_s = 5\n'
    )
    return tmp_path


def test_a_module_joins_by_being_there_and_the_table_names_other_ways(folder):
    found = benchmarks(folder, folder / "table.toml")
    assert [one.name for one in found] == ["first", "plain", "second"]
    assert found[0] == Benchmark("first", "twice", ("--by", "1"), ("--by", "0"))
    assert found[2].limit_s == 5


def test_every_benchmark_of_the_project_is_found_once_and_has_its_module():
    found = benchmarks()
    names = [one.name for one in found]
    assert len(names) == len(set(names))
    assert {"areas", "assign", "brush", "dispatch", "grouping", "growth", "hall_forecast"} < {
        *names
    }
    assert all(one.path().is_file() for one in found)


def test_every_module_that_takes_a_benchmarks_arguments_is_run():
    takers = {
        path.stem
        for path in HERE.glob("*.py")
        if "arguments(__doc__" in path.read_text(encoding="utf-8")
    }
    assert takers == {one.script or one.name for one in benchmarks()}


def test_every_benchmark_is_explained_on_the_page():
    page = (HERE.parent / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    headings = " ".join(line for line in page.splitlines() if line.startswith("## "))
    assert [one.name for one in benchmarks() if f"`{one.name}`" not in headings] == []


def test_the_command_has_the_words_of_the_way_it_is_run():
    one = Benchmark("some", "thing", ("--by", "1"), ("--by", "0"), "file.csv", "DATA")
    given = {"DATA": "/data"}
    whole = one.command(quick=False, seed=None, environment=given)
    assert whole == [
        sys.executable, str(HERE / "thing.py"), "--json", "--by", "1", "--input", "/data/file.csv"
    ]  # fmt: skip
    quick = one.command(quick=True, seed=7, environment=given)
    assert quick[2:] == [
        "--json", "--by", "0", "--quick", "--seed", "7", "--input", "/data/file.csv"
    ]  # fmt: skip


def test_data_that_is_not_there_is_asked_for(tmp_path):
    one = Benchmark("some", input="deep/file.csv", variable="DATA")
    assert one.lacks({}) == "set DATA (it holds deep/file.csv)"
    assert one.lacks({"DATA": str(tmp_path)}) == "set DATA: deep/file.csv isn't there"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file.csv").touch()
    assert one.lacks({"DATA": str(tmp_path)}) is None
    assert Benchmark("needs nothing").lacks({}) is None


def test_a_variable_may_name_the_file_itself(tmp_path):
    one = Benchmark("some", input="", variable="PROGRAM")
    assert one.lacks({}) == "set PROGRAM"
    assert one.lacks({"PROGRAM": str(tmp_path)}) is None
