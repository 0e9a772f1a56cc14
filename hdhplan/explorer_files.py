"""Save, load and share: a state leaves as a scenario file or as one line, and comes back the same way."""

from __future__ import annotations

import base64
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from hdhplan.errors import InputError
from hdhplan.explorer import Session
from hdhplan.explorer_refusals import refused
from hdhplan.explorer_texts import MOST_BYTES, SHARED, file_text, shared_text
from hdhplan.wording.formats import pick

if TYPE_CHECKING:
    from ipywidgets import Widget


class Files:
    """The panel that hands a state over; nothing is written on the server."""

    def __init__(self, session: Session, lang: str, done: Callable[[bool], None]):
        self.session, self.lang, self._done = session, lang, done

    def panel(self) -> Widget:
        """Build the panel."""
        import ipywidgets as w

        self.link = w.HTML(_dom_classes=["hx-link"])
        self.name = w.Text(value="explore", description=self._say("Nom", "Name"))
        self.pasted = w.Textarea(
            description=self._say("Coller", "Paste"), _dom_classes=["hx-paste"],
            placeholder=self._say("un texte partagé, ou un fichier de scénario",
                                  "a shared text, or a scenario file"),
        )  # fmt: skip
        self.upload = w.FileUpload(
            accept=".yaml,.yml,.txt", description=self._say("Choisir un fichier", "Choose a file")
        )
        self.upload.observe(lambda c: c.new and self.uploaded(c.new), "value")
        title = self._say("Enregistrer, charger, partager", "Save, load, share")
        return w.VBox([
            w.HTML(f"<h2>{title}</h2>"),
            w.Box([self.name, self._button("Enregistrer", "Save", self.save),
                   self._button("Partager", "Share", self.share)], _dom_classes=["hx-bar"]),
            self.link,
            w.Box([self.pasted, self._button("Charger", "Load", lambda: self.load(self.pasted.value)),
                   self.upload], _dom_classes=["hx-bar"]),
        ], _dom_classes=["hx-files"])  # fmt: skip

    def _say(self, fr: str, en: str) -> str:
        return pick(self.lang, fr, en)

    def _button(self, fr: str, en: str, press: Callable[[], None]) -> Widget:
        import ipywidgets as w

        button = w.Button(description=self._say(fr, en))
        button.on_click(lambda _: press())
        return button

    def save(self) -> None:
        """Offer the state as a scenario file, and say what to do with it."""
        name = self.name.value
        try:
            text = file_text(self.session.state, name)
        except InputError as error:
            return self._refuse(error)
        coded = base64.b64encode(text.encode()).decode()
        download, then = self._say("Télécharger", "Download"), self._say("puis", "then")
        self.link.value = (
            f'<p><a download="{name}.yaml" href="data:text/yaml;base64,{coded}">{download} {name}.yaml</a>, '
            f"{then} <code>python run.py compare base {name}.yaml --page</code></p>"
            f"<pre tabindex=0>{escape(text)}</pre>"
        )
        return self._done(True)

    def share(self) -> None:
        """Show the state as one line to copy."""
        try:
            self.link.value = f"<pre tabindex=0>{escape(shared_text(self.session.state))}</pre>"
        except InputError as error:
            return self._refuse(error)
        return self._done(True)

    def load(self, text: str) -> None:
        """Take over a pasted text: a line that was shared, or a scenario file."""
        text = str(text)[: MOST_BYTES + 1].strip()
        shared = text.startswith(SHARED.partition("/")[0] + "/") or "extends" not in text
        kind, text = ("shared", text) if shared else ("file", f"{text}\n")
        self._done(self.session.load(kind, text))

    def uploaded(self, files: tuple) -> None:
        """Take over an uploaded file; one that is too long or no text is refused unread."""
        content = bytes(files[0]["content"][: MOST_BYTES + 1])
        self.upload.value = ()
        try:
            if len(content) > MOST_BYTES:
                raise UnicodeError
            text = content.decode("utf-8")
        except UnicodeError:
            return self._refuse(
                refused("file", "not a text, or too long", f"at most {MOST_BYTES:,} bytes")
            )
        return self.load(text)

    def _refuse(self, error: InputError) -> None:
        self.session.faults = error.faults
        self._done(False)
