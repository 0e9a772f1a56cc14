"""Chart of spending as of a date: orders and payments so far, and what the draws add to them."""

from __future__ import annotations

from types import SimpleNamespace

from hdhplan.budget import Measure, cumulated
from hdhplan.figures.drawing import (
    GREY,
    INK,
    LIGHT,
    MAIN,
    Figure,
    date_axis,
    is_half,
    room_for_dates,
)
from hdhplan.figures.money import money_axis
from hdhplan.figures.years import envelope_line
from hdhplan.forecast import Forecast
from hdhplan.spending import spending, spent_path, to_come
from hdhplan.wording.captions import captions
from hdhplan.wording.formats import date_short, meur, money_unit, pick

#: Room over the highest line, as a share of it: the envelope's label stands there.
_HEADROOM = 1.16
#: Closings by which the whole differs by less than this are one. [1]
_STILL = 0.002
_KINDS, _COLORS = ("ae", "cp"), (INK, MAIN)


def spent_and_to_come(forecast: Forecast, lang: str) -> Figure | None:
    """Draw orders (AE) and payments (CP) so far as steps, and their totals at the closings to come.

    None where no invoice is known, or where no draw ends.
    """
    lines = spending(forecast)
    if not lines or not lines[-1].committed or lines[-1].whole.share_never == 1:
        return None
    now, limit = forecast.progress.now, forecast.plan.envelope_eur
    past = {kind: spent_path(forecast, kind) for kind in _KINDS}
    ahead = {kind: _until_still(to_come(forecast, kind)) for kind in _KINDS}
    vat = forecast.plan.target.vat if forecast.plan.target else None

    def draw(ax):
        half = is_half(ax)
        for kind, color in zip(_KINDS, _COLORS, strict=True):
            ax.plot(*past[kind], drawstyle="steps-post", color=color, lw=2, zorder=4,
                    label=_name(kind, lang, half))  # fmt: skip
        for kind, color in zip(_KINDS, _COLORS, strict=True):
            days, (middle,) = _line(past[kind], ahead[kind], ("p50",))
            name = pick(lang, f"{kind.upper()} à venir, P50", f"{kind.upper()} to come, P50")
            ax.plot(days, middle, color=color, ls="--", lw=1.6, marker="o", ms=4, mfc="white",
                    zorder=3, label=None if half else name)  # fmt: skip
        days, fan = _line(past["cp"], ahead["cp"], ("p10", "p80"))
        name = pick(lang, "CP, P10 à P80", "CP, P10 to P80")
        ax.fill_between(days, *fan, facecolor=LIGHT, edgecolor=MAIN, lw=0.5, label=name)
        last = max((day for rows in ahead.values() for day, _ in rows), default=now)
        ax.axvline(now, color=GREY, lw=1, ls=":")
        envelope_line(ax, limit, lang)
        top = max([limit or 0.0, *(m.p80 for rows in ahead.values() for _, m in rows)])
        ax.set_ylim(0, _HEADROOM * max(top, past["ae"][1][-1]))
        date_axis(ax, forecast.plan.start, 0.0, max(last, now), lang, room_for_dates(ax))
        money_axis(ax.yaxis, lang, vat)
        ax.grid(axis="y", visible=True)
        ax.figure.legend(loc="outside lower center", ncols=3, columnspacing=1.2, handlelength=2.2)
        return ax

    rows = _rows(forecast, past, ahead, lang)
    return Figure("spending", draw, **_captions(forecast, ahead, lang),
                  columns=_columns(lang), rows=rows, height_in=4.2)  # fmt: skip


def _name(kind: str, lang: str, half: bool) -> str:
    """Name of what is done in the legend; short on a narrow sheet."""
    name = kind.upper()
    return name if half else pick(lang, f"{name} à date", f"{name} so far")


def _until_still(rows: list[tuple[float, Measure]]) -> list[tuple[float, Measure]]:
    """Closings up to the first after which next to nothing comes."""
    for i, (_, found) in enumerate(rows):
        if found.p80 >= (1 - _STILL) * rows[-1][1].p80:
            return rows[: i + 1]
    return rows


def _line(past, ahead: list[tuple[float, Measure]], names: tuple[str, ...]) -> tuple[list, list]:
    """Days from the data date on, and some quantiles of the total on them."""
    days, sums = past
    at = [float(days[-1]), *(day for day, _ in ahead)]
    return at, [[float(sums[-1]), *(getattr(m, name) for _, m in ahead)] for name in names]


def _columns(lang: str) -> tuple[str, ...]:
    text = pick(
        lang,
        "au;AE à date;CP à date;AE P50;AE P80;CP P10;CP P50;CP P80",
        "by;AE so far;CP so far;AE P50;AE P80;CP P10;CP P50;CP P80",
    )
    return tuple(text.split(";"))


def _rows(forecast: Forecast, past, ahead, lang: str) -> tuple[tuple[str, ...], ...]:
    """Orders and payments as they came, then each closing; the last row is the whole."""
    known: dict[float, list[str]] = {}
    for i, kind in enumerate(_KINDS):
        for day, eur in zip(*(line[1:-1] for line in past[kind]), strict=True):
            known.setdefault(float(day), ["", ""])[i] = meur(float(eur), lang)
    rows = [
        (date_short(forecast.date_of(day), lang), *known[day], *[""] * 5) for day in sorted(known)
    ]
    for kind, names in (("ae", ("p50", "p80")), ("cp", ("p10", "p50", "p80"))):
        for day, found in ahead[kind]:
            cells = [meur(getattr(found, name), lang, None, found.se[name]) for name in names]
            cells = [*cells, "", "", ""] if kind == "ae" else ["", "", *cells]
            rows.append((date_short(forecast.date_of(day), lang), "", "", *cells))
    total = spending(forecast)[-1]
    whole = [meur(getattr(total.whole, n), lang, None, total.whole.se[n]) for n in ("p50", "p80")]
    so_far = [meur(eur, lang) for eur in (total.committed, total.paid)]
    name = pick(lang, "au {}, puis en tout", "by {}, then in all")
    name = name.format(date_short(forecast.progress.state.day, lang))
    rows.append((name, *so_far, *whole, "", *whole))
    return tuple(rows)


def _captions(forecast: Forecast, ahead, lang: str) -> dict[str, str]:
    """What is said around the chart: what was paid, and where the whole stands to the envelope."""
    total, limit = spending(forecast)[-1], forecast.plan.envelope_eur
    vat = forecast.plan.target.vat if forecast.plan.target else None
    over = total.whole.p80 - limit if limit else 0.0
    f = SimpleNamespace(limit=limit, over=over)
    f.close = abs(over) < 2 * total.whole.se["p80"]
    words = {"committed": meur(total.committed, lang), "paid": meur(total.paid, lang)}
    words |= {"day": date_short(forecast.progress.state.day, lang), "unit": money_unit(lang, vat)}
    words["gap"] = meur(abs(over), lang, None, total.whole.se["p80"])
    for name in ("p50", "p80"):
        words[f"whole{name[1:]}"] = meur(
            getattr(total.whole, name), lang, None, total.whole.se[name]
        )
    day, paid = ahead["cp"][0] if ahead["cp"] else (forecast.progress.now, total.whole)
    year = forecast.date_of(day).year
    committed = cumulated(forecast, "ae").get(year, total.whole)
    words["year"] = str(year)
    words["ae50"] = meur(committed.p50, lang, None, committed.se["p50"])
    words["cp50"] = meur(paid.p50, lang, None, paid.se["p50"])
    return captions("spending", f, lang, words)
