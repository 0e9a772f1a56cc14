"""The week as a mail: read back by the standard library, the same every time, nothing smuggled in."""

import datetime as dt
from email import policy
from email.parser import BytesParser

import pytest

from hdhplan.report.mail import mail

TITLE = "Semaine 47 : où en est la migration\u202f? (exemple illustratif)"
SENTENCES = ["Une chance sur deux environ d'être à l'heure (9 chances sur 20).",
             "Coût prudent (P80)\u00a0: 21,2\u00a0M€ HT.",
             "Cause : la qualification glisse de 10 jours."]  # fmt: skip
DECISIONS = ["Engager une deuxième équipe : −35 j, avant le 11/12/2026", "Choisir B"]
FILES = {"report.html": "<!doctype html><p>é</p>".encode(), "report.pdf": b"%PDF-1.7\n\x00\xff"}
DAY = dt.date(2026, 11, 20)
HEADERS = {
    "Subject", "Date", "Message-ID", "X-Unsent", "MIME-Version", "Content-Type",
}  # fmt: skip


def parsed(data):
    message = BytesParser(policy=policy.default).parsebytes(data)
    assert not message.defects
    for part in message.walk():
        assert not part.defects
    return message


def test_it_is_read_back_as_it_was_written():
    message = parsed(mail(TITLE, SENTENCES, DECISIONS, FILES, DAY, "fr"))
    assert message["Subject"] == TITLE
    text = message.get_body(("plain",)).get_content()
    for line in (TITLE, *SENTENCES, *(f"- {decision}" for decision in DECISIONS)):
        assert line in text.splitlines()
    assert "Décisions demandées\u00a0:" in text
    assert "Données au 20\u00a0novembre\u00a02026." in text
    attached = list(message.iter_attachments())
    assert [(part.get_filename(), part.get_content_type()) for part in attached] == [
        ("report.html", "text/html"), ("report.pdf", "application/pdf"),
    ]  # fmt: skip
    assert attached[0].get_content() == "<!doctype html><p>é</p>"
    assert [part.get_payload(decode=True) for part in attached] == list(FILES.values())
    assert all(part.get_content_disposition() == "attachment" for part in attached)


def test_it_is_a_draft_without_addresses_dated_by_its_data():
    message = parsed(mail(TITLE, SENTENCES, DECISIONS, FILES, DAY, "fr"))
    assert set(message.keys()) == HEADERS
    assert message["X-Unsent"] == "1"
    # Dated by its data: no clock, and the same day in every inhabited time zone but two.
    assert message["Date"].datetime == dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def test_it_is_made_of_short_ascii_lines():
    data = mail(TITLE * 4, [text * 20 for text in SENTENCES], DECISIONS, FILES, DAY, "fr")
    data.decode("ascii")
    assert data.count(b"\n") == data.count(b"\r\n") > 20
    assert max(map(len, data.split(b"\r\n"))) <= 100


def test_the_same_week_is_the_same_bytes_and_another_is_another():
    made = mail(TITLE, SENTENCES, DECISIONS, FILES, DAY, "fr")
    assert made == mail(TITLE, SENTENCES, DECISIONS, dict(FILES), DAY, "fr")
    others = [
        mail(TITLE, SENTENCES[:2], DECISIONS, FILES, DAY, "fr"),
        mail(TITLE, SENTENCES, [], FILES, DAY, "fr"),
        mail(TITLE, SENTENCES, DECISIONS, FILES | {"report.pdf": b"%PDF"}, DAY, "fr"),
        mail(TITLE, SENTENCES, DECISIONS, FILES, DAY + dt.timedelta(7), "fr"),
        mail(TITLE, SENTENCES, DECISIONS, FILES, DAY, "en"),
    ]
    ids = {parsed(data)["Message-ID"] for data in (made, *others)}
    assert len(ids) == 6


def test_without_decisions_and_pages_it_says_so():
    message = parsed(mail("Week 47", ["On time."], [], {}, DAY, "en"))
    assert message.get_content_type() == "text/plain"
    text = message.get_content()
    assert "No decision is asked this week." in text
    assert "Attached" not in text


@pytest.mark.parametrize(
    "hostile",
    [
        "Week 47\r\nBcc: someone@example.org",
        "Week 47\nTo: someone@example.org\n\nHello",
        "Week 47\x0b\x0c\x1c\x1d\x1e\x85\u2028Bcc: someone@example.org",
        "=?utf-8?q?Week=0D=0ABcc:_someone@example.org?=",
        "=?utf-8?b?V2VlawpCY2M6IHNvbWVvbmVAZXhhbXBsZS5vcmc=?=",
        "\r\n\r\n--=_mark\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
        "é" * 5_000,
        "Week \u202e47\u2066\x00\x1b[31m \ud800",
        "",
    ],
)
def test_nothing_that_people_entered_makes_a_header_or_a_part(hostile):
    files = {
        f"week{hostile}.html": b"<p>page</p>",
        "../../report.pdf": b"%PDF",
        "x\\y\\z.bin": b"\0",
    }
    message = parsed(mail(hostile, [hostile], [hostile], files, DAY, "fr"))
    assert set(message.keys()) == HEADERS
    parts = [part for part in message.walk() if not part.is_multipart()]
    types = [part.get_content_type() for part in parts]
    assert types == ["text/plain", "text/html", "application/pdf", "application/octet-stream"]
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names[0].startswith("w") or "/" in hostile
    assert names[0].endswith(".html")
    assert names[1:] == ["report.pdf", "z.bin"]
    for text in (message["Subject"], *names):
        assert len(text.splitlines()) <= 1
    assert not {"to", "cc", "bcc"} & {key.lower() for part in message.walk() for key in part.keys()}  # noqa: SIM118
