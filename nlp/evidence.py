"""Independent documents by theme, stream, source and week: what signals are computed from."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from config.models import Stream
from nlp.arrays import Array, Integers
from nlp.growth import StreamCounts

QUARTER_WEEKS = 13
FEW_ADMITTED = 30.0  # documents of the usual share that every stream is given after a fit


@dataclass(frozen=True, slots=True)
class Tally:
    """Rows of counts; all arrays have one entry per row.

    `age` is how many weeks before the run's week the documents were published, `known`
    how many weeks before it they were available: a week in between must not count what
    came to light only later. `theme` is -1 where the row counts the whole stream.
    """

    theme: Integers
    stream: Integers
    source: Integers
    age: Integers
    known: Integers
    documents: Integers | Array


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one theme besides its counts."""

    theme: str
    first_seen: str  # ISO week of the first document
    age_weeks: int  # since the third document
    organisations: int = 0
    countries: int = 0
    sources: int = 0
    groups: int = 0  # groups of authors that share nobody
    named: float = 0.0  # share of documents that name organisations
    signed: float = 0.0  # share of documents that carry author keys
    variety: float = 1.0  # effective number of organisations, or of first authors
    amount_eu: float = 0.0
    rising: float = math.nan  # rising words per recent document (nlp.risingwords)
    agreement: float = math.nan  # share of it that grows in other cuts too (nlp.othercuts)
    grown: float = math.inf  # times its share of three years before (nlp.former)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that one week's signals are computed from."""

    week: str
    themes: Sequence[Facts]
    members: Tally
    everything: Tally
    sources: int  # how many different sources the tallies number
    streams: Mapping[str, Stream]
    likeness: Array  # cosines of all themes

    def rising(self) -> Array:
        """Rising words of each theme; nan where they are not known."""
        return np.array([one.rising for one in self.themes], dtype=float)

    def agreement(self) -> Array:
        """How far other cuts agree with each theme; nan where it is not known."""
        return np.array([one.agreement for one in self.themes], dtype=float)


@dataclass(frozen=True, slots=True)
class Dated:
    """Documents as the tests count them; all arrays have one entry per document."""

    stream: Integers  # -1 for none
    source: Integers
    age: Integers  # weeks since they were published
    known: Integers  # weeks since they were available; those that are replayed stand for more too

    def tally(self, group: Integers, rows: npt.NDArray[np.bool_] | slice = slice(None)) -> Tally:
        """The documents *rows* counted by *group*, a theme or cell for each document."""
        table = np.stack([group, self.stream, self.source, self.age, self.known])[:, rows]
        cells, counts = np.unique(table, axis=1, return_counts=True)
        theme, stream, source, age, known = cells
        return Tally(theme, stream, source, age, known, counts)


def as_admitted(everything: Tally, members: Tally, weeks: int) -> Tally:
    """*everything*, with the last *weeks* lowered to what themes admit of them.

    Documents that came since a fit had no part in its themes, so fewer of them lie within
    one. Counted against all documents of their weeks, every theme would seem to fall behind
    from fit to fit; they are counted against as many as are admitted, stream by stream. More
    are never due than there are: where one theme takes them all, it grows.
    """
    due = everything.documents.astype(float)
    for stream in np.unique(everything.stream):
        heard = everything.stream == stream
        late = everything.age < weeks
        inside, new = members.stream == stream, members.age < weeks
        all_before, all_since = due[heard & ~late].sum(), due[heard & late].sum()
        usual = members.documents[inside & ~new].sum() / max(float(all_before), 1.0)
        admitted = members.documents[inside & new].sum() + FEW_ADMITTED
        due[heard & late] *= min(1.0, admitted / (usual * all_since + FEW_ADMITTED))
    return replace(everything, documents=due)


def stream_counts(evidence: Evidence, back: int = 0) -> list[StreamCounts]:
    """Counts per stream as they stood *back* weeks before the evidence's week."""
    return [
        _one_stream(evidence, number, name, stream, back)
        for number, (name, stream) in enumerate(evidence.streams.items())
    ]


def _one_stream(
    evidence: Evidence, number: int, name: str, stream: Stream, back: int
) -> StreamCounts:
    bins = stream.base_bins + stream.recent_bins

    def tensor(tally: Tally, themes: int) -> Array:
        age = tally.age - back
        ok = (tally.stream == number) & (age >= 0) & (tally.known >= back)
        ok &= age < bins * stream.bin_weeks
        place = bins - 1 - age[ok] // stream.bin_weeks
        counts = np.zeros((themes, evidence.sources, bins))
        theme = np.maximum(tally.theme[ok], 0)
        np.add.at(counts, (theme, tally.source[ok], place), tally.documents[ok])
        return counts

    totals = tensor(evidence.everything, 1)[0]
    heard = totals.sum(1) > 0  # most sources belong to one stream only
    # An archive shorter than the window is parted in the same proportion.
    silent = int((totals.sum(0) > 0).argmax()) if heard.any() else 0
    recent = max(1, round(stream.recent_bins * (bins - silent) / bins))
    return StreamCounts(
        name=name,
        counts=tensor(evidence.members, len(evidence.themes))[:, heard, silent:],
        totals=totals[heard, silent:],
        recent=recent,
        bin_weeks=stream.bin_weeks,
    )


def latest(stream: StreamCounts) -> StreamCounts:
    """The last quarter of a year against the three before it, cut from *stream*."""
    quarter = max(1, QUARTER_WEEKS // stream.bin_weeks)
    bins = min(4 * quarter, stream.totals.shape[1])
    return StreamCounts(
        stream.name,
        stream.counts[:, :, -bins:],
        stream.totals[:, -bins:],
        max(1, min(quarter, bins - 1)),  # a stream of one bin is its own recent window
        stream.bin_weeks,
    )


def recent_and_base(streams: Sequence[StreamCounts]) -> tuple[Array, Array]:
    """Documents of each theme in the recent windows and before them, over all streams."""
    recent = sum(s.counts[:, :, s.counts.shape[2] - s.recent :].sum((1, 2)) for s in streams)
    total = sum(s.counts.sum((1, 2)) for s in streams)
    return np.asarray(recent), np.asarray(total - recent)


def active_bins(streams: Sequence[StreamCounts]) -> tuple[Array, Array]:
    """Recent bins with a document, and the share of those it could be seen in (at most 1).

    Both are those of the stream in which the theme is most active.
    """
    most, share = np.zeros(len(streams[0].counts)), np.zeros(len(streams[0].counts))
    for stream in streams:
        late = stream.counts[:, :, stream.counts.shape[2] - stream.recent :].sum(1)
        active = (late > 0).sum(1).astype(float)
        possible = np.minimum(stream.recent, np.maximum(late.sum(1), 1))
        share = np.where(active > most, active / possible, share)
        most = np.maximum(most, active)
    return most, share


def without_busiest(streams: Sequence[StreamCounts], weeks: int = 4) -> tuple[Array, Array]:
    """What is left of each theme's growth when its busiest *weeks* are left out.

    The log ratio of observed to expected growth, and the share of the recent documents
    that remain. A theme that lives in one burst falls back here; lasting growth does not.
    """
    themes = len(streams[0].counts)
    seen, due = np.zeros((2, themes)), np.zeros((2, themes))  # recent, base
    most, most_due = np.zeros(themes), np.zeros(themes)
    for stream in streams:
        share = stream.totals / np.maximum(stream.totals.sum(1), 1)[:, None]
        counts, expected = stream.counts.sum(1), stream.counts.sum(2) @ share
        late = slice(counts.shape[1] - stream.recent, None)
        busiest, allowed = _busiest(counts[:, late], expected[:, late], weeks // stream.bin_weeks)
        most_due = np.where(busiest > most, allowed, most_due)
        most = np.maximum(busiest, most)
        for row, part in enumerate((late, slice(0, late.start))):
            seen[row] += counts[:, part].sum(1)
            due[row] += expected[:, part].sum(1)
    left = 1 - most / np.maximum(seen[0], 1)
    seen[0], due[0] = seen[0] - most, due[0] - most_due
    log = np.log((seen + 0.5) / np.maximum(due, 0.5))
    return np.asarray(log[0] - log[1]), np.asarray(left)


def _busiest(counts: Array, expected: Array, bins: int) -> tuple[Array, Array]:
    """Documents in each row's busiest run of *bins* bins, and how many were expected there."""
    windows = np.lib.stride_tricks.sliding_window_view
    span = min(max(1, bins), counts.shape[1])
    sums = windows(counts, span, axis=1).sum(2)
    start = sums.argmax(1)[:, None]
    allowed = np.take_along_axis(windows(expected, span, axis=1).sum(2), start, 1)
    return sums.max(1), allowed[:, 0]


def four_weekly(evidence: Evidence, weeks: int) -> tuple[Array, Array]:
    """Documents of each theme in bins of four weeks, oldest first, and how many were due.

    Due is what the volume of its streams leads one to expect of a theme whose share never
    changes; a stream in which the theme is absent has no part in it.
    """
    bins, streams = weeks // 4, len(evidence.streams)

    def table(tally: Tally, rows: int) -> Array:
        ok = (tally.age >= 0) & (tally.age < bins * 4)
        counts = np.zeros((rows, streams, bins))
        place = (np.maximum(tally.theme[ok], 0), tally.stream[ok], bins - 1 - tally.age[ok] // 4)
        np.add.at(counts, place, tally.documents[ok])
        return counts

    counts = table(evidence.members, len(evidence.themes))
    volume = table(evidence.everything, 1)[0]
    share = volume / np.maximum(volume.sum(1, keepdims=True), 1)
    return counts.sum(1), np.asarray(counts.sum(2) @ share)
