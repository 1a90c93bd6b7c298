"""Lines of a pipe as they arrive."""

import io
import os

from pipelines import arriving as module
from pipelines.arriving import arriving


def test_lines_come_whole_however_they_are_cut(monkeypatch):
    monkeypatch.setattr(module, "MOST", 4)
    groups = arriving(io.BytesIO("first\nzwölf\n\nlast".encode()))
    assert [line for group in groups for line in group] == ["first", "zwölf", "", "last"]


def test_what_is_there_comes_before_the_pipe_is_closed():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        os.write(writing, b"one\ntwo\nthr")
        groups = arriving(stream)
        assert next(groups) == ["one", "two"]
        os.write(writing, b"ee\n")
        assert next(groups) == ["three"]
        os.close(writing)
        assert list(groups) == []


def test_bytes_that_are_no_text_are_replaced():
    assert list(arriving(io.BytesIO(b"a\xffb\n"))) == [["a\ufffdb"]]
