"""What translators are given of the pages that readers see."""

from pathlib import Path

from django.conf import settings

from newsportal.management.commands.makemessages import words_of

READERS = Path(settings.BASE_DIR, "templates/readers")


def test_words_are_found_on_their_lines_with_context_and_plural():
    template = (
        '{{ _("Latest") }}\n'
        "<p aria-label=\"{{ _('Share') }}\">{{ pgettext('of authors', 'by') }}</p>\n"
        "{% trans name=site.name %}About {{ name }}{% endtrans %}\n"
        "{% trans count=count %}{{ count }} story{% pluralize %}{{ count }} stories{% endtrans %}\n"
        "{{ _(card.genre) }}"
    )
    assert words_of(template).split("\n") == [
        "_('Latest')",
        "_('Share'); pgettext('of authors', 'by')",
        "gettext('About %(name)s')",
        "ngettext('%(count)s story', '%(count)s stories', 0)",
    ]


def test_every_word_of_the_pages_can_be_found():
    found = "\n".join(words_of(path.read_text("utf-8")) for path in READERS.rglob("*.html"))
    compile(found, "words", "exec")
    for said in (
        "gettext('About %(name)s')",
        "_('Corrections and clarifications')",
        "_('Skip to the content')",
    ):
        assert said in found
