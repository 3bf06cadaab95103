"""The commands about people: `users …`, and acting as one of them."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.terminal import Terminal
from app.store.database import Database
from app.store.users import User
from app.use_cases import roles, sessions, tokens, users
from app.use_cases.actors import Actor
from app.use_cases.users import UserWish

LIST_KEYS = (
    "user_id", "login", "name", "role", "unit_id", "area_id", "oidc_subject", "is_active",
    "is_sample", "has_password", "must_change", "sessions", "seen_at", "created_at", "changed_at",
)  # fmt: skip
_SHOWN = ["login", "name", "role", "unit_id", "area_id", "is_active", "seen_at"]


def add_parsers(parser: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    """The words that `users` takes."""
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", parents=[shared], help="list who may sign in")
    add = actions.add_parser("add", parents=[shared], help="add a user, print the first password")
    _login(add)
    add.add_argument("--name", metavar="NAME", help="default: the login")
    add.add_argument("--role", required=True, metavar="ROLE", help=_roles())
    _scope(add)
    change = actions.add_parser("change", parents=[shared], help="change what is named")
    _login(change)
    change.add_argument("--login", dest="new_login", metavar="LOGIN")
    change.add_argument("--name", metavar="NAME")
    change.add_argument("--role", metavar="ROLE", help=_roles())
    change.add_argument("--whole", action="store_true", help="the whole company")
    _scope(change)
    token = actions.add_parser("token", parents=[shared], help="give a program a token, shown once")
    _login(token)
    token.add_argument(
        "--days", type=int, default=tokens.USUAL_DAYS, metavar="N", help="how long it lasts"
    )
    for name, meaning in _SIMPLE.items():
        _login(actions.add_parser(name, parents=[shared], help=meaning))


_SIMPLE = {
    "disable": "let the user sign in no more",
    "enable": "let the user sign in again",
    "reset-password": "give a new first password",
    "end-sessions": "sign the user out everywhere",
}


def _login(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("login", metavar="LOGIN")


def _scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unit", metavar="UNIT", help="sees this unit and what is below it")
    parser.add_argument("--area", metavar="AREA", help="and in it this service area only")
    parser.add_argument("--subject", metavar="TEXT", help="who it is at the sign-in provider")
    parser.add_argument("--crew", metavar="ID", help="the crew with which the person works")


def _roles() -> str:
    return ", ".join(roles.permissions_by_role())


def acting(db: Database, machine: Actor, arguments: argparse.Namespace) -> Actor:
    """Who acts: the user of `--as`, with their role and scope, else the person at the machine."""
    if arguments.user is None:
        return machine
    return users.acting_as(db, machine, arguments.user, command=arguments.command)


def run_users(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal, _cwd: Path
) -> None:
    """Run one of the `users` commands."""
    _ACTIONS[arguments.action](db, actor, arguments, terminal)


def _list(db: Database, actor: Actor, _arguments: argparse.Namespace, terminal: Terminal) -> None:
    frame = users.list_users(db, actor)
    if terminal.as_json:
        rows = frame[list(LIST_KEYS)].astype(object)
        terminal.result({"users": rows.where(rows.notna(), None).to_dict("records")})
    else:
        terminal.out.write(frame[_SHOWN].to_string(index=False, na_rep="–") + "\n")


def _add(db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal) -> None:
    wish = UserWish(
        arguments.login, arguments.name or arguments.login, arguments.role,
        arguments.unit, arguments.area, arguments.subject, arguments.crew,
    )  # fmt: skip
    user_id, password = users.add_user(db, actor, wish)
    user = users.one(db, actor, user_id)
    if password is not None:
        terminal.note("users_first_password", login=user.login)
    terminal.result(_keys(user) | {"password": password})


def _change(db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal) -> None:
    held = users.of_login(db, actor, arguments.login)
    unit, area = held.unit_id, held.area_id
    if arguments.whole:
        unit = area = None
    if arguments.unit is not None or arguments.area is not None:
        unit, area = arguments.unit, arguments.area
    wish = UserWish(
        arguments.new_login or held.login, arguments.name or held.name or held.login,
        arguments.role or held.role, unit, area,
        held.oidc_subject if arguments.subject is None else arguments.subject,
        held.crew_id if arguments.crew is None else arguments.crew,
    )  # fmt: skip
    users.change_user(db, actor, held.user_id, wish)
    terminal.result(_keys(users.one(db, actor, held.user_id)))


def _set_active(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal
) -> None:
    held = users.of_login(db, actor, arguments.login)
    users.set_active(db, actor, held.user_id, arguments.action == "enable")
    terminal.result(_keys(users.one(db, actor, held.user_id)))


def _reset_password(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal
) -> None:
    held = users.of_login(db, actor, arguments.login)
    password = users.reset_password(db, actor, held.user_id)
    terminal.note("users_first_password", login=held.login)
    terminal.result(_keys(held) | {"password": password})


def _end_sessions(
    db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal
) -> None:
    held = users.of_login(db, actor, arguments.login)
    ended = sessions.sign_out_user(db, actor, held.user_id)
    terminal.result({"user_id": held.user_id, "login": held.login, "ended": ended})


def _token(db: Database, actor: Actor, arguments: argparse.Namespace, terminal: Terminal) -> None:
    held = users.of_login(db, actor, arguments.login)
    given = tokens.issue(db, actor, held.user_id, days=arguments.days)
    until = given.expires_at.isoformat(timespec="seconds")
    terminal.note("users_token_given", login=held.login, until=until)
    terminal.result(
        {"login": held.login, "session_id": given.session_id, "expires_at": until,
         "token": given.token}
    )  # fmt: skip


def _keys(user: User) -> dict[str, Any]:
    names = (
        "user_id",
        "login",
        "name",
        "role",
        "unit_id",
        "area_id",
        "oidc_subject",
        "is_active",
        "crew_id",
    )
    return {name: getattr(user, name) for name in names}


_ACTIONS: dict[str, Callable[[Database, Actor, argparse.Namespace, Terminal], None]] = {
    "list": _list, "add": _add, "change": _change, "disable": _set_active, "enable": _set_active,
    "reset-password": _reset_password, "end-sessions": _end_sessions,
    "token": _token,
}  # fmt: skip
