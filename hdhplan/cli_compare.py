"""The commands that compare plans: which one, and why do they differ."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hdhplan.plan import Plan
from hdhplan.talk import STALE, check_lang, print_json, say, show
from hdhplan.wording.formats import (
    MINUS,
    date_short,
    label,
    number,
    out_of_20,
    pick,
    signed,
)

#: Fewer draws than this leave large standard errors.
FEW_DRAWS = 2_000
#: Differing inputs that a terminal shows.
MOST_DIFFERENCES = 40

commands = typer.Typer()
Scenarios = Annotated[list[str], typer.Argument(help="Names in data/scenarios, or plan files.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON envelope.")]
Draws = Annotated[int, typer.Option(min=1, max=2**24, help="How many draws.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the draws.")]
Lang = Annotated[str, typer.Option(help="fr or en.")]
Langs = Annotated[
    list[str] | None, typer.Option("--lang", help="fr or en; of a page twice for both.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", help="NAME:path.to.field=value, or for all path.to.field=value."),
]
Page = Annotated[bool, typer.Option("--page", help="Publish the page of the comparison.")]
Out = Annotated[Path | None, typer.Option(help="With --page: folder of the reports.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="With --page: print it too.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes that run the plans.")]


@commands.command()
def compare(
    scenarios: Scenarios,
    draws: Draws = 10_000,
    seed: Seed = 1,
    json_: Json = False,
    lang: Langs = None,
    set_: Set = None,
    workers: Workers = 1,
    page: Page = False,
    out: Out = None,
    pdf: Pdf = False,
) -> int:
    """Compare scenarios on common draws: which to choose, what it gives up, what would change that."""
    langs = tuple(dict.fromkeys(lang or ["fr"]))
    if page:
        return _publish(scenarios, draws, seed, json_, langs, set_, out, pdf)
    if out or pdf or len(langs) > 1:
        raise typer.BadParameter("--out, --pdf and a second --lang go with --page")
    lang = langs[0]
    from hdhplan.choice import as_data as choice_data
    from hdhplan.choice import choose
    from hdhplan.comparison import as_data
    from hdhplan.comparison import compare as run
    from hdhplan.wording.choices import answers

    plans = load_plans(scenarios, set_, lang)
    comparison = run(plans, draws, seed, workers)
    choice = choose(comparison)
    said = {tongue: answers(comparison, choice, tongue) for tongue in ("fr", "en")}
    warnings = [w.in_(lang if not json_ else "en") for w in comparison.warnings]
    if draws < FEW_DRAWS:
        few = (
            f"{draws} tirages : les erreurs types sont grandes",
            f"{draws} draws: standard errors are large",
        )
        warnings.append(pick("en" if json_ else lang, *few))
    if json_:
        data = as_data(comparison) | {"choice": choice_data(choice), "answers": said}
        print_json("hdhplan.compare/1", data, _meta(plans, seed, draws), warnings)
        return 0
    # What may not be compared is said on top, beside the numbers and not only on stderr.
    show(*[f"! {w}" for w in warnings], *said[lang].values(), "", *_table(comparison, lang))
    show("", *_wins(choice, lang), *_decided(comparison, choice, lang))
    show("", *_differences(comparison.inputs, comparison.names, lang))
    return 0


def _publish(
    scenarios: list[str], draws: int, seed: int, json_: bool, langs: tuple[str, ...],
    set_: list[str] | None, out: Path | None, pdf: bool,
) -> int:  # fmt: skip
    """Publish the page, and print its answers and where it is."""
    from hdhplan.report import make_comparison
    from hdhplan.report.printing import why_no_pdf

    plans = load_plans(scenarios, set_, *langs)
    if pdf and (missing := why_no_pdf()):
        say(missing, "Nothing was run.")
        return STALE
    folder = make_comparison(scenarios, plans, langs, draws, seed, set_ or (), out, say, pdf=pdf)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    shown = str(folder / "report.html")
    if json_:
        data = {"page": shown, "result": result["data"]}
        print_json("hdhplan.compare/1", data, result["meta"], result["warnings"])
        return 0
    for one in langs:
        show(*result["data"]["answers"][one].values())
    print(shown)
    return 0


@commands.command()
def why(
    before: Annotated[str, typer.Argument(metavar="A", help="A scenario or a plan file.")],
    after: Annotated[str, typer.Argument(metavar="B", help="A scenario or a plan file.")],
    draws: Draws = 10_000,
    seed: Seed = 1,
    json_: Json = False,
    lang: Lang = "fr",
    set_: Set = None,
) -> int:
    """Attribute the difference between two scenarios to the causes that differ."""
    from hdhplan.attribution import as_data, attribute
    from hdhplan.basis import not_comparable

    plans = load_plans([before, after], set_, lang)
    bridge = attribute(*plans, draws=draws, seed=seed)
    found = not_comparable(bridge.names, plans)
    warnings = [w.in_(lang if not json_ else "en") for w in found]
    if json_:
        print_json("hdhplan.why/1", as_data(bridge), _meta(plans, seed, draws), warnings)
        return 0
    show(*[f"! {w}" for w in warnings], *_bridge(bridge, plans, lang), "")
    show(*_differences(bridge.inputs, bridge.names, lang))
    return 0


def load_plans(scenarios: Sequence[str], settings: Sequence[str] | None, *langs: str) -> list[Plan]:
    """Load plans, each with the settings that name it or name none; tell all faults at once."""
    from hdhplan.errors import Fault, InputError, nearest
    from hdhplan.reading import load_plan

    check_lang(*langs)
    asked: dict[int, list[str]] = {i: [] for i in range(len(scenarios))}
    faults, plans = [], []
    for setting in settings or ():
        name, _, rest = (
            setting.partition(":") if ":" in setting.split("=")[0] else ("", "", setting)
        )
        hits = [i for i, known in enumerate(scenarios) if name in ("", known, str(i + 1))]
        if not hits:
            found, fix = f"no scenario {name!r} is compared", nearest(name, scenarios)
            faults.append(Fault("--set", None, "", found, "NAME:path=value", fix))
        for i in hits:
            asked[i].append(rest)
    for i, scenario in enumerate(scenarios):
        try:
            plans.append(load_plan(scenario, asked[i]))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(list(dict.fromkeys(faults)))
    return plans


def _meta(plans: Sequence[Plan], seed: int, draws: int) -> dict[str, Any]:
    """What made a comparison: version, seed, draws, hashes of all inputs, settings by scenario."""
    from hdhplan import __version__

    inputs: dict[str, str] = {}
    for plan in plans:
        inputs |= plan.origin.inputs if plan.origin else {}
    settings = [list(plan.origin.overrides) if plan.origin else [] for plan in plans]
    return {
        "version": __version__,
        "seed": seed,
        "draws": draws,
        "inputs": inputs,
        "overrides": settings,
    }


HEADS = (
    ("scénario", "scenario"), ("fin P50", "finish P50"), ("fin P80", "finish P80"),
    ("date", "date"), ("budget", "budget"), ("continuité", "continuity"), ("tout", "all"),
    ("M€ P50", "€M P50"),
    ("M€ P80", "€M P80"), ("Po·j P80", "PB·d P80"), ("j·proj P80", "proj·d P80"),
    ("sans outil P80", "no tool P80"), ("retour jusqu'au", "back until"),
)  # fmt: skip
#: Criterion whose best is starred in each column; none for medians.
_STARS = (
    "", "", "finish_p80", "p_date", "p_budget", "p_continuity", "p_all", "", "cost_p80",
    "exposure_p80", "project_days_p80", "tools_p80", "",
)  # fmt: skip


def _table(comparison: Any, lang: str) -> Iterator[str]:
    """One line a scenario; the best of each column is starred."""
    rows = [[pick(lang, *head) for head in HEADS]]
    for i, row in enumerate(comparison.rows):
        cells = _cells(comparison, i, lang)
        for column, criterion in enumerate(_STARS):
            if row.name in comparison.best.get(criterion, ()):
                cells[column] += " *"
        rows.append(cells)
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    notes = ["", *(_note(comparison, row, lang) for row in comparison.rows)]
    for row, note in zip(rows, notes, strict=True):
        cells = (
            cell.ljust(w) if i == 0 else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join((*cells, note))
    basis = {p.target.vat for p in comparison.plans if p.target and p.target.vat}
    yield pick(
        lang,
        f"* non battu, à deux erreurs types près ; M€ {'/'.join(sorted(basis))}",
        f"* not beaten, within two standard errors; €M {'/'.join(sorted(basis))}",
    )


def _cells(comparison: Any, scenario: int, lang: str) -> list[str]:
    row, forecast = comparison.rows[scenario], comparison.forecasts[scenario]
    dates = [date_short(forecast.date_of(day), lang) for day in row.finish]
    odds = [
        "–" if p is None else _in_20(p, lang)
        for p in (row.odds[k] for k in ("date", "budget", "continuity", "all"))
    ]
    money = [_number(eur / 1e6, lang, 2) for eur in row.cost]
    others = [_number(pair[1], lang, 0) for pair in (row.exposure, row.project_days)]
    tools = row.beside.get("projects_without_tool")
    missing = _number(tools[1], lang, 0) if tools else "–"
    turn = date_short(forecast.date_of(row.turn_back[1]), lang)
    return [label(row.name, 24), *dates, *odds, *money, *others, missing, turn]


def _in_20(p: float, lang: str) -> str:
    """17/20; the ends as they are said elsewhere, less than 1 and more than 19."""
    ends = {"moins": "<", "less": "<", "plus": ">", "more": ">"}
    words = out_of_20(p, lang).split()
    sign = ends.get(words[0], "")
    return f"{sign}{next(word for word in words if word.isdigit())}/20"


def _number(value: float, lang: str, digits: int) -> str:
    return number(value, lang, digits) if math.isfinite(value) else "∞"


def _note(comparison: Any, row: Any, lang: str) -> str:
    from hdhplan.wording.choices import broken_laws

    by = comparison.dominated.get(row.name)
    notes = [pick(lang, f"dominé par {by}", f"dominated by {by}")] if by else []
    notes += [pick(lang, "prix supposés", "guessed prices")] if row.guessed else []
    notes += [pick(lang, "hypothèse", "assumption")] if row.assumed else []
    if broken := broken_laws(comparison, comparison.names.index(row.name), lang):
        notes.append(pick(lang, "enfreint : ", "breaks: ") + ", ".join(broken))
    return ", ".join(notes)


def _wins(choice: Any, lang: str) -> Iterator[str]:
    """Who wins at both ends of each assumption that weighs on the answer."""
    from hdhplan.wording.conditions import amount, assumption_label

    if choice.assumptions:
        yield pick(
            lang,
            "Qui l'emporte quand l'hypothèse est basse | haute (un événement : absent | présent) :",
            "Who wins where the assumption is low | high (an event: absent | present):",
        )
    for item in choice.assumptions:
        ends = " | ".join(", ".join(end.winners) for end in (item.low, item.high))
        turns = [
            ("< " if flip.low else "> ") + amount(flip.crossover, item.unit, lang, flip.error)
            for flip in choice.flips
            if flip.assumption is item and flip.crossover is not None
        ]
        more = f" ({pick(lang, 'seuil', 'crossover')} {', '.join(turns)})" if turns else ""
        yield f"  {assumption_label(item, lang)}: {ends}{more}"


def _decided(comparison: Any, choice: Any, lang: str) -> Iterator[str]:
    """How sure the choice is: where it holds, its regret, what to learn first, what time costs."""
    from hdhplan.wording import deciding

    for told in (deciding.kept_sentence, deciding.regret_sentence, deciding.knowing_sentence,
                 deciding.lever_sentence):  # fmt: skip
        if text := told(comparison, choice, lang):
            yield text


def _differences(inputs: Sequence[Any], names: Sequence[str], lang: str) -> Iterator[str]:
    """Only the inputs that differ, with their value in each plan."""
    yield (
        pick(lang, "Ce qui diffère :", "What differs:")
        if inputs
        else pick(lang, "Rien ne diffère.", "Nothing differs.")
    )
    for item in inputs[:MOST_DIFFERENCES]:
        values = [label(value, 40) if value is not None else "–" for value in item.values]
        shown: dict[str, list[str]] = {}
        for name, value in zip(names, values, strict=True):
            shown.setdefault(value, []).append(name)
        yield f"  {item.path}: " + " | ".join(f"{v} ({', '.join(who)})" for v, who in shown.items())
    if (more := len(inputs) - MOST_DIFFERENCES) > 0:
        yield pick(lang, f"  … et {more} de plus : voir --json", f"  … and {more} more: see --json")


def _bridge(bridge: Any, plans: Sequence[Plan], lang: str) -> Iterator[str]:
    """The way from one plan to the other, a line a cause."""
    heads = (("P80 (j)", "P80 (d)"), ("coût P80", "cost P80"), ("les deux", "both"))
    yield f"{'':44} " + " ".join(f"{pick(lang, *head):>16}" for head in heads)
    yield _line(pick(lang, "différence", "difference"), bridge.total, lang)
    for share in bridge.shares:
        known = [n.in_(lang) if n else c.partition(".")[2] or c
                 for c, n in zip(share.causes, share.names, strict=True)]  # fmt: skip
        yield _line(label(" + ".join(dict.fromkeys(known)), 42), share.moves, lang)
    yield _line(pick(lang, "reste", "residual"), bridge.residual, lang)
    how = (f"{bridge.orders} ordres", f"{bridge.orders} orders")
    sampled = ("" if bridge.exact else " tirés", "" if bridge.exact else " drawn")
    draws = number(bridge.draws, lang)
    yield pick(
        lang,
        f"moyenne sur {how[0]}{sampled[0]}, {bridge.runs} plans de {draws} tirages communs ; "
        "± erreur type",
        f"average over {how[1]}{sampled[1]}, {bridge.runs} plans of {draws} common draws; "
        "± standard error",
    )


def _line(name: str, moves: dict, lang: str) -> str:
    cells = []
    for measure, scale, digits in (
        ("finish_days", 1, 1),
        ("cost_eur", 1e6, 2),
        ("p_both", 0.01, 1),
    ):
        move = moves.get(measure)
        if move is None or math.isnan(move.value):
            cells.append("–")
            continue
        error = _number(move.se / scale, lang, digits) if math.isfinite(move.se) else "?"
        endless = "∞" if move.value > 0 else f"{MINUS}∞"
        text = signed(move.value / scale, lang, digits) if math.isfinite(move.value) else endless
        cells.append(f"{text} ±{error}")
    return f"{name:44} " + " ".join(f"{cell:>16}" for cell in cells)
