"""The reads of variables that players who move at once have in common."""

from collections.abc import Sequence

import keras
import tensorflow as tf


def once(players: Sequence) -> list[tuple[keras.Variable, tf.Tensor]]:
    """Returns each variable of the players' networks with its value; nothing for one player alone.

    TensorFlow's optimizer of graphs keeps one of several operations whose inputs are the same
    tensors. With these values in the place of the variables, a pass that two players make is
    computed once, to the same bits. Each read of a variable is a tensor of its own, so that passes
    with reads of their own are all computed.

    Args:
        players: The players of a round; see `game.Player`.
    """
    if len(players) == 1:
        return []
    networks = [network for player in players for network in player.networks]
    variables = {id(v): v for network in networks for v in network.variables}
    return [(v, tf.convert_to_tensor(v.value)) for v in variables.values()]
