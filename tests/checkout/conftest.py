import pytest

from tests import shopping


@pytest.fixture(autouse=True)
def _rules(app):
    """A market that may sell and send."""
    shopping.rules()
