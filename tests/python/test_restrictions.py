"""Restrictions in a URL: what is signed, what is refused, and that the emulator keeps them."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import ossign as oss
import pyarrow as pa
import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from ossign import exceptions as E
from ossign.testing import emulator
from sides import ID, SECRET, client, frozen, get, put, query

WHO = oss.Credentials(ID, SECRET)
VERSIONS = ["v4", "v1"]
VPC = "vpc-t4nlw426y44rd3iq4abcd"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_traffic_limit_is_a_parameter_of_a_link(version: str) -> None:
    result = client(signature_version=version).presign(get(), traffic_limit=819_200)
    assert query(result.url)["x-oss-traffic-limit"] == "819200"
    assert result.request_headers == {}
    oss.verify(result.url, method="GET", credentials=WHO)
    faster = result.url.replace("=819200", "=838860800")
    with pytest.raises(E.URLVerificationError, match="signature_mismatch"):
        oss.verify(faster, method="GET", credentials=WHO)


SOURCES: list[tuple[dict[str, Any], str, str, str]] = [
    # keywords, mask, an address that may, one that may not
    ({"source_ip": "192.0.2.7"}, "32", "192.0.2.7", "192.0.2.8"),
    ({"source_ip": "192.0.2.7/32"}, "32", "192.0.2.7", "192.0.2.8"),
    ({"source_ip": "192.0.2.7", "subnet_mask": 24}, "24", "192.0.2.255", "192.0.3.7"),
    ({"source_ip": "192.0.2.0/24", "subnet_mask": 24}, "24", "192.0.2.0", "192.0.1.0"),
    ({"source_ip": ipaddress.ip_address("192.0.2.7")}, "32", "192.0.2.7", "192.0.2.6"),
    ({"source_ip": ipaddress.ip_network("192.0.2.0/25")}, "25", "192.0.2.127", "192.0.2.128"),
    ({"source_ip": ipaddress.ip_interface("192.0.2.9/25")}, "25", "192.0.2.1", "192.0.2.128"),
    ({"source_ip": "2001:db8::7"}, "128", "2001:db8::7", "2001:db8::8"),
    ({"source_ip": "2001:DB8::7", "subnet_mask": 64}, "64", "2001:db8::1:0:0:0", "192.0.2.1"),
    ({"source_ip": ipaddress.ip_network("2001:db8::/33")}, "33", "2001:db8::1", "2001:db8:8000::"),
    ({"source_ip": "128.0.0.0/1"}, "1", "255.255.255.255", "127.0.0.1"),
    ({"source_ip": "192.0.2.7", "vpc_id": VPC}, "32", "192.0.2.7", "192.0.2.8"),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("call", "mask", "good", "bad"), SOURCES)
def test_a_url_is_bound_to_addresses(
    version: str, call: dict[str, Any], mask: str, good: str, bad: str
) -> None:
    url = client(signature_version=version).presign(get(), **call).url
    assert query(url)["x-oss-ac-subnet-mask"] == mask
    # OSS puts the sender's address there: it stands in no URL.
    assert "x-oss-ac-source-ip" not in url
    ask: dict[str, Any] = {"method": "GET", "credentials": WHO}
    oss.verify(url, source_ip=good, **ask)
    oss.verify(url, source_ip=ipaddress.ip_address(good), **ask)
    for other in (bad, None):
        with pytest.raises(E.URLVerificationError, match="address_not_allowed"):
            oss.verify(url, source_ip=other, **ask)
    wider = url.replace(f"subnet-mask={mask}", "subnet-mask=2")
    with pytest.raises(E.URLVerificationError, match="address_not_allowed"):
        oss.verify(wider, source_ip=bad, **ask)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_signature_is_that_with_the_address_as_a_parameter(version: str) -> None:
    signer = client(signature_version=version)
    parameters = {"x-oss-ac-source-ip": "192.0.2.0", "x-oss-ac-subnet-mask": "24"}
    with frozen():
        bound = signer.presign(get(), source_ip="192.0.2.7/24").url
        shown = signer.presign(get(parameters=parameters)).url
    assert shown.replace("x-oss-ac-source-ip=192.0.2.0&", "") == bound


@pytest.mark.parametrize("version", VERSIONS)
def test_a_vpc_and_forwarding_are_signed(version: str) -> None:
    signer = client(signature_version=version)
    url = signer.presign(get(), vpc_id=VPC).url
    assert query(url)["x-oss-ac-vpc-id"] == VPC
    oss.verify(url, method="GET", credentials=WHO)
    with pytest.raises(E.URLVerificationError):
        oss.verify(url.replace(VPC, "vpc-other"), method="GET", credentials=WHO)
    url = signer.presign(get(), source_ip="192.0.2.7", forward_allow=True).url
    assert query(url)["x-oss-ac-forward-allow"] == "true"
    forwarded = {"X-Forwarded-For": "192.0.2.7, 10.0.0.1"}
    ask: dict[str, Any] = {"method": "GET", "credentials": WHO, "headers": forwarded}
    oss.verify(url, source_ip="203.0.113.9", **ask)
    plain = signer.presign(get(), source_ip="192.0.2.7", forward_allow=False).url
    assert "forward" not in plain
    with pytest.raises(E.URLVerificationError, match="address_not_allowed"):
        oss.verify(plain, source_ip="203.0.113.9", **ask)


BAD: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"traffic_limit": 819_199}, E.ParamInvalidError, "traffic_limit: '819199' must be from"),
    ({"traffic_limit": 838_860_801}, E.ParamInvalidError, "0004-00000502"),
    ({"traffic_limit": -1}, E.ParamInvalidError, "'-1' must be from 819200 to 838860800 bit/s"),
    ({"traffic_limit": 10**30}, E.ParamInvalidError, "000' must be from 819200 to 838860800 bit/s"),
    ({"traffic_limit": 10**5000}, E.ParamInvalidError, "'an int of too many digits' must be from"),
    ({"traffic_limit": True}, TypeError, "traffic_limit must be an int, not bool"),
    ({"subnet_mask": 24}, E.ParamInvalidError, "subnet_mask: '24' must not be given without"),
    ({"source_ip": "1.2.3.4", "subnet_mask": 0}, E.ParamInvalidError, "'0' must be from 1 to 32"),
    ({"source_ip": "1.2.3.4", "subnet_mask": 33}, E.ParamInvalidError, "'33' must be from 1"),
    ({"source_ip": "::1", "subnet_mask": 129}, E.ParamInvalidError, "from 1 to 128"),
    ({"source_ip": "1.2.3.4", "subnet_mask": -1}, E.ParamInvalidError, "'-1' must be from 1 to 32"),
    ({"source_ip": "::1", "subnet_mask": 2**70}, E.ParamInvalidError, "for IPv6 to 128"),
    ({"source_ip": "\ud800"}, E.ParamInvalidError, "source_ip: '\\ud800' is half of a character"),
    ({"vpc_id": "\ud800"}, E.ParamInvalidError, "vpc_id: '\\ud800' is half of a character"),
    ({"source_ip": "1.2.3.4", "subnet_mask": "24"}, TypeError, "subnet_mask must be an int"),
    ({"source_ip": "1.2.3.4", "subnet_mask": False}, TypeError, "subnet_mask must be an int"),
    ({"source_ip": "1.2.3.0/24", "subnet_mask": 25}, E.ParamInvalidError, "that of source_ip"),
    ({"source_ip": ""}, E.ParamInvalidError, "source_ip: '' must be an IP address"),
    ({"source_ip": "example.com"}, E.ParamInvalidError, "source_ip: 'example.com' must be an IP"),
    ({"source_ip": "1.2.3.4/x"}, E.ParamInvalidError, "must end in a number of bits"),
    ({"source_ip": "::ffff:1.2.3.4"}, E.ParamInvalidError, "written as an IPv4 address"),
    ({"source_ip": 16909060}, TypeError, "source_ip must be a str or an address of ipaddress"),
    ({"vpc_id": "vpc_1"}, E.ParamInvalidError, "vpc_id: 'vpc_1' must be 'vpc-'"),
    ({"vpc_id": "vpc-1&a=b"}, E.ParamInvalidError, "vpc_id"),
    ({"vpc_id": 1}, TypeError, "vpc_id must be a str, not int"),
    ({"forward_allow": True}, E.ParamInvalidError, "forward_allow: 'True' must not be given wit"),
    ({"forward_allow": "true"}, TypeError, "forward_allow must be a bool, not str"),
]


@pytest.mark.parametrize(("call", "error", "words"), BAD)
def test_a_bad_restriction_names_field_value_and_rule(call: Any, error: Any, words: str) -> None:
    for presign in (
        lambda: client().presign(get(), **call),
        lambda: client().presign_many(get(), key=["a"], **call),
    ):
        with pytest.raises(error) as raised:
            presign()
        assert words in str(raised.value) or call == {"traffic_limit": True}


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        (get(traffic_limit=819_200), {"traffic_limit": 819_200}),
        (get(parameters={"x-oss-traffic-limit": "819200"}), {"traffic_limit": 819_200}),
        (get(parameters={"x-oss-ac-source-ip": "1.2.3.4"}), {"source_ip": "1.2.3.4"}),
        (get(parameters={"x-oss-ac-subnet-mask": "32"}), {"vpc_id": VPC}),
    ],
)
def test_a_restriction_is_given_once(request_: Any, call: dict[str, Any]) -> None:
    with pytest.raises(E.ParamInvalidError, match="must not be given beside"):
        client().presign(request_, **call)


def test_nobody_can_bind_a_url_that_nobody_signs() -> None:
    anonymous = client(credentials_provider=oss.credentials.AnonymousCredentialsProvider())
    assert "traffic-limit=819200" in anonymous.presign(get(), traffic_limit=819_200).url
    for call in ({"source_ip": "1.2.3.4"}, {"vpc_id": VPC}):
        with pytest.raises(E.ParamInvalidError, match="anonymous"):
            anonymous.presign(get(), **call)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_batch_has_the_restrictions_of_its_call(version: str) -> None:
    signer = client(signature_version=version)
    call: dict[str, Any] = {"traffic_limit": 819_200, "source_ip": "192.0.2.0/24", "vpc_id": VPC}
    keys = [f"{number}/ü" for number in range(100)]
    for fields in ({}, {"process": "a/b", "headers": {"x-oss-meta-a": "b"}}):
        template = get(**fields)
        with frozen():
            alone = [signer.presign(get(**{**fields, "key": key}), **call).url for key in keys]
            for threads in (1, 3):
                assert signer.presign_many(template, key=keys, threads=threads, **call) == alone
            stream = signer.presign_batches(template, pa.table({"key": keys}).to_reader(), **call)
            urls = pa.RecordBatchReader.from_stream(stream).read_all()["url"].to_pylist()
            assert urls == alone


def test_rows_without_a_url_stay_without_one() -> None:
    keys = ["a", None, "/wrong", "b"]
    urls = client().presign_many(get(), key=keys, errors="null", source_ip="192.0.2.7")
    assert [url is not None for url in urls] == [True, False, False, True]
    assert urls[3].startswith("https://examplebucket.oss-cn-hangzhou.aliyuncs.com/b?x-oss-ac-sub")
    assert [row for row, _ in urls.errors] == [2]


def test_a_traffic_limit_that_is_no_int_is_a_column() -> None:
    signer, limits = client(), [819_200, 838_860_800]
    with frozen():
        alone = [signer.presign(get(traffic_limit=limit)).url for limit in limits]
        urls = signer.presign_many(
            get(key="a b.txt"), traffic_limit=limits, key=["dir/a b.txt"] * 2
        )
        assert urls == alone
        table = pa.table({"limit": limits, "key": ["dir/a b.txt"] * 2})
        stream = signer.presign_batches(get(), table.to_reader(), traffic_limit="limit", key="key")
        assert pa.table(stream)["url"].to_pylist() == alone
    with pytest.raises(E.ParamInvalidError, match="beside a column"):
        signer.presign_many(get(), columns={"traffic_limit": limits}, traffic_limit=819_200)


def test_the_function_takes_restrictions() -> None:
    url = oss.presign(
        get(), region="cn-hangzhou", credentials=WHO, traffic_limit=819_200, source_ip="192.0.2.7"
    ).url
    oss.verify(url, method="GET", credentials=WHO, source_ip="192.0.2.7")


@given(st.ip_addresses(), st.integers(1, 128), st.ip_addresses(), st.sampled_from(VERSIONS))
@example(ipaddress.ip_address("::"), 80, ipaddress.ip_address("::ffff:192.0.2.1"), "v4")
def test_exactly_the_addresses_of_the_network_may(
    address: Any, bits: int, other: Any, version: str
) -> None:
    if getattr(address, "ipv4_mapped", None) is not None or bits > address.max_prefixlen:
        return
    url = client(signature_version=version).presign(get(), source_ip=address, subnet_mask=bits).url
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    for sender in (address, other, network[0], network[-1]):
        try:
            oss.verify(url, method="GET", credentials=WHO, source_ip=sender)
            allowed = True
        except E.URLVerificationError as refusal:
            assert refusal.cause == "address_not_allowed"
            allowed = False
        # The last address of ::/80 is an IPv4 address, as which whoever sends from it counts.
        counts = getattr(sender, "ipv4_mapped", None) or sender
        assert allowed == (counts in network)


ANSWER = "<Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message><EC>{}</EC></Error>"


@pytest.mark.parametrize(
    ("ec", "cause", "words"),
    [
        ("0002-00000225", oss.Cause.ADDRESS_NOT_ALLOWED, "bound to 24 bits of an address"),
        ("0002-00000602", oss.Cause.ADDRESS_NOT_ALLOWED, "bound to 24 bits of an address"),
        ("0002-00000604", oss.Cause.ADDRESS_NOT_ALLOWED, "bound to 24 bits of an address"),
        ("0002-00000603", oss.Cause.VPC_NOT_ALLOWED, f"bound to {VPC}"),
        ("0002-00000601", oss.Cause.RESTRICTION_MALFORMED, "x-oss-ac-subnet-mask is '24'"),
        ("0004-00000502", oss.Cause.RESTRICTION_MALFORMED, "x-oss-traffic-limit is '819200'"),
        ("0004-00000501", oss.Cause.HEADER_CONTRADICTS_QUERY, "OSS answered"),
    ],
)
def test_the_number_of_an_answer_names_the_restriction(ec: str, cause: Any, words: str) -> None:
    call: dict[str, Any] = {"source_ip": "192.0.2.0/24", "vpc_id": VPC, "traffic_limit": 819_200}
    url = client().presign(get(), **call).url
    for credentials in (None, WHO):
        report = oss.explain(url, credentials=credentials, server_error=ANSWER.format(ec))
        assert report.cause is cause and words in report.detail
        assert ec in cause.ecs


def test_without_the_address_nothing_is_said_of_the_signature() -> None:
    url = client().presign(get(), source_ip="192.0.2.7").url
    report = oss.explain(url, method="GET", headers={}, credentials=WHO)
    assert report.ok and any("source_ip" in words for words in report.unchecked)
    assert oss.explain(url, method="GET", credentials=WHO, source_ip="192.0.2.7").ok
    wrong = oss.explain(url, method="GET", headers={}, credentials=WHO, source_ip="192.0.2.8")
    assert wrong.cause is oss.Cause.ADDRESS_NOT_ALLOWED and wrong.ec == "0002-00000225"
    other = oss.explain(url, method="GET", headers={}, credentials=WHO, source_ip="2001:db8::1")
    assert other.cause is oss.Cause.ADDRESS_NOT_ALLOWED
    put_ = oss.explain(url, method="PUT", headers={}, credentials=WHO, source_ip="192.0.2.7")
    assert put_.cause is oss.Cause.METHOD_WRONG
    with pytest.raises(ValueError, match="does not appear"):
        oss.explain(url, source_ip="a")


@pytest.mark.parametrize("version", VERSIONS)
def test_who_writes_the_hidden_address_into_the_url_is_not_let_in(version: str) -> None:
    bound = client(signature_version=version).presign(get(), source_ip="192.0.2.0/24").url
    url = f"{bound}&x-oss-ac-source-ip=192.0.2.0"
    assert oss.verify(url, method="GET", credentials=WHO, source_ip="192.0.2.9")
    for sender in ("10.0.0.1", "2001:db8::1", None):
        with pytest.raises(E.URLVerificationError) as caught:
            oss.verify(url, method="GET", credentials=WHO, source_ip=sender)
        assert caught.value.cause == "address_not_allowed"
    report = oss.explain(url, method="GET", headers={}, credentials=WHO, source_ip="10.0.0.1")
    assert report.cause is oss.Cause.ADDRESS_NOT_ALLOWED
    parameters = {"x-oss-ac-source-ip": "192.0.2.7", "x-oss-ac-subnet-mask": "32"}
    named = client(signature_version=version).presign(get(parameters=parameters)).url
    assert oss.verify(named, method="GET", credentials=WHO, source_ip="192.0.2.7")
    with pytest.raises(E.URLVerificationError):
        oss.verify(named, method="GET", credentials=WHO, source_ip="192.0.2.8")
    with emulator(log="off") as local:
        signer = local.client(signature_version=version)
        bound = signer.presign(get(), source_ip="192.0.2.7").url
        assert requests.get(f"{bound}&x-oss-ac-source-ip=192.0.2.7").status_code == 403


@pytest.mark.parametrize("version", VERSIONS)
def test_the_emulator_keeps_a_url_to_its_addresses(version: str) -> None:
    with emulator(log="off") as local:
        signer = local.client(signature_version=version)
        upload = signer.presign(put(), source_ip="127.0.0.0/8", traffic_limit=819_200, vpc_id=VPC)
        assert requests.put(upload.url, data=b"a").status_code == 200
        allowed = signer.presign(get(), source_ip="127.0.0.1").url
        assert requests.get(allowed).content == b"a"
        bound = signer.presign(get(), source_ip="192.0.2.7").url
        refused = requests.get(bound)
        ec = "0002-00000225" if version == "v4" else "0002-00000604"
        assert (refused.status_code, refused.headers["x-oss-ec"]) == (403, ec)
        assert "<Code>SignatureDoesNotMatch</Code>" in refused.text
        assert "address_not_allowed" in local.refusals[-1]
        report = oss.explain(bound, server_error=refused.text)
        assert report.cause is oss.Cause.ADDRESS_NOT_ALLOWED
        forwarded = signer.presign(get(), source_ip="192.0.2.7", forward_allow=True).url
        header = {"X-Forwarded-For": "192.0.2.7"}
        assert requests.get(forwarded, headers=header).content == b"a"
        assert requests.get(bound, headers=header).status_code == 403
        malformed = requests.get(allowed.replace("mask=32", "mask=65536"))
        assert (malformed.status_code, malformed.headers["x-oss-ec"]) == (400, "0002-00000601")
        both = signer.presign(get(), traffic_limit=819_200)
        # OSS would sign the header as well; whoever signs both is told.
        headers = {"x-oss-traffic-limit": "819200"}
        twice = signer.presign(get(parameters=headers, headers=headers))
        answer = requests.get(twice.url, headers=headers)
        assert (answer.status_code, answer.headers["x-oss-ec"]) == (400, "0004-00000501")
        assert requests.get(both.url).content == b"a"
        assert urlsplit(bound).hostname == "127.0.0.1"
