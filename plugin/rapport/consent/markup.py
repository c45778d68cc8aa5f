"""How Rapport's own page of consent looks: plain HTML with nothing from elsewhere, no script."""

import base64
import hashlib
from collections.abc import Iterable
from html import escape

from rapport.consent import text
from rapport.consent.text import Text

STYLE = """
:root { color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }
main { max-width: 42rem; margin: 2rem auto; padding: 0 1rem; }
nav a { margin-inline-end: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
label { display: block; margin: 1rem 0; padding-inline-start: 2rem; text-indent: -2rem; }
input { width: 1.2rem; height: 1.2rem; margin: 0 .8rem 0 0; vertical-align: -.15rem; }
button { font: inherit; padding: .6rem 1.2rem; margin: 1rem 1rem 0 0; }
footer { margin-top: 2rem; font-size: .85rem; }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""Content Security Policy: nothing but the style above, and forms only to this server."""


def question(
    shown: Text, language: str, app: str, name: str, action: str, permissions: Iterable[str]
) -> str:
    """The text with a box per permission, none of them ticked, and two buttons alike.

    :param action: the path that the answer goes to.
    :param permissions: what is asked for.
    """
    links = " ".join(_link(each, is_current=each == language) for each in text.languages())
    boxes = "".join(
        f'<label><input type="checkbox" name="permission" value="{escape(permission)}">'
        f"{escape(shown.permissions[permission])}</label>"
        for permission in permissions
    )
    return _document(
        shown,
        language,
        f'<nav aria-label="{escape(shown.page.language)}">{links}</nav>'
        f"<h1>{escape(shown.title)}</h1>{_paragraphs(shown.body)}"
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="language" value="{escape(language)}">'
        f"<p><strong>{escape(shown.page.choose)}</strong></p>{boxes}"
        f'<button name="answer" value="allow">{escape(shown.agree)}</button>'
        f'<button name="answer" value="decline">{escape(shown.decline)}</button></form>'
        f"<footer>{escape(name)} ({escape(app)}) &middot; {escape(shown.version)}</footer>",
    )


def note(shown: Text, language: str, sentence: str) -> str:
    """A page that says one thing."""
    return _document(shown, language, f"<p>{escape(sentence)}</p>")


def _document(shown: Text, language: str, content: str) -> str:
    direction = "rtl" if shown.rtl else "ltr"
    return (
        f'<!doctype html><html lang="{escape(language)}" dir="{direction}"><head>'
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(shown.title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{content}</main></body></html>"
    )


def _link(language: str, is_current: bool) -> str:
    current = ' aria-current="page"' if is_current else ""
    return (
        f'<a href="?language={language}" lang="{language}" hreflang="{language}"{current}>'
        f"{escape(text.template(language).name)}</a>"
    )


def _paragraphs(body: str) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in body.split("\n\n"))
