"""Places handed to a phone's map apps, each in the datum that it expects."""

import re

import numpy as np
import pytest

from grid_cells.datum import to_wgs84
from grid_cells.navigation_links import APPS, navigation_links

LON, LAT = 112.5, 30.4
DATUMS = {"geo": "wgs84", "amap": "gcj02", "baidu": "bd09", "tencent": "gcj02", "apple": "gcj02"}
LON_LAT = {
    "geo": r"geo:(?P<lat>[\d.]+),(?P<lon>[\d.]+)\?",
    "amap": r"dlat=(?P<lat>[\d.]+)&dlon=(?P<lon>[\d.]+)",
    "baidu": r"latlng:(?P<lat>[\d.]+),(?P<lon>[\d.]+)\|",
    "tencent": r"tocoord=(?P<lat>[\d.]+),(?P<lon>[\d.]+)",
    "apple": r"daddr=(?P<lat>[\d.]+),(?P<lon>[\d.]+)",
}


@pytest.mark.parametrize("app", APPS)
def test_each_app_gets_the_place_in_its_own_datum(app: str) -> None:
    link = navigation_links(LON, LAT, "W1")[app]
    found = re.search(LON_LAT[app], link)
    assert found is not None
    x, y = (np.array([float(found[name])]) for name in ("lon", "lat"))
    lon, lat = to_wgs84(x, y, DATUMS[app])
    assert (float(lon[0]), float(lat[0])) == pytest.approx((LON, LAT), abs=2e-6)
    assert (abs(float(x[0]) - LON) > 0.003) is (app != "geo")


def test_a_name_cannot_add_anything_to_the_address() -> None:
    links = navigation_links(LON, LAT, "a&dev=1 (b)?#|")
    assert all("a%26dev%3D1%20%28b%29%3F%23%7C" in links[app] for app in ("geo", "amap", "baidu"))


def test_outside_china_nothing_is_shifted() -> None:
    assert "daddr=48.200000,16.370000" in navigation_links(16.37, 48.2, "W1")["apple"]
