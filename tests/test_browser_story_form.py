"""The story form in a real browser: the rich-text body, the clipboard and text that outlives its tab."""

# ruff: noqa: F811 (fixtures of another module)

from pathlib import Path

import pytest
from django.urls import reverse
from lxml import etree, html
from playwright.sync_api import expect

from articles.markup import ATTRIBUTES, TAGS, clean_html
from articles.models import Story
from tests.factories import make_story

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HERE = Path(__file__).parent
BODIES = {file.stem: file.read_text(encoding="utf-8").strip() for file in HERE.glob("bodies/*.html")}
CLIPBOARDS = {file.stem: file.read_text(encoding="utf-8") for file in HERE.glob("clipboard/*.html")}
PASTED = {
    "word": """<h2>Repairs</h2>
<p>The lock <strong>opened</strong> on <em>Wednesday</em>.</p>
<ul><li>First barge</li><li>Second barge</li></ul>
<table><tbody><tr><td><p>Mon</p></td><td><p>3 m</p></td></tr></tbody></table>
<p><a href="https://canal.example/" rel="noopener">The Trust</a></p>""",
    "mail": """<p>The lock opened.</p>
<p>Two barges <strong>waited</strong>.</p>""",
    "web_page": """<h2>Lock opens</h2>
<p>The lock opened. Share <a href="https://canal.example/#top" rel="noopener">More</a></p>
<p>By the way.</p>""",
}
# What no editor of paragraphs holds: it stays HTML.
ODD = {
    "a heading in an item": "<ul><li><h3>Head</h3>Text</li></ul>",
    "a link that leads nowhere": "<p><a>Nowhere</a></p>",
    "a caption without a figure": "<figcaption>Alone</figcaption><p>Text</p>",
}


def open_story(page, story) -> None:
    page.goto(reverse("admin:articles_story_change", args=[story.pk]))


def ordered(body: str) -> str:
    """With the attributes of each mark in the order of their names, which is all that may differ."""
    return etree.tostring(html.fragment_fromstring(body, create_parent="div"), method="c14n").decode()


def rich(page):
    """The editor, once it is there: until then the text area goes by its name."""
    return page.get_by_role("textbox", name="Body").and_(page.locator("[contenteditable=true]"))


def save(page, story) -> str:
    """Its body then."""
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messagelist")).to_contain_text("Saved.")
    story.refresh_from_db()
    return story.body


def test_a_body_opened_and_saved_stays_to_the_letter_and_a_word_typed_is_all_that_changes(sign_in, channel):
    desk = sign_in("Editor")
    for name, body in BODIES.items():
        story = make_story(channel, body=body + "\n<p>The end.</p>")
        before = story.body
        open_story(desk, story)
        expect(rich(desk)).to_be_visible()
        assert save(desk, story) == before, name
        expect(rich(desk)).to_be_visible()
        rich(desk).get_by_text("The end.").click()
        desk.keyboard.press("End")
        desk.keyboard.type(" Really.")
        assert ordered(save(desk, story)) == ordered(clean_html(body + "\n<p>The end. Really.</p>")), name
    assert desk.complaints == []


def test_a_body_that_the_editor_would_harm_stays_html_to_the_letter(sign_in, channel):
    desk = sign_in("Editor")
    for name, body in ODD.items():
        story = make_story(channel, body=body)
        before = story.body
        open_story(desk, story)
        expect(desk.get_by_text("marks that the editor would change")).to_be_visible()
        expect(desk.locator("#id_body")).to_be_visible()
        assert desk.locator("#id_body").input_value() == before, name
        assert save(desk, story) == before, name


def everything() -> str:
    """Each allowed mark with each of its attributes."""
    values = {"href": "https://canal.example/", "start": "3", "colspan": "2", "rowspan": "2", "dir": "rtl"}

    def tag(name: str, inside: str) -> str:
        names = sorted(ATTRIBUTES.get(name, set()) | ATTRIBUTES["*"])
        attributes = "".join(f' {attribute}="{values.get(attribute, "en")}"' for attribute in names)
        return f"<{name}{attributes}>{inside}</{name}>"

    inline = ["a", "em", "strong", "b", "i", "sub", "sup", "abbr", "code", "q", "cite"]
    parts = [tag(name, "Words") for name in ("p", "h2", "h3", "h4", "pre", "blockquote")]
    parts += [f"<p>{tag(name, name)} <br>and</p>" for name in inline]
    parts += [tag(name, tag("li", "One")) for name in ("ul", "ol")]
    parts += [tag("figure", f"<p>In it</p>{tag('figcaption', 'Under it')}"), "<hr>"]
    row = tag("tr", tag("th", "A") + tag("td", "B"))
    parts.append(
        tag("table", f"{tag('caption', 'C')}<thead>{row}</thead><tbody>{row}</tbody><tfoot>{row}</tfoot>")
    )
    return clean_html("\n".join(parts))


def test_the_editor_holds_every_mark_that_the_sanitiser_allows(sign_in, channel):
    body = everything()
    assert {tag for tag in TAGS if f"<{tag}" in body} == TAGS
    story = make_story(channel, body=body + "\n<p>The end.</p>")
    desk = sign_in("Editor")
    open_story(desk, story)
    rich(desk).get_by_text("The end.").click()
    desk.keyboard.press("End")
    desk.keyboard.type(" Really.")
    assert ordered(save(desk, story)) == ordered(body + "\n<p>The end. Really.</p>")


def test_what_is_pasted_from_word_a_mail_or_a_page_comes_out_clean(sign_in, channel):
    desk = sign_in("Editor")
    for name, pasted in PASTED.items():
        story = make_story(channel, body="")
        open_story(desk, story)
        rich(desk).click()
        rich(desk).evaluate(
            """(field, html) => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text/html", html);
                const options = { clipboardData, bubbles: true, cancelable: true };
                field.dispatchEvent(new ClipboardEvent("paste", options));
            }""",
            CLIPBOARDS[name],
        )
        assert ordered(save(desk, story)) == ordered(pasted), name
    # The policy keeps the clipboard's own styles and handlers out, and says so.
    assert [said for said in desk.complaints if "inline" not in said] == []


# -- Text that was not saved -------------------------------------------------------


def kept(page) -> int:
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('unsaved-story:')).length")


def another_tab(page, story):
    tab = page.context.new_page()
    page.close()
    open_story(tab, story)
    return tab


def test_text_of_a_closed_tab_is_offered_back_compared_and_restored(sign_in, channel):
    story = make_story(channel, body="<p>The lock opened.</p>", teaser="Old teaser")
    desk = sign_in("Editor")
    open_story(desk, story)
    desk.get_by_label("Teaser").fill("Typed and not saved")
    rich(desk).get_by_text("The lock opened.").click()
    desk.keyboard.press("End")
    desk.keyboard.type(" At last.")
    tab = another_tab(desk, story)
    offer = tab.get_by_role("region", name="You have text here that was not saved")
    expect(offer).to_be_visible()
    assert tab.get_by_label("Teaser").input_value() == "Old teaser"
    offer.get_by_text("Compare").click()
    expect(offer.locator("ins").filter(has_text="Typed and not saved")).to_be_visible()
    expect(offer.locator("del").filter(has_text="Old teaser")).to_be_visible()
    offer.get_by_role("button", name="Restore it").click()
    expect(offer).to_have_count(0)
    assert tab.get_by_label("Teaser").input_value() == "Typed and not saved"
    expect(rich(tab)).to_contain_text("The lock opened. At last.")
    tab.get_by_role("button", name="Save draft").click()
    expect(tab.locator(".messagelist")).to_contain_text("Saved.")
    story.refresh_from_db()
    assert (story.teaser, story.body) == ("Typed and not saved", "<p>The lock opened. At last.</p>")
    assert kept(tab) == 0
    assert not tab.get_by_text("that was not saved").count()


def test_text_that_is_discarded_is_gone(sign_in, channel):
    story = make_story(channel)
    desk = sign_in("Editor")
    open_story(desk, story)
    desk.get_by_label("Teaser").fill("Typed and not saved")
    tab = another_tab(desk, story)
    tab.get_by_role("button", name="Discard it").click()
    assert kept(tab) == 0
    tab.reload()
    assert not tab.get_by_text("that was not saved").count()


def test_text_of_a_save_that_failed_is_kept_and_that_of_a_newer_story_compared(sign_in, channel):
    story = make_story(channel)
    desk = sign_in("Editor")
    open_story(desk, story)
    desk.get_by_label("Teaser").fill("Typed against the old version")
    Story.objects.get(pk=story.pk).save()  # somebody else
    desk.get_by_role("button", name="Save draft").click()
    expect(desk.locator(".errornote")).to_be_visible()
    desk.get_by_label("Slugline").fill("lock")
    tab = another_tab(desk, story)
    tab.get_by_role("button", name="Restore it").click()
    assert tab.get_by_label("Teaser").input_value() == "Typed against the old version"
    assert tab.get_by_label("Slugline").input_value() == "lock"


def test_a_new_storys_text_is_kept_until_it_is_saved(sign_in, channel):
    desk = sign_in("Editor")
    desk.goto("/admin/articles/story/add/")
    desk.get_by_label("Headline").fill("Lock opens")
    desk.reload()
    desk.get_by_role("button", name="Restore it").click()
    assert desk.get_by_label("Headline").input_value() == "Lock opens"
    desk.get_by_role("button", name="Save draft").click()
    expect(desk.locator(".messagelist")).to_contain_text("Saved.")
    assert kept(desk) == 0


def test_another_editor_at_the_same_browser_is_offered_nothing(sign_in, channel):
    story = make_story(channel)
    desk = sign_in("Editor")
    open_story(desk, story)
    desk.get_by_label("Teaser").fill("Typed and not saved")
    mine = desk.evaluate("JSON.stringify(localStorage)")
    other = sign_in("Reporter")
    other.evaluate("(all) => Object.assign(localStorage, JSON.parse(all))", mine)
    open_story(other, story)
    assert not other.get_by_text("that was not saved").count()


def test_what_is_typed_as_a_time_is_shown_in_utc_and_on_the_button(sign_in, channel):
    story = make_story(channel)
    desk = sign_in("Editor")
    desk.get_by_role("link", name="My settings").click()
    desk.get_by_label("Time zone").select_option("Australia/Lord_Howe")
    desk.get_by_role("button", name="Save").click()
    open_story(desk, story)
    line = desk.locator(".field-publish_at .in-utc").first
    expect(desk.get_by_role("button", name="Publish now")).to_be_visible()
    desk.get_by_label("Publish at: date").fill("2199-01-09")
    desk.get_by_label("Publish at: time").fill("14:00")
    expect(line).to_have_text("= Wed 9 Jan 2199 03:00 UTC")
    expect(desk.get_by_role("button", name="Schedule for Wed 9 Jan 2199 14:00")).to_be_visible()
    desk.get_by_label("Publish at: date").fill("2027-10-03")
    desk.get_by_label("Publish at: time").fill("02:15")
    expect(line).to_contain_text("does not exist")
    desk.get_by_label("Publish at: date").fill("2027-04-04")
    desk.get_by_label("Publish at: time").fill("01:45")
    expect(line).to_have_text("= Sat 3 Apr 2027 14:45 UTC")  # the first of two
    assert desk.complaints == []
