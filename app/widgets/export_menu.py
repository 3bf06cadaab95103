"""Take away what the map shows, in the form one's next tool reads."""

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, TypeVar, cast, get_args

import streamlit as st

from app.use_cases import access, export, privacy
from app.widgets import errors, session
from app.widgets import words_of as naming
from app.widgets.map_scene import Scene

_PICTURE: Final = "png"
_NAME: Final = "export"
_IN_WORDS: Final = "in_words"
Form = Literal["csv", "xlsx", "gpkg", "parquet", "geojson"]
FORMS: Final = (*get_args(Form), _PICTURE)
One = TypeVar("One", bound=str)


def show(scene: Scene) -> None:
    """Choose a form and say what it is for; the file is made when it is asked for."""
    if not access.may(session.actor(), "export_data"):
        return
    with st.popover(session.say("export"), icon=":material/download:", width="stretch"):
        form = ask_form(_NAME, FORMS)
        st.caption(session.say("export_what"))
        purpose = ask_purpose(f"{_NAME}_purpose")
        choice = scene.choice
        wanted = (choice.measure.code, choice.unit_id, choice.area_ids, form, session.language())
        make = _picture if form == _PICTURE else _table
        offer(_NAME, wanted, purpose, lambda: make(scene, form, purpose))


def ask_form(name: str, forms: Sequence[One]) -> One:
    """The form of the file; `name` begins the keys of one export's controls."""
    return st.radio(
        session.say("export_form"),
        forms,
        format_func=lambda one: session.say(f"export_{one}"),
        key=f"{name}_form",
    )


def offer(
    name: str, wanted: tuple[Any, ...], purpose: str, make: Callable[[], tuple[bytes, str]]
) -> None:
    """The button that makes the file, then the one that saves it, as long as the same is wanted.

    `wanted` tells one file from another; `make`: its bytes and name.
    """
    with errors.kindly():
        made, asked = f"{name}_made", (*wanted, purpose)
        if st.session_state.get(made, (None,))[0] != asked:
            if not st.button(
                session.say("export_make"),
                key=f"{name}_make",
                width="stretch",
                disabled=not purpose,
            ):
                return
            with st.spinner(session.say("export_making")):
                st.session_state[made] = (asked, *make())
        _, content, file = st.session_state[made]
        st.download_button(
            session.say("export_save", file=file),
            content,
            file_name=file,
            on_click="ignore",
            type="primary",
            width="stretch",
            key=f"{name}_save",
        )


def ask_purpose(key: str) -> str:
    """What the file is for: one of the known purposes, or a few words; empty until it is said."""
    code = st.selectbox(
        session.say("export_purpose"),
        [*(one for one in privacy.export_purposes() if one != export.COMMAND_LINE), _IN_WORDS],
        index=None,
        placeholder=session.say("export_purpose_choose"),
        format_func=lambda one: session.say(f"purpose_{one}"),
        key=f"{key}_code",
    )
    if code != _IN_WORDS:
        return code or ""
    return st.text_input(
        session.say("export_purpose_text"), key=key, max_chars=privacy.LONGEST_PURPOSE
    ).strip()


def _table(scene: Scene, form: str, purpose: str) -> tuple[bytes, str]:
    choice = scene.choice
    return export.export_cells(
        session.database(),
        session.actor(),
        measure=choice.measure.code,
        unit_id=choice.unit_id,
        area_ids=choice.area_ids,
        form=cast("Form", form),
        purpose=purpose,
        now=scene.now,
    )


def _picture(scene: Scene, form: str, purpose: str) -> tuple[bytes, str]:
    del form
    from app.maps.picture import Sheet, map_png  # noqa: PLC0415 - drawing costs a second to import

    db, actor = session.database(), session.actor()
    measure = scene.choice.measure
    unit = "" if measure.unit in ("", "1") else f" ({naming.unit(measure.unit)})"
    notes = () if measure.note is None else (session.say(measure.note),)
    sheet = Sheet(
        title=session.say("page_service_map"),
        measure=f"{naming.measure(measure)}{unit}",
        legend=scene.legend.rows,
        foot=(session.moment(scene.now), *notes, session.say("product")),
        stamp=export.picture_stamp(db, actor, purpose),
    )
    cells = scene.cells
    content = map_png(
        cells["cell_id"].to_numpy(),
        cells["area_index"].to_numpy(),
        cells["value"].to_numpy(),
        scale=scene.legend.scale,
        sheet=sheet,
    )
    name = f"{measure.code.replace(':', '-')}-{scene.now:%Y%m%d-%H%M}.png"
    export.note_picture(db, actor, name, len(cells), purpose=purpose)
    return content, name
