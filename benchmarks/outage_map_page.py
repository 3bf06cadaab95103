"""The peers of benchmarks/outage_map.py: the same outages as folium's own markers in st_folium."""

from typing import Any

import folium
import numpy as np
import streamlit as st
import streamlit_folium
from folium.plugins import FastMarkerCluster
from outage_store import CENTRE

from app.maps import offline

st.set_page_config(layout="wide")


@st.cache_data
def points(count: int, seed: int) -> Any:
    chance = np.random.default_rng(seed)
    lon, lat = (chance.normal(middle, 0.1, count) for middle in CENTRE)
    return np.column_stack([lat, lon])


@st.fragment
def show(draw: str, count: int, seed: int) -> None:
    rows = points(count, seed)
    if st.toggle("filter"):
        rows = rows[::2]
    built = folium.Map(location=CENTRE[::-1], zoom_start=11, tiles=None, maxZoom=19,
                       prefer_canvas=draw == "canvas")  # fmt: skip
    if draw == "cluster":
        FastMarkerCluster(rows.tolist()).add_to(built)
    else:
        for lat, lon in rows:
            folium.CircleMarker((lat, lon), radius=5, weight=1, tooltip="20").add_to(built)
    offline.install()
    streamlit_folium.st_folium(
        built, key="map", height=640, use_container_width=True, returned_objects=[]
    )


query = st.query_params
show(query.get("draw", "circles"), int(query.get("count", "5000")), int(query.get("seed", "0")))
