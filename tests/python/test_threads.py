"""Threads that share what ossign makes; in free-threaded Python at the same time (.ci/run)."""

from __future__ import annotations

import datetime
import pickle
import random
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import ossign as oss
import pytest

HOUR = timedelta(hours=1)
THREADS, TIMES = 4, 500
KEYS = [f"key/{number}" for number in range(3_000)]
WHO = oss.Credentials("id", "secret")


@pytest.fixture(autouse=True)
def _often_another_thread() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def client(provider: object = WHO, version: str = "v4") -> oss.Client:
    config = oss.Config(
        region="cn-hangzhou", signature_version=version, credentials_provider=provider
    )
    return oss.Client(config)


def together(*jobs: Callable[[], object], times: int = TIMES) -> None:
    """Runs all jobs at the same time, many times each; raises what any of them raises."""
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        start.wait()
        for _ in range(times):
            job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(run, job) for job in jobs]:
            done.result()


def rotating() -> Callable[[], oss.Credentials]:
    numbers = count()
    return lambda: oss.Credentials(f"id{next(numbers) % 3}", "secret")


def refreshed() -> oss.credentials.RefreshingCredentialsProvider:
    def fetch() -> oss.Credentials:
        left = timedelta(seconds=random.choice([5, 3_000]))
        end = datetime.datetime.now(datetime.timezone.utc) + left
        return oss.Credentials("id", "secret", expiration=end)

    return oss.credentials.RefreshingCredentialsProvider(fetch)


@pytest.mark.parametrize("version", ["v4", "v1"])
@pytest.mark.parametrize("provider", [lambda: WHO, rotating, refreshed])
def test_threads_share_a_client(provider: Callable[[], object], version: str) -> None:
    shared, request = client(provider(), version), oss.GetObjectRequest(bucket="bucket", key="k")

    def one() -> None:
        result = shared.presign(request, expires=HOUR)
        assert result.url.startswith("https://bucket.oss-cn-hangzhou.aliyuncs.com/k?")
        assert result.expiration is not None and repr(result)

    def many() -> None:
        urls = shared.presign_many(request, key=KEYS[:50], expires=HOUR, threads=2)
        assert len(urls.to_list()) == 50

    together(*[one] * THREADS, many)


def test_a_request_is_changed_while_others_presign_it() -> None:
    shared, request = client(), oss.PutObjectRequest(bucket="bucket", key="k", metadata={"a": "b"})

    def change() -> None:
        request.key = random.choice(KEYS)
        request.content_type = random.choice([None, "text/plain"])
        request.metadata = {"a": str(random.random())}
        assert pickle.loads(pickle.dumps(request)).bucket == "bucket"

    together(*[lambda: shared.presign(request)] * THREADS, change)


@pytest.mark.parametrize("name", ["metadata", "headers", "parameters"])
def test_a_dict_is_changed_while_requests_are_made_of_it(name: str) -> None:
    shared, entries, numbers = client(), {"a": "b"}, count()
    request = oss.PutObjectRequest(bucket="bucket", key="k", **{name: entries})

    def change() -> None:
        entries[f"more-{next(numbers) % 50}"] = "x"
        entries.pop(f"more-{next(numbers) % 50}", None)

    together(*[lambda: shared.presign(request)] * THREADS, change)


def test_a_list_is_changed_while_its_keys_are_signed() -> None:
    shared, keys = client(), list(KEYS)
    template = oss.GetObjectRequest(bucket="bucket")

    def change() -> None:
        del keys[random.randrange(1, len(keys)) :]
        keys.extend(KEYS)

    sign = lambda: shared.presign_many(template, key=keys, threads=2).to_list()  # noqa: E731
    together(sign, change, times=20)


def test_an_iterator_gives_each_url_to_one_thread() -> None:
    urls = client().presign_many(oss.GetObjectRequest(bucket="bucket"), key=KEYS)
    for shared, expected in [(iter(urls), urls.to_list()), (reversed(urls), urls.to_list()[::-1])]:
        with ThreadPoolExecutor(THREADS) as pool:
            parts = pool.map(list, [shared] * THREADS)
        given = [url for part in parts for url in part]
        assert sorted(given) == sorted(expected)
        assert next(shared, None) is None


def test_clients_forms_and_explanations_are_made_at_the_same_time() -> None:
    url = client().presign(oss.GetObjectRequest(bucket="bucket", key="k")).url

    def form() -> None:
        post = client().presign_post("bucket", "k", content_length_range=(1, 5))
        assert oss.verify_post(post.fields, credentials=WHO)

    together(
        lambda: oss.explain(url, credentials=WHO),
        lambda: oss.presign(
            oss.GetObjectRequest("bucket", "k"), region="cn-hangzhou", credentials=WHO
        ),
        form,
        form,
    )
