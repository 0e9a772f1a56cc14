"""Chart of budget years: what is committed (AE) and paid (CP), cumulated, under the envelope."""

from __future__ import annotations

import math
from types import SimpleNamespace

from hdhplan.budget import Measure, by_year, cumulated, years_shown
from hdhplan.figures.drawing import INK, LIGHT, MAIN, SECOND, WORSE, Figure
from hdhplan.figures.money import money_axis
from hdhplan.forecast import Forecast
from hdhplan.wording.captions import ALT_LIMIT, captions
from hdhplan.wording.formats import meur, money_unit, pick

#: Beyond so many years their amounts are not written under the axis.
_WRITTEN = 4
#: Room over the highest line, as a share of it: the envelope's label stands there.
_HEADROOM = 1.14


def money_by_year(forecast: Forecast, lang: str) -> Figure | None:
    """Draw commitments as steps and payments as a fan, cumulated over the budget years.

    None where there is one year only: how its payments go within it is not known.
    """
    years = years_shown(forecast)
    ae, cp = (cumulated(forecast, kind) for kind in ("ae", "cp"))
    if len(years) < 2 or not all(
        math.isfinite(ae[y].p80) and math.isfinite(cp[y].p80) for y in years
    ):
        return None
    limit = forecast.plan.envelope_eur

    def draw(ax):
        _payments(ax, [cp[y] for y in years], lang)
        _commitments(ax, [ae[y] for y in years], lang)
        top = max(ae[years[-1]].p80, cp[years[-1]].p80, limit or 0.0)
        envelope_line(ax, limit, lang)
        ax.set_xlim(0, len(years))
        ax.set_ylim(0, _HEADROOM * top)
        ax.set_xticks([i + 0.5 for i in range(len(years))], _year_names(forecast, years, lang))
        ax.tick_params(axis="x", length=0)
        for i in range(1, len(years)):
            ax.axvline(i, color="#D9D9D9", lw=0.8, zorder=0)
        money_axis(ax.yaxis, lang, forecast.plan.target.vat if forecast.plan.target else None)
        ax.grid(axis="y", visible=True)
        ax.figure.legend(loc="outside lower center", ncols=2)
        return ax

    rows = tuple(_row(forecast, year, lang) for year in years)
    return Figure("money_by_year", draw, **_captions(forecast, years, rows, ae, lang),
                  columns=_columns(lang), rows=rows, height_in=4.4)  # fmt: skip


def _payments(ax, found: list[Measure], lang: str) -> None:
    """The fan: paid since the start by the end of each year, straight in between."""
    x = range(len(found) + 1)
    p10, p50, p80 = ([0.0, *(getattr(m, name) for m in found)] for name in ("p10", "p50", "p80"))
    band = pick(
        lang, "CP payés, P10 à P80 (14 chances sur 20)", "CP paid, P10 to P80 (14 chances in 20)"
    )
    ax.fill_between(x, p10, p80, facecolor=LIGHT, edgecolor=SECOND, lw=0.8, label=band)
    label = pick(lang, "CP payés, P50", "CP paid, P50")
    ax.plot(x, p50, color=MAIN, lw=1.8, marker="o", ms=5, label=label)


def _commitments(ax, found: list[Measure], lang: str) -> None:
    """The steps: what is to be committed by the end of each year."""
    edges = range(len(found) + 1)
    for name, style in (("p50", "-"), ("p80", "--")):
        label = pick(lang, "AE engagées, ", "AE committed, ") + name.upper()
        ax.stairs([getattr(m, name) for m in found], edges, baseline=None, color=INK, lw=1.6,
                  ls=style, label=label)  # fmt: skip


def _year_names(forecast: Forecast, years: tuple[int, ...], lang: str) -> list[str]:
    """Each year and, where there is room, what it commits and pays by itself."""
    if len(years) > _WRITTEN:
        return [str(year) for year in years]
    ae, cp = (by_year(forecast, kind) for kind in ("ae", "cp"))
    return [
        "\n".join([str(y), *(f"{k} {_short(m[y], 'p50', lang)}, P80 {_short(m[y], 'p80', lang)}"
                             for k, m in (("AE", ae), ("CP", cp)))])
        for y in years
    ]  # fmt: skip


def _short(found: Measure, name: str, lang: str) -> str:
    return meur(getattr(found, name), lang, None, found.se[name])


def _row(forecast: Forecast, year: int, lang: str) -> tuple[str, ...]:
    cells = [
        _short(found[year], name, lang)
        for found, names in (
            (by_year(forecast, "ae"), ("p50", "p80")),
            (by_year(forecast, "cp"), ("p50", "p80")),
            (cumulated(forecast, "ae"), ("p50", "p80")),
            (cumulated(forecast, "cp"), ("p10", "p50", "p80")),
        )
        for name in names
    ]
    return (str(year), *cells)


def _columns(lang: str) -> tuple[str, ...]:
    text = pick(
        lang,
        "exercice;AE P50;AE P80;CP P50;CP P80;AE cumulées P50;AE cumulées P80;CP cumulés P10;"
        "CP cumulés P50;CP cumulés P80",
        "budget year;AE P50;AE P80;CP P50;CP P80;AE so far P50;AE so far P80;CP so far P10;"
        "CP so far P50;CP so far P80",
    )
    return tuple(text.split(";"))


def _captions(forecast: Forecast, years, rows, ae: dict[int, Measure], lang: str) -> dict[str, str]:
    """What is said around the chart: the year in which the envelope gives way, or the dearest."""
    limit, own = forecast.plan.envelope_eur, by_year(forecast, "cp")
    over = next((i for i, y in enumerate(years) if limit and ae[y].p80 > limit), None)
    top = max(range(len(years)), key=lambda i: own[years[i]].p80)
    f = SimpleNamespace(over=over)
    vat = forecast.plan.target.vat if forecast.plan.target else None
    names = (
        "year",
        "ae50",
        "ae80",
        "cp50",
        "cp80",
        "sum_ae50",
        "sum_ae80",
        "_",
        "sum_cp50",
        "sum_cp80",
    )
    words = dict(zip(names, rows[top], strict=True)) | {"unit": money_unit(lang, vat)}
    if over is not None:
        found = ae[years[over]]
        excess = meur(found.p80 - limit, lang, vat, found.se["p80"])
        words |= {"when": str(years[over]), "excess": excess}
    said = [f"{row[0]} (AE {row[6]}, CP {row[9]})" for row in rows]
    while len(", ".join(said)) > ALT_LIMIT - 60:
        said.pop()
    return captions("money_by_year", f, lang, words | {"list": ", ".join(said)})


def envelope_line(ax, limit: float | None, lang: str) -> None:
    """Draw the envelope across a chart of money, where there is one. [EUR]"""
    if limit:
        ax.axhline(limit, color=WORSE, lw=2)
        name = pick(lang, "enveloppe", "envelope")
        ax.annotate(f"{name} {meur(limit, lang)}", (0, limit), xytext=(4, 3), va="bottom",
                    textcoords="offset points", weight="bold", zorder=6,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
