"""The peer's page of benchmarks/province.py: every cell in one file."""

import streamlit as st
from province_facts import CENTRE

from app.maps.palette import sequential
from app.maps.service_map import build_map, show_map
from app.maps.update import HexLabels, HexUpdate, MapUpdate, Scale

BREAKS = (20.0, 70.0, 250.0, 900.0, 3000.0)

st.set_page_config(layout="wide")
hexes = HexUpdate(
    url=f"/cells/1/{st.query_params.get('cells', '0')}/energy.bin",
    scale=Scale(sequential(len(BREAKS) + 1), BREAKS),
    rollup="sum",
    labels=HexLabels(unit="kWh"),
    borders=False,
)
show_map(build_map(CENTRE, 7), MapUpdate(hexes=hexes), key="map", height=700)
