"""Meters: one or two a customer, and a master behind every public transformer."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from grid_cells.sample_city.demand import Demand
from grid_cells.sample_city.ground import Floats, Geometries, Ints, stream
from grid_cells.sample_city.layout import Layout
from grid_cells.sample_city.moments import midnights, unknown
from grid_cells.sample_city.network import Network
from grid_cells.sample_city.people import People

FROZEN_MAKER = "Kaiyuan 开元"
_MAKERS = np.array(
    ["Beichen 北辰", "Huace 华测", FROZEN_MAKER, "Longji 龙技", "Nanyi 南仪", "Xinghe 星河"],
    dtype=object,
)
_MAKER_SHARES = (0.26, 0.22, 0.07, 0.18, 0.15, 0.12)
_BILLING_FROM, _MASTER_FROM = 350_000_000_000, 360_000_000_000
_SECOND_SHARE = 0.004
_CT_FROM_KWH = 220.0
_CT_RATIOS = np.array([10, 15, 20, 30, 40, 60, 80, 100, 120, 160, 200, 240, 300, 400, 600, 1_000])
WRONG_CT_RECORDED, WRONG_CT_WIRED = 30.0, 20.0
"""150/5 in the archive, 100/5 on the pole."""


@dataclass(frozen=True)
class Meters:
    """Billing meters, then masters: the customer or transformer behind, multiplier and share.

    `share` is the part of the customer's use that runs through this one of its meters.
    """

    meter_id: Geometries
    customer: Ints
    share: Floats
    multiplier: Floats
    master_id: Geometries
    master_of: Ints
    master_multiplier: Floats


def hang_meters(people: People, network: Network, demand: Demand, *, seed: int) -> Meters:
    """The meters of all customers and public transformers."""
    rng = stream(seed, 24)
    count = len(people.box)
    firm = people.use != 0
    second = np.flatnonzero(firm & (rng.random(count) < _SECOND_SHARE / firm.mean()))
    customer = np.concatenate([np.arange(count), second])
    share = np.ones(len(customer))
    share[second], share[count:] = 0.65, 0.35
    peak = demand.base_kwh[customer] * share
    ratio = _CT_RATIOS[np.minimum(np.searchsorted(_CT_RATIOS, peak / 24), len(_CT_RATIOS) - 1)]
    multiplier = np.where(peak > _CT_FROM_KWH, ratio, 1).astype(float)
    public = np.flatnonzero(~network.is_dedicated)
    current_a = demand.capacity_kva[public] * 1.44
    wanted = np.searchsorted(_CT_RATIOS, current_a * 0.97 / 5)
    master = _CT_RATIOS[np.minimum(wanted, len(_CT_RATIOS) - 1)].astype(float)
    master[public == demand.wrong_ct] = WRONG_CT_RECORDED
    return Meters(
        _numbers(_BILLING_FROM, len(customer)), customer, share, multiplier,
        _numbers(_MASTER_FROM, len(public)), public, master,
    )  # fmt: skip


def _numbers(first: int, count: int) -> Geometries:
    return np.arange(first + 1, first + count + 1).astype(str).astype(object)


def meter_frame(
    layout: Layout, meters: Meters, customers: pd.DataFrame, *, end: date, seed: int
) -> pd.DataFrame:
    """The file's columns of `meters`."""
    people, network = layout.people, layout.network
    rng = stream(seed, 25)
    behind = meters.customer
    maker = rng.choice(len(_MAKERS), len(behind), p=_MAKER_SHARES)
    maker[layout.demand.frozen_maker[behind]] = 2
    billing = pd.DataFrame(
        {
            "meter_id": pd.array(meters.meter_id, dtype="str"),
            "customer_no": customers["customer_no"].take(behind).to_numpy(),
            "meter_box_id": _box_ids(people, network)[behind],
            "transformer_id": network.transformer_id[people.recorded[behind]],
            "role": "billing",
            "multiplier": meters.multiplier,
            "maker": _MAKERS[maker],
            "valid_from": midnights(customers["connected_on"].to_numpy()[behind]),
        }
    )
    since = np.full(len(meters.master_of), np.datetime64(end - timedelta(days=1_400)))
    master = pd.DataFrame(
        {
            "meter_id": pd.array(meters.master_id, dtype="str"),
            "transformer_id": network.transformer_id[meters.master_of],
            "role": "master",
            "multiplier": meters.master_multiplier,
            "maker": _MAKERS[rng.choice(2, len(meters.master_of))],
            "valid_from": midnights(since),
        }
    )
    frame = pd.concat([billing, master], ignore_index=True)
    texts = ["customer_no", "meter_box_id", "transformer_id", "role", "maker"]
    frame = frame.astype(dict.fromkeys(texts, "str")).assign(valid_to=unknown(len(frame)))
    order = (
        "meter_id customer_no meter_box_id transformer_id role multiplier maker valid_from valid_to"
    )
    return frame[order.split()]


def _box_ids(people: People, network: Network) -> Geometries:
    """Box of each customer, numbered within the transformer that feeds it, e.g. `T-233-B07`."""
    first_of = np.unique(people.transformer, return_index=True)[1]
    new_box = np.cumsum(np.diff(people.box, prepend=-1) != 0)
    number = new_box - new_box[first_of[people.transformer]] + 1
    head = network.transformer_id[people.transformer]
    tail = np.char.add("-B", np.char.zfill(number.astype(str), 2))
    return np.asarray(head + tail.astype(object), dtype=object)
