"""Addresses that hand a place to the map apps of a phone, each in the datum that it expects."""

from typing import Final
from urllib.parse import quote

import numpy as np

from grid_cells.datum import from_wgs84

APPS: Final = ("geo", "amap", "baidu", "tencent", "apple")
"""The phone's own choice first. What they expect: WGS-84, GCJ-02, BD-09, GCJ-02, GCJ-02."""
_DECIMALS: Final = 6


def navigation_links(lon: float, lat: float, name: str) -> dict[str, str]:
    """By app the address that opens it with the way to a WGS-84 place; `name` is shown there.

    By the published URI schemes of each app; outside China the three datums are the same.
    """
    label = quote(name, safe="")
    wgs, gcj, bd = (_in(lon, lat, datum) for datum in ("wgs84", "gcj02", "bd09"))
    return {
        "geo": f"geo:{wgs[1]},{wgs[0]}?q={wgs[1]},{wgs[0]}({label})",
        "amap": f"amapuri://route/plan/?dlat={gcj[1]}&dlon={gcj[0]}&dname={label}&dev=0&t=0",
        "baidu": (
            f"baidumap://map/direction?destination=latlng:{bd[1]},{bd[0]}|name:{label}"
            "&coord_type=bd09ll&mode=driving&src=grid-cells"
        ),
        "tencent": (
            f"qqmap://map/routeplan?type=drive&to={label}&tocoord={gcj[1]},{gcj[0]}"
            "&referer=grid-cells"
        ),
        "apple": f"https://maps.apple.com/?daddr={gcj[1]},{gcj[0]}&dirflg=d",
    }


def _in(lon: float, lat: float, datum: str) -> tuple[str, str]:
    x, y = from_wgs84(np.array([lon]), np.array([lat]), datum)
    return f"{float(x[0]):.{_DECIMALS}f}", f"{float(y[0]):.{_DECIMALS}f}"
