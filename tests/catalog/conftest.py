"""A farm that lists goods, and what the market looks at first."""

import pytest

from marketplace.catalog import service
from marketplace.foundation.audit import SYSTEM
from marketplace.foundation.db import transaction
from tests import cast, make


@pytest.fixture
def farm(app):
    make.rules()
    return make.farm(owner=cast.farmer_an())


@pytest.fixture
def farmer(visit, farm):
    return visit.sign_in(cast.farmer_an())


@pytest.fixture
def looked_at(farm):
    with transaction():
        service.load_rules(SYSTEM)
    return farm
