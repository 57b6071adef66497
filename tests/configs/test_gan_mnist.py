"""The rates and the momentum of the first GAN's released mnist.yaml, over its 250 epochs."""

import keras
import pytest

import configs
from zoo import build

UPDATES = 250 * 500  # epochs of 50,000 images in batches of 100
# the released code halves the critic's loss, which for gradient descent is half the rate
RATES = {"critic": 0.05, "generator": 0.1}


@pytest.mark.parametrize("player", RATES)
@pytest.mark.parametrize(
    ("updates", "momentum"), [(0, 0.5), (UPDATES // 2, 0.6), (UPDATES, 0.7), (2 * UPDATES, 0.7)]
)
def test_rate_and_momentum_are_those_of_the_released_code(player, updates, momentum):
    optimizer = build.build(configs.load("gan_mnist").optimizers[player], role="optimizer")
    weight = keras.Variable(0.0)
    optimizer.build([weight])
    moves = []
    for gradient in (1.0, 0.0):  # a move by the rate, then one by the momentum alone
        before = float(weight.numpy())
        optimizer.iterations.assign(updates)
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weight])
        moves.append(float(weight.numpy()) - before)
    rate = RATES[player] / 1.000004**updates
    assert moves[0] == pytest.approx(-rate, rel=1e-4)
    assert moves[1] / moves[0] == pytest.approx(momentum, rel=1e-4)
