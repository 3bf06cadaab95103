"""Ancestors and ranges of cells by whole numbers, against the H3 library; classes of figures."""

import h3
import h3.api.numpy_int as h3_numbers
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.province import (
    FIGURES,
    ancestor,
    levels,
    resolution_of,
    sound_cell,
    span_within,
    stretched_breaks,
    stretches,
    tile_resolution,
    whole_span,
)

PLACES = st.tuples(st.floats(-89, 89), st.floats(-180, 180))


@given(PLACES, st.integers(0, 15), st.integers(0, 15))
def test_an_ancestor_is_h3s_parent(place, resolution, coarser):
    cell = h3_numbers.latlng_to_cell(*place, resolution)
    size = min(resolution, coarser)
    assert ancestor(int(cell), size) == int(h3_numbers.cell_to_parent(cell, size))
    assert resolution_of(ancestor(int(cell), size)) == size


@given(PLACES, st.integers(0, 6), st.integers(0, 3))
def test_children_fill_their_span_and_neighbours_lie_outside(place, resolution, finer):
    cell = h3_numbers.latlng_to_cell(*place, resolution)
    low, high = span_within(int(cell), resolution + finer)
    for near in h3_numbers.grid_disk(cell, 1):
        kids = np.asarray(h3_numbers.cell_to_children(near, resolution + finer)).astype(np.int64)
        inside = (kids >= low) & (kids <= high)
        assert inside.all() if near == cell else not inside.any()


def test_the_children_of_a_pentagon_lie_in_its_span_too():
    pentagon = h3.str_to_int(h3.get_pentagons(2)[0])
    low, high = span_within(pentagon, 4)
    kids = [int(one) for one in h3_numbers.cell_to_children(pentagon, 4)]
    assert len(kids) == 41
    assert all(low <= one <= high for one in kids)


def test_a_coarser_cell_lies_in_no_finer_one():
    cell = h3.str_to_int(h3.latlng_to_cell(30.4, 112.5, 6))
    assert span_within(cell, 6) == (cell, cell)
    with pytest.raises(ValueError, match="holds none"):
        span_within(cell, 5)


@given(PLACES, st.integers(0, 15))
def test_every_cell_lies_in_the_span_of_its_size_and_is_sound(place, resolution):
    cell = int(h3_numbers.latlng_to_cell(*place, resolution))
    low, high = whole_span(resolution)
    assert low <= cell <= high
    shift, head, sevens = sound_cell(resolution)
    assert cell >> shift == head
    assert cell & (cell >> 1) & (cell >> 2) & sevens == 0
    if resolution:
        broken = cell | (7 << (3 * (15 - resolution)))
        assert broken & (broken >> 1) & (broken >> 2) & sevens != 0


def test_near_spans_stand_together_and_overlapping_ones_become_one():
    near = h3.latlng_to_cell(30.4, 112.5, 5)
    kids = [h3.str_to_int(one) for one in h3.cell_to_children(near, 6)]
    far = h3.str_to_int(h3.latlng_to_cell(-30.0, 20.0, 6))
    spans = [span_within(one, 9) for one in (kids[0], far, kids[1], kids[0])]
    found = stretches(spans, 9)
    assert sorted(len(one) for one in found) == [1, 2]
    assert {span for one in found for span in one} == set(spans)
    assert stretches([(1, 5), (3, 9)], 9)[0] == [(1, 9)]


def test_sizes_that_are_held():
    assert levels(9) == [9, 8, 7, 6, 5, 4, 3, 2]
    assert levels(2) == [2]
    assert tile_resolution(9) == 5
    assert tile_resolution(3) == 0


def test_classes_stretch_over_powers_of_ten():
    values = np.concatenate([np.geomspace(1, 10_000, 1001), [0.0, np.nan]])
    breaks = stretched_breaks(values)
    assert breaks == [2.5, 17.0, 120.0, 800.0, 5500.0] or len(breaks) == 5
    assert np.allclose(np.diff(np.log(breaks)), np.diff(np.log(breaks))[0], rtol=0.1)
    assert stretched_breaks(np.array([np.nan, 0.0])) == []
    assert stretched_breaks(np.full(9, 4.0)) == [4.0]


def test_rates_have_a_whole_and_sums_have_none():
    assert FIGURES["loss_rate"].whole == "supplied_kwh"
    assert not FIGURES["loss_rate"].is_sum
    assert FIGURES["energy_kwh"].is_sum
