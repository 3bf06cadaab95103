"""Passwords: hashed and checked with argon2, never more than two at a time."""

import threading
from functools import cached_property
from typing import Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from grid_cells.errors import UserError
from grid_cells.sign_in import MOST_LENGTH, password_of

AT_ONCE = 2
"""Each check takes 64 MiB: a flood of sign-ins must not take the machine's memory."""
PATIENCE_S = 20.0


class Passwords(Protocol):
    """Hashes passwords and checks them."""

    def hashed(self, password: str) -> str:
        """A hash to keep."""

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept; without one it is not, after the same work."""


class Argon2:
    """Argon2id as argon2-cffi sets it up (RFC 9106, low-memory profile)."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._hasher = PasswordHasher()
        self._places = threading.BoundedSemaphore(at_once)

    def hashed(self, password: str) -> str:
        """A hash with its parameters and salt in it."""
        with _Place(self._places):
            return self._hasher.hash(password_of(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept; where none is, another hash is worked through."""
        nobody = self._nobody
        with _Place(self._places):
            try:
                self._hasher.verify(kept or nobody, password_of(password)[: MOST_LENGTH + 1])
            except (VerificationError, InvalidHashError):
                return False
        return kept is not None

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")


class _Place:
    """One of the few places where passwords are worked on; given up when the queue is too long."""

    def __init__(self, places: threading.BoundedSemaphore) -> None:
        self._places = places

    def __enter__(self) -> None:
        if not self._places.acquire(timeout=PATIENCE_S):
            raise UserError("sign_in_busy")

    def __exit__(self, *_: object) -> None:
        self._places.release()


ARGON2 = Argon2()
"""The one of this process, so that its bound holds for all."""
