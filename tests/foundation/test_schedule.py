"""The schedule is written for Vietnamese clocks, whatever clock the worker's machine keeps."""

from datetime import datetime

from marketplace import wiring
from marketplace.foundation.worker import on_the_wall


def test_the_workers_clock_is_seven_hours_behind():
    assert on_the_wall(datetime(2026, 11, 21, 17, 0)) == datetime(2026, 11, 22, 0, 0)  # noqa: DTZ001


def test_certificates_lapse_at_midnight_in_vietnam(app):
    due = {
        task.name
        for task in app.extensions["queue"].read_periodic(datetime(2026, 11, 21, 17, 0))  # noqa: DTZ001
    }
    assert "begin catalog.lapse_certificates" in due
    noon = {
        task.name
        for task in app.extensions["queue"].read_periodic(datetime(2026, 11, 21, 0, 0))  # noqa: DTZ001
    }
    assert "begin catalog.lapse_certificates" not in noon
    assert wiring.SCHEDULE["catalog.lapse_certificates"] == {"minute": "0", "hour": "0"}
