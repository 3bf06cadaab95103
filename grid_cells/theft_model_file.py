"""A model as bytes: a zip of JSON and LightGBM's own text. Nothing in it can run."""

import io
import json
import zipfile
import zlib
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from grid_cells.errors import UserError
from grid_cells.theft_crowd import Crowd
from grid_cells.theft_drift import Spread
from grid_cells.theft_features import FeatureRecipe
from grid_cells.theft_models import TheftModel
from grid_cells.theft_peers import PeerNorms

FORMAT = "grid-cells-theft-model"
VERSION = 1
_HEAD = "model.json"
_LARGEST = 500_000_000
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, ValueError, KeyError, TypeError, AttributeError, RuntimeError,
    NotImplementedError, OverflowError, EOFError,
)  # fmt: skip
_MOMENT = (1980, 1, 1, 0, 0, 0)


def pack(model: TheftModel) -> bytes:
    """The model's file; equal models give equal bytes."""
    head = {
        "format": FORMAT,
        "version": VERSION,
        "recipe": asdict(model.recipe),
        "members": [list(at) for at, _ in model.members],
        "slope": model.slope,
        "offset": model.offset,
        "spreads": {name: asdict(spread) for name, spread in model.spreads.items()},
        "score_spread": asdict(model.score_spread),
        "card": dict(model.card),
    }
    texts = {_HEAD: json.dumps(head, ensure_ascii=False, sort_keys=True)}
    texts |= {_member(k): text for k, (_, text) in enumerate(model.members)}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in texts.items():
            info = zipfile.ZipInfo(name, _MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text)
    return stream.getvalue()


def unpack(content: bytes, file: str) -> TheftModel:
    """The model of a file's bytes.

    Raises UserError `theft_model_invalid` (file, why) for anything that `pack` has not made.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            head = _head(archive)
            texts = [archive.read(_member(k)).decode() for k in range(len(head["members"]))]
        model = _model_of(head, texts)
        _check(model)
    except _DAMAGE as error:
        raise UserError("theft_model_invalid", file=file, why=str(error)[:120]) from error
    return model


def _head(archive: zipfile.ZipFile) -> dict[str, Any]:
    if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
        raise ValueError("size")
    head: dict[str, Any] = json.loads(archive.read(_HEAD))
    if head.get("format") != FORMAT or head.get("version") != VERSION:
        raise ValueError(f"{head.get('format')} {head.get('version')}")
    return head


def digest(content: bytes) -> str:
    """The SHA-256 of bytes, in hex."""
    return sha256(content).hexdigest()


def _member(number: int) -> str:
    return f"member_{number:02d}.txt"


def _model_of(head: dict[str, Any], texts: list[str]) -> TheftModel:
    given = head["recipe"]
    norms = PeerNorms(
        tuple(tuple(names) for names in given["norms"]["groupings"]),
        {g: {k: tuple(v) for k, v in u.items()} for g, u in given["norms"]["usual"].items()},
    )
    recipe = FeatureRecipe(
        given["block"], int(given["periods"]), tuple(given["names"]),
        {name: tuple(known) for name, known in given["categories"].items()},
        dict(given["commonest"]), norms, _crowd(given["crowd"]),
        {name: float(value) for name, value in given.get("usual_figures", {}).items()},
        tuple(map(float, given.get("season", ()))),
        tuple(map(float, given.get("usual_energy", ()))),
    )  # fmt: skip
    members = tuple((tuple(at), text) for at, text in zip(head["members"], texts, strict=True))
    return TheftModel(
        recipe, members, float(head["slope"]), float(head["offset"]),
        {name: _spread(one) for name, one in head["spreads"].items()},
        _spread(head["score_spread"]), head["card"],
    )  # fmt: skip


def _crowd(given: dict[str, Any]) -> Crowd:
    return Crowd(
        int(given["rows"]), tuple(given["zero_share"]), tuple(given["changes"]),
        dict(given["patterns"]),
    )  # fmt: skip


def _spread(given: dict[str, Any]) -> Spread:
    return Spread(tuple(given["cuts"]), tuple(given["shares"]))


def _check(model: TheftModel) -> None:
    """Raise ValueError where positions, texts or the card cannot belong to a model."""
    count = len(model.recipe.names)
    for at, text in model.members:
        if any(not 0 <= k < count for k in at):
            raise ValueError("members")
        if not text.startswith("tree\n") or _feature_count(text) != len(at):
            raise ValueError("LightGBM")
    if not model.members or set(model.spreads) != set(model.recipe.names):
        raise ValueError("spreads")
    if not isinstance(model.card.get("mapping"), str):
        raise ValueError("card")  # noqa: TRY004 - the file's fault, not the caller's


def _feature_count(text: str) -> int:
    import lightgbm as lgb  # noqa: PLC0415 - half a second that other commands save

    try:
        return int(lgb.Booster(model_str=text).num_feature())
    except lgb.basic.LightGBMError as error:
        raise ValueError("LightGBM") from error
