"""Coming in by a trusted proxy's header, and by what a provider vouches for."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from app.gate_identity import subject_of
from app.settings import Oidc, Proxy, Settings
from app.use_cases import sessions
from app.use_cases.clock import real_now
from grid_cells.errors import UserError

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HEADER = "X-Remote-User"
CELLS = "/cells/1/all/customers.bin"
Serving = Callable[..., AbstractContextManager[Any]]


@pytest.fixture(scope="module")
def proxied(serving: Serving) -> Iterator[Any]:
    """The town behind a proxy on this very machine."""
    proxy = Proxy(HEADER.lower(), (ip_network("127.0.0.1"),))
    with serving(Settings(proxy=proxy)) as running:
        yield running


def test_the_proxy_names_who_is_there_and_the_browser_keeps_the_session(proxied: Any) -> None:
    client = proxied.visitor(**{HEADER: "dispatcher"})
    opened = client.get("/today", headers=NAVIGATION)
    assert opened.status_code == 200
    assert "httponly" in opened.headers["set-cookie"].lower()
    assert client.get(CELLS).status_code == 200
    session = sessions.of_id(proxied.db, proxied.session_id(client), at=real_now())
    assert (session.way, session.actor.id) == ("proxy", "user:town-dispatcher")
    with proxied.socket(client, **{HEADER: "dispatcher"}) as line:
        assert line.protocol.state.name == "OPEN"


def test_only_opening_a_page_begins_a_session(proxied: Any) -> None:
    assert proxied.visitor(**{HEADER: "dispatcher"}).get(CELLS).status_code == 403


def test_a_session_of_the_proxys_needs_the_same_name_every_time(proxied: Any) -> None:
    client = proxied.visitor(**{HEADER: "dispatcher"})
    client.get("/today", headers=NAVIGATION)
    assert client.get(CELLS, headers={HEADER: "manager"}).status_code == 403
    assert proxied.refusals()[-1]["code"] == "sign_in_proxy_differs"
    del client.headers[HEADER]
    assert client.get(CELLS).status_code == 403
    with pytest.raises(InvalidStatus):
        proxied.socket(client)
    with pytest.raises(InvalidStatus):
        proxied.socket(client, **{HEADER: "manager"})


def test_another_name_on_a_page_begins_that_persons_own_session(proxied: Any) -> None:
    client = proxied.visitor(**NAVIGATION)
    client.get("/today", headers={HEADER: "dispatcher"})
    assert client.get("/today", headers={HEADER: "manager"}).status_code == 200
    client.headers[HEADER] = "manager"
    assert client.get(CELLS).status_code == 200


@pytest.mark.parametrize("extra", [("X-Remote-User", "admin"), ("X_Remote_User", "admin")])
def test_a_header_that_comes_twice_names_nobody(proxied: Any, extra: tuple[str, str]) -> None:
    headers = [("X-Remote-User", "dispatcher"), extra, *NAVIGATION.items()]
    assert proxied.visitor().get("/today", headers=headers).status_code == 403


def test_a_name_without_an_account_is_told_so(proxied: Any) -> None:
    answer = proxied.visitor(**{HEADER: "stranger"}).get("/today", headers=NAVIGATION)
    assert answer.status_code == 403
    assert 'role="alert"' in answer.text
    assert proxied.refusals()[-1]["code"] == "sign_in_no_account"


def test_local_accounts_still_get_in_past_the_proxys_sign_in(proxied: Any) -> None:
    assert proxied.person("admin").get(CELLS).status_code == 200


def test_the_header_of_any_other_peer_is_worth_nothing(serving: Serving) -> None:
    elsewhere = Proxy(HEADER.lower(), (ip_network("10.9.9.9"),))
    with serving(Settings(proxy=elsewhere)) as running:
        forged = {HEADER: "admin", "X-Forwarded-For": "10.9.9.9", **NAVIGATION}
        assert running.visitor(**forged).get("/today").status_code == 403
        with pytest.raises(InvalidStatus):
            running.socket(None, **{HEADER: "admin"})
        planner = running.person("planner", **{HEADER: "admin"})
        assert planner.get("/_stcore/metrics").status_code == 403
        with running.socket(planner, **{HEADER: "admin"}) as line:
            assert line.protocol.state.name == "OPEN"


# --- what a provider vouches for ---------------------------------------------------------------

NOW = datetime(2026, 7, 16, tzinfo=UTC)
OIDC = Oidc("https://id.example/.well-known/openid-configuration", "us", "secret",
            "https://grid.example/oauth2callback", "sub", "https://id.example")  # fmt: skip
GOOD = {
    "iss": "https://id.example",
    "aud": "us",
    "sub": "lin",
    "exp": (NOW + timedelta(hours=1)).timestamp(),
    "is_logged_in": True,
    "origin": "https://grid.example",
}


@pytest.mark.parametrize(
    "more", [{}, {"aud": ["us"]}, {"azp": "us"}, {"aud": ["other", "us"], "azp": "us"}]
)
def test_a_token_for_us_names_its_subject(more: Mapping[str, object]) -> None:
    assert subject_of({**GOOD, **more}, OIDC, NOW) == "lin"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"aud": ["other"], "azp": "us"}, "sign_in_wrong_client"),
        ({"aud": "other"}, "sign_in_wrong_client"),
        ({"aud": None}, "sign_in_wrong_client"),
        ({"aud": ["us", "other"]}, "sign_in_wrong_client"),
        ({"aud": ["us", "other"], "azp": "other"}, "sign_in_wrong_client"),
        ({"azp": "other"}, "sign_in_wrong_client"),
        ({"iss": "https://evil.example"}, "sign_in_wrong_issuer"),
        ({"origin": "https://evil.example"}, "sign_in_wrong_issuer"),
        ({"exp": NOW.timestamp()}, "sign_in_stale"),
        ({"exp": None}, "sign_in_stale"),
        ({"is_logged_in": False}, "sign_in_stale"),
        ({"sub": ""}, "sign_in_no_account"),
        ({"sub": ["lin"]}, "sign_in_no_account"),
    ],
)
def test_a_token_that_is_not_for_us_and_now_names_nobody(
    more: Mapping[str, object], code: str
) -> None:
    with pytest.raises(UserError) as refused:
        subject_of({**GOOD, **more}, OIDC, NOW)
    assert refused.value.code == code
