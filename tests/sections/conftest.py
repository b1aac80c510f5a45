import pytest

from tests.factories import make_channel, make_site


@pytest.fixture
def site(db):
    return make_site("main.test", is_default=True, tagline="News of the harbour")


@pytest.fixture
def sister(db):
    return make_site("sister.test")


@pytest.fixture
def channel(site):
    return make_channel(site)


@pytest.fixture
def moon(sister):
    return make_channel(sister, "Moon", "REGOLITH")


@pytest.fixture
def read(client):
    """Opens a path as a reader of a site does."""

    def read(path: str, host: str = "main.test", **headers):
        return client.get(path, headers={"host": host, **headers})

    return read
