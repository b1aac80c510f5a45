"""Blocks as the page loads them: full, whatever stands above takes away."""

from django.utils import timezone

from sections import blocks
from sections.network import load_network
from sections.pages import home_page
from tests.factories import make_block, publish


def test_a_block_that_the_one_above_repeats_almost_whole_is_full_with_a_second_query(
    site, channel, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(blocks, "SPARE", 0)  # as on a page of many blocks
    for _ in range(20):
        publish(channel)
    make_block(site, "Long", from_channel=channel, size=12)
    make_block(site, "Rest", from_site=site, backfill="site", size=3)
    network = load_network("main.test")
    # 3: the blocks; their stories; more stories for the second
    with django_assert_num_queries(3):
        long, rest, *_channels = home_page(network, timezone.now()).blocks
    assert (len(long.cards), len(rest.cards)) == (12, 3)
    assert not {card.story_id for card in long.cards} & {card.story_id for card in rest.cards}
