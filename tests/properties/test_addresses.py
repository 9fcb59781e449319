"""Addresses: read as they were written, and whatever is wrong with one, its password is not shown."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from edgeproof.edge.errors import InputError
from edgeproof.edge.sinks.broker import read_broker
from edgeproof.edge.sources.address import PORTS, Address, hidden
from edgeproof.edge.web.address import Address as Place
from frames import Words

SECRET = "hunter2"  # noqa: S105 - what must not be seen
hosts = st.from_regex(r"[a-z][a-z0-9]{0,8}(\.[a-z]{2,4})?|10\.0\.[0-9]\.[1-9]", fullmatch=True)
around = st.text("abcXYZ019:/?#@%&=+. \\äß[]", max_size=6)
secrets = st.tuples(around, around).map(SECRET.join)
paths = st.from_regex(r"(/[a-z0-9]{1,6}){0,3}", fullmatch=True)
schemes = st.sampled_from(sorted(PORTS))
# What a person makes of "://".
slips = st.sampled_from(["://", ":/", ":", "//", ":///", ""])


@given(schemes, st.text(min_size=1, max_size=8), secrets, hosts, st.none() | st.integers(1, 65535), paths)
def test_address_is_read_as_it_was_written(
    scheme: str, user: str, secret: str, host: str, port: int | None, path: str
) -> None:
    place = host if port is None else f"{host}:{port}"
    written = f"{scheme}://{quote(user, safe='')}:{quote(secret, safe='')}@{place}{path}"
    found = Address.parse(written)
    assert (found.scheme, found.host, found.user, found.password) == (scheme, host, user, secret)
    assert found.port == (PORTS[scheme] if port is None else port)
    assert found.target == (path or "/")
    assert found.shown == f"{scheme}://{place}{path}"
    assert SECRET not in repr(found)


@given(schemes | st.sampled_from(["ftp", "mqtt", "x"]), around, secrets, hosts, paths, st.booleans())
def test_password_is_never_shown_whatever_signs_it_has(
    scheme: str, user: str, secret: str, host: str, path: str, in_query: bool
) -> None:
    """Signs that should have been written with %, too; some cameras take a password in the query."""
    written = f"{scheme}://{user}:{secret}@{host}{path}"
    if in_query:
        written = f"{scheme}://{host}{path}?user={user}&password={secret}"
    try:
        found = Address.parse(written)
    except InputError as error:
        assert SECRET not in str(error)  # noqa: PT017 - it need not be raised
    else:
        assert SECRET not in found.shown
        assert SECRET not in repr(found)


@given(schemes | st.text("abrtsph", min_size=1, max_size=6), slips, around, secrets, hosts, paths)
def test_mistyped_address_is_shown_without_its_password(
    scheme: str, slip: str, user: str, secret: str, host: str, path: str
) -> None:
    assert SECRET not in hidden(f"{scheme}{slip}{user}:{secret}@{host}{path}")


@given(st.text("abrtsph", min_size=1, max_size=6), slips, around, secrets, hosts, paths)
def test_source_that_does_not_exist_is_refused_without_its_password(
    scheme: str, slip: str, user: str, secret: str, host: str, path: str
) -> None:
    assume(scheme not in PORTS)
    with pytest.raises(InputError) as refused:
        Words().open(f"{scheme}{slip}{user}:{secret}@{host}{path}")
    assert SECRET not in str(refused.value)


@example("\n")
@example(f"me:{SECRET} without a scheme")
@given(st.text(max_size=40) | st.tuples(schemes, slips, st.text(max_size=20)).map("".join))
def test_any_text_is_an_address_or_refused_in_one_line(text: str) -> None:
    try:
        found = Address.parse(text)
    except InputError as error:
        assert str(error).isprintable()  # noqa: PT017 - it need not be raised
        assert SECRET not in str(error)  # noqa: PT017
    else:
        assert found.host
        assert 0 <= found.port <= 65535


@given(st.from_regex(r"[A-Za-z0-9 _.,!-]{1,30}", fullmatch=True))
def test_name_that_is_no_address_is_shown_as_it_is(name: str) -> None:
    assert hidden(name) == name


@given(around, secrets, hosts, st.sampled_from(["mqtt", "mqtts", "http"]), st.sampled_from(["", "/home", "/a#", "?x"]))
def test_password_of_a_broker_is_never_shown(user: str, secret: str, host: str, scheme: str, topic: str) -> None:
    try:
        found = read_broker(f"{scheme}://{user}:{secret}@{host}{topic}", {})
    except InputError as error:
        assert SECRET not in str(error)  # noqa: PT017 - it need not be raised
    else:
        assert SECRET not in repr(found)
        assert SECRET not in str(found)


@given(st.text("abcXYZ.-", min_size=1, max_size=8), secrets, hosts, st.integers(1, 65535))
def test_broker_is_read_as_it_was_written(user: str, secret: str, host: str, port: int) -> None:
    found = read_broker(f"mqtts://{user}:{quote(secret, safe='')}@{host}:{port}/home/camera", {})
    assert (found.host, found.port, found.tls, found.user) == (host, port, True, user)
    assert (found.password, found.topic) == (secret, "home/camera")


@given(hosts | st.just("::1"), st.integers(0, 65535))
def test_place_of_the_page_is_read_as_it_is_shown(host: str, port: int) -> None:
    assert Place.parse(str(Place(host, port))) == Place(host, port)


@given(st.text("0123456789:.[]abc٣ -", max_size=20) | st.text(max_size=12))
def test_any_text_is_a_place_or_a_value_error(text: str) -> None:
    try:
        found = Place.parse(text)
    except ValueError:
        return
    assert 0 <= found.port <= 65535
    assert found.host
