"""What configs leave unsaid, so that a change of it would be a change of their numbers."""

import inspect

import pytest

from zoo.games import GAMES


@pytest.mark.parametrize("name", sorted(GAMES))
def test_seed_and_range_are_the_same_in_every_game(name):
    options = inspect.signature(GAMES[name]).parameters
    assert options["seed"].default == 0
    if "value_range" in options and options["value_range"].default is not inspect.Parameter.empty:
        assert options["value_range"].default == (-1.0, 1.0)  # pixels, of a generator with tanh
