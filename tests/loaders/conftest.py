"""What the loader tests share: a place to write small files, and the everyday options."""

from collections.abc import Callable
from pathlib import Path

import pytest

from loaders.contract import LoadOptions

Write = Callable[[str, str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(name: str, content: str | bytes) -> Path:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        target.write_bytes(raw)
        return target

    return _write


@pytest.fixture
def wgs84() -> LoadOptions:
    return LoadOptions(datum="wgs84", timezone="Asia/Shanghai")
