"""The page that benchmarks/map.py looks at: our layer, or folium's GeoJson, on the same cells."""

import folium
import h3
import numpy as np
import streamlit as st
import streamlit_folium
from map_cells import BREAKS, CENTRE, FILTER_LOW, made, start_zoom

from app.maps import offline
from app.maps.legend import class_of
from app.maps.palette import sequential
from app.maps.service_map import build_map, show_map
from app.maps.update import CellFilter, HexLabels, HexUpdate, MapUpdate, Scale

COLOURS = sequential(len(BREAKS) + 1)

st.set_page_config(layout="wide")
count = int(st.query_params.get("cells", "5000"))
seed = int(st.query_params.get("seed", "1"))


@st.cache_data(max_entries=2)
def features(count: int, seed: int) -> list[dict[str, object]]:
    cells, _, values = made(count, seed)
    codes = class_of(values, BREAKS)
    return [
        {
            "type": "Feature",
            "properties": {"cell": h3.int_to_str(cell), "value": value, "fill": COLOURS[code]},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [(lon, lat) for lat, lon in h3.cell_to_boundary(h3.int_to_str(cell))]
                ],
            },
        }
        for cell, value, code in zip(cells.tolist(), values.tolist(), codes.tolist(), strict=True)
    ]


@st.fragment
def ours() -> None:
    low = FILTER_LOW if st.toggle("filter") else None
    hexes = HexUpdate(
        url=f"/cells/1/{count}-{seed}/minutes.bin",
        scale=Scale(COLOURS, BREAKS),
        filter=CellFilter(low=low),
        labels=HexLabels(unit="min"),
    )
    show_map(build_map(CENTRE, start_zoom(count)), MapUpdate(hexes=hexes), key="map", height=640)


@st.fragment
def geojson(*, on_canvas: bool) -> None:
    low = FILTER_LOW if st.toggle("filter") else -np.inf
    shown = [one for one in features(count, seed) if one["properties"]["value"] >= low]
    built = folium.Map(location=CENTRE, zoom_start=start_zoom(count), tiles=None, maxZoom=19,
                       prefer_canvas=on_canvas)  # fmt: skip
    folium.GeoJson(
        {"type": "FeatureCollection", "features": shown},
        style_function=lambda one: {
            "fillColor": one["properties"]["fill"], "fillOpacity": 0.65, "weight": 0.5,
            "color": "#ffffff",
        },
        tooltip=folium.GeoJsonTooltip(["cell", "value"]),
    ).add_to(built)  # fmt: skip
    offline.install()
    streamlit_folium.st_folium(
        built, key="map", height=640, use_container_width=True, returned_objects=[]
    )


if st.query_params.get("draw", "ours") == "ours":
    ours()
else:
    geojson(on_canvas=st.query_params.get("draw") == "canvas")
