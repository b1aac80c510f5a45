import time

from newsportal.outbox import News
from newsportal.page_store import Page, PageStore

NEVER = float("inf")


def store(most_bytes: int = 1_000_000) -> PageStore:
    made = PageStore(most_bytes)
    made.come([], time.time() + 3600)
    return made


def page(*keys: str, body: bytes = b"x" * 1000, until: float = NEVER) -> Page:
    now = time.time()
    return Page("200 OK", [], {"": body}, "tag", True, True, frozenset(keys), now, now, until)


def change(pages: PageStore, *keys: str, moments=()) -> None:
    pages.change([News(1, frozenset(keys), tuple(moments))], time.monotonic() + 0.5)


def test_a_change_drops_the_pages_that_show_it_and_no_others():
    pages, one, other = store(), page("story:1", "channel:2"), page("story:3", "channel:2")
    pages.put("one", one, pages.moment)
    pages.put("other", other, pages.moment)
    change(pages, "story:1")
    assert (pages.get("one").is_dropped, pages.get("other").is_dropped) == (True, False)
    change(pages, "channel:2")
    assert pages.get("other").is_dropped


def test_a_page_made_while_something_on_it_changed_is_not_stored():
    pages = store()
    since = pages.moment
    change(pages, "story:1")
    assert not pages.put("one", page("story:1"), since)
    assert pages.put("other", page("story:2"), since)
    assert pages.put("one", page("story:1"), pages.moment)


def test_a_page_made_while_more_changed_than_is_remembered_is_not_stored(monkeypatch):
    monkeypatch.setattr("newsportal.page_store.REMEMBERED", 3)
    pages = store()
    since = pages.moment
    for _ in range(4):
        change(pages, "story:1")
    assert not pages.put("other", page("story:2"), since)


def test_a_page_made_while_everything_was_forgotten_is_not_stored():
    pages = store()
    since = pages.moment
    pages.put("other", page("story:2"), since)
    pages.forget()
    assert pages.get("other") is None
    assert not pages.put("one", page("story:1"), since)


def test_a_page_is_over_at_the_next_moment_of_one_of_its_keys():
    pages, now = store(), time.time()
    pages.come([(now + 100, ["story:1"]), (now + 50, ["story:2"]), (now - 5, ["story:1"])], now + 3600)
    pages.put("one", page("story:1", "channel:1"), pages.moment)
    assert pages.get("one").until == now + 100
    assert not pages.is_over(pages.get("one"), now + 99)
    assert pages.is_over(pages.get("one"), now + 100)


def test_a_moment_that_is_told_later_holds_for_pages_that_are_stored_already():
    pages, now = store(), time.time()
    pages.put("one", page("story:1", "channel:1"), pages.moment)
    change(pages, "story:9", "channel:2", moments=[now + 30])
    assert pages.get("one").until == NEVER
    pages.come([(now + 70, ["channel:1"])], now + 3600)
    assert pages.get("one").until == now + 70
    # Also for pages that come later, and beyond what is looked ahead for.
    pages.put("other", page("channel:2"), pages.moment)
    assert pages.get("other").until == now + 30


def test_a_page_that_is_over_when_it_is_made_is_not_stored():
    pages = store()
    assert not pages.put("one", page("story:1", until=time.time() - 1), pages.moment)


def test_nothing_is_known_beyond_the_time_that_was_looked_ahead_for():
    pages, now = store(), time.time()
    pages.put("one", page("story:1"), pages.moment)
    assert pages.is_over(pages.get("one"), now + 3601)


def test_bytes_are_bounded_and_the_least_used_page_goes_first():
    pages = store(most_bytes=40_000)
    for number in range(4):
        pages.put(number, page("network", body=b"x" * 7_000), pages.moment)
    pages.get(0)
    pages.put(4, page("network", body=b"x" * 7_000), pages.moment)
    assert [number for number in range(5) if pages.get(number)] == [0, 2, 3, 4]
    assert pages.bytes <= 40_000
    pages.grow(4, pages.get(4), "br", b"y" * 5_000)
    assert pages.bytes <= 40_000
    assert pages.get(4) is not None


def test_a_page_too_large_to_stand_beside_others_is_not_stored():
    pages = store(most_bytes=40_000)
    assert not pages.put("one", page("network", body=b"x" * 20_000), pages.moment)
    assert (len(pages), pages.bytes) == (0, 0)
