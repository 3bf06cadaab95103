"""The bytes of a text file as UTF-8, whatever its encoding, found out when not stated."""

import codecs
import re

from grid_cells.errors import FileRejected

_CHUNK = 16 * 1024 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_DAMAGE_SHARE = 0.02
"""A file whose non-ASCII bytes are broken more often is in another encoding."""
REPLACEMENT = "\ufffd"


def to_utf8(raw: bytes, *, encoding: str | None, file: str) -> bytes:
    """The text as UTF-8 without BOM and with unbroken characters.

    Stated encodings are obeyed. Otherwise: BOM, UTF-16 by its zero bytes, UTF-8, GB18030; a text
    that is UTF-8 or GB18030 but for a few broken bytes gets U+FFFD there. Raises FileRejected
    encoding_wrong, encoding_unknown.
    """
    if encoding is not None:
        return _stated(raw, encoding, file)
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return _recoded(raw[len(bom) :], name, "replace")
    wide = _wide_without_bom(raw)
    if wide:
        return _recoded(raw, wide, "replace")
    for name in ("utf-8", "gb18030"):
        try:
            return _recoded(raw, name, "strict")
        except UnicodeDecodeError:
            continue
    return _damaged(raw, file)


def _stated(raw: bytes, encoding: str, file: str) -> bytes:
    name = {"gbk": "gb18030", "gb2312": "gb18030"}.get(encoding.lower(), encoding)
    try:
        codec = codecs.lookup(name).name
        text = _recoded(raw, codec, "replace")
    except LookupError as error:
        raise FileRejected("encoding_unknown", file=file, encoding=encoding) from error
    text = text.removeprefix(codecs.BOM_UTF8)
    if _broken_share(text, raw) > _DAMAGE_SHARE:
        raise FileRejected("encoding_wrong", file=file, encoding=encoding)
    return text


def _wide_without_bom(raw: bytes) -> str | None:
    head = raw[:4096]
    if len(head) < 4 or 0 not in head:  # noqa: PLR2004 - two characters
        return None
    zeros_even, zeros_odd = head[0::2].count(0), head[1::2].count(0)
    if max(zeros_even, zeros_odd) * 5 < len(head) // 2:
        return None
    return "utf-16-le" if zeros_odd > zeros_even else "utf-16-be"


def _recoded(raw: bytes, name: str, errors: str) -> bytes:
    """Recoded in pieces, for a whole decoded text takes several times the room."""
    if name == "utf-8" and _is_utf8(raw):
        return raw
    decoder = codecs.getincrementaldecoder(name)(errors)
    parts = []
    for start in range(0, len(raw), _CHUNK):
        piece = raw[start : start + _CHUNK]
        parts.append(decoder.decode(piece, start + _CHUNK >= len(raw)).encode("utf-8", "replace"))
    return b"".join(parts)


def _is_utf8(raw: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for start in range(0, len(raw), _CHUNK):
            decoder.decode(raw[start : start + _CHUNK], start + _CHUNK >= len(raw))
    except UnicodeDecodeError:
        return False
    return True


def _broken_share(text: bytes, raw: bytes) -> float:
    foreign = len(_NOT_ASCII.findall(raw))
    return text.count(REPLACEMENT.encode()) / foreign if foreign else 0.0


def _damaged(raw: bytes, file: str) -> bytes:
    texts = [_recoded(raw, name, "replace") for name in ("utf-8", "gb18030")]
    shares = [_broken_share(text, raw) for text in texts]
    best = min(range(len(texts)), key=shares.__getitem__)
    few = texts[best].count(REPLACEMENT.encode()) <= _ALWAYS_FEW
    if shares[best] > _DAMAGE_SHARE and not (best == 0 and few and _is_mostly_ascii(raw)):
        raise FileRejected("encoding_unknown", file=file, encoding="")
    return texts[best]


_ALWAYS_FEW = 1_000


def _is_mostly_ascii(raw: bytes) -> bool:
    return len(_NOT_ASCII.findall(raw)) * 1_000 < len(raw)
