"""As much of the PDF format as tells what a sheet holds: pages, sizes, embedded fonts, texts."""

import re
import zlib
from dataclasses import dataclass

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\s*(.*?)\s*endobj", re.S)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\()])*)\)|\bET\b", re.S)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


@dataclass(frozen=True)
class Pdf:
    """sizes: width and height of each page in points; fonts: those embedded; texts: by page."""

    sizes: list[tuple[float, float]]
    fonts: set[str]
    texts: list[str]


def read_pdf(data: bytes) -> Pdf:
    """A PDF as matplotlib writes one, with fonts of CIDs and their Unicode tables."""
    objects = {int(n): body for n, body in _OBJECT.findall(data)}
    pages = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    boxes = [re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", page) for page in pages]
    fonts = _fonts(objects)
    names = {
        name.decode()
        for body in objects.values()
        for name in re.findall(rb"/FontName /\w+\+([\w-]+)", body)
        if b"/FontFile2" in body
    }
    return Pdf(
        [(float(box[1]), float(box[2])) for box in boxes if box is not None],
        names,
        [_text(_stream(objects[_number(page, b"Contents")]), fonts) for page in pages],
    )


def _number(body: bytes, name: bytes) -> int:
    found = re.search(rb"/" + name + rb" (\d+) 0 R", body)
    assert found is not None, name
    return int(found[1])


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]


def _fonts(objects: dict[int, bytes]) -> dict[bytes, dict[int, str]]:
    """What each font's codes mean, by the name it has on the pages."""
    named = {
        name: int(number)
        for body in objects.values()
        for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", body)
    }
    return {name: _meanings(_stream(objects[_to_unicode(objects, n)])) for name, n in named.items()}


def _to_unicode(objects: dict[int, bytes], number: int) -> int:
    return _number(objects[number], b"ToUnicode")


def _meanings(table: bytes) -> dict[int, str]:
    found = {}
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.S):
        for low, high, rest in re.findall(rb"<(\w+)>\s*<(\w+)>\s*(<\w+>|\[[^\]]*\])", part, re.S):
            first, last = int(low, 16), int(high, 16)
            codes = [_letters(one) for one in re.findall(rb"<(\w+)>", rest)]
            for k in range(last - first + 1):
                is_list = rest.startswith(b"[")
                found[first + k] = codes[k] if is_list else chr(ord(codes[0]) + k)
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.S):
        for code, text in re.findall(rb"<(\w+)>\s*<(\w+)>", part):
            found[int(code, 16)] = _letters(text)
    return found


def _letters(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be")


def _text(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    """The texts of a page, a line each."""
    parts, font = [], b""
    for match in _SHOWN.finditer(stream):
        if match[1]:
            font = match[1]
        elif match[2] is not None:
            codes = _ESCAPED.sub(_plain, match[2])
            pairs = zip(codes[::2], codes[1::2], strict=True)
            parts.append("".join(fonts[font].get(256 * a + b, "?") for a, b in pairs))
        else:
            parts.append("\n")
    return "".join(parts)


def _plain(match: "re.Match[bytes]") -> bytes:
    told = match[1]
    if told[:1].isdigit():
        return bytes([int(told, 8)])
    return _NAMED.get(told, told)
