"""Street graphs in GraphML, as osmnx and networkx write them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from grid_cells.errors import FileRejected
from loaders.raw import RawTable

_NS = "{http://graphml.graphdrawing.org/xmlns}"
_FIRST_OF_LIST = r"^\[\s*'?\"?(.*?)'?\"?\s*(?:,.*)?\]$"
_KEPT = ("osmid", "highway", "name", "maxspeed", "bridge", "length")


def read_graphml(source: Path) -> RawTable:
    """One record for each street of the graph, with its line; `crs` as the graph states it.

    Columns osmid, highway, name, maxspeed, bridge, length, oneway. A two-way street, which a
    directed graph holds twice, comes once. Raises FileRejected.
    """
    nodes, edges, about = _parsed(source)
    if not edges:
        raise FileRejected("streets_missing", file=source.name)
    frame = pd.DataFrame(edges)
    frame = frame.reindex(columns=[*frame.columns, *(c for c in _KEPT if c not in frame.columns)])
    frame = _single(frame, directed=about["edgedefault"] != "undirected")
    shapes = _shapes(frame, nodes, source.name)
    columns = {
        name: pa.array(_first(frame[name]), pa.large_string(), from_pandas=True)
        for name in (*_KEPT, "oneway")
    }
    row_no = np.arange(2, len(frame) + 2, dtype=np.int64)
    return RawTable(source.name, columns, row_no, shapes=shapes, crs=about.get("crs"))


def _parsed(
    source: Path,
) -> tuple[dict[str, tuple[float, float]], list[dict[str, str]], dict[str, str]]:
    raw = source.read_bytes()
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise FileRejected("file_unreadable", file=source.name, detail="DOCTYPE")
    try:
        root = ET.fromstring(raw)  # noqa: S314 - no document type, hence no entities
    except ET.ParseError as error:
        raise FileRejected("file_unreadable", file=source.name, detail=str(error)) from error
    keys = {key.get("id", ""): key.get("attr.name", "") for key in root.iter(f"{_NS}key")}
    graph = root.find(f"{_NS}graph")
    if graph is None:
        raise FileRejected("streets_missing", file=source.name)
    about = {"edgedefault": graph.get("edgedefault", "directed"), **_data(graph, keys)}
    return _nodes(graph, keys, source.name), _edges(graph, keys), about


def _data(element: Any, keys: Mapping[str, str]) -> dict[str, str]:
    return {
        keys.get(data.get("key"), data.get("key")): data.text or ""
        for data in element.findall(f"{_NS}data")
    }


def _nodes(graph: Any, keys: Mapping[str, str], file: str) -> dict[str, tuple[float, float]]:
    places = {}
    for node in graph.iter(f"{_NS}node"):
        data = _data(node, keys)
        try:
            places[node.get("id")] = (float(data["x"]), float(data["y"]))
        except (KeyError, ValueError) as error:
            raise FileRejected("file_unreadable", file=file, detail="node x, y") from error
    return places


def _edges(graph: Any, keys: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {**_data(edge, keys), "u": edge.get("source"), "v": edge.get("target")}
        for edge in graph.iter(f"{_NS}edge")
    ]


def _single(frame: pd.DataFrame, *, directed: bool) -> pd.DataFrame:
    """Each street once, with its direction: both where there and back are alike."""
    if not directed:
        return frame.assign(oneway="both")
    ends = np.sort(frame[["u", "v"]].to_numpy(dtype=str), axis=1)
    alike = pd.DataFrame(
        {
            "a": ends[:, 0],
            "b": ends[:, 1],
            "osmid": frame["osmid"].fillna("").map(_sorted_list),
            "length": pd.to_numeric(frame["length"], errors="coerce").round(1).fillna(-1),
        }
    )
    there = frame["u"].to_numpy(str) == ends[:, 0]
    groups = alike.groupby(list(alike.columns), sort=False).ngroup().to_numpy()
    size = np.bincount(groups)[groups]
    forward = np.bincount(groups, weights=there)[groups]
    both = (size == 2) & (forward == 1)  # noqa: PLR2004 - there and back
    keep = ~both | there
    named = frame.assign(oneway=np.where(both, "both", "forward"))
    return pd.DataFrame(named[keep]).reset_index(drop=True)


def _sorted_list(text: str) -> str:
    return ",".join(sorted(part.strip(" '\"") for part in text.strip("[]").split(",")))


def _shapes(frame: pd.DataFrame, nodes: Mapping[str, tuple[float, float]], file: str) -> Any:
    try:
        ends = [(nodes[u], nodes[v]) for u, v in zip(frame["u"], frame["v"], strict=True)]
    except KeyError as error:
        raise FileRejected("file_unreadable", file=file, detail=f"node {error}") from error
    shapes = np.asarray(shapely.linestrings(np.array(ends, dtype=float)), dtype=object)
    if "geometry" not in frame.columns:
        return shapes
    texts = frame["geometry"].astype(object).where(frame["geometry"].notna(), None).to_numpy()
    given = shapely.from_wkt(texts, on_invalid="ignore")
    has_own = ~shapely.is_missing(given)
    shapes[has_own] = given[has_own]
    return shapes


def _first(texts: pd.Series) -> Any:
    """Of a list written as text the first member."""
    return texts.astype("str").str.replace(_FIRST_OF_LIST, r"\1", regex=True)
