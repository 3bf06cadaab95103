"""The errors a user can cause: a code and the values, worded later by the language catalogues."""

from typing import Any


class UserError(Exception):
    """Something the user gave cannot be used; `code` names the sentence, `values` fill it in."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.code}({shown})"


class FileRejected(UserError):
    """A whole file cannot be read; always carries `file`."""


class BusyElsewhere(UserError):
    """Another process or another person holds what is needed right now."""


class AccessDenied(UserError):
    """The person may not do or see this; the values say what was asked and why it was refused."""
