"""What a map tells its page: each event once, each map for itself."""

from streamlit.testing.v1 import AppTest


def told(page: AppTest) -> list[str]:
    return [one.value for one in page.text]


def test_an_event_is_told_once_and_to_its_own_page_alone() -> None:
    def script() -> None:
        import streamlit as st  # noqa: PLC0415

        from app.widgets import map_events  # noqa: PLC0415

        for key in ("one", "other"):
            event = map_events.news(key)
            st.text("nothing" if event is None else f"{event.part} {event.cell}")

    page = AppTest.from_function(script)
    assert told(page.run()) == ["nothing", "nothing"]
    fact = {
        "seq": 7, "part": "hexes", "cell": "89aa", "view": "30,112,9", "bounds": "112,30,113,31",
    }  # fmt: skip
    page.session_state["one"] = {"event": fact}
    assert told(page.run()) == ["hexes 89aa", "nothing"]
    assert told(page.run()) == ["nothing", "nothing"]
    page.session_state["one"] = {"event": fact | {"seq": 8}}
    assert told(page.run()) == ["hexes 89aa", "nothing"]
