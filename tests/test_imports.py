"""What is imported late is there when it is asked for."""

import subprocess
import sys


def run(code: str) -> str:
    """What a Python of its own prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_module_put_off_is_loaded_by_the_first_name_asked_of_it() -> None:
    """However often it is imported before."""
    told = run(
        "import sys; from recount.imports import put_off; put_off('colorsys');"
        "import colorsys; import colorsys as again;"
        "print('ONE_THIRD' in vars(again));"
        "print(colorsys.rgb_to_hsv(1, 0, 0), 'ONE_THIRD' in vars(sys.modules['colorsys']))"
    )
    assert told.splitlines() == ["False", "(0.0, 1.0, 1) True"]


def test_a_module_that_is_loaded_is_left_alone() -> None:
    """Putting it off would make two of it."""
    told = run(
        "import sys, colorsys; from recount.imports import put_off; put_off('colorsys');"
        "print(sys.modules['colorsys'] is colorsys)"
    )
    assert told == "True"
