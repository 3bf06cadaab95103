"""Who changes area, manager and crew by a draft: lists to see and to take along."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import pandas as pd

from app.store import hand_over as store
from app.store import places
from app.store import unit_figures as figures_store
from app.store.database import Connection, Database
from app.store.hand_over import Basis
from app.use_cases import cell_parts, derive, export, privacy, unit_figures
from app.use_cases.access import check, needs, refuse
from app.use_cases.actors import Actor
from app.use_cases.duties import holders_on, managers_on
from grid_cells import hand_over
from grid_cells.cells import cells_to_hex
from grid_cells.errors import UserError

List = Literal["customers", "notice", "staff", "pairs"]
LISTS: Final[tuple[List, ...]] = ("customers", "notice", "staff", "pairs")
LISTS_OF_CUSTOMERS: Final[tuple[List, ...]] = ("customers", "notice", "pairs")
"""The lists there are where changes are stated by customer."""
FORMS: Final = ("csv", "xlsx")
ROWS_SHOWN: Final = 500
MOST_ROWS_OF_A_SHEET: Final = 1_048_575
_NOTICE = ("customer_no", "name", "phone", "address", "new_area", "new_manager",
           "new_manager_phone")  # fmt: skip
_PERSONAL: Final = {"customers": ("customer_no", "name", "phone", "address")}


@dataclass(frozen=True)
class Changes:
    """Units that change area between the plan in force and a draft, and from when on.

    units: frame unit (transformer id, cell id or customer number by `basis`), old_area, new_area
    (area ids, missing: none). on: the moment whose duties count, `now` where None. plan_id: whose
    overrides count, the plan in force where None.
    """

    units: pd.DataFrame
    basis: Basis
    now: datetime
    on: datetime | None = None
    plan_id: int | None = None


@needs("see_plans")
def pairs(db: Database, actor: Actor, changes: Changes) -> pd.DataFrame:  # noqa: ARG001
    """How many customers move from area to area: old_area, new_area, units, customers."""
    with _people(db, changes) as connection:
        return store.pairs(connection, _keyed(connection, changes), changes.basis)


@needs("see_plans")
def customers(
    db: Database,
    actor: Actor,
    changes: Changes,
    *,
    first: int = 0,
    most: int | None = ROWS_SHOWN,
) -> pd.DataFrame:
    """Customers who change area as the actor may see them, from the `first` on at most `most`.

    Columns customer_no, name, phone, address, unit (cells in hexadecimal), old_area, new_area,
    old_manager, new_manager (names, missing: vacant). Needs the right to look up customers.
    """
    check(db, actor, "see_customers", asked="hand_over.customers")
    return privacy.shown(actor, "customers", _customers(db, changes, first, most))


@needs("see_plans")
def notice(
    db: Database,
    actor: Actor,
    changes: Changes,
    *,
    first: int = 0,
    most: int | None = ROWS_SHOWN,
) -> pd.DataFrame:
    """Whom to tell of whom: customer_no, name, phone, address, new_area, new_manager and phone.

    Only customers who get another manager; `new_manager_phone` masked without the right to it.
    """
    check(db, actor, "see_customers", asked="hand_over.notice")
    found = _notice(db, changes, first, most)
    shown = privacy.shown(actor, "customers", found)
    if privacy.sees(actor, "staff", "phone"):
        return shown
    return _manager_phone_hidden(shown)


@needs("see_plans")
def staff(db: Database, actor: Actor, changes: Changes) -> pd.DataFrame:
    """Staff and crews touched: holder_id, name, duty, areas, customers and hours gained and lost.

    A missing holder_id says that nobody has the duty there. Hours are known of units only: raises
    UserError `hand_over_list_unknown` for changes stated by customer.
    """
    if changes.basis == "customer":
        others = ", ".join(LISTS_OF_CUSTOMERS)
        raise UserError("hand_over_list_unknown", list="staff", known=others)
    stated = _stated(changes)
    known = unit_figures.figures(
        db, actor, basis=changes.basis, units=pd.Index(stated["unit"]), now=changes.now,
        plan_id=changes.plan_id,
    ).units  # fmt: skip
    moved = stated.assign(**{name: known[name].to_numpy() for name in hand_over.WORK})
    found = hand_over.touched(moved, holders_on(db.read(), changes.on or changes.now))
    names = places.people(db.read()).drop_duplicates("id").set_index("id")["name"]
    found.insert(1, "name", found["holder_id"].map(names))
    return found


@needs("export_data")
def export_list(  # noqa: PLR0913
    db: Database,
    actor: Actor,
    name: List,
    changes: Changes,
    *,
    form: Literal["csv", "xlsx"],
    purpose: str,
    personal: bool = False,
) -> tuple[bytes, str]:
    """Bytes and file name of one of LISTS, whole, with who took it, when and what for.

    Personal columns are masked; `personal` leaves them in the clear for those who may see them
    all, and is refused to others.
    """
    check(db, actor, "see_plans", asked="hand_over.export_list")
    if name not in LISTS:
        raise UserError("hand_over_list_unknown", list=name, known=", ".join(LISTS))
    if form not in FORMS:
        raise UserError("export_form_unknown", form=form, known=", ".join(FORMS))
    table = _LISTS[name](db, actor, changes)
    is_about = name in ("customers", "notice")
    if is_about and personal:
        _check_personal(db, actor, table)
    elif is_about:
        table = _masked(table)
    if form == "xlsx" and len(table) > MOST_ROWS_OF_A_SHEET:
        raise UserError("hand_over_too_long", rows=len(table), most=MOST_ROWS_OF_A_SHEET)
    data = export.file_of(
        db, actor, table, form=form, layer=f"hand_over_{name}", purpose=purpose,
        personal=personal and is_about,
    )  # fmt: skip
    return data, f"hand-over-{name}-{changes.now:%Y%m%d-%H%M}.{form}"


def _whole_customers(db: Database, actor: Actor, changes: Changes) -> pd.DataFrame:
    check(db, actor, "see_customers", asked="hand_over.export_list")
    return _customers(db, changes, 0, None)


def _whole_notice(db: Database, actor: Actor, changes: Changes) -> pd.DataFrame:
    check(db, actor, "see_customers", asked="hand_over.export_list")
    return _notice(db, changes, 0, None)


_LISTS: Final = {
    "customers": _whole_customers, "notice": _whole_notice, "staff": staff, "pairs": pairs,
}  # fmt: skip


def _stated(changes: Changes) -> pd.DataFrame:
    """The units that do change, typed as the store knows them."""
    kind: Any = "int64" if changes.basis == "cell" else "str"
    frame = changes.units[["unit", "old_area", "new_area"]].astype(
        {"unit": kind, "old_area": "str", "new_area": "str"}
    )
    both = frame["old_area"].fillna("") != frame["new_area"].fillna("")
    return frame[both].drop_duplicates("unit").reset_index(drop=True)


@contextmanager
def _people(db: Database, changes: Changes) -> Iterator[Connection]:
    derive.refresh(db, changes.now)
    connection = db.read()
    overrides = unit_figures.overrides_of(connection, changes.plan_id, changes.now)
    finer = changes.basis == "cell"
    parts = cell_parts.parts_of(db, _stated(changes)["unit"]) if finer else None
    with figures_store.people(connection, overrides, changes.now, parts):
        yield connection


def _keyed(connection: Connection, changes: Changes) -> pd.DataFrame:
    """The changed units by what their customers are known by: coarser cells by those within."""
    stated = _stated(changes)
    if changes.basis != "cell":
        return stated.assign(key=stated["unit"])
    row, key = cell_parts.known_cells(connection, stated["unit"])
    return stated.iloc[row].assign(key=key)


def _moved(db: Database, changes: Changes, first: int, most: int | None) -> pd.DataFrame:
    with _people(db, changes) as connection:
        stated = _keyed(connection, changes)
        found = store.moved(connection, stated, changes.basis, first=first, most=most)
    if changes.basis != "transformer":
        found["unit"] = cells_to_hex(found["unit"].to_numpy())
    return found


def _customers(db: Database, changes: Changes, first: int, most: int | None) -> pd.DataFrame:
    found = _moved(db, changes, first, most)
    managers = managers_on(db.read(), changes.on or changes.now)
    for side in ("old", "new"):
        names = managers["name"].reindex(found[f"{side}_area"])
        found[f"{side}_manager"] = names.to_numpy(object)
    return found.astype({"old_manager": "str", "new_manager": "str"})


def _notice(db: Database, changes: Changes, first: int, most: int | None) -> pd.DataFrame:
    """As `notice`, everything in the clear."""
    managers = managers_on(db.read(), changes.on or changes.now)
    who, stated = managers["holder_id"], _stated(changes)
    old, new = (stated[f"{side}_area"].map(who).fillna("") for side in ("old", "new"))
    told = Changes(stated[old != new], changes.basis, changes.now, changes.on, changes.plan_id)
    found = _moved(db, told, first, most)
    for column, name in (("new_manager", "name"), ("new_manager_phone", "phone")):
        found[column] = managers[name].reindex(found["new_area"]).to_numpy(object)
    return found.astype({"new_manager": "str", "new_manager_phone": "str"})[list(_NOTICE)]


def _manager_phone_hidden(table: pd.DataFrame) -> pd.DataFrame:
    phones = table[["new_manager_phone"]].rename(columns={"new_manager_phone": "phone"})
    return table.assign(new_manager_phone=privacy.hide_columns("staff", phones, ["phone"])["phone"])


def _masked(table: pd.DataFrame) -> pd.DataFrame:
    hidden = privacy.hide_columns("customers", table, list(_PERSONAL["customers"]))
    return _manager_phone_hidden(hidden) if "new_manager_phone" in hidden else hidden


def _check_personal(db: Database, actor: Actor, table: pd.DataFrame) -> None:
    """Refuse, with an audit row, values in the clear to a person who may not see them all."""
    named = [("customers", name) for name in _PERSONAL["customers"]]
    if "new_manager_phone" in table:
        named.append(("staff", "phone"))
    for held, column in named:
        if not privacy.sees(actor, held, column):
            permission = privacy.personal_columns()[held, column].permission
            refuse(
                db, actor, "access_no_permission", asked="hand_over.export_list personal",
                permission=permission,
            )  # fmt: skip
