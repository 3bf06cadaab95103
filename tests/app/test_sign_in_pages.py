"""The pages before the app: complete without a script, in both languages, safe in what they say."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import Request

from app import language, sign_in_pages
from app.settings import Oidc, Settings
from app.store import meta
from app.store.database import Database
from app.use_cases import sample_accounts
from app.use_cases.actors import Actor
from app.use_cases.passwords import Argon2

OIDC = Oidc("https://id.example/x", "us", "secret", "https://g.example/oauth2callback", "sub", "x")


class Quick(Argon2):
    """Hashes nothing: these pages only show who there is."""

    def hashed(self, password: str) -> str:
        return f"plain {password}"


@pytest.fixture
def sample(tmp_path: Any) -> Iterator[Database]:
    """A database with the sample's accounts and nothing else."""
    with Database(tmp_path / "sample.duckdb") as db:
        hashes = sample_accounts.hashes(Quick())
        actor = Actor("cli:test", "test", role="admin")
        db.write(lambda connection: meta.set_value(connection, "origin", "sample"))
        db.write(lambda connection: sample_accounts.create(connection, actor, hashes))
        yield db


@pytest.fixture
def empty(tmp_path: Any) -> Iterator[Database]:
    """A database without anybody."""
    with Database(tmp_path / "empty.duckdb") as db:
        yield db


def asking(path: str = "/sign-in", query: str = "", accept: str = "en-US,en;q=0.9") -> Request:
    """Somebody who opens that address."""
    return Request(
        {"type": "http", "method": "GET", "path": path, "query_string": query.encode(),
         "headers": [(b"accept-language", accept.encode()), (b"host", b"here")]}
    )  # fmt: skip


def html(db: Database, request: Request, settings: Settings | None = None, **more: Any) -> str:
    """The sign-in page's text."""
    answer = sign_in_pages.sign_in(request, db, settings or Settings(), **more)
    return bytes(answer.body).decode()


def test_while_the_sample_runs_every_role_can_be_entered_with_one_click(sample: Database) -> None:
    page = html(sample, asking())
    for account in sample_accounts.shown(sample):
        role = language.say(f"role_{account.role}", "en")
        assert f">Enter as {role}</button>" in page
        assert f'name="password" value="{account.password}"' in page
    assert page.count("<button") == 10
    assert "gridcells users add" not in page


def test_without_any_account_the_page_says_how_the_first_is_made(empty: Database) -> None:
    page = html(empty, asking())
    assert "gridcells users add LOGIN --role admin" in page
    assert "Enter as" not in page
    empty.write(lambda connection: meta.set_value(connection, "origin", "loaded"))
    assert "The sample city&#x27;s accounts ended" in html(empty, asking())


def test_the_provider_is_offered_only_where_one_is_set_up(empty: Database) -> None:
    assert 'value="oidc"' not in html(empty, asking())
    assert 'value="oidc"' in html(empty, asking(), Settings(oidc=OIDC))


def test_nothing_on_the_pages_needs_a_script_or_another_host(sample: Database) -> None:
    page = html(sample, asking())
    assert "<script" not in page
    assert set(re.findall(r'https?://[^\s"\'<)]*', page)) <= {"http://www.w3.org/2000/svg"}
    answer = sign_in_pages.password(asking("/password"), is_first=True)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script" not in bytes(answer.body).decode()


@pytest.mark.parametrize("is_first", [True, False])
def test_every_field_has_a_label_and_the_first_has_the_cursor(
    sample: Database, is_first: bool
) -> None:
    other = bytes(sign_in_pages.password(asking(), is_first=is_first).body).decode()
    for page in (html(sample, asking()), other):
        fields = set(re.findall(r'<input id="(\w+)"', page))
        assert fields == set(re.findall(r'<label for="(\w+)"', page))
        assert page.count("autofocus") == 1


def test_what_was_typed_comes_back_as_text_and_never_the_password(sample: Database) -> None:
    answer = sign_in_pages.sign_in(
        asking(), sample, Settings(), error="sign_in_failed", login='"><img src=x>'
    )
    page = bytes(answer.body).decode()
    assert answer.status_code == 403
    assert 'role="alert"' in page
    assert "<img" not in page
    assert 'id="password" name="password" type="password" value=""' in page


def test_who_must_wait_is_told_so_by_the_answers_number_too(sample: Database) -> None:
    answer = sign_in_pages.sign_in(
        asking(), sample, Settings(), error="sign_in_wait", values={"seconds": 8}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "8")
    assert "8" in bytes(answer.body).decode()
    told = {"sign_in_locked": {"minutes": 15, "seconds": 890}, "sign_in_busy": {}}
    for error, values in told.items():
        answers = [
            sign_in_pages.sign_in(asking(), sample, Settings(), error=error, values=values),
            sign_in_pages.password(asking(), is_first=False, error=error, values=values),
        ]
        wait = str(values.get("seconds", 1))
        assert [one.headers["Retry-After"] for one in answers] == [wait, wait]
    calm = sign_in_pages.sign_in(asking(), sample, Settings(), error="sign_in_failed")
    assert "Retry-After" not in calm.headers


@pytest.mark.parametrize(
    ("query", "accept", "spoken"),
    [
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("", "de,en;q=0.7,zh;q=0.3", "en"),
        ("", "fr", "en"), ("", "", "en"), ("", "zh;q=0.2,en;q=0.9", "en"),
        ("lang=zh", "en", "zh"), ("lang=en", "zh", "en"), ("lang=xx", "zh-TW", "zh"),
    ],
)  # fmt: skip
def test_the_pages_speak_as_the_address_or_the_browser_asks(
    query: str, accept: str, spoken: str
) -> None:
    assert sign_in_pages.language_of(asking(query=query, accept=accept)) == spoken


def test_the_chinese_page_has_no_english_words(sample: Database) -> None:
    page = html(sample, asking(accept="zh"), Settings(oidc=OIDC))
    body = re.sub(r"<code>.*?</code>", "", page[page.index("<main>") :])
    shown = re.sub(r"<[^>]*>", " ", body)
    assert re.findall(r"[A-Za-z]{2,}", shown) == []


def test_the_reason_in_the_address_is_one_of_ours(sample: Database) -> None:
    assert 'role="status"' in html(sample, asking(query="why=session_ended"))
    assert 'role="status"' not in html(sample, asking(query="why=product"))


def test_the_ways_on_from_a_page_keep_its_language() -> None:
    asked = asking("/password", "lang=zh")
    page = bytes(sign_in_pages.password(asked, is_first=False).body).decode()
    assert 'href="/?lang=zh"' in page


def test_a_refusal_can_be_read_in_the_other_language_and_leads_on_in_its_own() -> None:
    asked = asking("/users", "lang=zh&x=%22%3E")
    page = bytes(sign_in_pages.refused(asked, "access_no_permission", {}).body).decode()
    assert 'href="/?lang=zh"' in page
    assert '<a href="/users?lang=en&amp;x=%22%3E" lang="en">' in page


def test_a_refusal_of_what_is_no_page_leads_nowhere_again() -> None:
    for path in ("//elsewhere.example/users", "/cells/1.bin"):
        answer = sign_in_pages.refused(asking(path), "access_no_permission", {})
        assert "elsewhere" not in bytes(answer.body).decode()
        assert 'lang="zh"' not in bytes(answer.body).decode()
