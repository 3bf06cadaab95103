"""What counts as evidence from a site: kinds, media types, whether bytes are what they claim."""

from typing import Final

KINDS: Final = ("photo", "audio", "video", "note")
KILOBYTE: Final = 1000
_JPEG, _PNG, _EBML, _OGG, _ID3 = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"\x1aE\xdf\xa3",
    b"OggS",
    b"ID3",
)
_RIFF, _FTYP = b"RIFF", b"ftyp"
_SYNC, _MPEG_AUDIO = b"\xff", b"\xe0"
_MEDIA: Final[dict[str, dict[str, str]]] = {
    "photo": {"image/jpeg": "jpeg", "image/png": "png", "image/webp": "webp", "image/heic": "iso"},
    "audio": {
        "audio/webm": "ebml", "audio/ogg": "ogg", "audio/mp4": "iso", "audio/mpeg": "mp3",
        "audio/wav": "wav", "audio/x-m4a": "iso",
    },
    "video": {"video/webm": "ebml", "video/mp4": "iso", "video/quicktime": "iso"},
}  # fmt: skip
"""Media types that browsers record and photograph in, by the container they come in."""


def media_types(kind: str) -> tuple[str, ...]:
    """Media types in which a kind of evidence may come."""
    return tuple(_MEDIA.get(kind, {}))


def fits(kind: str, media_type: str | None, content: bytes) -> bool:
    """Whether the media type belongs to the kind, and the content begins as such a file does."""
    plain = (media_type or "").partition(";")[0].strip().lower()
    wanted = _MEDIA.get(kind, {}).get(plain)
    return wanted is not None and container(content) == wanted


def container(content: bytes) -> str | None:
    """The container of a file by its first bytes, None where it is none of those known."""
    begins = {"jpeg": _JPEG, "png": _PNG, "ebml": _EBML, "ogg": _OGG, "mp3": _ID3}
    found = next((name for name, mark in begins.items() if content.startswith(mark)), None)
    if found is not None:
        return found
    if content[4:8] == _FTYP:
        return "iso"
    if content.startswith(_RIFF):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(content[8:12])
    is_mpeg = content[:1] == _SYNC and content[1:2] >= _MPEG_AUDIO
    return "mp3" if is_mpeg else None
