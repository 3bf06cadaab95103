"""The binary of a measure, byte by byte and there and back."""

import h3
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.maps.cells_file import NO_AREA, decode, encode

CELL = 0x8928308280FFFFF


def test_one_cell_is_thirty_bytes_laid_out_as_promised() -> None:
    data = encode([CELL], [3], [52.0])
    assert data.hex() == ("47434831010000000900000000000000ffff0f2808839208030000005042")


def test_unknown_value_and_no_area_have_their_own_signs() -> None:
    data = encode([CELL], [-1], [np.nan])
    assert data[24:26] == b"\xff\xff"
    assert np.isnan(decode(data).values[0])
    assert decode(data).areas[0] == NO_AREA


def test_cells_without_a_place_are_left_out() -> None:
    assert decode(encode([0, CELL, 0], [1, 2, 3], [1, 2, 3])).areas.tolist() == [2]


def test_no_cells_make_a_header_alone() -> None:
    assert encode([], [], []) == b"GCH1" + bytes(12)
    assert decode(encode([], [], [])).cells.size == 0


def test_cells_of_two_resolutions_are_refused() -> None:
    coarse = h3.str_to_int(h3.cell_to_parent(h3.int_to_str(CELL), 8))
    with pytest.raises(ValueError, match="resolutions"):
        encode([CELL, coarse], [0, 0], [1, 1])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        encode([CELL], [0, 1], [1])


def test_more_areas_than_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="areas"):
        encode([CELL], [70_000], [1])


@pytest.mark.parametrize("data", [b"", b"GCH1", b"PMTi" + bytes(12), encode([CELL], [0], [1])[:-1]])
def test_foreign_or_cut_files_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="cells file"):
        decode(data)


DISK = np.array([h3.str_to_int(cell) for cell in h3.grid_disk(h3.int_to_str(CELL), 5)])


@given(
    hnp.arrays(np.uint16, DISK.size),
    hnp.arrays(np.float32, DISK.size, elements=st.floats(width=32, allow_infinity=False)),
)
def test_what_goes_in_comes_out(areas: np.ndarray, values: np.ndarray) -> None:
    found = decode(encode(DISK, areas, values))
    assert found.resolution == 9
    assert np.array_equal(found.cells, DISK)
    assert np.array_equal(found.areas, areas)
    assert np.array_equal(found.values, values, equal_nan=True)
