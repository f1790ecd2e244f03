"""The comparison of all five: sentences and numbers made from the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from northern_route import comparison
from northern_route.comparison import all_rows, declared, entry_of, places, rows_of_entry, titles
from northern_route.evidence import by_id, keys, rows_of, several, table
from northern_route.evidence import counted as counted_rows
from northern_route.naming import called
from recount import words
from recount.results import entries, read
from recount.values import Computed, Table
from recount.words import Strength

ROWS = "acts counted in the base reading"
DONE = {"removal": "removed", "recoding": "given to another organisation"}


def _strength() -> Strength:
    limits = read("thresholds")
    return Strength(limits["clearly"], limits["by-far"], limits["settled"], limits["most"])


def _sentence(text: str, what: str, formula: str, rows: tuple[str, ...] = (), value: float | None = None) -> Computed:
    shown = words.sentence(text)
    return Computed(shown, what, formula, rows, _works(rows), value)


def _works(rows: tuple[str, ...]) -> tuple[str, ...]:
    cells = []
    for row in rows:
        file, _, row_id = row.partition(":")
        cells.append(by_id(file, "source").get(row_id, {}).get("source", ""))
    return keys(cells)


def _at(place: int) -> list[str]:
    return [organisation for organisation, own in places().items() if own == place]


def place(organisation: str) -> Computed:
    """The place of an organisation as a word."""
    entry = entry_of(organisation)
    return Computed(
        words.ordinal(entry["place"]),
        f"place of {called(organisation)} in the base ranking",
        "equal weights, counts as shares of the leader, weighted sum",
        rows_of_entry(entry),
        _works(rows_of_entry(entry)),
        entry["place"],
    )


def standing(organisation: str) -> Computed:
    """One sentence on an organisation's place and how firmly it stands over choices and weights."""
    entry = entry_of(organisation)
    at, tied = entry["place"], [other for other in _at(entry["place"]) if other != organisation]
    over_choices = read("multiverse", "places", organisation)[at - 1]
    over_weights = read("acceptability", "places", organisation)[at - 1]
    together = f", level with {words.listed([called(other) for other in tied])}" if tied else ""
    text = (
        f"in the base reading {called(organisation)} comes {words.ordinal(at)} of "
        f"{words.number(len(places()))}{together}, "
        f"a place that it keeps in {words.share(over_choices)} of the combinations of choices "
        f"and under {words.share(over_weights)} of all weights"
    )
    return _sentence(
        text, f"standing of {called(organisation)}", "base ranking, multiverse and SMAA", rows_of_entry(entry), at
    )


def abstract() -> str:
    """The abstract of the book, findings included."""
    asked = (
        "Which of five international organisations plays the most effective part against drug trafficking in "
        "Tajikistan? A thesis of 2020 compared them by reading what they publish. Here its text is coded into "
        f"{_table_count('activities', '').text} activities, {_table_count('observations', '').text} numbers and "
        f"{_table_count('citations', '').text} citations, and its conclusions are computed from them."
    )
    verdicts = Counter(claim["verdict"] for claim in entries("claims", columns=("verdict",)))
    close = verdicts["holds-narrowly"] + verdicts["tied"]
    narrow = f"{words.number(close)} hold narrowly or end in a tie, " if close else ""
    tested = (
        f"Of {words.number(verdicts.total())} statements of the thesis {words.number(verdicts['holds'])} are borne out "
        f"by what it tells, {words.number(verdicts['depends-on-choices'])} hold only under some of the choices, "
        f"{narrow}{words.number(verdicts['fails'])} are not supported, and "
        f"{words.number(verdicts['not-evaluable'])} cannot be tested, among them those on effect, on motives and on "
        "the future. What is ranked is therefore what a text tells of the organisations, and not what they achieved."
    )
    return f"{asked} {_order().text} {_choices_sentence().text} {_weights_sentence().text} {tested}"


def _order() -> Computed:
    """The order of the five, in words, with ties."""
    groups = [[called(one) for one in _at(at)] for at in sorted(set(places().values()))]
    told = [words.listed(group) for group in groups]
    head = f"{told[0]} {'comes' if len(groups[0]) == 1 else 'come'} first"
    middle = f", followed by {', '.join(told[1:-1])}" if len(told) > 2 else ""
    last = f", and {told[-1]} {'comes' if len(groups[-1]) == 1 else 'come'} last" if len(told) > 1 else ""
    text = f"under equal weights and the base reading {head}{middle}{last}"
    return _sentence(text, "order of the five", "weighted sum of counts as shares of the leader", all_rows())


def _leaders() -> Computed:
    """Who leads under each criterion, in one sentence."""
    by_criterion = read("rankings", "by_criterion")
    told = []
    rows: list[str] = []
    for criterion, title in titles().items():
        first = [entry for entry in by_criterion[criterion] if entry["place"] == 1]
        rows += [row for entry in first for row in entry["rows"]]
        leaders = words.listed([called(entry["organisation"]) for entry in first])
        told.append(f"{leaders} in {title.lower()}")
    text = f"the largest counts are those of {words.listed(told)}"
    return _sentence(text, "leader under each criterion", ROWS, tuple(dict.fromkeys(rows)))


def _number(value: float) -> str:
    """A count as prose writes it; a half act comes from a course counted half under either kind of training."""
    return words.number(int(value)) if float(value).is_integer() else f"{value:g}"


def _criterion(criterion: str) -> Computed:
    """Who leads under a criterion, by how much, and in how many of the combinations."""
    ordered = read("rankings", "by_criterion", criterion)
    title = titles()[criterion].lower()
    first = [entry for entry in ordered if entry["place"] == 1]
    rest = [entry for entry in ordered if entry["place"] > 1]
    robust = read("multiverse", "by_criterion", criterion)
    rows = tuple(dict.fromkeys(row for entry in ordered for row in entry["rows"]))
    silent = [one for one in places() if one not in {entry["organisation"] for entry in ordered}]
    if not first or first[0]["value"] == 0:
        return _sentence(f"for {title} nothing is counted for any of them", f"leader in {title}", ROWS)
    leaders = words.listed([called(entry["organisation"]) for entry in first])
    top = first[0]["value"]
    if len(first) > 1:
        text = f"in {title} {leaders} are level, with {_number(top)} counted acts each"
    else:
        share = robust[first[0]["organisation"]]
        margin = (top - rest[0]["value"]) / top if rest else 1.0
        adverb = words.emphasis(margin, share, _strength())
        text = f"in {title} {leaders} leads{' ' + adverb if adverb else ''}, with {_number(top)} counted acts"
        if rest:
            seconds = [entry for entry in rest if entry["place"] == 2]
            others = words.listed([called(entry["organisation"]) for entry in seconds])
            text += f" to the {_number(seconds[0]['value'])} of {others}{' each' if len(seconds) > 1 else ''}"
        # The share counts a tie for all who share it, so "has the most" would say too much.
        often = "every combination" if share == 1 else f"{words.share(share)} of the combinations"
        text += f"; in {often} of choices none has more"
    if silent:
        text += f"; of {words.listed([called(one) for one in silent])} the thesis tells nothing under this head"
    return _sentence(text, f"leader in {title}", ROWS, rows, top)


def _label(choice: str) -> str:
    return str(next(entry["question"] for entry in declared("choices") if entry["id"] == choice))


def _choices_sentence() -> Computed:
    """How often the base leader stays first over all combinations, and which choice matters most."""
    leader = read("multiverse", "leader")
    share = read("multiverse", "places", leader)[0]
    decisive = max(read("multiverse", "sways"), key=lambda sway: sway["range"])
    options = {option["id"]: option["label"] for entry in declared("choices") for option in entry["options"]}
    low = min(decisive["shares"], key=lambda option: decisive["shares"][option])
    high = max(decisive["shares"], key=lambda option: decisive["shares"][option])
    text = (
        f"over all {words.number(read('multiverse', 'combinations'))} combinations of choices {called(leader)} "
        f"is first, alone or level with another, in {words.share(share)}"
    )
    if decisive["range"] > 0:
        text += (
            f"; most hangs on the question “{_label(decisive['choice'])}”: where the answer is “{options[high]}” it is "
            f"so in {words.share(decisive['shares'][high])}, where it is “{options[low]}” in "
            f"{words.share(decisive['shares'][low])}"
        )
    formula = "every combination of the choices"
    return _sentence(text, f"{called(leader)} first over all choices", formula, all_rows(), share)


def _weights_sentence() -> Computed:
    """How often each organisation is first over all weights."""
    shares = {one: found[0] for one, found in read("acceptability", "places").items() if found[0] > 0}
    ordered = sorted(shares, key=lambda one: (-shares[one], one))
    told = words.listed([f"{called(one)} in {words.share(shares[one])}" for one in ordered])
    never = [called(one) for one in places() if one not in shares]
    text = f"over all weights of the criteria the first place goes to {told}"
    if never:
        text += f"; under no weights does it go to {words.listed(never, 'or')}"
    formula = "rank acceptability on a lattice of weights (SMAA)"
    return _sentence(text, "first places over all weights", formula, all_rows())


def _smallest_change_sentence() -> Computed:
    """The smallest shift of the equal weights that changes the first place."""
    found = read("acceptability", "smallest_change")
    what, formula = "smallest change of weights", "linear programme, sum of absolute changes of the weights"
    if found["distance"] is None:
        text = f"no weights would take the first place from {called(found['leader'])}"
        return _sentence(text, what, formula, all_rows())
    shift = found["distance"] / 2
    weights = found["weights"]
    top = max(weights, key=lambda one: weights[one])
    title = titles()[top].lower()
    text = (
        f"the smallest change of the equal weights that gives {called(found['rival'])} the first place moves "
        f"{words.share(shift)} of all weight, mainly to {title}"
    )
    return _sentence(text, what, formula, all_rows(), shift)


def _evidence_sentence() -> Computed:
    """How much of the evidence stands between the leader and the second."""
    changes = read("claims", "unodc-most-effective-overall", "smallest_changes")
    smallest = [change for change in changes if change["least"] is not None]
    if not smallest:
        text = "no bound is computed for the fewest rows that would change the first place"
        return _sentence(text, "fewest rows behind the first place", "see the method")
    told: list[str] = []
    for change in smallest:
        least, most = change["least"], change["most"]
        bound = words.counted(least, "row")
        if most != least:
            bound = (
                f"at least {bound}"
                if most is None
                else f"between {words.number(least)} and {words.counted(most, 'row')}"
            )
        told.append(f"{bound} {'' if told else 'would have to be '}{DONE[change['how']]}")
    rows = tuple(dict.fromkeys(row for change in smallest for row in change["rows"]))
    text = f"to overturn the first place, {words.listed(told, 'or')}"
    return _sentence(text, "fewest rows behind the first place", "search over the rows of the two leaders", rows)


def _leave_out_sentence() -> Computed:
    """What changes when a criterion, an organisation or a work is left out."""
    fragility = read("fragility")
    leaders = _at(1)
    lost = [
        title.lower()
        for criterion, title in titles().items()
        if any(fragility["without_criterion"][criterion].get(leader) != 1 for leader in leaders)
    ]
    turned = [called(one) for one, found in fragility["without_organisation"].items() if found["turned"]]
    works = [work for work, found in fragility["without_source"].items() if found["turned"]]
    first = words.listed([called(leader) for leader in leaders])
    text = (
        f"without {words.listed(lost, 'or')} {first} would not be first"
        if lost
        else f"{first} stays first whichever criterion is left out"
    )
    text += (
        f"; leaving out {words.listed(turned, 'or')} turns the order of two others"
        if turned
        else "; leaving out any organisation does not turn the order of the others"
    )
    text += f"; each of {words.counted(len(works), 'work')} would change the outcome of a statement, if left out"
    formula = "criteria, organisations and works left out one at a time"
    return _sentence(text, "leaving one out", formula, all_rows())


def _table_count(file: str, what: str) -> Computed:
    rows = by_id(file)
    return Computed(
        words.number(len(rows)), what, f"rows of {file}.csv", tuple(f"{file}:{row}" for row in rows), (), len(rows)
    )


def _counted() -> Computed:
    rows = counted_rows(table("activities", "id", "organisation", "counted", "status"))
    known = list(by_id("organisations"))
    own = [row["id"] for row in rows_of(rows) if row["organisation"] in known]
    return Computed(
        words.number(len(own)),
        "acts that enter the counts",
        "counted = yes, status completed or ongoing",
        tuple(f"activities:{row}" for row in own),
        (),
        len(own),
    )


def _recommendations_sentence() -> Computed:
    """How many gaps there are, how many the thesis also sees, and which of its recommendations the rows do not bear."""
    gaps = [gap for gap in read("recommendations", "gaps") if gap["told"]]
    shared = [gap for gap in gaps if gap["recommended_by_the_thesis"]]
    unsupported = read("recommendations", "unsupported")
    text = (
        f"the rows show {words.counted(len(gaps), 'gap')} of which the thesis tells, "
        f"and for {words.number(len(shared))} "
        f"of them it recommends what would close them; {words.counted(len(unsupported), 'recommendation')} of the "
        f"thesis that the rows could test {'is' if len(unsupported) == 1 else 'are'} not supported by them"
    )
    rows = tuple(dict.fromkeys(row for gap in gaps for row in gap["rows"]))
    return _sentence(text, "recommendations", "gaps of tactics, regions and difficulties", rows, len(gaps))


def _gorno_badakhshan_sentence() -> Computed:
    """How many counted acts each organisation has in the region that the thesis calls neglected."""
    rows = [
        row
        for row in rows_of(counted_rows(table("activities", "id", "organisation", "counted", "status", "region")))
        if "gorno-badakhshan" in several(row["region"]) and row["organisation"] in places()
    ]
    told = [
        f"{called(one)} {words.number(count) if count else 'none'}"
        for one in places()
        for count in [sum(row["organisation"] == one for row in rows)]
    ]
    text = f"in Gorno-Badakhshan {words.counted(len(rows), 'act')} count: {words.listed(told)}"
    return _sentence(text, "counted acts in Gorno-Badakhshan", ROWS, tuple(f"activities:{row['id']}" for row in rows))


_MAKERS: dict[str, Callable[[], Computed | Table]] = {
    "order": _order,
    "leaders": _leaders,
    "choices_sentence": _choices_sentence,
    "weights_sentence": _weights_sentence,
    "smallest_change_sentence": _smallest_change_sentence,
    "evidence_sentence": _evidence_sentence,
    "leave_out_sentence": _leave_out_sentence,
    "activities": lambda: _table_count("activities", "coded activities"),
    "observations": lambda: _table_count("observations", "coded numbers"),
    "positions": lambda: _table_count("positions", "coded positions"),
    "citations": lambda: _table_count("citations", "coded citations"),
    "counted": _counted,
    "combinations": lambda: Computed(
        words.number(read("multiverse", "combinations")),
        "combinations of choices",
        "product of the numbers of options",
        value=read("multiverse", "combinations"),
    ),
    "basic_tactics": lambda: Computed(
        words.number(len({entry["counts"]["tactic"] for entry in declared("criteria")} - {"unique"})),
        "basic tactics",
        "tactics of criteria.yml other than unique",
    ),
    "scores_table": comparison.scores,
    "ranking_table": comparison.ranking,
    "methods_table": comparison.methods,
    "criteria_table": comparison.criteria,
    "choices_table": comparison.choices,
    "thresholds_table": comparison.thresholds,
    "recommendations_sentence": _recommendations_sentence,
    "gorno_badakhshan_sentence": _gorno_badakhshan_sentence,
}


def __getattr__(attribute: str) -> Computed | Table:
    """A sentence, number or table of the comparison by name; the criteria by their ids with underscores."""
    if attribute in _MAKERS:
        return _MAKERS[attribute]()
    criterion = attribute.replace("_", "-")
    if not attribute.startswith("_") and criterion in titles():
        return _criterion(criterion)
    raise AttributeError(attribute)
