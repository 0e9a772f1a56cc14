"""The glossary: what each word means, in French and English, and which ones a text uses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hdhplan.errors import Fault, InputError
from hdhplan.tables import cells_fault, read_rows

GLOSSARY = Path(__file__).resolve().parent.parent / "data" / "glossary.csv"
COLUMNS = ("key", "en", "fr", "fr_abbr", "definition_fr", "definition_en")
#: Longest text of a cell: a definition that needs more explains two things.
LONGEST = 120
_KEY = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Term:
    """A word of the field in both languages; ``fr`` and ``en`` may name two forms, a slash between."""

    key: str
    en: str
    fr: str
    fr_abbr: str
    definition_fr: str
    definition_en: str

    def forms(self, lang: str) -> tuple[str, ...]:
        """Every way in which the word is written in a language."""
        names = (self.fr if lang == "fr" else self.en).split(" / ")
        return (*names, self.fr_abbr) if lang == "fr" and self.fr_abbr else tuple(names)

    def entry(self, lang: str) -> tuple[str, str, str]:
        """The word with its abbreviation, the same in the other language, and what it means."""
        fr = self.fr
        if self.fr_abbr and self.fr_abbr != self.fr:
            fr = f"{self.fr} ({self.fr_abbr})"
        if lang == "fr":
            return fr, self.en, self.definition_fr
        return self.en, fr, self.definition_en


def load_glossary(path: Path = GLOSSARY) -> tuple[Term, ...]:
    """Read the glossary, in the order of its file.

    Raises
    ------
    InputError
        With everything that is wrong: columns, keys and forms used twice, a language left out.
    """
    faults: list[Fault] = []
    terms: list[Term] = []
    taken: dict[str, set[str]] = {"key": set(), "fr": set(), "en": set()}
    header: list[str] = []
    for line, cells in read_rows(path, faults):
        if not header:
            header = cells
            if tuple(header) != COLUMNS:
                found = f"columns {','.join(header)[:80]}"
                faults.append(Fault(str(path), 1, "", found, ",".join(COLUMNS), "in this order"))
                break
        elif len(cells) != len(COLUMNS):
            faults.append(cells_fault(path, line, cells, len(COLUMNS)))
        else:
            term = Term(*cells)
            faults += [Fault(str(path), line, *fault) for fault in _faults(term, taken)]
            terms.append(term)
            taken["key"].add(term.key)
            for lang in ("fr", "en"):
                taken[lang].update(filter(None, term.forms(lang)))
    if not terms and not faults:
        faults.append(Fault(str(path), None, "", "no term in it", ",".join(COLUMNS)))
    if faults:
        raise InputError(faults)
    return tuple(terms)


def _faults(term: Term, taken: dict[str, set[str]]) -> Iterator[tuple[str, str, str, str]]:
    """What is wrong with a term, after those that took their words: field, found, limit, fix."""
    if not _KEY.fullmatch(term.key):
        yield "key", f"key {term.key[:60]!r}", "small letters, digits and _", "rename it"
    if term.key in taken["key"]:
        yield "key", f"key {term.key!r} twice", "a key names one term", "rename it"
    for column in COLUMNS:
        text = getattr(term, column)
        if not text and column != "fr_abbr":
            yield column, "nothing", "both languages", "write it"
        if len(text) > LONGEST or not text.isprintable():
            yield column, f"{len(text)} characters", f"a line of at most {LONGEST}", "shorten it"
    for lang in ("fr", "en"):
        for form in sorted(taken[lang].intersection(term.forms(lang))):
            yield lang, f"{form!r} twice", "a word has one meaning here", "delete one"


def terms_in(text: str, glossary: Sequence[Term], lang: str) -> list[Term]:
    """The terms that a text uses, in the order of the alphabet.

    Plurals count. Capitals make no difference, but for abbreviations and words of two letters.
    """
    plain = " ".join(text.replace("’", "'").split())
    small = plain.lower()
    found = [
        term
        for term in glossary
        if any(_uses(plain if _exact(form) else small, form) for form in term.forms(lang))
    ]
    return sorted(found, key=lambda term: _alphabetic(term.entry(lang)[0]))


def _exact(form: str) -> bool:
    """Whether capitals count: CP is a credit, cp is nothing."""
    return form.isupper() or len(form) <= 2


def _uses(text: str, form: str) -> bool:
    form = form if _exact(form) else form.lower()
    parts = re.split(r"[\s·-]", form)
    if parts[0] not in text:  # most terms: no pattern is made for them
        return False
    words = r"[\s·-]".join(rf"{re.escape(word)}(?:e?s|x)?" for word in parts)
    return re.search(rf"(?<!\w){words}(?!\w)", text) is not None


def _alphabetic(word: str) -> str:
    """A word without accents and capitals: É comes with E."""
    import unicodedata

    return unicodedata.normalize("NFKD", word.lower()).encode("ascii", "ignore").decode()
