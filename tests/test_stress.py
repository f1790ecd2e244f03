"""Robustness is measured on the project and on drawn data, and shown in the page of measurements."""

from recount import latency, stress
from recount.bench import Measured, document, together
from recount.latency import Followed, Told
from recount.stress import drawn


def test_drawn_data_of_any_size_go_through_the_whole_of_it() -> None:
    """Few alternatives on few criteria, with more rows or fewer than cells, are measured too."""
    assert drawn(3, 2, 40) > 0
    assert drawn(4, 12, 30) > 0


def test_the_page_of_measurements_has_a_line_for_each_measurement() -> None:
    """What was measured stands in `docs/performance.md` by its name: its median, and between what it lay."""
    robustness = {"this project": 1.5, "drawn": 20.0}
    cold = together(
        [Measured("cold", (seconds,), seconds / 10, parts={"gate": seconds}) for seconds in (9.0, 2.0, 4.0)]
    )
    saves = [Followed("one comma", pages, 2.0, 0.5) for pages in (1.25, 7.0, 3.0)]
    told = [Told("in a preview", (0.5, 2.5, 1.0))]
    page = document([cold], [], 3, [*latency.table(saves), *latency.errors_table(told), *stress.table(robustness)])
    assert "| cold | 4.0 | 2.0, 9.0 | 100% | 0.40 |  | 4.0 |" in page
    assert "| this project | 1.50 |" in page
    assert "| drawn | 20.00 |" in page
    assert "| in a preview | 1.0 | 0.5, 2.5 |" in page
    assert "| one comma | 3.0 | 1.2, 7.0 | 2.0 | 2.0, 2.0 | 0.50 |" in page
