"""The A3 sheet of a plan: its size, its pages, the texts and fonts in it."""

import io
from datetime import UTC, datetime

import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image

from app.maps import plan_sheet, plan_table
from app.maps.palette import AREA_HUES, on_ground
from app.maps.paper import cut, text_size
from app.use_cases.export import Stamp
from app.use_cases.plan_areas import PlanAreas
from app.use_cases.plan_life import PlanRow
from app.use_cases.plan_print import PlanSheet
from tests.app.maps.pdf_reading import Pdf, read_pdf

NOW = datetime(2026, 7, 16, 11, 40, tzinfo=UTC)
STAMP = Stamp("user:7", "2026-07-16T11:40:00+00:00", "report")
A3_POINTS = (1190.551, 841.890)


def sheet_of(areas: int, name: str = "七月方案 $x$ <b>") -> PlanSheet:
    """A plan of areas of seven cells each, over a river, with one street."""
    middles = h3.grid_disk("8740a6976ffffff", 12)[:areas]
    cells = [(h3.str_to_int(c), n) for n, m in enumerate(middles) for c in h3.cell_to_children(m)]
    told = pd.DataFrame(
        {
            "name": [f"服务区{n + 1:03d}号" for n in range(areas)],
            "manager": [None if n % 2 else "林薇" for n in range(areas)],
            "customers": range(areas),
            "hours": np.arange(areas) + 0.4,
            "deviation": [0.0321 if n % 2 else -0.05 for n in range(areas)],
            "pieces": 1,
            "crew_min_median": [np.nan, *[7.0] * (areas - 1)],
        },
        index=[f"A-{n}" for n in range(areas)],
    )
    lat, lon = h3.cell_to_latlng(middles[0])
    corners = {"line_no": [0, 0], "rank": [1, 1], "name": ["", ""], "lon": [lon, lon + 0.1],
               "lat": [lat, lat]}  # fmt: skip
    river = shapely.to_wkb(shapely.box(lon + 0.01, lat - 0.1, lon + 0.02, lat + 0.1))
    places = {"kind": ["hall", "bank", "crew"], "name": ["H", "B", "C"], "lon": [lon] * 3,
              "lat": [lat, lat + 0.01, lat + 0.02]}  # fmt: skip
    return PlanSheet(
        PlanRow(3, name, "cell", "draft", None, None, NOW, "user:7", 1, 0, True),
        "临江供电公司", PlanAreas(told, 0.05, float(told["hours"].sum()), 0),
        pd.DataFrame(cells, columns=["cell_id", "area"]), np.arange(areas) % 4,
        pd.DataFrame(places), pd.DataFrame(corners),
        pd.DataFrame({"name": ["江"], "geometry": [river]}), NOW, UTC, STAMP, "吴越",
    )  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Pdf:
    """The sheet of three areas in Chinese."""
    return read_pdf(plan_sheet.drawn(sheet_of(3), "pdf", "zh"))


@pytest.fixture(scope="module")
def large() -> Pdf:
    """The sheet of 400 areas in English."""
    return read_pdf(plan_sheet.drawn(sheet_of(400), "pdf", "en"))


def test_three_areas_fit_one_page_of_a3(small: Pdf) -> None:
    assert [pytest.approx(size, abs=0.01) for size in small.sizes] == [A3_POINTS]
    assert small.fonts == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_every_word_of_the_sheet_is_a_text(small: Pdf) -> None:
    lines = small.texts[0].split("\n")
    for said in ("服务区划分图：七月方案 $x$ <b>", "网格经理", "林薇", "空缺", "+3.2", "−5.0",
                 "抢修驻点", "第 1 页，共 1 页", "合计 3 个服务区", "草案", "—"):  # fmt: skip
        assert said in lines, said
    assert sum("服务区003号" in line for line in lines) == 2  # on the map and in the table
    assert "打印人：吴越（user:7），2026-07-16 11:40，用途：报告。仅限公司内部使用。" in lines


@pytest.mark.long
def test_400_areas_go_on_over_further_pages_and_each_stands_once_in_the_table(large: Pdf) -> None:
    pages = plan_table.paged(400)
    assert len(large.sizes) == len(pages) > 2
    assert all(size == pytest.approx(A3_POINTS, abs=0.01) for size in large.sizes)
    further = "\n".join(large.texts[1:]).split("\n")
    for n in range(pages[0].stop, 400):
        assert further.count(f"服务区{n + 1:03d}号") == 1
    for n, text in enumerate(large.texts, start=1):
        assert f"Page {n} of {len(pages)}" in text
        assert "Printed by 吴越 (user:7)" in text


@pytest.mark.parametrize("areas", [1, 40, 42, 43, 400])
def test_pages_hold_every_area_once_in_order(areas: int) -> None:
    pages = plan_table.paged(areas)
    assert [n for page in pages for n in page] == list(range(areas))
    assert max(len(page) for page in pages) <= plan_table.FURTHER
    assert len(plan_table.paged(40)) == 1


def test_the_picture_is_the_page_with_the_map_at_200_dpi() -> None:
    told: list[float] = []
    data = plan_sheet.drawn(sheet_of(3), "png", "en", progress=told.append)
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (3307, 2339)
    assert STAMP.line() in picture.info["Description"]
    assert told == sorted(told)
    assert told[-1] == 1.0
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3).astype(int)
    for colour in AREA_HUES[:3]:
        wanted = [int(on_ground(colour)[k : k + 2], 16) for k in (1, 3, 5)]
        assert (np.abs(pixels - wanted).max(axis=1) < 3).mean() > 0.01


def test_whoever_stops_it_stops_it() -> None:
    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.3:
            raise Stopped

    with pytest.raises(Stopped):
        plan_sheet.drawn(sheet_of(3), "png", "en", progress=stop)


def test_texts_are_cut_where_the_column_ends() -> None:
    width, _ = text_size("Hauptstraße 服务区", 7.0)
    assert text_size("Hauptstraße 服务区", 14.0)[0] == pytest.approx(2 * width)
    assert cut("Hauptstraße 服务区", 7.0, width) == "Hauptstraße 服务区"
    short = cut("Hauptstraße 服务区", 7.0, width / 2)
    assert short.endswith("…")
    assert "Hauptstraße 服务区".startswith(short[:-1])
    assert width / 4 < text_size(short, 7.0)[0] <= width / 2
