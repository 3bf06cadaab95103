"""The browser's own arithmetic on outages, run by node and compared with the rules in Python."""

import base64
import json
import subprocess

import numpy as np
import pandas as pd

from app.assets import STATIC
from app.maps.film_file import encode
from app.maps.outage_update import packed
from grid_cells import outage_film as rules
from tests.app.maps.test_hex_cells_js import NODE
from tests.grid_cells.test_outage_film import T0, at, spans_of

PRELUDE = """
const fs = require("fs");
eval(fs.readFileSync(%s, "utf8"));
const input = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = Buffer.from(input.file, "base64");
const start = bytes.byteOffset;
const film = GridCells.decodeFilm(bytes.buffer.slice(start, start + bytes.length));
const answer = (() => { %s })();
process.stdout.write(JSON.stringify(answer));
"""


def run(script: str, file: bytes, **given: object) -> object:
    """What the script returns, with `film` decoded and `input` what was given."""
    code = PRELUDE % (json.dumps(str(STATIC / "outage_data.js")), script)
    told = {"file": base64.b64encode(file).decode(), **given}
    done = subprocess.run(
        [str(NODE), "-e", code], input=json.dumps(told), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def storm(count: int = 300) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Outages, spans and cells by chance: open ones, shadows and unplaced customers among them."""
    chance = np.random.default_rng(5)
    start = chance.integers(-60, 300, count)
    length = chance.integers(1, 200, count)
    cells = chance.integers(0, 12, count)
    ids = [f"O{n:04d}" for n in range(count)]
    rows = [
        (ids[n], int(cells[n]), int(start[n]), None if n % 7 == 0 else int(start[n] + length[n]),
         int(chance.integers(1, 400)), n % 5 == 0)
        for n in range(count)
    ]  # fmt: skip
    spans = spans_of(*rows)
    outages = pd.DataFrame(
        {
            "outage_id": ids, "lon": 112.5, "lat": 30.4, "started_at": spans["out_at"],
            "ended_at": spans["back_at"], "estimate": spans["back_at"],
            "customers": spans["customers"], "kind": "fault", "important": 0, "life_support": 0,
            "marked": 0, "parent_outage_id": None,
        }
    )  # fmt: skip
    known = pd.DataFrame({"cell_id": range(1, 12), "customers": 5000, "area_index": 0})
    return outages, spans, known


OUTAGES, SPANS, CELLS = storm()
FILE = encode(OUTAGES, SPANS, CELLS, first=T0, last=at(360), resolution=9)
MOMENTS = [-61, 0, 1, 59.5, 60, 180, 299, 360]


def test_every_moment_is_as_in_python() -> None:
    script = """
      return input.moments.map((minute) => {
        const {customers, outages} = film.at(60 * minute);
        return [customers, outages, Array.from(film.cellOut), Array.from(film.outageOut)];
      });
    """
    found = run(script, FILE, moments=MOMENTS)
    for minute, (customers, outages, cells, own) in zip(MOMENTS, found, strict=True):  # type: ignore[call-overload]
        assert customers == rules.customers_out(SPANS, at(minute))
        assert outages == len(rules.open_at(OUTAGES, at(minute)))
        expected = rules.cells_out(SPANS, at(minute)).reindex(CELLS["cell_id"]).fillna(0)
        assert cells == expected.tolist()
        mine = rules.by_outage(SPANS, at(minute))["customers"]
        assert own == mine.reindex(OUTAGES["outage_id"]).fillna(0).tolist()


def test_a_filter_leaves_only_its_rows() -> None:
    keep = np.arange(len(OUTAGES)) % 3 == 0
    script = """
      film.filter(input.keep);
      const told = film.at(3600 * 2);
      film.filter(null);
      return [told.customers, told.outages, film.at(3600 * 2).customers];
    """
    wanted = SPANS[SPANS["outage_id"].isin(OUTAGES.loc[keep, "outage_id"])]
    assert run(script, FILE, keep=packed(keep)) == [
        rules.customers_out(wanted, at(120)), len(rules.open_at(OUTAGES[keep], at(120))),
        rules.customers_out(SPANS, at(120)),
    ]  # fmt: skip


def test_the_course_and_its_profile_are_those_of_the_spans() -> None:
    script = """
      const course = film.course();
      return {times: course.times, totals: course.totals, profile: Array.from(film.profile(6))};
    """
    found = run(script, FILE)
    course = rules.course(SPANS)
    seconds = [(one - pd.Timestamp(T0)).total_seconds() for one in course.index]
    assert found["times"] == seconds  # type: ignore[index]
    assert found["totals"] == course.tolist()  # type: ignore[index]
    hours = []
    for hour in range(6):
        inside = [rules.customers_out(SPANS, at(60 * hour + m)) for m in range(60)]
        hours.append(max(inside))
    assert found["profile"] == hours  # type: ignore[index]


def test_the_slider_stops_finely_but_not_too_often() -> None:
    hour = 3600
    lengths = [hour, 6 * hour, 24 * hour, 7 * 24 * hour, 92 * 24 * hour, 366 * 24 * hour]
    script = "return input.lengths.map((one) => { film.length = one; return film.step; });"
    assert run(script, FILE, lengths=lengths) == [60, 60, 300, 1800, 21600, 86400]


def test_points_gather_only_where_they_would_overlap() -> None:
    script = """
      const groups = GridCells.gather(input.xs, input.ys, [0, 1, 2, 3, 4], 30);
      return groups.map((group) => group.members);
    """
    xs, ys = [0.0, 20.0, 40.0, 200.0, -25.0], [0.0, 0.0, 0.0, 0.0, 10.0]
    assert run(script, FILE, xs=xs, ys=ys) == [[0, 1, 4], [2], [3]]


def test_no_outage_is_lost_among_thousands() -> None:
    chance = np.random.default_rng(1)
    xs, ys = (chance.uniform(0, 1400, 5000).tolist() for _ in range(2))
    script = """
      const order = input.xs.map((_, row) => row);
      const groups = GridCells.gather(input.xs, input.ys, order, 34);
      let overlaps = 0;
      for (const one of groups) for (const other of groups) {
        if (one !== other && Math.hypot(input.xs[one.row] - input.xs[other.row],
                                        input.ys[one.row] - input.ys[other.row]) < 34) overlaps++;
      }
      const held = groups.reduce((sum, group) => sum + group.members.length, 0);
      return [held, overlaps, groups.length < 1700];
    """
    assert run(script, FILE, xs=xs, ys=ys) == [5000, 0, True]
