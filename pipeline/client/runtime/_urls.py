"""Which server may be called, and how safely."""

from __future__ import annotations

import ipaddress
import re
import warnings

import httpx

from ._servers import SERVERS

_VERSION = re.compile(r"/v[1-9][0-9]*/?$")
_API_HOSTS = frozenset(httpx.URL(url).host for url in SERVERS.values())


class InsecureWarning(UserWarning):
    """Keys and mail go over the network unencrypted."""


def absolute(base_url: str) -> httpx.URL:
    """`base_url`, checked. Raises ValueError or TypeError; their text shows no password."""
    if not isinstance(base_url, str | httpx.URL):
        raise TypeError(f"base_url: expected text, found {type(base_url).__name__}")
    url = httpx.URL(base_url)
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url: expected an absolute http or https URL")
    if url.userinfo:
        # httpx writes the URLs that it calls into its log.
        raise ValueError("base_url: expected no user and password in it; the key is an argument")
    if url.query or url.fragment:
        raise ValueError("base_url: expected neither query nor fragment in it")
    if _VERSION.search(url.path):
        raise ValueError("base_url: expected no version at its end (/v3): paths begin with one")
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError("base_url: expected a port from 1 to 65535")
    return url


def warn_if_cleartext(url: httpx.URL) -> None:
    """Warn if others can read what is sent to `url`."""
    if url.scheme != "https" and not _is_loopback(url.host):
        warnings.warn(
            f"keys and mail go to {url.host} unencrypted: use https", InsecureWarning, stacklevel=3
        )


def trusted(url: httpx.URL, base: httpx.URL) -> httpx.URL:
    """Where a request for `url` goes, given the base URL of the client.

    Pages are named by URLs on the API's own servers, also by a gateway or proxy in front of them;
    such a URL is moved to the base URL. Raises ValueError for a server that must not see the key.
    """
    if url.is_relative_url or _origin(url) == _origin(base):
        return url
    if url.host in _API_HOSTS and base.host not in _API_HOSTS:
        return base.copy_with(raw_path=base.raw_path.rstrip(b"/") + url.raw_path)
    # Stored messages are on servers of their own, by names below the one of the API.
    if base.host in _API_HOSTS and url.scheme == "https" and url.host.endswith(f".{base.host}"):
        return url
    raise ValueError(f"url: {url.host} is not the server of this client ({base.host})")


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
