"""Serves the page beside it on a port: python serve.py PORT."""

import sys
from pathlib import Path

import streamlit as st
from stub import ROUTES, plan_of

from app.maps.routes import asset_routes, cells_route

app = st.App(
    str(Path(__file__).with_name("page.py")),
    routes=[*asset_routes(), cells_route(lambda _v, scope, *_: plan_of(scope).file()), *ROUTES],
)
app.run(
    config={
        "server.port": int(sys.argv[1]),
        "server.address": "127.0.0.1",
        "server.headless": True,
        "browser.gatherUsageStats": False,
        "server.fileWatcherType": "none",
    }
)
