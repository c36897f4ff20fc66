"""Which addresses may be sent to, whatever they are written like."""

import pytest

from bondfire.errors import BadInput
from bondfire.webhooks.addresses import check_url, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "192.0.0.8",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:7f00:1::",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
    ],
)
def test_these_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_these_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hooks?from=bondfire",
        "https://shop.example",
        "https://hooks_1.shop.example:8443/",
        "https://xn--bcher-kva.example/",
        "https://93.184.216.34/",
        "https://[2606:4700:4700::1111]:444/",
    ],
)
def test_a_public_address_with_tls_is_taken_as_it_is(url: str) -> None:
    assert check_url(url, may_private=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/",
        "https://LOCALHOST:8000/",
        "https://db.local/",
        "https://metadata.google.internal/",
    ],
)
def test_a_private_one_needs_permission(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_url(url, may_private=False)

    assert refused.value.code == "private_target"
    assert check_url(url, may_private=True) == url


def test_plain_http_needs_permission_too() -> None:
    with pytest.raises(BadInput) as refused:
        check_url("http://shop.example/", may_private=False)

    assert refused.value.code == "needs_tls"
    assert check_url("http://shop.example/", may_private=True)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hooks",
        "//shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "https://",
        "https:///hooks",
        "https://:8000/",
        "https://shop.example:0/",
        "https://shop.example:70000/",
        "https://shop.example:x/",
        "https://ann:secret@shop.example/",
        "https://shop.example@127.0.0.1/",
        "https://shop.example/#part",
        "https://shop.example\\@127.0.0.1/",
        "https://shop.example/a b",
        "https://shop.example/\r\nX: y",
        "https://shöp.example/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://[::1/",
        "https://shop..example/",
        "https://-shop.example/",
        "https://shop.example./",
        "https://exa%6dple.org/",
        "https://shop.example/" + "a" * 2_000,
    ],
)
def test_what_is_no_plain_address_is_refused_even_with_permission(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_url(url, may_private=True)

    assert refused.value.code == "bad_url"
