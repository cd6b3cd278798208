"""How far a replay has come, at a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventroute.cli.replay_meter import ReplayMeter

MOMENT = datetime(2026, 1, 31, 8, tzinfo=UTC)


def test_a_terminal_shows_the_moment_that_a_replay_has_reached(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # stands for a terminal
    with ReplayMeter() as meter:
        meter.show(None)
        meter.show(MOMENT)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Ctrl-C cancels it" in shown.err


def test_elsewhere_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with ReplayMeter() as meter:
        meter.show(MOMENT)
    assert capsys.readouterr() == ("", "")
