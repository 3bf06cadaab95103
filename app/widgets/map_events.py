"""What was done on a map since the last run, for every page that has one."""

import streamlit as st

from app.maps import service_map as maps


def news(key: str) -> maps.MapEvent | None:
    """The event that the map of this key sent since it was last asked for; each is told once.

    To be asked before the map is drawn again, so that the run that a click began shows its effect.
    """
    fact, seen = (st.session_state.get(key) or {}).get("event"), f"{key}_news_seen"
    if not fact or st.session_state.get(seen) == fact["seq"]:
        return None
    st.session_state[seen] = fact["seq"]
    return maps.read_event(fact)
