"""Two exports of one game have the same bytes, whatever the order of Python's sets is."""

import os
import subprocess
import sys

PROGRAM = """
import sys
import keras
import zoo
from keras import layers

keras.utils.set_random_seed(0)
generator = keras.Sequential([keras.Input([4]), layers.Dense(12), layers.BatchNormalization()])
generator.add(layers.Reshape([2, 2, 3]))
generator.add(layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="tanh"))
critic = keras.Sequential([keras.Input([4, 4, 1]), layers.Conv2D(3, 3), layers.Flatten()])
critic.add(layers.Dense(1))
loss, prior = zoo.losses.non_saturating(), zoo.priors.normal(4)
zoo.export(zoo.games.GAN(generator=generator, critic=critic, prior=prior, loss=loss), sys.argv[1])
"""


def test_two_exports_have_the_same_bytes(tmp_path):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path / f"bundle_{seed}")],
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "2")
    ]
    for process in running:
        _, printed = process.communicate(timeout=300)
        assert process.returncode == 0, printed[-2000:]
    sums = [(tmp_path / f"bundle_{seed}" / "SHA256SUMS").read_text() for seed in ("1", "2")]
    assert sums[0] == sums[1]
