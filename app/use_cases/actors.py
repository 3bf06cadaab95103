"""Who acts: every use case takes one, every audit row names one."""

import getpass
from dataclasses import dataclass

from app.store.scope import Scope

ADMIN = "admin"


@dataclass(frozen=True)
class Actor:
    """A person or program: the id that the audit keeps, a name for people, a role, a scope.

    Without a role nothing is allowed. `scope` None is the whole company; `crew_id` is the crew with
    which the person works, whose own orders are seen wherever they lie.
    """

    id: str
    name: str
    role: str = ""
    scope: Scope | None = None
    session_id: str | None = None
    crew_id: str | None = None

    @property
    def is_machine(self) -> bool:
        """Whether this is the person at the machine itself, who holds the whole file anyway."""
        return self.id.startswith("cli:") and self.session_id is None


NOBODY = Actor(id="nobody", name="")
"""Somebody who has not signed in."""


def command_line_actor(user: str | None = None) -> Actor:
    """The person at the machine itself, by the operating system's user, with an admin's rights."""
    name = user or getpass.getuser()
    return Actor(id=f"cli:{name}", name=name, role=ADMIN)
