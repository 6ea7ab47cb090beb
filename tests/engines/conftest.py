"""Spark and Ray, started once each, and the credentials that their workers find."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

ID, SECRET = "LTAI5tExampleKeyId000000", "an example secret of 30 chars"


@pytest.fixture(scope="session", autouse=True)
def environment() -> Iterator[None]:
    """Credentials in the environment, which the processes of the engines inherit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OSS_ACCESS_KEY_ID", ID)
        patch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
        patch.delenv("OSS_SESSION_TOKEN", raising=False)
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        yield


@pytest.fixture(scope="session")
def spark(environment: None) -> Iterator[Any]:
    """Spark with two cores of this machine."""
    java = os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "java")
    if not (shutil.which("java") or shutil.which(java)):
        pytest.fail("Spark needs Java 17 or newer (Debian: default-jdk-headless)")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def ray_data(environment: None) -> Iterator[Any]:
    """Ray Data with two cores of this machine."""
    import ray

    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=200 << 20)
    ray.data.DataContext.get_current().enable_progress_bars = False
    yield ray.data
    ray.shutdown()
