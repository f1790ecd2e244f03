"""Words for values: what prose may say of a number or a verdict."""

from decimal import Decimal

import pytest

from recount import amounts, words


@pytest.mark.parametrize(
    ("names", "text"),
    [((), "none"), (("A",), "A"), (("A", "B"), "A and B"), (("A", "B", "C"), "A, B and C")],
)
def test_list_of_names_has_one_and_before_the_last(names: tuple[str, ...], text: str) -> None:
    """A list in prose joins the last name with "and" and the others with commas."""
    assert words.listed(names) == text


def test_numbers_are_words_up_to_twelve() -> None:
    """Prose writes small numbers in words and large ones in digits with commas."""
    assert [words.number(value) for value in (0, 3, 12, 13, 17902)] == ["zero", "three", "twelve", "13", "17,902"]


def test_places_are_ordinals() -> None:
    """A place is an ordinal, and there is none before the first."""
    assert [words.ordinal(value) for value in (1, 2, 5, 13)] == ["first", "second", "fifth", "13th"]
    with pytest.raises(ValueError, match="no place"):
        words.ordinal(0)


def test_one_thing_is_singular() -> None:
    """One is singular; none and several are plural, also of nouns with a plural of their own."""
    assert [words.counted(n, "activity") for n in (0, 1, 2)] == ["no activities", "one activity", "two activities"]


def test_amounts_carry_their_unit() -> None:
    """Currency stands in front, percent and other units behind, thousands have commas."""
    assert amounts.amount(Decimal(48_000), "eur") == "€48,000"
    assert words.amount(12.9, "percent", 1) == "12.9%"
    assert words.amount(6422, "kg") == "6,422 kg"
    assert amounts.amount(Decimal(30_400_000), "usd") == "US$30.4 million"


def test_halves_are_rounded_up() -> None:
    """A half is rounded away from zero, as readers do it, and not to the even digit."""
    assert words.amount(2.5) == "3"
    assert words.amount(0.125, decimals=2) == "0.13"


def test_something_is_never_printed_as_nothing() -> None:
    """A formatter refuses to print a non-zero value as 0, and a share of nearly all as all."""
    with pytest.raises(ValueError, match="printed as 0"):
        words.amount(0.2)
    assert words.share(0.0001) == "less than 1%"
    assert words.share(0.9999) == "more than 99%"
    assert words.share(1.0) == "100%"


def test_strong_words_need_strong_numbers() -> None:
    """The words "by far" and "clearly" stand only where the lead and its robustness meet the thresholds."""
    strength = words.Strength(clearly=0.25, by_far=0.5, settled=0.9)
    assert words.leads("holds", 0.6, 0.95, strength) == "leads by far"
    assert words.leads("holds", 0.3, None, strength) == "clearly leads"
    assert words.leads("holds", 0.1, 1.0, strength) == "leads"
    assert words.leads("holds", 0.9, 0.5, strength) == "leads"
    assert words.leads("holds-narrowly", 0.9, 1.0, strength) == "leads narrowly"


def test_most_is_more_than_half() -> None:
    """The word "most" needs more than the declared share, "all" the whole, "none" nothing."""
    assert [words.most(n, 4) for n in range(5)] == ["none", "some", "half of", "most", "all"]
    with pytest.raises(ValueError, match="no part"):
        words.most(5, 4)


def test_only_stands_before_a_single_name() -> None:
    """The word "only" is dropped as soon as a second name joins."""
    assert words.only(["A"]) == "only A"
    assert words.only(["A", "B"]) == "A and B"


def test_a_sentence_has_one_capital_and_one_stop() -> None:
    """A sentence begins with a capital and ends with one full stop, however often it is made one."""
    assert words.sentence(words.sentence("a leads")) == "A leads."


@pytest.mark.parametrize(
    ("verdict", "clause"),
    [
        ("holds", "A clearly leads in boats"),
        ("holds-narrowly", "A leads narrowly in boats"),
        ("tied", "A ties with B in boats"),
        ("depends-on-choices", "A leads in boats only under some of the choices"),
        ("fails", "A does not lead in boats; C does"),
        ("not-evaluable", "A cannot be compared in boats"),
    ],
)
def test_a_clause_says_no_more_than_its_verdict(verdict: str, clause: str) -> None:
    """The same statement is worded by its verdict; a strong word stands only with a plain one."""
    assert words.standing("A", "boats", verdict, adverb="clearly", level=["B"], ahead=["C"]) == clause


def test_by_far_stands_behind_the_verb() -> None:
    """English puts "by far" after "leads" and "clearly" before it."""
    assert words.standing("A", "boats", "holds", adverb="by far") == "A leads by far in boats"
