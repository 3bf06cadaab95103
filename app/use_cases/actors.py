"""Who acts: every use case takes one, every audit row names one."""

import getpass
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A person or program, by the id that the audit keeps and a name for people."""

    id: str
    name: str


def command_line_actor(user: str | None = None) -> Actor:
    """The person at the command line: `--as USER`, else the operating system's user."""
    name = user or getpass.getuser()
    return Actor(id=f"cli:{name}", name=name)


def local_actor() -> Actor:
    """The person at a browser while no sign-in is set up."""
    return Actor(id="web:local", name="local")
