import os
import sys
import time
from pathlib import Path

import pytest
from watched import family, memory_mb, watch


def python(text):
    return [sys.executable, "-c", text]


def test_output_last_words_and_exit_code_are_kept(tmp_path):
    told = "import sys; print('out'); print('words', file=sys.stderr); sys.exit(3)"
    ended = watch(python(told), tmp_path, limit_s=60)
    assert (ended.code, ended.out, ended.words, ended.is_too_slow) == (3, "out\n", "words\n", False)


def test_memory_of_children_counts(tmp_path):
    child = "import time; held = bytearray(80_000_000); time.sleep(1.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert watch(python(parent), tmp_path, limit_s=60).peak_mb > 80


def test_what_is_too_slow_is_ended_with_its_children(tmp_path):
    note = tmp_path / "pid"
    child = f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid()))"
    child += "; time.sleep(60)"
    parent = (
        "import subprocess, sys;"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True).wait()"
    )

    def wait_for_the_child(_spent, _peak):
        while not note.exists() or not note.read_text():
            time.sleep(0.02)

    ended = watch(python(parent), tmp_path, limit_s=0, tell=wait_for_the_child)
    assert ended.is_too_slow
    assert ended.code < 0
    _gone(int(note.read_text()))


def _gone(pid):
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":
            return
        time.sleep(0.02)
    pytest.fail(f"{pid} still runs")


def test_a_family_begins_with_itself():
    assert family(os.getpid())[0] == os.getpid()
    assert memory_mb([os.getpid()]) > 1
    assert memory_mb([]) == 0
