"""Python may collect garbage at any time, also while it makes an object."""

from __future__ import annotations

import subprocess
import sys

import pytest

# At all moments. In a process of its own: what goes wrong here is no exception.
PROGRAM = """
import gc
import ossign as oss

class Client(oss.Client): ...
class Credentials(oss.Credentials): ...
class Provider(oss.credentials.StaticCredentialsProvider): ...
class Request(oss.GetObjectRequest): ...

config = oss.Config(region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret"))
callback = {"url": "app.example.com", "body": "b"}
make = eval("lambda: " + EXPRESSION)
made = []
for threshold in range(1, 200):
    gc.set_threshold(threshold)
    made += [make() for _ in range(20)]
print(len(made))
"""


@pytest.mark.parametrize(
    "expression",
    [
        "oss.Client(config)",
        "Client(config)",
        "oss.Credentials('id', 'secret')",
        "Credentials('id', 'secret')",
        "oss.credentials.StaticCredentialsProvider('id', 'secret')",
        "Provider('id', 'secret')",
        "oss.GetObjectRequest('bucket', 'key')",
        "Request('bucket', 'key')",
        "oss.Callback(**callback)",
        "oss.Client(config).presign_post('bucket', 'key')",
    ],
)
def test_garbage_may_be_collected_while_an_object_is_made(expression: str) -> None:
    program = PROGRAM.replace("EXPRESSION", repr(expression))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "3980\n"), done.stderr
