"""Names of downloads: what browsers make of them is what was meant."""

from __future__ import annotations

from email.message import Message
from typing import Any

import ossign as oss
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ossign import exceptions as E
from sides import client, frozen, get, put, query

NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1
).filter(lambda name: name not in (".", ".."))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.txt", 'attachment; filename="a.txt"'),
        ("a b (1).txt", 'attachment; filename="a b (1).txt"'),
        (
            "报告 (1).pdf",
            'attachment; filename="__ (1).pdf"; '
            "filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%281%29.pdf",
        ),
        ('a"b.txt', "attachment; filename=\"a_b.txt\"; filename*=UTF-8''a%22b.txt"),
        ("100%.txt", "attachment; filename=\"100_.txt\"; filename*=UTF-8''100%25.txt"),
        ("it's;a=b.txt", 'attachment; filename="it\'s;a=b.txt"'),
        ("🎉.zip", "attachment; filename=\"_.zip\"; filename*=UTF-8''%F0%9F%8E%89.zip"),
        (None, "attachment"),
    ],
)
def test_a_name_is_written_so_that_all_clients_read_it(name: str | None, value: str) -> None:
    assert oss.content_disposition(name) == value
    assert oss.content_disposition(name, inline=True) == value.replace("attachment", "inline")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\r\nb", "a\0b", "\x7f"])
def test_what_is_no_name_of_a_file_is_refused(name: str) -> None:
    with pytest.raises(E.ParamInvalidError, match="download_as"):
        oss.content_disposition(name)


@given(NAMES)
def test_pythons_own_parser_reads_the_name_back(name: str) -> None:
    value = oss.content_disposition(name)
    assert value.isascii() and value.isprintable()
    message = Message()
    message["Content-Disposition"] = value
    if "filename*" in value:
        assert message.get_param("filename*", header="Content-Disposition") is None
        encoded = value.partition("filename*=")[2]
        message.replace_header("Content-Disposition", f"attachment; filename*={encoded}")
    # The parser cuts white space off a name, as browsers do.
    assert message.get_filename().strip() == name.strip()


def disposition(result: oss.PresignResult) -> str:
    return query(result.url)["response-content-disposition"]


@pytest.mark.parametrize("version", ["v1", "v4"])
def test_a_download_has_the_name_that_was_asked_for(version: str) -> None:
    with frozen():
        signer = client(signature_version=version)
        given = signer.presign(get(), download_as="报告 (1).pdf")
        spelled_out = get(response_content_disposition=oss.content_disposition("报告 (1).pdf"))
        assert given == signer.presign(spelled_out)
        assert disposition(signer.presign(get(), inline=True)) == "inline"
        shown = signer.presign(get(), download_as="a.pdf", inline=True)
        assert disposition(shown) == 'inline; filename="a.pdf"'
        assert given.url != signer.presign(get()).url


def test_the_sdks_own_request_has_it_too() -> None:
    import alibabacloud_oss_v2 as sdk

    with frozen():
        ours, theirs = (client().presign(get(side), download_as="数.txt") for side in (oss, sdk))
    assert ours == theirs


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (put(), "'PutObject' is no download"),
        (oss.HeadObjectRequest(bucket="examplebucket", key="k"), "'HeadObject' is no download"),
        (get(response_content_disposition="inline"), "response_content_disposition"),
        (get(parameters={"response-content-disposition": "x"}), "response_content_disposition"),
    ],
)
def test_a_name_that_cannot_be_given_is_refused(request_: oss.GetObjectRequest, words: str) -> None:
    with pytest.raises(E.ParamInvalidError, match=words):
        client().presign(request_, download_as="a.txt")
    with pytest.raises(E.ParamInvalidError, match=words):
        client().presign(request_, inline=True)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"download_as": 5}, TypeError, "download_as must be a str, not int"),
        ({"inline": "yes"}, TypeError, "inline must be a bool, not str"),
        ({"download_as": "a\ud800"}, E.ParamInvalidError, "download_as: '.ud800' is half"),
    ],
)
def test_a_keyword_that_is_wrong_is_named(
    keywords: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        client().presign(get(), **keywords)


def test_the_function_names_its_arguments() -> None:
    with pytest.raises(TypeError, match="name must be a str, not int"):
        oss.content_disposition(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="inline must be a bool, not int"):
        oss.content_disposition("a", inline=1)  # type: ignore[arg-type]
    with pytest.raises(E.ParamInvalidError, match="name: '.ud800' is half of a character"):
        oss.content_disposition("\ud800")


def test_a_bad_name_is_refused_by_presign_as_well() -> None:
    with pytest.raises(E.ParamInvalidError, match="without folders"):
        client().presign(get(), download_as="a/b.txt")
    with pytest.raises(TypeError):
        client().presign(get(), download_as=5)


def test_a_name_needs_a_signature() -> None:
    nobody = client(credentials_provider=oss.credentials.AnonymousCredentialsProvider())
    for asked in ({"download_as": "a.txt"}, {"inline": True}):
        with pytest.raises(E.ParamInvalidError, match="anonymous"):
            nobody.presign(get(), **asked)
