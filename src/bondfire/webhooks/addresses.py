"""Which addresses a webhook may be sent to: a URL is a door into our own network unless we watch it."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bondfire.errors import BadInput

LONGEST_URL: Final = 2_000

_LABEL: Final = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z)({_LABEL}\.)*(?![0-9.]*\Z)(?!0x){_LABEL}", re.ASCII)
_OF_THIS_NETWORK: Final = ("localhost", "local", "internal", "home.arpa")
_NEVER: Final = tuple(
    ip_network(one) for one in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "fec0::/10", "2001::/23")
)
"""What Python's registry calls global and is not for us: protocol assignments, 6to4, Teredo, site-local."""
_NAT64: Final = ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address belongs to the internet, and neither to this machine nor to a network behind it.

    An IPv6 address that stands for an IPv4 one (mapped, or by NAT64) is judged as that one.
    """
    ip = _embedded(ip_address(address.partition("%")[0]))
    return (
        ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in net for net in _NEVER)
    )


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return ip.ipv4_mapped
        if ip in _NAT64:
            return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


def check_url(url: str, *, may_private: bool) -> str:
    """The address of an endpoint, if one may send there as far as its text says.

    What a name resolves to is judged each time something is sent, because it can change.

    Args:
        url: what was sent.
        may_private: whether it may lie in a private network, and speak plain HTTP there.

    Raises:
        BadInput: `bad_url`: not an absolute http(s) URL of plain characters, or with a password or a
            fragment; `private_target`: it may not lie there; `needs_tls`: it may not speak plain HTTP.
    """
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise _bad_url(f"has more than {LONGEST_URL} characters, or some that a URL cannot have")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as reason:
        raise _bad_url(f"cannot be read: {reason}") from None
    if parts.scheme not in {"https", "http"} or not parts.hostname or port == 0:
        raise _bad_url("is not an absolute URL of https with a host")
    if parts.username is not None or parts.password is not None or "#" in url or "\\" in url:
        raise _bad_url("has a user name, a fragment or a backslash")
    _check_host(parts, may_private=may_private)
    return url


def _check_host(parts: SplitResult, *, may_private: bool) -> None:
    host = parts.hostname or ""
    try:
        private = not is_public(host)
    except ValueError:  # no address, so a name
        if not _NAME.fullmatch(host):
            raise _bad_url(f"has the host {host[:80]!r}, which is neither a name nor an address") from None
        private = any(host == end or host.endswith(f".{end}") for end in _OF_THIS_NETWORK)
    if private and not may_private:
        raise BadInput(
            f"{host} lies in a private network, and this endpoint may not.",
            next_step="Use a public address, or have an operator make it: bondfire webhooks add "
            "--allow-private.",
            code="private_target",
        )
    if parts.scheme == "http" and not may_private:
        raise BadInput(
            "The URL speaks plain HTTP: everybody on the way could read what is sent.",
            next_step="Use https; plain HTTP is only for endpoints that may lie in a private network.",
            code="needs_tls",
        )


def _bad_url(what: str) -> BadInput:
    return BadInput(
        f"The URL {what}.", next_step="Write it like https://shop.example/hooks/bondfire.", code="bad_url"
    )
