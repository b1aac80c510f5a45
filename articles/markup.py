"""The HTML that a story's body may hold, for editors and the wire alike. No Django in here."""

import html
import re
from functools import lru_cache

import nh3

# Block and inline marks of a news text. Whatever is not named here is unwrapped to its text, but for
# script and style, whose content goes too.
TAGS = {
    "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "figure", "figcaption", "br", "hr",
    "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
    "a", "em", "strong", "b", "i", "sub", "sup", "abbr", "code", "q", "cite",
}  # fmt: skip
ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
URL_SCHEMES = {"http", "https", "mailto"}

# C0 and C1 controls but for tab and line ends, lone surrogates, and the two code points that are no
# characters. The direction marks and joiners of Arabic, Persian and Hindi are not in here.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_LINK = re.compile(r'<a\s[^>]*?href="([^"]*)"')
_END_OF_BLOCK = re.compile(r"</(?:p|h[2-4]|li|blockquote|pre|tr|caption|figcaption)>|<br>|<hr>")
_PARAGRAPH = re.compile(r"<p(?:\s[^>]*)?>.*?</p>", re.DOTALL)
_NOT_RUNNING = re.compile(r"<(table|figure|ul|ol)\b.*?</\1>", re.DOTALL)
_END_OF_CELL = re.compile(r"</t[hd]>")


def without_controls(text: str) -> str:
    """Without what nobody typed and XML cannot hold, which some programs leave in what is copied from them.

    https://www.w3.org/TR/xml/#charsets
    """
    return _CONTROLS.sub("", text)


def clean_html(markup: str) -> str:
    """Allowed HTML only, well-formed; idempotent. Text is kept, but for that of script and style."""
    cleaned = nh3.clean(
        markup,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=URL_SCHEMES,
        link_rel="noopener",
        strip_comments=True,
    )
    plain = without_controls(cleaned)  # a reference such as &#1; is one by now
    # What was no address of a script with it might be one without.
    return cleaned.strip() if plain == cleaned else clean_html(plain)


def links_in(markup: str) -> list[str]:
    """The addresses that allowed HTML links to."""
    return [html.unescape(address) for address in _LINK.findall(markup)]


def opening(markup: str, length: int = 220) -> str:
    """The first words of a text, from its paragraphs: no heading, no table, no caption."""
    words = ""
    for paragraph in _PARAGRAPH.finditer(_NOT_RUNNING.sub("", markup)):
        words = " ".join([*words.split(), *plain_text(paragraph[0]).split()])
        if len(words) > length:
            break
    words = words or " ".join(plain_text(markup).split())
    if len(words) <= length:
        return words
    return words[: length - 1].rpartition(" ")[0].rstrip(",;:-–— ") + " …"


@lru_cache(maxsize=32)  # a story is asked for its words several times as it is written
def plain_text(markup: str) -> str:
    """The words of allowed HTML, one line a block; for teasers, feeds and comparisons."""
    spaced = _END_OF_CELL.sub(r"\g<0> ", _END_OF_BLOCK.sub(r"\g<0>" + "\n", markup))
    text = html.unescape(nh3.clean(spaced, tags=set(), clean_content_tags={"script", "style"}))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
