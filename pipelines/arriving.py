"""Lines of a pipe as they arrive."""

import io
from collections.abc import Iterator

MOST = 1 << 18  # bytes taken at once: a few hundred abstracts


def arriving(stream: io.BufferedIOBase) -> Iterator[list[str]]:
    """The whole lines that are there, group by group; waits only when there is nothing.

    Bytes that are no UTF-8 become replacement characters; the last line may lack its end.
    """
    rest = io.BytesIO()
    while chunk := stream.read1(MOST):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            rest.write(chunk)
            continue
        yield _decoded(rest.getvalue() + head)
        rest = io.BytesIO()
        rest.write(tail)
    if rest.tell():
        yield _decoded(rest.getvalue())


def _decoded(lines: bytes) -> list[str]:
    return [line.decode("utf-8", errors="replace") for line in lines.split(b"\n")]
