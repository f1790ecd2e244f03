"""Robustness is measured on the project and on drawn data, and shown in the page of measurements."""

from recount.bench import Measured, document
from recount.latency import Followed
from recount.stress import drawn


def test_drawn_data_of_any_size_go_through_the_whole_of_it() -> None:
    """Few alternatives on few criteria, with more rows or fewer than cells, are measured too."""
    assert drawn(3, 2, 40) > 0
    assert drawn(4, 12, 30) > 0


def test_the_page_of_measurements_has_a_line_for_each_measurement() -> None:
    """What was measured stands in `docs/performance.md` by its name."""
    measured = {"this project": 1.5, "drawn": 20.0}
    page = document([Measured("cold", 2.0)], [], 3, measured, [Followed("one comma", 1.25, 2.0, 0.5)])
    assert "| this project | 1.50 |" in page
    assert "| drawn | 20.00 |" in page
    assert "| one comma | 1.2 | 2.0 | 0.50 |" in page
