"""Whether the points of a file fit what is known better in another datum than the stated one."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from grid_cells.cells import points_to_cells
from grid_cells.datum import fit_datum, normal_datum, to_wgs84
from grid_cells.errors import UserError
from loaders.contract import LoadOptions
from loaders.findings import Findings

Floats = NDArray[np.float64]
Points = tuple[Floats, Floats]

_SAMPLED_VERTICES = 20_000


def guard_points(
    frame: pd.DataFrame, findings: Findings, options: LoadOptions, *, kind: str
) -> None:
    """Warn datum_fits_better where the placed rows lie nearer to known things in another datum.

    Compared with each row's own transformer where those are known, else with the streets, else
    with the halls. `changed_cells` counts all placed rows.
    """
    rows = np.flatnonzero(findings.kept & np.isfinite(frame["lon"].to_numpy()))
    if len(rows) == 0 or not options.known:
        return
    placed = frame.iloc[rows]
    stated = _datum_name(str(placed["given_datum"].iloc[0]))
    given = _given(placed, stated)
    if stated is None:
        stated = "wgs84"
    reference, paired = _reference(placed, options, kind)
    if reference is None:
        return
    fit = fit_datum(*given, stated, reference=reference, paired=paired)
    if fit.best == fit.stated:
        return
    better = points_to_cells(*to_wgs84(*given, fit.best), options.resolution)
    findings.warn(
        "datum_fits_better",
        file=findings.raw.file,
        stated=fit.stated,
        best=fit.best,
        changed_cells=int((better != placed["cell_id"].to_numpy()).sum()),
        checked=len(rows),
        distances=dict(fit.median_distance_m),
    )


def guard_shapes(
    given: NDArray[np.object_], datum: str, findings: Findings, options: LoadOptions
) -> None:
    """Warn datum_fits_better by the shapes' vertices in the datum as given."""
    stated = _datum_name(datum)
    reference = _places(options, ("streets", "halls"))
    if stated is None or reference is None:
        return
    usable = given[findings.kept & ~shapely.is_missing(given)]
    pairs = shapely.get_coordinates(usable)
    pairs = pairs[:: max(1, len(pairs) // _SAMPLED_VERTICES)]
    if len(pairs) == 0:
        return
    fit = fit_datum(pairs[:, 0], pairs[:, 1], stated, reference=reference, paired=False)
    if fit.best != fit.stated:
        findings.warn(
            "datum_fits_better",
            file=findings.raw.file,
            stated=fit.stated,
            best=fit.best,
            changed_cells=fit.changed_cells,
            checked=fit.sampled,
            distances=dict(fit.median_distance_m),
        )


def _datum_name(datum: str) -> str | None:
    """The datum where it is one the core knows, None for a system only a file has named."""
    try:
        return normal_datum(datum)
    except UserError:
        return None


def _given(placed: pd.DataFrame, stated: str | None) -> Points:
    names = ("lon", "lat") if stated is None else ("given_x", "given_y")
    return placed[names[0]].to_numpy(float), placed[names[1]].to_numpy(float)


def _reference(placed: pd.DataFrame, options: LoadOptions, kind: str) -> tuple[Points | None, bool]:
    """Known places to compare with, and whether they are each row's own."""
    known = options.known.get("transformers")
    if known is not None and len(known) and "transformer_id" in placed and kind != "transformers":
        partners = _partners(placed, known)
        if np.isfinite(partners[0]).any():
            return partners, True
    return _places(options, ("streets",) if kind == "halls" else ("streets", "halls")), False


def _partners(placed: pd.DataFrame, known: pd.DataFrame) -> Points:
    places = known.drop_duplicates("transformer_id").set_index("transformer_id")[["lon", "lat"]]
    found = places.reindex(placed["transformer_id"])
    return found["lon"].to_numpy(float), found["lat"].to_numpy(float)


def _places(options: LoadOptions, kinds: tuple[str, ...]) -> Points | None:
    """Points of the first kind that is known; of streets either points or pieces."""
    for kind in kinds:
        known = options.known.get(kind)
        if known is not None and len(known):
            lon, lat = ("lon", "lat") if "lon" in known else ("from_lon", "from_lat")
            return known[lon].to_numpy(float), known[lat].to_numpy(float)
    return None
