"""How people may sign in, as the environment says: a provider, a proxy, or neither."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final
from urllib.parse import urlsplit

from grid_cells.errors import UserError

METADATA_URL: Final = "GRIDCELLS_OIDC_METADATA_URL"
"""Where the OpenID provider describes itself: `https://…/.well-known/openid-configuration`."""
CLIENT_ID: Final = "GRIDCELLS_OIDC_CLIENT_ID"
CLIENT_SECRET: Final = "GRIDCELLS_OIDC_CLIENT_SECRET"  # noqa: S105 - a variable's name
REDIRECT_URI: Final = "GRIDCELLS_OIDC_REDIRECT_URI"
"""Where the provider sends people back to: our own address, ending with `/oauth2callback`."""
CLAIM: Final = "GRIDCELLS_OIDC_CLAIM"
"""The claim that holds the subject of `users`; `sub` unless set."""
ISSUER: Final = "GRIDCELLS_OIDC_ISSUER"
"""The provider's name in its tokens, where it is not its metadata's address without the end."""
PROXY_HEADER: Final = "GRIDCELLS_PROXY_HEADER"
"""The header in which a trusted proxy names the login; unset, no header is believed."""
PROXY_PEER: Final = "GRIDCELLS_PROXY_PEER"
"""The addresses or networks, by commas, from which that proxy connects."""
TRUSTED_PROXIES: Final = "GRIDCELLS_TRUSTED_PROXIES"
"""Addresses or networks, by commas, of proxies whose X-Forwarded-For says where a request began."""

_CALLBACK = "/oauth2callback"
_WELL_KNOWN = "/.well-known/openid-configuration"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Oidc:
    """The OpenID provider whose accounts may sign in."""

    metadata_url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    claim: str
    issuer: str

    @property
    def origin(self) -> str:
        """Scheme and host of our own address, as the provider knows it."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def secrets(self, cookie_secret: str) -> dict[str, Any]:
        """What `st.login` needs; it asks for no more about a person than the subject needs."""
        scope = "openid" if self.claim == "sub" else "openid profile email"
        return {
            "redirect_uri": self.redirect_uri,
            "cookie_secret": cookie_secret,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "server_metadata_url": self.metadata_url,
            "client_kwargs": {"scope": scope},
        }


@dataclass(frozen=True)
class Proxy:
    """The reverse proxy whose header names who is there."""

    header: str
    peers: tuple[Network, ...]

    def is_peer(self, address: str) -> bool:
        """Whether that socket address is the proxy's."""
        return is_among(address, self.peers)


def is_among(address: str, networks: tuple[Network, ...]) -> bool:
    """Whether the text is an address in one of these networks, however it is written."""
    try:
        given = ip_address(address)
    except ValueError:
        return False
    if isinstance(given, IPv6Address) and given.ipv4_mapped is not None:
        given = given.ipv4_mapped
    return any(given in network for network in networks)


@dataclass(frozen=True)
class Settings:
    """Ways to sign in beside the local accounts, and who may say where a request began; all off.

    `forwarders` tell places apart when guessing and refusals are counted; they name nobody.
    """

    oidc: Oidc | None = None
    proxy: Proxy | None = None
    forwarders: tuple[Network, ...] = ()

    @cached_property
    def is_local_only(self) -> bool:
        """Whether local accounts are the only way in."""
        return self.oidc is None and self.proxy is None


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment; UserError where they are half set or unusable."""
    given = {name: value.strip() for name, value in (environ or os.environ).items()}
    return Settings(
        oidc=_oidc(given), proxy=_proxy(given), forwarders=_networks(given, TRUSTED_PROXIES)
    )


def _oidc(given: Mapping[str, str]) -> Oidc | None:
    needed = (METADATA_URL, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI)
    if not _all_or_none(given, needed):
        return None
    redirect = given[REDIRECT_URI]
    if urlsplit(redirect).path != _CALLBACK or not urlsplit(redirect).netloc:
        raise UserError(
            "settings_bad_redirect", name=REDIRECT_URI, expected=_CALLBACK, value=redirect
        )
    metadata = given[METADATA_URL]
    return Oidc(
        metadata_url=metadata,
        client_id=given[CLIENT_ID],
        client_secret=given[CLIENT_SECRET],
        redirect_uri=redirect,
        claim=given.get(CLAIM) or "sub",
        issuer=given.get(ISSUER) or metadata.removesuffix(_WELL_KNOWN),
    )


def _proxy(given: Mapping[str, str]) -> Proxy | None:
    if not _all_or_none(given, (PROXY_HEADER, PROXY_PEER)):
        return None
    return Proxy(header=given[PROXY_HEADER].lower(), peers=_networks(given, PROXY_PEER))


def _networks(given: Mapping[str, str], name: str) -> tuple[Network, ...]:
    words = (word.strip() for word in given.get(name, "").split(","))
    return tuple(_network(word, name) for word in words if word)


def _network(word: str, name: str) -> Network:
    try:
        return ip_network(word, strict=False)
    except ValueError as error:
        raise UserError("settings_bad_peer", name=name, value=word) from error


def _all_or_none(given: Mapping[str, str], names: tuple[str, ...]) -> bool:
    missing = [name for name in names if not given.get(name)]
    if missing and len(missing) < len(names):
        raise UserError("settings_incomplete", missing=missing)
    return not missing
