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


def test_a_module_put_off_has_its_file_without_being_loaded() -> None:
    """Every kernel asks all modules for their files; in a preview that loaded all that had been put off, each time."""
    told = run(
        "import sys; from recount.imports import put_off; put_off('colorsys'); import colorsys;"
        "print(colorsys.__file__.endswith('colorsys.py'), 'ONE_THIRD' in vars(sys.modules['colorsys']))"
    )
    assert told == "True False"


def test_a_module_that_is_loaded_is_left_alone() -> None:
    """Putting it off would make two of it."""
    told = run(
        "import sys, colorsys; from recount.imports import put_off; put_off('colorsys');"
        "print(sys.modules['colorsys'] is colorsys)"
    )
    assert told == "True"


def test_a_class_put_off_is_itself_as_soon_as_it_is_used() -> None:
    """Importing it by name does not load its module; deriving from it does, and asks the real one from then on."""
    told = run(
        "import sys; from recount.imports import _LaterNames; later = sys.modules['sched'] = _LaterNames('sched');"
        "from sched import Event, scheduler;"
        "print(sys.modules['sched'] is later);"
        "mine = type('Mine', (), {});"
        "exec('class Mine(scheduler): pass');"
        "import sched; print(sched is not later, issubclass(Mine, sched.scheduler), isinstance(Mine(), scheduler));"
        "print(issubclass(Mine, scheduler), issubclass(int, scheduler), Event(1, 2, 3, 4, 5, 6).priority)"
    )
    assert told.splitlines() == ["True", "True True True", "True False 2"]


def test_what_was_put_off_by_a_module_that_is_imported_anew_is_still_loaded() -> None:
    """A build of the preview starts with Great Expectations imported and with the modules of the project fresh."""
    told = run(
        "import sys; from recount import imports; imports.great_expectations();"
        "del sys.modules['recount.imports'], sys.modules['recount'];"
        "from recount import imports; kind = 'expect_column_values_to_be_in_set'; imports.expectation(kind);"
        "from great_expectations.expectations.registry import get_expectation_impl; print(get_expectation_impl(kind))"
    )
    assert "ExpectColumnValuesToBeInSet" in told


def test_databases_and_unused_expectations_are_not_loaded() -> None:
    """Where a new Great Expectations keeps them elsewhere, nothing is put off and every build is slower."""
    told = run(
        "import sys; from recount import imports, judge;"
        "judge.context().data_sources.add_pandas('tables');"
        "later = [name for name, module in sys.modules.items() if isinstance(module, imports._Later)];"
        "print(*(name.rpartition('.')[2] for name in later))"
    )
    assert {
        "altair",
        "spark_datasource",
        "pandas_filesystem_datasource",
        "sql_datasource",
        "expect_column_kl_divergence_to_be_less_than",
        "expect_column_values_to_be_in_set",
    } <= set(told.split())


def test_every_expectation_can_be_asked_though_it_is_put_off() -> None:
    """A suite may name any of them, and the first that names it loads it."""
    registered = (
        "from great_expectations.expectations.registry import list_registered_expectation_implementations as known;"
        "print(*sorted(known()))"
    )
    every = run(f"import great_expectations; {registered}")
    ours = run(
        "from recount import imports; imports.great_expectations();"
        f"[imports.expectation(kind) for kind in {every.split()}]; {registered}"
    )
    assert ours == every != ""


def test_a_module_inside_a_package_is_put_off_before_the_package_is_imported() -> None:
    """Neither the drawings of pymcdm nor matplotlib, which they import, are loaded with it."""
    told = run(
        "import sys; from recount.imports import pymcdm; library = pymcdm();"
        "print('matplotlib' in sys.modules, library.methods.TOPSIS.__name__);"
        "print(library.visuals.boxplot.__name__, 'matplotlib' in sys.modules)"
    )
    assert told.splitlines() == ["False TOPSIS", "boxplot True"]


def test_whoever_ranks_nothing_does_not_import_the_library_that_ranks() -> None:
    """The modules behind the chapters, the commands and the results are all imported without it."""
    told = run(
        "import sys; import recount.commands, recount.build, recount.ranking, northern_route.results;"
        "from northern_route import report;"
        "[getattr(report, name) for name in report._MODULES]; report.unodc;"
        "print('pymcdm' in sys.modules)"
    )
    assert told == "False"


def test_charts_of_the_altair_that_kernels_have_are_those_of_altair() -> None:
    """Not checking them and not copying what nobody set changes no byte, not even of charts within charts."""
    code = (
        "import altair as alt, json, sys;"
        "near = alt.selection_point(name='near', fields=['x'], on='pointerover');"
        "data = alt.InlineData(values=[{'x': 1, 'y': 'a'}, {'x': 2, 'y': 'b'}]);"
        "base = alt.Chart(data, name='base').mark_bar(color='red', tooltip={'content': 'data'}).encode("
        "x=alt.X('x:Q', axis=alt.Axis(values=[1, 2], title=None)), y='y:N',"
        "opacity=alt.condition(near, alt.value(1), alt.value(0.2)));"
        "both = alt.layer(base.add_params(near), base.mark_text(dx=3).encode(text='y:N')).properties(width=90);"
        "print(json.dumps(alt.hconcat(both, both.copy().resolve_scale(x='independent')).to_dict()))"
    )
    ours = run("from recount import imports; imports.altair();" + code)
    assert '"opacity"' in ours
    assert ours == run(code)
