"""Take the evidence about a customer along as paper."""

from typing import Final

import streamlit as st

from app.use_cases import access, theft_pack
from app.use_cases.theft_suspects import Suspicion
from app.widgets import export_menu, session, theft_scene, theft_words

_NAME: Final = "theft_pack"


def show(story: Suspicion) -> None:
    """Say what it is for; the PDF is made when it is asked for."""
    actor = session.actor()
    if not (access.may(actor, "export_data") or access.may(actor, "run_inspections")):
        return
    ref, language = str(story.customer["ref"]), session.language()
    with st.popover(session.say("theft_pack"), icon=":material/picture_as_pdf:", width="stretch"):
        st.caption(session.say("theft_pack_what"))
        purpose = export_menu.ask_purpose(f"{_NAME}_purpose")

        def make() -> tuple[bytes, str]:
            from app.maps import theft_pack as paper  # noqa: PLC0415 - drawing costs a second to import

            pack = theft_pack.pack_of(session.database(), actor, ref, purpose, theft_scene.wish())
            told = [theft_words.reason(one) for one in pack.story.score["reasons"]]
            return paper.drawn(pack, told, language), "evidence.pdf"

        export_menu.offer(_NAME, (ref, language), purpose, make)
