"""The panel of reasons: what the last move did, what was decided and what is hoped for, what to watch."""

from __future__ import annotations

from html import escape

from hdhplan.explorer import Session
from hdhplan.explorer_alarms import warnings
from hdhplan.explorer_cloud import bridge
from hdhplan.explorer_draws import RESTING, forecast_of
from hdhplan.explorer_odds import Ask
from hdhplan.explorer_why import Effect, effects, hoped, last_move, why
from hdhplan.wording.formats import pick
from hdhplan.wording.labels import french


def reasons(session: Session, ask: Ask) -> str:
    """What moved the odds, drawn and told; that nothing did, where nothing has been moved."""
    lines, lang = session.lines, ask.lang
    found, whole = effects(lines, RESTING, lang)
    if not found:
        return f"<p>{french(pick(lang, *_EMPTY))}</p>"
    forecast = forecast_of(lines["scenario"], RESTING)

    def told(effect: Effect) -> str:
        key = f' data-k="lever:{effect.key}" tabindex="0"' if effect.key else ""
        return f"<li{key}>{escape(french(why(effect, forecast, ask)))}</li>"

    shown = [*found, whole]
    last = last_move(session.before, session.state, RESTING, lang)
    first = (
        f"<h2>{pick(lang, 'Dernier geste', 'Last move')}</h2><ul>{told(last)}</ul>" if last else ""
    )
    whence = escape(french(hoped(lines, RESTING, lang)))
    return f"{first}{bridge(shown, ask)}<p>{whence}</p><ul>{''.join(map(told, shown))}</ul>"


_EMPTY = (
    "Bougez un levier : l'effet sera expliqué ici.",
    "Move a lever: what it does is explained here.",
)


def alarms(session: Session, ask: Ask) -> str:
    """What is infeasible, illegal or too late, as a list; nothing where nothing is."""
    found = warnings(session.state, forecast_of(session.state, RESTING), ask)
    items = "".join(f"<li>⚠ {escape(french(text))}</li>" for text in found)
    title = pick(ask.lang, "À surveiller", "To watch")
    return f"<h2>{title}</h2><ul>{items}</ul>" if items else ""
