"""`ossign presign --keys`: files of keys in, files of URLs out, and nothing half done."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pytest
from ossign.cli.bulk import tables
from ossign.cli.bulk.formats import reader_of
from ossign.cli.bulk.progress import Progress
from pyarrow import feather, parquet
from shell import COMMAND, Shell

KEYS = ["a.txt", "dir/b c.txt", 'it\'s,"quoted"', "数😀.jpg", "tab\tand;more", "a/../b"]
HOST = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/"
SIGN = ("presign", "get", "examplebucket")


def path_of(url: str | None) -> str | None:
    """The key that a URL is for; only the path, because each run signs at its own time."""
    from urllib.parse import unquote

    if not url:
        return None
    assert url.startswith(HOST) and "&x-oss-signature=" in url
    return unquote(url.removeprefix(HOST).partition("?")[0])


def write(path: Path, keys: list[str | None]) -> None:
    """A file of keys with two more columns, in the format of its name."""
    ids = list(range(len(keys)))
    note = 'it\'s "x",\ny'
    table = {"id": ids, "key": keys, "note": [note] * len(keys)}
    if path.suffix == ".txt":
        path.write_text("".join(f"{key}\n" for key in keys))
    elif path.suffix in (".csv", ".tsv"):
        with path.open("w", newline="") as file:
            writer = csv.writer(file, delimiter="," if path.suffix == ".csv" else "\t")
            writer.writerow(table)
            writer.writerows(zip(*table.values(), strict=True))
    elif path.suffix == ".jsonl":
        rows = ({"id": i, "key": key, "note": note} for i, key in zip(ids, keys, strict=True))
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".parquet":
        parquet.write_table(pa.table(table), path)
    else:
        feather.write_feather(pa.table(table), path)


def read(path: Path) -> list[dict[str, object]]:
    """The rows of a file of URLs, in the format of its name."""
    if path.suffix == ".txt":
        text = path.read_text()
        assert text == "" or text.endswith("\n")
        return [{"url": line or None} for line in text.splitlines()]
    if path.suffix in (".csv", ".tsv"):
        with path.open(newline="") as file:
            rows = csv.DictReader(file, delimiter="," if path.suffix == ".csv" else "\t")
            return [{**row, "url": row["url"] or None} for row in rows]
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    table = parquet.read_table(path) if path.suffix == ".parquet" else feather.read_table(path)
    return table.to_pylist()


FORMATS = ["txt", "csv", "tsv", "jsonl", "parquet", "arrow"]


@pytest.mark.parametrize("out", FORMATS)
@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_becomes_each_other(kind: str, out: str, shell: Shell) -> None:
    write(shell.home / f"keys.{kind}", KEYS)
    shell.succeed(*SIGN, "--keys", f"keys.{kind}", "--out", f"out.{out}")
    rows = read(shell.home / f"out.{out}")
    assert [path_of(row["url"]) for row in rows] == KEYS
    if out != "txt":
        assert [row["key"] for row in rows] == KEYS
    if kind == out and kind != "txt":
        assert [int(row["id"]) for row in rows] == list(range(len(KEYS)))
        assert {row["note"] for row in rows} == {'it\'s "x",\ny'}
    assert sorted(os.listdir(shell.home)) == sorted([f"keys.{kind}", f"out.{out}"])


@pytest.mark.parametrize("kind", ["txt", "csv", "jsonl"])
def test_text_goes_through_a_pipe(kind: str, shell: Shell) -> None:
    write(shell.home / f"keys.{kind}", KEYS)
    data = (shell.home / f"keys.{kind}").read_bytes()
    out = shell.succeed(*SIGN, "--keys", "-", "--format", kind, "--out", "-", stdin=data)
    (shell.home / f"out.{kind}").write_text(out)
    assert [path_of(row["url"]) for row in read(shell.home / f"out.{kind}")] == KEYS


def test_parquet_goes_to_standard_output(shell: Shell) -> None:
    write(shell.home / "keys.parquet", KEYS)
    done = subprocess.run(
        [*COMMAND, *SIGN, "--keys", "keys.parquet", "--out", "-"],
        cwd=shell.home, env=shell.environment(), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    table = parquet.read_table(pa.BufferReader(done.stdout))
    assert [path_of(url) for url in table["url"].to_pylist()] == KEYS


def bad_rows(shell: Shell, name: str) -> list[tuple[int, str | None]]:
    lines = (shell.home / name).read_text().splitlines()
    entries = [json.loads(line) for line in lines]
    assert all([*entry] == ["row", "key", "error"] and entry["error"] for entry in entries)
    return [(entry["row"], entry["key"]) for entry in entries]


@pytest.mark.parametrize("kind", ["txt", "csv", "jsonl", "parquet"])
def test_bad_rows_have_no_url_and_are_listed(kind: str, shell: Shell) -> None:
    keys = ["a", "/bad", "b", "k" * 1024, "c"]
    write(shell.home / f"keys.{kind}", keys)
    done = shell.ossign(*SIGN, "--keys", f"keys.{kind}", "--out", f"out.{kind}")
    assert done.code == 1
    assert done.err == f"ossign: 2 of 5 rows have no URL; out.{kind}.bad.jsonl says why\n"
    urls = [path_of(row["url"]) for row in read(shell.home / f"out.{kind}")]
    assert urls == ["a", None, "b", None, "c"]
    assert bad_rows(shell, f"out.{kind}.bad.jsonl") == [(2, "/bad"), (4, "k" * 1024)]
    write(shell.home / f"keys.{kind}", ["a"])
    shell.succeed(*SIGN, "--keys", f"keys.{kind}", "--out", f"out.{kind}")
    assert not (shell.home / f"out.{kind}.bad.jsonl").exists()


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_a_null_key_gives_a_null_url_and_is_not_bad(kind: str, shell: Shell) -> None:
    write(shell.home / f"keys.{kind}", ["a", None])
    shell.succeed(*SIGN, "--keys", f"keys.{kind}", "--out", f"out.{kind}")
    assert [path_of(row["url"]) for row in read(shell.home / f"out.{kind}")] == ["a", None]


def test_lines_of_json_are_kept_as_they_are(shell: Shell) -> None:
    lines = [
        ' {"id": 1.50, "key": "\\u6570" } ', '"plain"', '{"id":2}', "", "nope", '{"key":null}',
        '{"key":5}', "[1]", '{"key":"\\ud800"}', "\xff",
    ]  # fmt: skip
    (shell.home / "keys.jsonl").write_bytes("\r\n".join(lines).encode("latin-1"))
    done = shell.ossign(*SIGN, "--keys", "keys.jsonl", "--out", "out.jsonl", "--bad", "bad")
    assert (done.code, done.err) == (1, "ossign: 6 of 9 rows have no URL; bad says why\n")
    out = (shell.home / "out.jsonl").read_text().splitlines()
    assert out[0].startswith(f' {{"id": 1.50, "key": "\\u6570","url":"{HOST}%E6%95%B0?')
    assert out[1].startswith(f'{{"key":"plain","url":"{HOST}plain?')
    assert out[2:] == [
        '{"id":2,"url":null}', '{"key":null,"url":null}', '{"key":null,"url":null}',
        '{"key":5,"url":null}', '{"key":null,"url":null}', '{"key":"\\ud800","url":null}',
        '{"key":null,"url":null}',
    ]  # fmt: skip
    assert [row for row, _ in bad_rows(shell, "bad")] == [3, 4, 6, 7, 8, 9]


def test_rows_of_csv_may_be_short_or_long_or_empty(shell: Shell) -> None:
    text = '\ufeffid,key,note\r\n1,a,"x\r\ny"\r\n\r\n2\r\n3,b\r\n4,c,z,more\r\n'
    (shell.home / "keys.csv").write_text(text, newline="")
    done = shell.ossign(*SIGN, "--keys", "keys.csv", "--out", "out.csv")
    assert done.code == 1
    with (shell.home / "out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["id", "key", "note", "url"]
    assert [row[:3] for row in rows[1:]] == [
        ["1", "a", "x\r\ny"], ["2", "", ""], ["3", "b", ""], ["4", "c", "z"],
    ]  # fmt: skip
    assert [path_of(row[3]) for row in rows[1:]] == ["a", None, "b", None]
    assert bad_rows(shell, "out.csv.bad.jsonl") == [(2, None), (4, None)]


def test_lines_of_text_end_with_either_line_end_or_none(shell: Shell) -> None:
    (shell.home / "keys.txt").write_bytes("\ufeffa\r\nb \u2028c\x0bd\n\ne".encode())
    assert shell.ossign(*SIGN, "--keys", "keys.txt", "--out", "out.txt").code == 1
    urls = [path_of(url) for url in (shell.home / "out.txt").read_text().split("\n")]
    assert urls == ["a", "b \u2028c\x0bd", None, "e", None]


def test_bytes_that_are_no_text_are_bad_rows(shell: Shell) -> None:
    (shell.home / "keys.txt").write_bytes(b"a\nlatin-\xe9\nb\n")
    assert shell.ossign(*SIGN, "--keys", "keys.txt", "--out", "out.txt").code == 1
    assert [path_of(row["url"]) for row in read(shell.home / "out.txt")] == ["a", None, "b"]
    assert bad_rows(shell, "out.txt.bad.jsonl") == [(2, "latin-\udce9")]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_without_rows_gives_one_without_rows(kind: str, shell: Shell) -> None:
    write(shell.home / f"keys.{kind}", [])
    if kind in ("parquet", "arrow"):
        empty = pa.table({"key": pa.array([], pa.string())})
        save = parquet.write_table if kind == "parquet" else feather.write_feather
        save(empty, shell.home / f"keys.{kind}")
    shell.succeed(*SIGN, "--keys", f"keys.{kind}", "--out", f"out.{kind}")
    assert read(shell.home / f"out.{kind}") == []


def test_columns_have_the_names_that_are_asked_for(shell: Shell) -> None:
    (shell.home / "keys.csv").write_text("url,path\n1,a\n")
    names = ("--column", "path", "--url-column", "link")
    shell.succeed(*SIGN, "--keys", "keys.csv", "--out", "out.csv", *names)
    assert (shell.home / "out.csv").read_text().startswith(f"url,path,link\n1,a,{HOST}a?")


@pytest.mark.parametrize("kind", ["string", "large_string", "dictionary"])
def test_any_column_of_text_is_taken(kind: str, shell: Shell) -> None:
    keys = pa.array(KEYS)
    keys = keys.dictionary_encode() if kind == "dictionary" else keys.cast(kind)
    parquet.write_table(pa.table({"key": keys}), shell.home / "keys.parquet")
    shell.succeed(*SIGN, "--keys", "keys.parquet", "--out", "out.parquet")
    table = parquet.read_table(shell.home / "out.parquet")
    assert table.schema.field("key").type == keys.type
    assert [path_of(url) for url in table["url"].to_pylist()] == KEYS


def test_headers_and_times_are_those_of_the_options(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("a\nb\n")
    shell.succeed(
        "presign", "put", "examplebucket", "--keys", "keys.txt", "--out", "out.txt",
        "--expires", "7d", "--meta", "a=b", "--sign-header", "cache-control",
        "--cache-control", "no-cache", "--threads", "2",
    )  # fmt: skip
    for row in read(shell.home / "out.txt"):
        assert "&x-oss-expires=604800&" in row["url"]
        assert "&x-oss-additional-headers=cache-control&" in row["url"]


def test_the_url_of_a_row_is_that_of_its_key_alone(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("k\n")
    for _ in range(3):  # until both runs fall into one second
        shell.succeed(*SIGN, "--keys", "keys.txt", "--out", "out.txt")
        alone = shell.succeed(*SIGN, "k")
        many = (shell.home / "out.txt").read_text()
        if alone == many:
            break
    assert alone == many


def test_files_of_so_many_rows_and_the_rest_of_them_later(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("".join(f"k{n}\n" for n in range(10)))
    split = ("--keys", "keys.txt", "--out", "out.csv", "--split", "4")
    shell.succeed(*SIGN, *split)
    names = ["out-00001.csv", "out-00002.csv", "out-00003.csv"]
    assert sorted(os.listdir(shell.home)) == ["keys.txt", *names]
    urls = [row["url"] for name in names for row in read(shell.home / name)]
    assert [path_of(url) for url in urls] == [f"k{n}" for n in range(10)]
    assert "out-00001.csv is there" in shell.fail(2, *SIGN, *split)
    (shell.home / names[1]).unlink()
    (shell.home / names[2]).write_text("mine")
    (shell.home / "out-00000.csv").write_text("no part")
    shell.succeed(*SIGN, *split, "--resume")
    assert [row["key"] for row in read(shell.home / names[1])] == ["k4", "k5", "k6", "k7"]
    assert (shell.home / names[2]).read_text() == "mine"


def killed_in_the_second_part(shell: Shell) -> tuple[str, ...]:
    """A run that is killed when it has one part of three; how to go on with it."""
    (shell.home / "all.txt").write_text("/0\nk1\nk2\n/3\n/4\nk5\n/6\n")
    keys = shell.home / "keys.fifo"
    os.mkfifo(keys)
    words = (*SIGN, "--format", "txt", "--out", "o.csv", "--split", "3")
    run = subprocess.Popen(
        [*COMMAND, *words, "--keys", "keys.fifo"], cwd=shell.home, env=shell.environment()
    )
    # For reading as well: so it does not wait for a reader that may never come.
    with os.fdopen(os.open(keys, os.O_RDWR), "wb", buffering=0) as file:
        file.write(b"/0\nk1\nk2\n/3\n")
        ends = time.monotonic() + 120
        while not (shell.home / "o-00001.csv").exists() and time.monotonic() < ends:
            time.sleep(0.01)
        run.kill()
        run.wait(timeout=60)
    assert not (shell.home / "o-00002.csv").exists()
    return (*words, "--keys", "all.txt", "--resume")


def test_bad_rows_of_parts_that_stay_are_listed_after_a_kill(shell: Shell) -> None:
    go_on = killed_in_the_second_part(shell)
    with (shell.home / "o.csv.bad.jsonl").open("a") as file:
        file.write('{"row": 1, "ke')
    done = shell.ossign(*go_on)
    assert done.code == 1
    assert done.err == "ossign: 4 of 7 rows have no URL; o.csv.bad.jsonl says why\n"
    assert bad_rows(shell, "o.csv.bad.jsonl") == [(1, "/0"), (4, "/3"), (5, "/4"), (7, "/6")]
    again = shell.ossign(*go_on)
    assert (again.code, again.err) == (done.code, done.err)


def test_a_part_that_is_made_again_lists_its_rows_anew(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("/0\nk1\n/2\nk3\n")
    words = (*SIGN, "--keys", "keys.txt", "--out", "o.csv", "--split", "2")
    assert shell.ossign(*words).code == 1
    (shell.home / "keys.txt").write_text("k0\nk1\n/2\nk3\n")
    (shell.home / "o-00001.csv").unlink()
    assert shell.ossign(*words, "--resume").code == 1
    assert bad_rows(shell, "o.csv.bad.jsonl") == [(3, "/2")]
    (shell.home / "keys.txt").write_text("k0\nk1\nk2\nk3\n")
    (shell.home / "o-00002.csv").unlink()
    shell.succeed(*words, "--resume")
    assert not (shell.home / "o.csv.bad.jsonl").exists()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("before", "after"), [("4", "3"), ("2", "3"), ("4", "5")])
def test_what_was_cut_otherwise_is_not_resumed(
    kind: str, before: str, after: str, shell: Shell
) -> None:
    keys = "".join(f"k{n}\n" for n in range(9)) + "/bad\n"
    (shell.home / "keys.txt").write_text(keys)
    words = (*SIGN, "--keys", "keys.txt", "--out", f"o.{kind}")
    assert shell.ossign(*words, "--split", before).code == 1
    if after == "5":  # one part tells less than several
        (shell.home / f"o-00002.{kind}").unlink()
        (shell.home / f"o-00003.{kind}").unlink()
    parts = sorted(shell.home.glob("o-*"))
    line = shell.fail(2, *words, "--split", after, "--resume")
    assert f"o-00001.{kind} has {before} rows and was made with another --split" in line
    assert sorted(shell.home.glob("o-*")) == parts
    assert shell.ossign(*words, "--split", before, "--resume").code == 1
    assert bad_rows(shell, f"o.{kind}.bad.jsonl") == [(10, "/bad")]


def test_a_part_that_is_the_last_may_be_short(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("a\nb\nc\n")
    words = (*SIGN, "--keys", "keys.txt", "--out", "o.txt", "--split", "2")
    shell.succeed(*words)
    shell.succeed(*words, "--resume")
    (shell.home / "o-00001.txt").unlink()
    shell.succeed(*words, "--resume")
    assert [path_of(row["url"]) for row in read(shell.home / "o-00001.txt")] == ["a", "b"]


def test_a_value_too_many_is_a_bad_row_and_not_another_key(shell: Shell) -> None:
    (shell.home / "keys.csv").write_text("key\na,b.jpg\nok\n")
    done = shell.ossign(*SIGN, "--keys", "keys.csv", "--out", "out.csv")
    assert done.code == 1
    assert [path_of(row["url"]) for row in read(shell.home / "out.csv")] == [None, "ok"]
    assert "the row has 2 of 1 values" in (shell.home / "out.csv.bad.jsonl").read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('key\na\n"b\nc\nd', "keys.csv: lines 3 to 5: a quote is not closed"),
        ('key\n"a\r\nb"\n\n"c\n', "keys.csv: line 5: a quote is not closed"),
        ('key\na\n"b"c\n', "keys.csv: line 3: ',' expected after '\"'"),
        ('"key\n', "keys.csv: line 1: a quote is not closed"),
    ],
)
def test_a_wrong_quote_is_an_error_with_its_line(text: str, says: str, shell: Shell) -> None:
    (shell.home / "keys.csv").write_text(text, newline="")
    assert says in shell.fail(4, *SIGN, "--keys", "keys.csv", "--out", "out.csv")


def test_a_value_beside_the_key_may_be_long(shell: Shell) -> None:
    note = "x" * 200_000
    (shell.home / "keys.csv").write_text(f"key,note\na,{note}\n")
    shell.succeed(*SIGN, "--keys", "keys.csv", "--out", "out.csv")
    assert f"\na,{note},{HOST}a?" in (shell.home / "out.csv").read_text()


def test_the_limit_of_csv_is_as_before_when_the_command_is_done(shell: Shell) -> None:
    from ossign.cli.bulk.separated import SeparatedReader

    (shell.home / "keys.csv").write_text("key\na\n")
    limit = csv.field_size_limit()
    options = argparse.Namespace(keys=str(shell.home / "keys.csv"), column="key", url_column="url")
    with closing(SeparatedReader(options)):
        assert csv.field_size_limit() > limit
    assert csv.field_size_limit() == limit


def test_a_carriage_return_in_a_key_is_quoted(shell: Shell) -> None:
    (shell.home / "keys.txt").write_bytes(b"a\ng\rh\nb\n")
    shell.succeed(*SIGN, "--keys", "keys.txt", "--out", "out.csv")
    text = (shell.home / "out.csv").read_bytes()
    assert b'\n"g\rh",' in text and b"\r\n" not in text and text.count(b"\n") == 4
    assert [row["key"] for row in read(shell.home / "out.csv")] == ["a", "g\rh", "b"]


def test_an_output_appears_whole_or_not_at_all(shell: Shell) -> None:
    (shell.home / "out.csv").write_text("old")
    (shell.home / "keys.csv").write_text('key\na\n"' + "x" * 200_000)
    assert "not closed" in shell.fail(4, *SIGN, "--keys", "keys.csv", "--out", "out.csv")
    assert (shell.home / "out.csv").read_text() == "old"
    assert sorted(os.listdir(shell.home)) == ["keys.csv", "out.csv"]


def test_a_link_stays_a_link(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("a\n")
    (shell.home / "old.csv").write_text("old")
    (shell.home / "link.csv").symlink_to("old.csv")
    shell.succeed(*SIGN, "--keys", "keys.txt", "--out", "link.csv")
    assert (shell.home / "link.csv").is_symlink()
    assert [row["key"] for row in read(shell.home / "old.csv")] == ["a"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "./keys.txt"], "--out: './keys.txt' is the file of --keys"),
        (["--out", "link.txt"], "--out: 'link.txt' is the file of --keys"),
        (["--out", "o.csv", "--bad", "link.txt"], "--bad: 'link.txt' is the file of --keys"),
        (["--out", "o.csv", "--bad", "./o.csv"], "--bad: './o.csv' is the file of --out"),
        (["--out", "o.csv", "--split", "2", "--bad", "keys.txt"], "--bad: 'keys.txt' is the file"),
    ],
)
def test_no_file_is_used_twice(words: list[str], says: str, shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("a\n/b\n")
    (shell.home / "link.txt").symlink_to("keys.txt")
    assert says in shell.fail(2, *SIGN, "--keys", "keys.txt", *words)
    assert (shell.home / "keys.txt").read_text() == "a\n/b\n"


def test_the_list_of_bad_rows_is_not_read_and_replaced_at_once(shell: Shell) -> None:
    (shell.home / "o.csv.bad.jsonl").write_text('{"key": "/a"}\n')
    line = shell.fail(2, *SIGN, "--keys", "o.csv.bad.jsonl", "--out", "o.csv")
    assert line.startswith("argument --bad: 'o.csv.bad.jsonl' is the file of --keys")


def test_the_list_of_bad_rows_that_is_asked_for_is_there_and_new(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("/a\n")
    words = (*SIGN, "--keys", "keys.txt", "--out", "o.csv", "--bad", "bad")
    assert shell.ossign(*words).code == 1
    assert shell.ossign(*words).code == 1
    assert bad_rows(shell, "bad") == [(1, "/a")]
    (shell.home / "keys.txt").write_text("a\n")
    shell.succeed(*words)
    assert (shell.home / "bad").read_bytes() == b""
    parts = (*SIGN, "--keys", "keys.txt", "--out", "o.csv", "--split", "1", "--resume")
    shell.succeed(*parts)
    shell.succeed(*parts, "--bad", "of parts that are all there")
    assert (shell.home / "of parts that are all there").read_bytes() == b""


def test_a_device_is_written_to_and_not_replaced(shell: Shell) -> None:
    (shell.home / "keys.txt").write_text("a\n")
    shell.succeed(*SIGN, "--keys", "keys.txt", "--out", os.devnull, "--out-format", "txt")
    assert not Path(os.devnull).is_file()
    line = shell.fail(
        4, *SIGN, "--keys", "keys.txt", "--out", "/dev/full", "--out-format", "txt"
    )  # fmt: skip
    assert line == "No space left on device"


def test_an_interrupted_run_leaves_nothing_half_done(shell: Shell) -> None:
    keys, out = shell.home / "keys.fifo", shell.home / "out.txt"
    os.mkfifo(keys)
    run = subprocess.Popen(
        [*COMMAND, *SIGN, "--keys", keys, "--format", "txt", "--out", out],
        stderr=subprocess.PIPE, env=shell.environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    with keys.open("wb") as file:
        file.write(b"k\n" * 3_000_000)  # more than a pipe holds: it is under way
        file.flush()
        run.send_signal(signal.SIGINT)
        _, complaint = run.communicate(timeout=60)
    assert (run.returncode, complaint) == (130, b"ossign: interrupted\n")
    assert os.listdir(shell.home) == ["keys.fifo"]


@pytest.mark.parametrize(
    ("code", "words", "says"),
    [
        (2, ["--keys", "keys.txt"], "--out"),
        (2, ["--out", "o.txt"], "--keys"),
        (2, ["--threads", "2"], "--keys"),
        (2, ["--split", "2"], "--keys"),
        (2, ["--resume"], "--keys"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "k"], "KEY"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--json"], "--json"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--curl"], "--curl"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--resume"], "--split"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--split", "0"], "whole number from 1"),
        (2, ["--keys", "keys.txt", "--out", "-", "--split", "3"], "standard output"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--threads", "x"], "whole number from 1"),
        (2, ["--keys", "keys.txt", "--out", "o.txt", "--format", "xls"], "invalid choice: 'xls'"),
        (2, ["--keys", "keys", "--out", "o.txt"], "--format"),
        (2, ["--keys", "keys.txt", "--out", "o"], "--out-format"),
        (2, ["--keys", "-", "--out", "o.txt"], "--format"),
        (2, ["--keys", "-", "--format", "parquet", "--out", "o.txt"], "standard input"),
        (4, ["--keys", "/dev/stdin", "--format", "parquet", "--out", "o.txt"], "from a pipe"),
        (4, ["--keys", "missing.txt", "--out", "o.txt"], "missing.txt: No such file"),
        (4, ["--keys", ".", "--format", "txt", "--out", "o.txt"], "Is a directory"),
        (4, ["--keys", "keys.txt", "--out", "no/o.txt"], "No such file"),
        (4, ["--keys", "keys.txt", "--format", "csv", "--out", "o.csv"], "has no column 'key'"),
        (4, ["--keys", "keys.txt", "--format", "parquet", "--out", "o.csv"], "damaged"),
        (4, ["--keys", "keys.txt", "--format", "arrow", "--out", "o.csv"], "damaged"),
        (4, ["--keys", "ints.parquet", "--out", "o.csv"], "int64, not text"),
        (4, ["--keys", "ints.parquet", "--column", "x", "--out", "o.csv"], "has no column 'x'"),
        (4, ["--keys", "two.csv", "--out", "o.csv"], "has several columns 'key'"),
        (4, ["--keys", "url.csv", "--out", "o.csv"], "--url-column"),
        (4, ["--keys", "url.jsonl", "--out", "o.csv"], "--url-column"),
        (1, ["--keys", "keys.txt", "--out", "o.txt", "--expires", "8d"], "seven days"),
        (1, ["--keys", "keys.txt", "--out", "o.txt", "--region", "oss-x"], "region"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(
    code: int, words: list[str], says: str, shell: Shell
) -> None:
    (shell.home / "keys.txt").write_text("a\n")
    parquet.write_table(pa.table({"key": [1]}), shell.home / "ints.parquet")
    (shell.home / "url.csv").write_text("key,url\na,b\n")
    (shell.home / "two.csv").write_text("key,key\na,b\n")
    (shell.home / "url.jsonl").write_text('{"key":"a","url":"b"}\n')
    before = sorted(os.listdir(shell.home))
    assert says in shell.fail(code, *SIGN, *words)
    assert sorted(os.listdir(shell.home)) == before


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_pyarrow_reads_a_file_of_its_own(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its threads would free buffers of a file of Python's, and may do so after Python's end."""
    opened = []

    def opener(*arguments: str) -> BinaryIO:
        opened.append(open(*arguments))  # noqa: SIM115
        return opened[-1]

    monkeypatch.setattr(tables, "open", opener, raising=False)
    write(tmp_path / f"keys.{kind}", [*KEYS])
    name = str(tmp_path / f"keys.{kind}")
    options = argparse.Namespace(keys=name, column="key", url_column="url")
    with closing(reader_of(kind, options)) as reader:
        assert [file.closed for file in opened] == [True]
        assert [key for rows in reader for key in rows.texts()] == KEYS


def test_without_pyarrow_it_is_named(shell: Shell) -> None:
    (shell.home / "pyarrow.py").write_text("raise ImportError")
    write(shell.home / "keys.parquet", KEYS)
    line = shell.fail(
        3, *SIGN, "--keys", "keys.parquet", "--out", "o.csv", PYTHONPATH=str(shell.home)
    )
    assert "pip install 'ossign[arrow]'" in line


def test_text_needs_no_pyarrow(shell: Shell) -> None:
    (shell.home / "pyarrow.py").write_text("raise ImportError")
    for kind in ("txt", "csv", "tsv", "jsonl"):
        write(shell.home / f"keys.{kind}", KEYS)
        shell.succeed(
            *SIGN, "--keys", f"keys.{kind}", "--out", f"out.{kind}", PYTHONPATH=str(shell.home)
        )
        assert [path_of(row["url"]) for row in read(shell.home / f"out.{kind}")] == KEYS


def test_a_million_rows_need_no_more_memory_than_some(shell: Shell) -> None:
    def peak(rows: int) -> int:
        """Kilobytes that a run needs at most."""
        (shell.home / "keys.txt").write_bytes(
            b"".join(b"exampledir/%012d/image.jpg\n" % n for n in range(rows))
        )
        measure = (
            "import os, subprocess, sys; run = subprocess.Popen(sys.argv[1:]); "
            "_, status, used = os.wait4(run.pid, 0); assert status == 0; print(used.ru_maxrss)"
        )
        words = [*SIGN, "--keys", "keys.txt", "--out", "out.txt"]
        done = subprocess.run(
            [sys.executable, "-c", measure, *COMMAND, *words],
            cwd=shell.home, env=shell.environment(), stdout=subprocess.PIPE, timeout=300,
            check=True,
        )  # fmt: skip
        return int(done.stdout)

    few, many = peak(250_000), peak(1_000_000)
    assert resource.RUSAGE_CHILDREN  # the figures are those of the run itself
    assert many < few * 1.3 + 20_000


def test_progress_is_shown_on_a_terminal_only(shell: Shell) -> None:
    import pty

    write(shell.home / "keys.csv", KEYS)
    leader, follower = pty.openpty()
    done = subprocess.run(
        [*COMMAND, *SIGN, "--keys", "keys.csv", "--out", "out.csv"],
        cwd=shell.home, stderr=follower, env=shell.environment(), timeout=60, check=False,
    )  # fmt: skip
    os.close(follower)
    shown = os.read(leader, 1000).decode()
    os.close(leader)
    assert done.returncode == 0
    assert shown.startswith("\r\x1b[K6 URLs, ") and shown.endswith(" in 0:00\r\n")


def test_progress_says_how_far_how_fast_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal, now, fraction = Terminal(), 100.0, 0.0
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = Progress(lambda: fraction, lambda: now)
    now, fraction = 102.0, 0.25
    progress.add(2_500_000)
    assert terminal.getvalue() == (
        "\r\x1b[K[#####...............]  25%  2,500,000 URLs, 1,250,000/s, 0:06 left"
    )
    now = 102.05
    progress.add(1)
    assert terminal.getvalue().count("\r") == 1
    now = 3_762.0
    progress.finish()
    assert terminal.getvalue().endswith("\r\x1b[K2,500,001 URLs, 683/s in 1:01:02\n")
    unknown = Progress(lambda: None, lambda: now)
    assert unknown.line(3_764.0) == "0 URLs, 0/s"


@pytest.mark.parametrize("kind", ["txt", "csv", "jsonl", "parquet"])
def test_nobody_reading_any_more_is_no_error(kind: str, shell: Shell) -> None:
    write(shell.home / "keys.txt", [f"key-{number}" for number in range(100_000)])
    reading, writing = os.pipe()
    run = subprocess.Popen(
        [*COMMAND, *SIGN, "--keys", "keys.txt", "--out", "-", "--out-format", kind],
        cwd=shell.home, stdout=writing, stderr=subprocess.PIPE, env=shell.environment(),
    )  # fmt: skip
    os.close(writing)
    assert os.read(reading, 3) != b""
    os.close(reading)
    _, complaint = run.communicate(timeout=60)
    assert (run.returncode, complaint) == (141, b"")
