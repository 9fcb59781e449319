"""Addresses that only this machine reaches."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, by its number, with or without a zone, or by the one name that says so."""
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:  # a name
        return host == "localhost"
