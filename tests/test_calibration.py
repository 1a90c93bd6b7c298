"""The command that holds the simulation against its bounds."""

from dataclasses import replace

import pytest

from benchmarks import calibration

GOOD = calibration.Row(0.0, 0.05, 0.7, 0.4, 0.05)


@pytest.mark.parametrize(
    ("row", "null", "code", "said"),
    [
        (GOOD, (0.0005, 0.1), 0, "calibration holds"),
        (replace(GOOD, false=0.13), (0.0, 0.0), 1, "calibration BROKEN"),
        (GOOD, (0.002, 0.1), 1, "calibration BROKEN"),
        (GOOD, (0.0005, 0.2), 1, "calibration BROKEN"),
    ],
    ids=["all bounds hold", "false discoveries", "flags of noise", "weeks with a flag of noise"],
)
def test_a_broken_bound_ends_with_one(monkeypatch, capsys, row, null, code, said):
    monkeypatch.setattr("sys.argv", ["calibration"])
    monkeypatch.setattr(calibration, "calibrate", lambda dispersion, **_: row)
    monkeypatch.setattr(calibration, "null_flags", lambda *_, **__: null)
    assert calibration.main() == code
    assert capsys.readouterr().out.splitlines()[-1].startswith(said)
