import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles.markup import clean_html, opening, plain_text


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p onclick=x>Hi</p>", "<p>Hi</p>"),
        ("<script>alert(1)</script><p>Hi</p>", "<p>Hi</p>"),
        ("<style>p{}</style>Hi", "Hi"),
        ('<a href="javascript:x()">Hi</a>', '<a rel="noopener">Hi</a>'),
        (
            '<a href="https://example.org/" target="_top">Hi</a>',
            '<a href="https://example.org/" rel="noopener">Hi</a>',
        ),
        ('<p style="color:red" class="x" lang="fr">Hi</p>', '<p lang="fr">Hi</p>'),
        ("<h1>Hi</h1><iframe src=x></iframe>", "Hi"),
        ("<p>H\x01i&#11;</p>", "<p>Hi</p>"),
        ('<a href="java\x01script:x()">Hi</a>', '<a rel="noopener">Hi</a>'),
        ('<a href="java&#1;script:x()">Hi</a>', '<a rel="noopener">Hi</a>'),
        ('<img src=x onerror="x()">Hi', "Hi"),
        ("<!-- note --><p>Hi", "<p>Hi</p>"),
        (
            "<table><tr><td colspan=2>Hi</td></tr></table>",
            '<table><tbody><tr><td colspan="2">Hi</td></tr></tbody></table>',
        ),
    ],
)
def test_only_what_a_news_text_needs_passes(dirty, clean):
    assert clean_html(dirty) == clean


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_html(clean_html(text)) == clean_html(text)


def test_plain_text_has_a_line_a_block_and_keeps_words_apart():
    markup = "<h2>Tides</h2><p>High &amp; low<br>water</p><table><tr><td>Mon</td><td>3 m</td></tr></table>"
    assert plain_text(markup) == "Tides\nHigh & low\nwater\nMon 3 m"


def test_the_opening_is_the_first_words_of_the_running_text():
    table = "<table><tr><td>3 m</td></tr></table>"
    markup = f"<h2>Tides</h2>{table}<p>High water</p><ul><li>Mon</li></ul><p>came.</p>"
    assert opening(markup) == "High water came."


def test_a_long_opening_ends_at_a_word():
    text = opening("<p>" + "harbour, " * 50 + "</p>")
    assert len(text) <= 220
    assert text.endswith("harbour …")


def test_the_opening_of_a_text_without_paragraphs_is_its_words():
    assert opening("Just words") == "Just words"
