"""What is logged holds no phone, name, address or number of a customer."""

import io
import logging
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from app import logs
from grid_cells.errors import UserError

PHONE = "13800001111"
ROOT = Path(logs.__file__).parents[1]


@pytest.fixture
def log():
    """A logger of a library with a handler of its own, and what it wrote."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    factory = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logs.SafeRecord)
    yield logger, text
    logging.setLogRecordFactory(factory)
    logger.removeHandler(handler)


def logged(log, error):
    logger, text = log
    try:
        raise error
    except type(error):
        logger.exception("broke")
    return text.getvalue()


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("call 13800001111 now", "call … now"),
        ("call 138-0000-1111 or 138 0000 1111", "call … or …"),
        ("call +8613800001111", "call …"),
        ("customer 0000000007 has 12345 kWh", "customer … has 12345 kWh"),
        ("job 7 of 2026-07-16 took 1250 ms", "job 7 of 2026-07-16 took 1250 ms"),
        ("no such name: 'Ann O\\'Hara'", "no such name: '…'"),
        ("no such name: 'Ann O'Hara'", "no such name: '…'"),
        ("it doesn't matter", "it doesn't matter"),
        ("key \"Lin Wei\" is 'two'", "key \"…\" is '…'"),
        ("left open 'Lin Wei", "left open '…'"),
        ("left open 'Lin\\", "left open '…'"),
        ("bytes b'Lin'", "bytes '…'"),
        ("用户王强 is unknown, “Lin”", "… is unknown, “…”"),
        ("GET /customers?customer=abc&x=1 HTTP/1.1", "GET /customers?… HTTP/1.1"),
        ("GET /find/%E7%8E%8B%E5%BC%BA", "GET /find/…"),
        ("really?", "really?"),
    ],
)
def test_quoted_values_chinese_queries_and_long_numbers_are_masked(text, safe):
    assert logs.masked(text) == safe


def test_a_message_and_its_arguments_are_masked_in_any_librarys_handler(log):
    logger, text = log
    logger.warning("row %d of %s: %r", 7, PHONE, "Lin Wei")
    assert text.getvalue() == "WARNING some.library: row 7 of …: '…'\n"


def test_a_traceback_keeps_types_and_frames_and_loses_the_message(log):
    said = logged(log, ValueError(f"bad phone {PHONE} of 'Lin Wei' 王强"))
    assert PHONE not in said
    assert "Lin" not in said
    assert "王强" not in said
    assert "ValueError: bad phone … of '…' …" in said
    assert "test_logs.py" in said
    assert "in logged" in said


def test_a_users_error_keeps_its_code(log):
    said = logged(log, UserError("customer_unknown", customer="0000000007", name="王强"))
    assert "grid_cells.errors.UserError: customer_unknown(" in said
    assert "0000000007" not in said
    assert "王强" not in said


def test_the_databases_own_error_is_masked(log):
    name = "Lin"
    with pytest.raises(duckdb.ConversionException) as caught:
        duckdb.sql(f"SELECT CAST('{name} {PHONE}' AS INTEGER)").fetchall()
    assert PHONE in str(caught.value)
    said = logged(log, caught.value)
    assert "ConversionException: Conversion Error: Could not convert string" in said
    assert PHONE not in said
    assert "Lin " not in said


def test_causes_contexts_groups_and_notes_are_masked(log):
    inner = ValueError(f"in {PHONE}")
    inner.add_note(f"note {PHONE}")
    outer = RuntimeError(f"out {PHONE}")
    outer.__cause__ = inner
    said = logged(log, ExceptionGroup(f"all {PHONE}", [outer]))
    assert PHONE not in said
    for words in ("ExceptionGroup: all …", "RuntimeError: out …", "ValueError: in …", "note …"):
        assert words in said


def test_an_error_that_cannot_be_told_does_not_break_the_log(log):
    class Mute(Exception):
        def __str__(self):
            raise ValueError(PHONE)

    said = logged(log, Mute())
    assert "Mute: …" in said
    assert PHONE not in said


def test_the_servers_access_log_tells_the_path_without_its_query(log):
    record = logs.SafeRecord(
        "uvicorn.access", logging.INFO, "x.py", 1, '%s - "%s %s HTTP/%s" %d',
        ("127.0.0.1:50000", "GET", f"/customers?q={PHONE}", "1.1", 200), None,
    )  # fmt: skip
    assert record.args == ("127.0.0.1:50000", "GET", "/customers?…", "1.1", 200)
    assert PHONE not in record.getMessage()


def test_what_nobody_caught_is_logged_masked_in_every_thread():
    program = f"""
import logging, threading
from app import logs
logging.basicConfig()
logs.install()
thread = threading.Thread(target=lambda: int('Lin {PHONE}'))
thread.start(); thread.join()
import warnings; warnings.warn('call {PHONE}')
logging.getLogger('x').warning('too few %s %s', '{PHONE}')
class Falls:
    def __del__(self): raise ValueError('left {PHONE}')
Falls()
import streamlit.logger
streamlit.logger.get_logger('streamlit.x').warning('call {PHONE}')
raise KeyError('Lin {PHONE}')
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 1
    assert PHONE not in done.stderr
    assert "Lin" not in done.stderr
    for words in (
        "uncaught in a thread", "ValueError", "UserWarning: call …", "uncaught while tidying up",
        "streamlit.x: call …", "KeyError: '…'",
    ):  # fmt: skip
        assert words in done.stderr
