"""The glossary is whole, and pages say its words and no others."""

from __future__ import annotations

import re

import pytest

from hdhplan.errors import InputError
from hdhplan.glossary import COLUMNS, load_glossary, terms_in
from hdhplan.tests.pages import SHIPPED, lines_of, shipped

#: English words that French pages are tempted by, and the term whose French word they must use.
TEMPTING = {
    "buffer": "buffer", "slack": "float", "float": "float", "cutover": "cutover", "wave": "wave",
    "driver": "driver", "milestone": "milestone", "rollback": "rollback", "baseline": "baseline",
    "timeline": "timeline", "forecast": "forecast", "target": "target", "gap": "gap",
    "lever": "lever", "draw": "draw", "seed": "seed", "freeze": "freeze", "downtime": "downtime",
    "dual run": "dual_running", "dual write": "dual_write", "overrun": "overrun", "odds": "likelihood",
    "scope": "scope", "dataset": "dataset", "egress": "egress_fee", "deadline": "target",
}  # fmt: skip
HEAD = ",".join(COLUMNS) + "\n"
WAVE = "wave,wave,vague,,Ce qui bascule ensemble.,What goes over together.\n"


def refused(tmp_path, text):
    path = tmp_path / "glossary.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_glossary(path)
    return "\n".join(map(str, error.value.faults))


def test_it_has_every_word_in_both_languages():
    terms = load_glossary()
    assert len(terms) >= 100
    assert len({term.key for term in terms}) == len(terms)
    assert {"p80", "commitment", "wave", "exposure", "critical_path"} <= {t.key for t in terms}
    for term in terms:
        assert term.definition_fr.endswith(".")
        assert term.definition_en.endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no term in it"),
        (HEAD, "no term in it"),
        ("key,fr\n", "line 1: columns key,fr"),
        (HEAD + WAVE + WAVE, "line 3: key: key 'wave' twice"),
        (HEAD + WAVE + WAVE.replace("wave,wave", "tide,tide"), "line 3: fr: 'vague' twice"),
        (HEAD + WAVE.replace("What goes over together.", ""), "line 2: definition_en: nothing"),
        (HEAD + "Wave" + WAVE[4:], "line 2: key: key 'Wave'"),
        (HEAD + "wave,wave\n", "line 2: 2 cells"),
        (HEAD + WAVE.replace("ensemble", "x" * 130), "at most 120"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text, said, tmp_path):
    assert said in refused(tmp_path, text)


def test_all_that_is_wrong_is_said_at_once(tmp_path):
    said = refused(tmp_path, HEAD + WAVE + WAVE + "x y,a,b,,c,d\n")
    assert "line 3" in said
    assert "line 4" in said


@pytest.mark.parametrize(
    ("text", "lang", "keys"),
    [
        ("Les vagues basculent.", "fr", ["wave"]),
        ("Une extravagance", "fr", []),
        ("Les CP de l'an", "fr", ["payment"]),
        ("le cp", "fr", []),
        ("Chemins critiques", "fr", ["critical_path", "criticality"]),
        ("2,5 jours·projet", "fr", ["project_day"]),
        ("project-days", "en", ["project_day"]),
        ("Waves and drivers", "en", ["driver", "wave"]),
    ],
)
def test_words_are_found_as_they_are_written(text, lang, keys):
    assert [term.key for term in terms_in(text, load_glossary(), lang)] == keys


@pytest.mark.parametrize("name", SHIPPED)
def test_a_page_explains_the_words_it_uses_and_no_others(name):
    for lang in ("fr", "en"):
        body, foot = shipped(name, lang).split('<section id="glossary"')
        used = terms_in(" ".join(lines_of(body + "</main>", foreign=True)), load_glossary(), lang)
        explained = re.findall(r"<dt>([^<]*?) <span", foot)
        assert [term.entry(lang)[0] for term in used] == [
            t.replace("&#39;", "'") for t in explained
        ]
        assert len(used) > 40


@pytest.mark.parametrize("name", SHIPPED)
def test_french_pages_say_the_french_words_of_the_glossary(name):
    known = {term.key: term for term in load_glossary()}
    text = "\n".join(lines_of(shipped(name, "fr")))
    for word, key in TEMPTING.items():
        french = known[key].forms("fr")
        assert word not in french
        found = re.search(rf".*(?<![\w-]){word}s?(?![\w-]).*", text, flags=re.IGNORECASE)
        assert not found, f"{found and found[0]!r}: say {french[0]}"


@pytest.mark.parametrize("name", SHIPPED)
def test_both_languages_speak_of_the_same_things(name):
    """The words of this package: those of facts are in one language only."""
    texts = {lang: shipped(name, lang).split('<section id="facts"')[0] for lang in ("fr", "en")}
    keys = {
        lang: {t.key for t in terms_in(" ".join(lines_of(text)), load_glossary(), lang)}
        for lang, text in texts.items()
    }
    assert len(keys["fr"] & keys["en"]) > 35
    assert len(keys["fr"] ^ keys["en"]) <= 5, keys["fr"] ^ keys["en"]
