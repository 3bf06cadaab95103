"""The gate: nobody gets in without a session, and nobody by somebody else's."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.routing import Mount, Route, WebSocketRoute
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app import gate_refusals, gate_routes
from app.gate_identity import Identity, source_of
from app.gate_refusals import Refusals
from app.gate_routes import requirement_of, safe_next
from app.gate_sockets import is_of_person
from app.navigation import ENTRIES
from app.settings import Proxy, Settings, read_settings
from app.store import users as user_store
from app.use_cases import sessions
from app.use_cases.clock import real_now
from app.use_cases.refusal_budgets import Refusal

NAVIGATION = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
CELLS = "/cells/1/all/customers.bin"
CLOSED = [
    "/", "/today", "/home", "/audit", CELLS, "/media/0.csv", "/assets/static/hex_layer.js",
    "/assets/basemap.pmtiles", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics",
    "/_stcore/agent/openapi.json", "/component/x/index.html", "/favicon.png", "/password",
    "/auth/login", "/auth/logout", "/oauth2callback", "/no/such/address", "/command",
]  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_nothing_is_open_without_a_session_and_each_try_is_recorded(served: Any, path: str) -> None:
    before = len(served.refusals())
    answer = served.visitor().get(path)
    row = served.refusals()[before]
    assert answer.status_code == 403
    assert row["actor"] == "nobody"
    assert row["asked"].startswith("GET ")
    assert served.db.path.name not in answer.text


def test_health_says_one_word_to_anybody(served: Any) -> None:
    answer = served.visitor().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_every_route_of_the_running_app_stands_in_the_table(served: Any) -> None:
    found = list(_routes(served.app._starlette_app.routes))
    unknown = [(m, p) for m, p in found if requirement_of(m, p).route == "unknown address"]
    assert len(found) > 30
    assert unknown == []
    assert requirement_of("GET", "/_stcore/agent/anything").kind == "refused"


def _routes(routes: list[Any]) -> Iterator[tuple[str, str]]:
    for route in routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or ())
        elif isinstance(route, WebSocketRoute):
            yield gate_routes.SOCKET, route.path
        else:
            # Streamlit's static files: the bundle, and every page's address
            assert isinstance(route, Mount)
            assert route.path == ""
            yield from (("GET", f"/{entry.code}") for entry in ENTRIES)
            yield "GET", "/static/{path:path}"


def test_a_person_who_opens_a_page_is_asked_to_sign_in_and_lands_there(served: Any) -> None:
    client = served.visitor(**NAVIGATION)
    asked = client.get("/customers?find=x&lang=en")
    assert asked.status_code == 403
    assert 'name="next" value="/customers?find=x&amp;lang=en"' in asked.text
    assert asked.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'self'" in asked.headers["content-security-policy"]
    form = {"login": "manager", "password": "a walk along the river", "next": "/customers?find=x"}
    entered = client.post("/sign-in", data=form)
    assert (entered.status_code, entered.headers["location"]) == (303, "/customers?find=x")
    assert client.get("/customers").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(served: Any) -> None:
    client = served.visitor()
    form = {"login": "manager", "password": "a walk along the river"}
    cookie = client.post("/sign-in", data=form).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    https = {"Origin": f"https://{client.base_url.netloc.decode()}"}
    assert (
        "secure" in client.post("/sign-in", data=form, headers=https).headers["set-cookie"].lower()
    )


@pytest.mark.parametrize(
    "wished",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "/%0d%0aX:1", "/sign-out"],
)
def test_nobody_is_sent_elsewhere_after_signing_in(served: Any, wished: str) -> None:
    form = {"login": "manager", "password": "a walk along the river", "next": wished}
    assert served.visitor().post("/sign-in", data=form).headers["location"] == "/"
    assert safe_next(wished) == "/"


def test_after_signing_out_the_cookie_opens_nothing_any_more(served: Any) -> None:
    client = served.person("dispatcher")
    token = client.cookies["gridcells_session"]
    assert client.get(CELLS).status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get(CELLS).status_code == 403
    replayed = served.visitor(Cookie=f"gridcells_session={token}").get(CELLS)
    assert replayed.status_code == 403
    assert served.refusals()[-1]["code"] == "session_ended"


def test_two_different_cookies_are_nobodys(served: Any) -> None:
    token = served.person("dispatcher").cookies["gridcells_session"]
    both = f"gridcells_session={token}; gridcells_session=other"
    assert served.visitor(Cookie=both).get(CELLS).status_code == 403


def test_a_page_that_the_role_may_not_use_says_why(served: Any) -> None:
    planner = served.person("planner", **NAVIGATION)
    answer = planner.get("/audit")
    assert answer.status_code == 403
    assert "may not read the audit" in answer.text
    row = served.refusals()[-1]
    assert row == {
        "actor": "user:town-planner",
        "code": "access_no_permission",
        "asked": "GET /audit",
    }
    assert served.person("auditor", **NAVIGATION).get("/audit").status_code == 200


def test_metrics_are_for_those_who_look_after_the_store(served: Any) -> None:
    assert served.person("manager").get("/_stcore/metrics").status_code == 403
    assert served.person("admin").get("/_stcore/metrics").status_code == 200


def test_agents_and_unknown_addresses_are_refused_to_the_admin_too(served: Any) -> None:
    admin = served.person("admin")
    assert admin.post("/_stcore/agent/mcp").status_code == 403
    assert admin.get("/_stcore/agent/openapi.json").status_code == 403
    assert admin.get("/no/such/address").status_code == 403
    assert admin.put("/today").status_code == 403


def test_cells_of_a_unit_outside_the_scope_are_refused_and_recorded(served: Any) -> None:
    limited = served.person("planner_north")
    assert limited.get("/cells/1/unit:S1/customers.bin").status_code == 200
    answer = limited.get("/cells/1/unit:S2/customers.bin")
    assert answer.status_code == 403
    assert served.refusals()[-1]["actor"] == "user:town-planner_north"


def test_a_measure_that_nobody_knows_is_not_there(served: Any) -> None:
    assert served.person("manager").get("/cells/1/all/nothing.bin").status_code == 404


@pytest.mark.parametrize(
    "name", ["X-Gridcells-Session", "x-gridcells-session", "X_Gridcells_Session"]
)
def test_a_forged_session_header_is_worth_nothing(served: Any, name: str) -> None:
    admin = served.session_id(served.person("admin"))
    assert served.visitor().get("/_stcore/metrics", headers={name: admin}).status_code == 403
    planner = served.person("planner")
    assert planner.get("/_stcore/metrics", headers={name: admin}).status_code == 403
    with served.socket(planner, **{name: admin}):
        assert _streamlit_id(served, planner)
        assert admin not in served.gate.ownership._owners.values()


def test_the_app_sees_only_the_headers_that_the_gate_has_set(served: Any) -> None:
    identity = Identity(lambda: served.db, Settings(proxy=Proxy("x-login", ())))
    forged = [(b"x-gridcells-session", b"1"), (b"X_GRIDCELLS_SESSION", b"2"), (b"x_login", b"3"),
              (b"x-login", b"4"), (b"accept", b"*/*")]  # fmt: skip
    session = SimpleNamespace(session_id="mine")
    seen = identity.cleaned({"type": "http", "headers": forged}, session)  # type: ignore[arg-type]
    assert seen["headers"] == [(b"accept", b"*/*"), (b"x-gridcells-session", b"mine")]
    assert identity.cleaned({"type": "http", "headers": forged}, None)["headers"] == [
        (b"accept", b"*/*")
    ]


def test_a_forwarded_address_does_not_pass_for_the_peer(served: Any) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    client = served.visitor(**forwarded)
    form = {"login": "manager", "password": "a walk along the river"}
    assert "secure" not in client.post("/sign-in", data=form).headers["set-cookie"].lower()
    before = _peer_of_last(served, served.visitor())
    assert _peer_of_last(served, served.visitor(**forwarded)) == before


def _peer_of_last(served: Any, client: httpx.Client) -> str:
    client.get("/no/such/address")
    rows = served.db.query(
        "SELECT detail->>'peer' AS peer FROM audit_log WHERE event = 'access_refused'"
        " ORDER BY event_id DESC LIMIT 1"
    )
    return str(rows["peer"].iloc[0])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/password"])
def test_a_form_on_another_site_does_nothing(
    served: Any, path: str, headers: dict[str, str]
) -> None:
    client = served.person("manager")
    form = {"login": "admin", "password": "a walk along the river"}
    answer = client.post(path, data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert served.refusals()[-1]["code"] == "sign_in_cross_site"
    assert client.get(CELLS).status_code == 200


def test_the_first_password_must_be_changed_before_anything_else(served: Any) -> None:
    _demand_change(served, "clerk")
    client = served.visitor(**NAVIGATION)
    form = {"login": "clerk", "password": "a walk along the river"}
    assert client.post("/sign-in", data=form).headers["location"] == "/password"
    assert client.get("/today").headers["location"] == "/password"
    assert client.get(CELLS, headers={"Accept": "*/*"}).status_code == 403
    with pytest.raises(InvalidStatus):
        served.socket(client)
    assert "autofocus" in client.get("/password").text
    wrong = client.post("/password", data={"old": form["password"], "new": "a", "again": "b"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (403, True)
    changed = {"old": form["password"], "new": "seven green hills", "again": "seven green hills"}
    assert client.post("/password", data=changed).status_code == 303
    assert client.get("/today").status_code == 200


def _demand_change(served: Any, login: str) -> None:
    def change(connection: Any) -> None:
        user = user_store.by_login(connection, login)
        kept = user_store.password_hash(connection, user.user_id)
        user_store.set_password(connection, user.user_id, kept, must_change=True, at=real_now())

    served.db.write(change)
    sessions.tell_ended(set())


# --- sockets -----------------------------------------------------------------------------------


def test_no_socket_opens_without_a_session(served: Any) -> None:
    before = len(served.refusals())
    with pytest.raises(InvalidStatus) as refused:
        served.socket(None)
    assert refused.value.response.status_code == 403
    assert served.refusals()[before]["asked"] == "WEBSOCKET /_stcore/stream"


def test_no_socket_opens_for_a_page_of_another_site(served: Any) -> None:
    with pytest.raises(InvalidStatus):
        served.socket(served.person("manager"), Origin="http://localhost:1")


def test_a_revoked_session_loses_its_open_sockets_at_once(served: Any) -> None:
    client = served.person("manager")
    with served.socket(client) as one, served.socket(client) as two:
        sessions.sign_out(served.db, served.session_id(client), at=real_now(), why="ended")
        for line in (one, two):
            farewell = ForwardMsg.FromString(line.recv(timeout=5))
            assert farewell.auth_redirect.url == "/sign-in?why=session_ended"
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(timeout=5)
            assert closed.value.rcvd.code == 1008


def test_a_session_that_runs_out_loses_its_socket_though_nobody_says_a_word(served: Any) -> None:
    client = served.person("analyst")
    with served.socket(client) as line:
        past = real_now() - timedelta(minutes=1)
        served.db.write(
            lambda connection: connection.execute(
                "UPDATE sessions SET expires_at = ? WHERE session_id = ?",
                [past, served.session_id(client)],
            )
        )
        for live in served.gate.sockets.of({_id_of(client, served)}):
            live.session = SimpleNamespace(session_id=live.session_id, expires_at=past)
        farewell = ForwardMsg.FromString(line.recv(timeout=10))
    assert farewell.auth_redirect.url == "/sign-in?why=session_expired"


def _id_of(client: httpx.Client, served: Any) -> str:
    token = client.cookies["gridcells_session"]
    row = served.db.read().execute(
        "SELECT session_id FROM sessions WHERE token_sha256 = ?", [_sha256(token)]
    )
    return str(row.fetchone()[0])


def _sha256(text: str) -> str:
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(text.encode()).hexdigest()


def test_a_message_on_a_session_that_ended_unseen_is_not_passed_on(served: Any) -> None:
    client = served.person("analyst")
    with served.socket(client) as line:
        identifier = served.session_id(client)
        served.db.write(
            lambda connection: connection.execute(
                "UPDATE sessions SET ended_at = now() WHERE session_id = ?", [identifier]
            )
        )
        line.send(_rerun())
        farewell = ForwardMsg.FromString(line.recv(timeout=5))
    assert farewell.auth_redirect.url == "/sign-in?why=session_ended"


def test_another_persons_streamlit_session_is_not_taken_over(served: Any) -> None:
    manager, crew = served.person("manager"), served.person("crew")
    with served.socket(manager) as line:
        theirs = _streamlit_id(served, manager)
        with served.socket(crew, existing=theirs):
            own = _streamlit_id(served, crew)
            assert own != theirs
            assert served.gate.ownership.owns_socket(served.session_id(manager), theirs)
        line.send(_rerun())
        assert line.recv(timeout=20)
    _wait(lambda: "socket_foreign" in [row["code"] for row in served.refusals()])


def test_ones_own_streamlit_session_is_taken_up_again(served: Any) -> None:
    client = served.person("manager")
    with served.socket(client):
        before = _streamlit_id(served, client)
    with served.socket(client, existing=before):
        assert _streamlit_id(served, client) == before


def test_a_file_is_only_for_the_session_whose_page_offered_it(served: Any) -> None:
    owner, other, again = (served.person(login) for login in ("admin", "manager", "admin"))
    address = _offer(served, owner)
    given = owner.get(address)
    assert (given.status_code, given.text) == (200, "customer_no,phone")
    assert given.headers["cache-control"] == "private, no-store"
    assert other.get(address).status_code == 403
    assert again.get(address).status_code == 403
    assert served.refusals()[-1]["code"] == "file_not_yours"
    owner.post("/sign-out")
    assert owner.get(address).status_code == 403


def test_a_file_made_on_the_click_is_for_that_session_alone(served: Any) -> None:
    owner, other = served.person("admin"), served.person("manager")
    served.gate.ownership._owners["dontcare"] = served.session_id(owner)
    files = Runtime.instance().media_file_mgr
    made = files.execute_deferred(files.add_deferred(lambda: b"late", "text/csv", "2", "b.csv"))
    assert owner.get(made).text == "late"
    assert other.get(made).status_code == 403


def test_nobody_uploads_into_another_persons_session(served: Any) -> None:
    owner, other = served.person("admin"), served.person("manager")
    with served.socket(owner):
        theirs = _streamlit_id(served, owner)
        path = f"/_stcore/upload_file/{theirs}/file"
        assert other.put(path, files={"file": b"x"}).status_code == 403
        assert served.refusals()[-1]["code"] == "file_not_yours"
        xsrf = owner.get("/_stcore/health").cookies["_streamlit_xsrf"]
        mine = owner.put(path, files={"file": b"x"}, headers={"X-Xsrftoken": xsrf})
        assert mine.status_code == 204


def _rerun() -> bytes:
    message = BackMsg()
    message.rerun_script.query_string = ""
    return message.SerializeToString()


def _offer(served: Any, owner: httpx.Client) -> str:
    """Address of a download as a page offers it; outside a script the session is `dontcare`."""
    served.gate.ownership._owners["dontcare"] = served.session_id(owner)
    files = Runtime.instance().media_file_mgr
    return str(files.add(b"customer_no,phone", "text/csv", "1", "a.csv"))


def _streamlit_id(served: Any, client: httpx.Client) -> str:
    owner = served.session_id(client)
    owners = served.gate.ownership._owners
    _wait(lambda: owner in owners.values() or owner in served.gate.ownership._owners.values())
    return next(one for one, whose in served.gate.ownership._owners.items() if whose == owner)


def _wait(is_so: Any) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


# --- what is recorded --------------------------------------------------------------------------


def test_a_flood_of_refusals_fills_neither_the_audit_nor_the_memory(town_database: Any) -> None:
    now = [1000.0]
    refusals = Refusals(lambda: town_database, clock=lambda: now[0])
    same = [
        refusals._offer(Refusal("session_none", "GET /today", peer="10.0.0.1")) for _ in range(500)
    ]
    assert sum(one is not None for one in same) == 20
    now[0] += 5
    later = refusals._offer(Refusal("session_none", "GET /today", peer="10.0.0.1"))
    later.result(timeout=10)
    sql = "SELECT detail FROM audit_log WHERE event = 'access_refused' ORDER BY event_id"
    rows = [str(row[0]) for row in town_database.read().execute(sql).fetchall()]
    assert len(rows) == 21
    assert '"repeated": "480"' in rows[-1]
    assert not any("10.0.0.1" in row for row in rows)
    for place in range(5000):
        refusals._offer(
            Refusal("session_none", "GET /today", peer=f"10.1.{place // 250}.{place % 250}")
        )
    assert len(refusals._budgets._kinds) == 4096
    refusals.close()
    assert town_database.read().execute(f"SELECT count(*) FROM ({sql})").fetchone()[0] < 2100
    assert told_of(town_database) == 500 + 1 + 5000


def told_of(db: Any) -> int:
    """Refusals that the audit tells of: a row stands for itself and those it says were repeated."""
    frame = db.query(
        "SELECT detail->>'repeated' AS n, detail->>'permission' IS NULL AS is_count FROM audit_log"
        " WHERE event = 'access_refused'"
    )
    alone = int((~frame["is_count"]).sum())
    return alone + int(frame["n"].fillna("0").astype("int64").sum())


def test_a_flood_of_nobodys_leaves_everybody_elses_refusals_as_they_are(
    town_database: Any,
) -> None:
    now = [1000.0]
    refusals = Refusals(lambda: town_database, clock=lambda: now[0])
    for n in range(9000):
        refusals._offer(Refusal("session_none", f"GET /{n % 150}", peer=f"10.0.0.{n % 200}"))
    mine = [
        refusals._offer(
            Refusal("access_no_permission", f"GET /{n}", actor_id="user:1", peer="10.0.0.1")
        )
        for n in range(6)
    ]
    theirs = refusals._offer(Refusal("access_no_permission", "GET /1", actor_id="user:2"))
    assert all(one is not None for one in (*mine, theirs))
    for one in (*mine, theirs):
        one.result(timeout=20)
    rows = town_database.query(
        "SELECT actor, count(*) AS n FROM audit_log WHERE event = 'access_refused' GROUP BY 1"
    ).set_index("actor")["n"]
    assert (rows["user:1"], rows["user:2"]) == (6, 1)
    refusals.close()
    assert told_of(town_database) == 9007


def test_one_persons_flood_takes_nothing_from_another(town_database: Any) -> None:
    refusals = Refusals(lambda: town_database, clock=lambda: 1000.0)
    for n in range(1000):
        refusals._offer(Refusal("access_no_permission", f"GET /{n}", actor_id="user:1"))
    assert refusals._offer(Refusal("access_no_permission", "GET /1", actor_id="user:2"))
    refusals.close()
    assert told_of(town_database) == 1001


def test_what_was_only_counted_is_written_after_a_while_and_never_lost(
    town_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_refusals, "FLUSH_EVERY_S", 0.2)
    fails = [False]

    def opened() -> Any:
        if fails[0] and threading.current_thread().name == "refusals":
            fails[0] = False
            raise OSError("the disk is full")
        return town_database

    refusals = Refusals(opened, clock=lambda: 1000.0)
    for n in range(50):
        refusals._offer(Refusal("session_none", "GET /today", peer=f"10.0.0.{n % 2}"))
    _wait(lambda: told_of(town_database) == 50)
    last = town_database.query(
        "SELECT detail FROM audit_log WHERE event = 'access_refused' ORDER BY event_id DESC LIMIT 1"
    )["detail"][0]
    assert '"peer": "several"' in last
    assert '"repeated": "10"' in last
    fails[0] = True
    refusals._offer(Refusal("session_none", "GET /today", actor_id="user:1"))
    _wait(lambda: told_of(town_database) == 51)


def test_a_method_that_nobody_knows_is_not_written_down(served: Any) -> None:
    answer = served.visitor().request("ZHANGSAN13977700123", "/today")
    assert answer.status_code == 400  # the server itself reads no such method
    assert served.visitor().request("PROPFIND", "/today").status_code == 403
    assert served.refusals()[-1]["asked"] == "OTHER unknown address"
    assert all("ZHANGSAN" not in str(one) for one in served.refusals())
    assert requirement_of("M7", "/today") == requirement_of("M8", "/today")


def test_counts_are_written_when_the_server_stops(serving: Any) -> None:
    with serving() as running:
        for _ in range(30):
            running.visitor().get("/no/such/address")
        db = running.db
        running.refusals()
        assert told_of(db) == 20
        running.stop()
        _wait(lambda: told_of(db) == 30)


# --- settings ----------------------------------------------------------------------------------


def test_without_a_word_in_the_environment_only_local_accounts_sign_in() -> None:
    assert read_settings({"PATH": "/bin"}) == Settings()


def test_half_a_provider_is_no_provider() -> None:
    with pytest.raises(Exception, match="settings_incomplete") as refused:
        read_settings({"GRIDCELLS_OIDC_CLIENT_ID": "us"})
    assert "GRIDCELLS_OIDC_METADATA_URL" in refused.value.values["missing"]


def test_a_proxy_is_known_by_its_socket_address_however_it_is_written() -> None:
    given = {"GRIDCELLS_PROXY_HEADER": "X-Login", "GRIDCELLS_PROXY_PEER": "10.0.0.5, 10.1.0.0/16"}
    proxy = read_settings(given).proxy
    assert proxy is not None
    known = ["10.0.0.5", "::ffff:10.0.0.5", "10.1.2.3"]
    assert [proxy.is_peer(address) for address in known] == [True, True, True]
    assert [proxy.is_peer(address) for address in ("10.0.0.6", "", "x")] == [False, False, False]


@pytest.mark.parametrize(
    ("forwarded", "source"),
    [
        ([], "127.0.0.1"),
        (["198.51.100.7"], "198.51.100.7"),
        (["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        (["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
        (["198.51.100.7, nonsense"], "127.0.0.1"),
        (["198.51.100.7, nonsense, 10.1.2.3"], "10.1.2.3"),
        (["10.1.2.3"], "10.1.2.3"),
        (["2001:db8::1:2:3:4"], "2001:db8::/64"),
    ],
)
def test_the_rightmost_address_that_no_trusted_proxy_has_is_where_a_request_began(
    forwarded: list[str], source: str
) -> None:
    trusting = read_settings({"GRIDCELLS_TRUSTED_PROXIES": "127.0.0.1, 10.1.0.0/16"})
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    scope = {"type": "http", "client": ("127.0.0.1", 50000), "headers": headers}
    assert source_of(scope, trusting) == source
    assert source_of(scope, Settings()) == "127.0.0.1"
    assert source_of({**scope, "client": ("192.0.2.1", 50000)}, trusting) == "192.0.2.1"


def test_a_trusted_proxys_word_is_for_counting_alone(serving: Any) -> None:
    trusting = read_settings({"GRIDCELLS_TRUSTED_PROXIES": "127.0.0.1"})
    with serving(trusting) as running:
        guesser = running.visitor(**{"X-Forwarded-For": "198.51.100.7"})
        for _ in range(11):
            guesser.post("/sign-in", data={"login": "manager", "password": "wrong"})
        form = {"login": "manager", "password": "a walk along the river"}
        assert guesser.post("/sign-in", data=form).status_code == 429
        other = running.visitor(**{"X-Forwarded-For": "198.51.100.8"})
        assert other.post("/sign-in", data=form).status_code == 303
        assert _peer_of_last(running, guesser) != _peer_of_last(running, other)
        forged = running.visitor(**{"X-Forwarded-For": "127.0.0.1"})
        assert forged.get("/today").status_code == 403


def test_an_address_of_a_proxy_that_is_none_is_said() -> None:
    with pytest.raises(Exception, match="settings_bad_peer") as refused:
        read_settings({"GRIDCELLS_TRUSTED_PROXIES": "proxy.example"})
    assert refused.value.values["name"] == "GRIDCELLS_TRUSTED_PROXIES"


def test_a_page_that_looks_after_itself_is_no_sign_of_its_person() -> None:
    by_itself, by_hand, beat = BackMsg(), BackMsg(), BackMsg()
    by_itself.rerun_script.is_auto_rerun = True
    by_hand.rerun_script.page_name = "today"
    beat.app_heartbeat = True
    told = [
        is_of_person({"type": "websocket.receive", "bytes": one.SerializeToString()})
        for one in (by_itself, by_hand, beat)
    ]
    assert told == [False, True, False]
    assert not is_of_person({"type": "websocket.receive", "bytes": b"no message"})
