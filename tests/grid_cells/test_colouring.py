import h3
import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from grid_cells.colouring import colour_areas, colour_around, neighbouring_areas


def test_a_triangle_needs_three_colours_and_a_chain_two():
    assert sorted(colour_areas([("a", "b"), ("b", "c"), ("c", "a")], "abc").values()) == [0, 1, 2]
    chain = colour_areas([("a", "b"), ("b", "c"), ("c", "d")], "abcd")
    assert chain["a"] == chain["c"] != chain["b"] == chain["d"]


def test_areas_alone_share_the_first_colour():
    assert colour_areas([], ["x", "y"]) == {"x": 0, "y": 0}
    assert colour_areas([], []) == {}


def test_pairs_with_strangers_or_with_itself_do_not_matter():
    assert colour_areas([("a", "a"), ("a", "z")], ["a"]) == {"a": 0}


def test_five_areas_that_all_touch_get_five_colours():
    names = "abcde"
    pairs = [(a, b) for a in names for b in names if a < b]
    assert sorted(colour_areas(pairs, names).values()) == [0, 1, 2, 3, 4]


def test_a_town_of_hexagons_is_coloured_with_four():
    # each area is a flower of seven cells; 91 of them, cut from a disk
    middle = h3.latlng_to_cell(34.26, 108.94, 7)
    areas = list(h3.grid_disk(middle, 5))
    cells = pd.DataFrame(
        [(h3.str_to_int(child), area) for area in areas for child in h3.cell_to_children(area, 8)],
        columns=["cell_id", "area_id"],
    )
    pairs = neighbouring_areas(cells)
    assert len(pairs) == 240  # inner borders of a hexagonal disk of 91
    colours = colour_areas(pairs, areas)
    assert all(colours[a] != colours[b] for a, b in pairs)
    assert max(colours.values()) <= 3


def test_only_areas_whose_cells_touch_are_neighbours():
    # a line of cells a a - b b c, the third of nobody
    line = h3.grid_path_cells(*(h3.latlng_to_cell(34.26, lon, 9) for lon in (108.94, 108.97)))
    cells = [h3.str_to_int(cell) for cell in line[:6]]
    owners = ["a", "a", None, "b", "b", "c"]
    frame = pd.DataFrame({"cell_id": cells, "area_id": owners})
    assert neighbouring_areas(frame) == [("b", "c")]
    assert neighbouring_areas(frame.assign(area_id=["a", "a", "b", "b", "c", "c"])) == [
        ("a", "b"),
        ("b", "c"),
    ]


names = st.integers(0, 14).map(str)


@given(st.lists(st.tuples(names, names), max_size=60))
def test_neighbours_always_differ_and_the_answer_repeats(pairs: list[tuple[str, str]]):
    areas = [str(i) for i in range(15)]
    colours = colour_areas(pairs, areas)
    assert list(colours) == areas
    assert all(colours[a] != colours[b] for a, b in pairs if a != b)
    assert colours == colour_areas(pairs, areas)


@given(st.integers(0, 10_000), st.integers(2, 25))
def test_a_map_drawn_by_chance_needs_few_hues(seed: int, count: int):
    random = np.random.default_rng(seed)
    cells = np.array([h3.str_to_int(c) for c in h3.grid_disk("88310e0a2dfffff", 8)])
    at = np.array([h3.cell_to_latlng(h3.int_to_str(int(c))) for c in cells])
    seeds = at[random.choice(len(at), count, replace=False)]
    owner = ((at[:, None] - seeds) ** 2).sum(axis=2).argmin(axis=1)
    frame = pd.DataFrame({"cell_id": cells, "area_id": [f"A{i}" for i in owner]})
    pairs = neighbouring_areas(frame)
    colours = colour_areas(pairs, sorted(set(frame["area_id"])))
    assert all(colours[a] != colours[b] for a, b in pairs)
    assert max(colours.values()) < 6


def test_a_colour_that_was_chosen_is_avoided_by_its_neighbours() -> None:
    pairs = [("A", "B"), ("B", "C")]
    kept = {"A": 0, "B": 1, "C": 0}
    assert colour_around(pairs, ["A", "B", "C"], {}, kept) == kept
    assert colour_around(pairs, ["A", "B", "C"], {"A": 1}, kept) == {"A": 1, "B": 2, "C": 0}
    assert colour_around(pairs, ["A", "B", "C", "D"], {}, kept)["D"] == 0
    both = colour_around(pairs, ["A", "B", "C"], {"A": 3, "B": 3}, kept)
    assert both == {"A": 3, "B": 3, "C": 0}, "what people chose stands"


@given(
    st.lists(st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("ABCDEF")), max_size=15),
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 11)),
    st.dictionaries(st.sampled_from("ABCDEF"), st.integers(0, 5)),
)
def test_neighbours_differ_unless_people_chose_both(
    pairs: list[tuple[str, str]], chosen: dict[str, int], kept: dict[str, int]
) -> None:
    found = colour_around(pairs, list("ABCDEF"), chosen, kept)
    assert all(found[area] == colour for area, colour in chosen.items())
    for a, b in pairs:
        assert a == b or found[a] != found[b] or {a, b} <= chosen.keys()
