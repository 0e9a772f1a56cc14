"""A week's answer as a mail to be sent by a person: its sentences, its decisions, the page attached."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import PurePath

from hdhplan.wording.formats import date_long, label, pick
from hdhplan.wording.labels import french

#: Types of what is attached, by the ending of its name.
_TYPES = {
    ".html": ("text", "html", {"charset": "utf-8"}),
    ".pdf": ("application", "pdf", {}),
}
_ANYTHING = ("application", "octet-stream", {})
#: Longest subject, file name and paragraph. [characters]
_SUBJECT, _NAME, _LINE = 150, 80, 2_000


def mail(
    title: str,
    sentences: Sequence[str],
    decisions: Sequence[str],
    attachments: Mapping[str, bytes],
    as_of: dt.date,
    lang: str,
) -> bytes:
    """Write the mail of a week as an .eml file: the same bytes every time.

    It is a draft: it names neither sender nor recipient, and a mail program opens it to be
    completed (``X-Unsent``). It is dated by its data, at noon UTC, not by the clock.

    Parameters
    ----------
    title
        What week it is; the subject.
    attachments
        Content of each file by its name, as ``report.html`` and ``report.pdf``.
    as_of
        Data date.
    """
    body = _body(title, sentences, decisions, attachments, as_of, lang)
    mark = _mark(body, attachments)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _line(title, _SUBJECT)
    message["Date"] = format_datetime(dt.datetime.combine(as_of, dt.time(12), dt.UTC))
    message["Message-ID"] = f"<{mark}@hdhplan.invalid>"
    message["X-Unsent"] = "1"
    # Neither this encoding nor base64 can hold the mark between the parts, which has "=_" in it.
    message.set_content(body, cte="quoted-printable")
    for name, content in attachments.items():
        main, sub, params = _TYPES.get(PurePath(name).suffix.lower(), _ANYTHING)
        message.add_attachment(
            content, main, sub, filename=_file(name), params=dict(params), cte="base64"
        )
    if attachments:
        message.set_boundary(f"=_{mark}")
    return message.as_bytes()


def _body(title, sentences, decisions, attachments, as_of: dt.date, lang: str) -> str:
    """The plain text: title, sentences, decisions, what is attached."""
    asked = [f"- {_line(text, _LINE)}" for text in decisions]
    heading = pick(lang, french("Décisions demandées :"), "Decisions asked:")
    none = pick(lang, "Aucune décision demandée cette semaine.", "No decision is asked this week.")
    attached = pick(lang, french("Pièces jointes : "), "Attached: ")
    at = pick(lang, "Données au ", "Data as of ") + date_long(as_of, lang) + "."
    parts = [_line(title, _SUBJECT), *(_line(text, _LINE) for text in sentences)]
    parts.append("\n".join([heading, *asked]) if asked else none)
    parts.append(at)
    if attachments:
        parts.append(attached + ", ".join(_file(name) for name in attachments))
    return "\n\n".join(parts) + "\n"


def _mark(body: str, attachments: Mapping[str, bytes]) -> str:
    """What makes one mail's parts and id its own: a hash of all that it holds."""
    found = hashlib.sha256(body.encode())
    for name, content in attachments.items():
        found.update(
            b"\0" + name.encode("utf-8", "replace") + b"\0" + hashlib.sha256(content).digest()
        )
    return found.hexdigest()[:32]


def _line(text: str, limit: int) -> str:
    """One line that no header and no paragraph breaks out of, nor reads as an encoded word."""
    return label(text, limit).replace("=?", "= ?")


def _file(name: str) -> str:
    """The bare name of a file, its ending kept."""
    path = PurePath(name.replace("\\", "/"))
    return _line(path.stem, _NAME) + _line(path.suffix, _NAME)
