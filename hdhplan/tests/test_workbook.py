"""Laws of a workbook: what a reader sees, what a spreadsheet works out, what data cannot do to it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hdhplan.cli import main
from hdhplan.comparison import compare
from hdhplan.facts import Facts
from hdhplan.reading import load_plan
from hdhplan.result import bundle
from hdhplan.sensitivity import study
from hdhplan.tests import test_page
from hdhplan.tests.small import plan_of, range_of
from hdhplan.wording.formats import label
from hdhplan.workbook import make_workbook, sheet_names
from hdhplan.workbook.cells import EPOCH, Expr, unambiguous, worked_out, written

DRAWS = 400
FRENCH = (
    "Lisez-moi", "Synthèse", "Planning", "Jalons", "Coûts", "AE-CP", "Risques", "Hypothèses",
    "Scénarios", "Quantiles", "Sources",
)  # fmt: skip
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = (
    *test_page.HOSTILE, "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"https://evil.invalid\")", "$A$1",
    "$x$", "<b>", "a\nb", "a\tb", "a\r\nb", "\u202eabc", "\u200fx", "y" * 40_000, "\x00", "\x07\x1b[31m",
    "_x0041_", "_x005F_x0041_", "_x000D_", "https://evil.invalid/x", "mailto:x@evil.invalid",
    "file:///etc/passwd", "internal:Sheet1!A1", "external:c:\\x.xlsx", "12345", "1e5", "1/2", "TRUE",
    "#N/A", "#REF!", "{=1+1}", "'=1+1", "&amp;", "]]>", "\ud800", "\ufffe", "\uffff", "&L&\"Arial\"",
    " =1+1", "|calc", "%0A=1+1", "DDE(\"cmd\";\"/C calc\")", "\u2028=1", "ＳＵＭ＝1", "٣٤", "A1", "R1C1",
)  # fmt: skip
TINY = {"tasks": [{"id": "a", "work": range_of(2, 5, 15, "d")}]}


@cache
def comparison_of(*names):
    return compare([load_plan(name) for name in names], DRAWS, 1)


@cache
def study_of(name):
    return study(comparison_of(name).forecasts[0])


@cache
def made(*names, lang="fr") -> bytes:
    return make_workbook(comparison_of(*names), study_of(names[0]), lang)


def of_plan(plan, lang="fr", draws=60) -> bytes:
    comparison = compare([plan], draws, 1)
    return make_workbook(comparison, study(comparison.forecasts[0]), lang)


class Read:
    """A workbook as the standard library reads it: values, formulas and tables by sheet."""

    def __init__(self, data: bytes):
        self.zip = zipfile.ZipFile(BytesIO(data))
        self.parts = {n: self.zip.read(n) for n in self.zip.namelist()}
        for name, part in self.parts.items():
            ElementTree.fromstring(part)  # every part is XML, or this raises
            assert b"<!DOCTYPE" not in part, name
        self.shared = [
            unescaped("".join(t.text or "" for t in item.iter(f"{MAIN}t")))
            for item in self.xml("xl/sharedStrings.xml").findall(f"{MAIN}si")
        ]
        book = self.xml("xl/workbook.xml")
        self.names = [s.get("name") for s in book.iter(f"{MAIN}sheet")]
        self.defined = {d.get("name"): d.text for d in book.iter(f"{MAIN}definedName")}
        self.sheets = {
            name: self.xml(f"xl/worksheets/sheet{i}.xml") for i, name in enumerate(self.names, 1)
        }
        self.cells = {name: dict(self._cells(xml)) for name, xml in self.sheets.items()}
        self.formulas = {
            name: {
                c.get("r"): c.find(f"{MAIN}f").text
                for c in xml.iter(f"{MAIN}c")
                if c.find(f"{MAIN}f") is not None
            }
            for name, xml in self.sheets.items()
        }

    def xml(self, part: str):
        return ElementTree.fromstring(self.parts[part])

    def _cells(self, xml):
        for cell in xml.iter(f"{MAIN}c"):
            value, kind = cell.find(f"{MAIN}v"), cell.get("t", "n")
            if value is None or value.text is None:
                continue
            if kind == "s":
                yield cell.get("r"), self.shared[int(value.text)]
            else:
                yield cell.get("r"), value.text if kind in ("str", "e") else float(value.text)

    def tables(self):
        """Each table: its sheet, its columns, its area."""
        for i, name in enumerate(self.names, 1):
            rels = self.parts.get(f"xl/worksheets/_rels/sheet{i}.xml.rels", b"<x/>")
            for rel in ElementTree.fromstring(rels):
                assert rel.get("TargetMode") != "External"
                xml = self.xml("xl/" + rel.get("Target").removeprefix("../"))
                yield name, [c.get("name") for c in xml.iter(f"{MAIN}tableColumn")], xml.get("ref")

    def rows(self, sheet: str, table: int = 0) -> list[dict]:
        """Rows of a table of a sheet by column head, and the row of totals below, if any."""
        found = [t for t in self.tables() if t[0] == sheet][table]
        columns = letters(found[2])
        first, last = (int(re.sub("[A-Z]", "", ref)) for ref in found[2].split(":"))
        cells = self.cells[sheet]
        return [
            {h: cells.get(f"{k}{row}") for h, k in zip(found[1], columns, strict=True)}
            for row in range(first + 1, last + 2)
        ]


def letters(ref: str) -> list[str]:
    from xlsxwriter.utility import xl_col_to_name

    every = [xl_col_to_name(i) for i in range(100)]
    first, last = (re.sub(r"\d", "", part) for part in ref.split(":"))
    return every[every.index(first) : every.index(last) + 1]


def unescaped(text: str) -> str:
    """Text as a spreadsheet shows it: _x0041_ stands for a letter, _x005F_ for a low line."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def test_a_french_workbook_has_its_sheets_and_an_english_one_as_many():
    assert Read(made("base")).names == list(FRENCH) == list(sheet_names("fr"))
    english = Read(made("base", "frugal", lang="en")).names
    assert english == list(sheet_names("en"))
    assert len(english) == len(FRENCH)
    assert english[0] == "Read me"


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_tables_are_real_and_sheets_are_set_up_to_be_read_and_printed(lang):
    book = Read(made("base", "frugal", lang=lang))
    tables = list(book.tables())
    assert {name for name, _, _ in tables} == set(book.names)
    for sheet, heads, ref in tables:
        assert len({head.casefold() for head in heads}) == len(heads)
        top = int(re.sub("[A-Z]", "", ref.split(":")[0]))
        shown = [book.cells[sheet][f"{k}{top}"] for k in letters(ref)]
        assert shown == heads
    for name, xml in book.sheets.items():
        assert isinstance(book.cells[name]["A1"], str)
        assert xml.find(f"{MAIN}mergeCells") is None
        assert xml.find(f".//{MAIN}pane").get("state") == "frozen"
        setup = xml.find(f"{MAIN}pageSetup")
        assert (setup.get("paperSize"), setup.get("orientation")) == ("9", "landscape")
        assert xml.find(f"{MAIN}cols") is not None
    titles = [d.get("localSheetId") for d in book.xml("xl/workbook.xml").iter(f"{MAIN}definedName")
              if d.get("name") == "_xlnm.Print_Titles"]  # fmt: skip
    assert sorted(map(int, titles)) == list(range(len(book.names)))


def test_every_percentile_stands_beside_its_error():
    for sheet, heads, _ in Read(made("base")).tables():
        for i, head in enumerate(heads):
            if re.match(r"(AE |CP |Fin )?P\d\d\b", head) and not re.search("TTC|−", head):
                assert heads[i + 1].startswith(f"± {head.split(' (')[0]}"), (sheet, head)


def test_amounts_say_their_vat_basis_in_the_head():
    heads = [h for _, heads, _ in Read(made("base")).tables() for h in heads if "€" in h]
    assert heads
    assert all(re.search(r"\((M€|k€) (HT|TTC)\)", head) for head in heads)


def test_a_formula_is_arithmetic_on_cells_and_there_are_many():
    book = Read(made("base", "frugal"))
    every = [f for formulas in book.formulas.values() for f in formulas.values()]
    assert len(every) > 300
    known = "|".join(map(re.escape, book.defined))
    one = rf"(?:SUM\([A-Z]+\d+:[A-Z]+\d+\)|\(?(?:[A-Z]+\d+|\d+|{known})\)?|[-+*/()])+"
    assert [f for f in every if not re.fullmatch(one, f)] == []


def test_the_same_inputs_give_the_same_bytes_and_no_clock_is_asked():
    comparison, why = comparison_of("other_platform"), study_of("other_platform")
    one, two = (make_workbook(comparison, why, "fr") for _ in range(2))
    assert one == two
    assert {i.date_time for i in zipfile.ZipFile(BytesIO(one)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }
    assert str(date.today()) not in Read(one).parts["docProps/core.xml"].decode()


@pytest.mark.parametrize("name", ["base", "other_platform"])
def test_amounts_and_dates_are_those_of_run_json(name):
    forecast = comparison_of(name).forecasts[0]
    data, book = bundle(forecast, study_of(name)), Read(made(name))
    scale = 1e6 if name == "base" else 1e3
    rows = {row["Repère"]: row for row in book.rows("Quantiles")}
    for quantity, expected in data["quantiles"].items():
        row = rows[quantity]
        for p in ("p10", "p50", "p80", "p90"):
            shown = row[p.upper()]
            if "€" in (row["Unité"] or ""):
                assert shown * scale == pytest.approx(expected[p], abs=1e-6)
            elif row["Unité"] == "date":
                assert EPOCH + timedelta(days=shown) == forecast.date_of(expected[p])
            else:
                assert shown == pytest.approx(expected[p])
    lines = book.rows("Coûts")
    means = [row for head, row in data["quantiles"].items() if head.startswith("line.")]
    head = next(h for h in lines[-1] if h.startswith("Moyenne") and "HT" in h)
    assert lines[-1][head] * scale == pytest.approx(sum(row["mean"] for row in means))
    assert lines[-1][head] * scale == pytest.approx(data["quantiles"]["cost_eur"]["mean"])
    years = book.rows("AE-CP")
    for kind in ("AE", "CP"):
        head = next(h for h in years[-1] if h.startswith(f"{kind} moyenne"))
        for row in years[:-1]:
            known = data["years"].get(str(int(row["Exercice"])))
            if known:
                assert row[head] * scale == pytest.approx(known[kind.lower()]["mean"])
        assert years[-1][head] * scale == pytest.approx(data["quantiles"]["cost_eur"]["mean"])


def test_tasks_and_ranges_are_all_there():
    book, plan = Read(made("base")), load_plan("base")
    tasks = comparison_of("base").forecasts[0].tasks
    assert {row["Repère"] for row in book.rows("Planning")[:-1]} == set(tasks)
    assert len(book.rows("Hypothèses")) - 1 == len(list(plan.ranges()))
    assert {row["Repère"] for row in book.rows("Risques")[:-1]} == set(plan.drivers)


def test_what_never_happens_is_a_word_and_no_formula_builds_on_it():
    book = Read(made("stay_on_azure"))
    summary = {row["Mesure"]: row["Valeur"] for row in book.rows("Synthèse")}
    assert summary["Date prudente (P80)"] == "jamais"
    assert summary["Marge de date : cible − P80"] == "jamais"
    english = Read(made("stay_on_azure", lang="en"))
    assert "never" in english.cells["Summary"].values()
    for one in (book, english):
        for name, formulas in one.formulas.items():
            assert all(isinstance(one.cells[name][ref], float) for ref in formulas)


def test_arithmetic_goes_by_the_values_of_its_cells():
    places = {"a": ("B2", 6.0), "b": ("C2", 4.0), "none": ("D2", None), "word": ("E2", "jamais")}
    nested = Expr("/", "a", Expr("-", "b", 1.0))
    assert written(nested, places) == "B2/(C2-1)"
    assert worked_out(nested, places) == 2.0
    assert worked_out(Expr("-", "a", "word"), places) == "jamais"
    assert worked_out(Expr("-", "none", "a"), places) is None
    assert worked_out(Expr("/", "a", Expr("-", "b", 4.0)), places) is None


def hostile_plan(texts):
    """A plan in which every text is everywhere that a text may be."""
    tasks = [{"id": f"t{i}", "name": text, "ask": text,
              "work": range_of(1, 2, 9, "d") | {"source": text or "x", "note": text, "ask": text}}
             for i, text in enumerate(texts)]  # fmt: skip
    drivers = [{"id": f"d{i}", "name": text, "p": 0.5, "delay": "2 d", "on": [f"t{i}"],
                "source": text, "ask": text} for i, text in enumerate(texts)]  # fmt: skip
    rates = [{"id": f"r{i}", "name": text, "amount_eur": 10_000, "line": text, "on": f"t{i}",
              "ask": text} for i, text in enumerate(texts)]  # fmt: skip
    clause = {"fact": "f0", "milestone": "t0"}
    duties = {f"o{i}": {"id": f"o{i}", "name": text, "clause": text} | clause
              for i, text in enumerate(texts)}  # fmt: skip
    promises = [{"id": f"p{i}", "milestone": f"t{i}", "by": "2026-03-01", "source": text, "grade": "D"}
                for i, text in enumerate(texts)]  # fmt: skip
    plan = plan_of(
        tasks=tasks, drivers=drivers, rates=rates, obligations=duties, promises=promises,
        title=texts[0], illustrative=texts[1], target={"cost_eur": 1e6, "vat": "HT"},
        retains={f"k{i}": {"fact": f"f{i}", "why": "x"} for i in range(len(texts))},
    )  # fmt: skip
    one = next(iter(load_plan("base").facts))
    plan._facts = Facts(tuple(
        replace(one, id=f"f{i}", value=text, source=text, address=text, publisher=text, note=text,
                low=None, likely=None, high=None, unit="text") for i, text in enumerate(texts)
    ))  # fmt: skip
    return plan


@cache
def hostile_book() -> bytes:
    return of_plan(hostile_plan(HOSTILE))


def test_hostile_texts_stay_texts():
    assert len(HOSTILE) >= 60
    book = Read(hostile_book())
    assert not [n for n in book.parts if "rels" in n and b"External" in book.parts[n]]
    for name, xml in book.sheets.items():
        assert xml.find(f"{MAIN}hyperlinks") is None
        for ref, formula in book.formulas[name].items():
            assert re.fullmatch(r"[A-Za-z0-9_:()*/+.-]+", formula), (name, ref, formula)
    shown = {
        text for cells in book.cells.values() for text in cells.values() if isinstance(text, str)
    }
    for text in HOSTILE:
        if long := label(text, 2_000):
            assert unambiguous(long) in shown
    assert max(map(len, shown)) < 32_767
    styles = book.xml("xl/styles.xml").find(f"{MAIN}cellXfs")
    for xml in book.sheets.values():  # to edit such a cell does not make a formula of it either
        for cell in xml.iter(f"{MAIN}c"):
            value = cell.find(f"{MAIN}v")
            if cell.get("t") == "s" and book.shared[int(value.text)][:1] in "=+-@":
                assert styles[int(cell.get("s"))].get("quotePrefix") == "1"


def test_a_plan_without_money_waves_or_target_has_its_workbook():
    for lang in ("fr", "en"):
        book = Read(of_plan(plan_of(**TINY), lang))
        assert book.names == list(sheet_names(lang))
        assert not [v for cells in book.cells.values() for v in cells.values() if v == "e"]


def test_the_command_writes_whole_or_not_at_all(tmp_path, capsys, monkeypatch):
    out = tmp_path / "plan.xlsx"
    asked = ["export", "xlsx", "other_platform", "--draws", "100", "--out", str(out)]
    assert main([*asked, "--json", "--compare", "base"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "hdhplan.export/1"
    assert told["data"]["file"] == str(out)
    assert told["data"]["scenarios"] == ["other_platform", "base"]
    assert {"other_platform.yaml", "base.yaml"} <= set(told["meta"]["inputs"])
    before = out.read_bytes()
    assert main([*asked, "--set", "nonsense=1"]) == 3
    assert main([*asked, "--lang", "de"]) == 2
    assert main(["export", "xlsx", "other_platform", "--out", str(tmp_path / "x.csv")]) == 2
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    assert main(asked) == 6
    monkeypatch.undo()
    assert out.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["plan.xlsx"]
    assert main([*asked[:-1], str(tmp_path / "missing" / "plan.xlsx")]) == 6


OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(not OFFICE, reason="LibreOffice is not installed")
ALWAYS = (
    '<?xml version="1.0" encoding="UTF-8"?><oor:items xmlns:oor="http://openoffice.org/2001/registry">'
    '<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" '
    'oor:op="fuse"><value>0</value></prop></item></oor:items>'
)


BOOKS = {
    "base": lambda: made("base", "frugal", "stay_on_azure"),
    "english": lambda: made("other_platform", "base", lang="en"),
    "never": lambda: made("stay_on_azure"),
    "tiny": lambda: of_plan(plan_of(**TINY)),
    "hostile": hostile_book,
}


@pytest.fixture(scope="module")
def recalculated(tmp_path_factory):
    """Let LibreOffice work all formulas out anew, from workbooks whose cached values are wrong."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "profile/user").mkdir(parents=True)
    (folder / "profile/user/registrymodifications.xcu").write_text(ALWAYS)
    for name, book in BOOKS.items():
        with zipfile.ZipFile(folder / f"{name}.xlsx", "w") as wrong:
            for part, content in Read(book()).parts.items():
                wrong.writestr(part, re.sub(rb"(</f><v>)[^<]*", rb"\g<1>987654321", content))
    files = sorted(folder.glob("*.xlsx"))
    run = [OFFICE, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
           "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", *files]  # fmt: skip
    subprocess.run(run, check=True, capture_output=True, timeout=300)
    return {name: Read((folder / "out" / f"{name}.xlsx").read_bytes()) for name in BOOKS}


@needs_office
@pytest.mark.slow
@pytest.mark.parametrize("name", BOOKS)
def test_recalculated_by_another_program_every_formula_comes_out_the_same(name, recalculated):
    ours, theirs = Read(BOOKS[name]()), recalculated[name]
    assert theirs.names == ours.names
    checked = 0
    for sheet, formulas in ours.formulas.items():
        assert "e" not in {c.get("t") for c in theirs.sheets[sheet].iter(f"{MAIN}c")}, sheet
        for ref in formulas:
            expected, found = ours.cells[sheet][ref], theirs.cells[sheet].get(ref)
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-9), (sheet, ref, formulas[ref])
            checked += 1
    assert checked > (3 if name == "tiny" else 40)


@needs_office
@pytest.mark.slow
def test_another_program_reads_hostile_texts_as_they_are(recalculated):
    ours, theirs = Read(hostile_book()), recalculated["hostile"]
    for sheet, cells in ours.cells.items():
        texts = {ref: text for ref, text in cells.items() if isinstance(text, str)}
        assert {ref: theirs.cells[sheet].get(ref) for ref in texts} == texts
        assert set(theirs.formulas[sheet]) == set(ours.formulas[sheet])
