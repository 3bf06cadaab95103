"""Customer card: archive, meters, transformer, area and people, outage, last readings."""

import streamlit as st

from app.use_cases import customers, privacy
from app.widgets import customer_card, empty, errors, search_box, session

with st.container(key="page"):
    if empty.shown(session.database()):
        st.stop()
    st.header(session.say("customers_title"))
    answered = search_box.show()
    ref = customer_card.asked(search_box.picked())
    if ref is None:
        if not answered:
            clues = search_box.by_what(customers_only=True)
            empty.hint(session.say("customers_hint", clues=clues))
        st.stop()
    with errors.kindly():
        db, actor = session.database(), session.actor()
        customer_no = privacy.customer_no_of(db, ref)
        customer_card.show(customers.card(db, actor, customer_no, session.now()), customer_no)
