"""What TensorBoard shows of a run: every number of an epoch by player, and grids of samples."""

import re
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from train import history, runs


class TensorBoard(keras.callbacks.Callback):
    """Writes scalars and pictures for TensorBoard at the end of every whole epoch.

    The tag of a log of a player begins with the player's name, as in `critic/loss`, so that
    TensorBoard groups them. All are at the step of the game.

    It stands behind `callbacks.Epochs`, which writes the row of the epoch and its grids.

    Args:
        run: Run whose history and grids are shown.
    """

    def __init__(self, run: runs.Run):
        super().__init__()
        self._run, self._writer = run, None

    def on_epoch_end(self, epoch, logs=None):
        step, players = int(self.model.step.numpy()), list(self.model.players())
        row = next(iter(history.read(self._run.history)[-1:]), {})
        if row.pop("step", None) != step:
            return  # stopped inside the epoch
        if self._writer is None:
            self._writer = tf.summary.create_file_writer(str(self._run.logs))
        with self._writer.as_default(step=step):
            for name, value in row.items():
                if name not in ("epoch", history.VERDICT):
                    tf.summary.scalar(tag(name, players), value)
            for path in sorted(self._run.samples.glob(f"step_{step:08d}*.png")):
                name = re.sub(r"^step_\d+_?", "", path.stem) or "samples"
                pixels = np.asarray(Image.open(path).convert("RGB"))
                tf.summary.image(name, pixels[np.newaxis])
        self._writer.flush()

    def on_train_end(self, logs=None):
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def tag(name: str, players: Sequence[str]) -> str:
    """Returns the tag of a log: `critic/loss` of `critic_loss`.

    Example:
        >>> tag("critic_logit_gap", ["critic", "generator"]), tag("elbo", ["autoencoder"])
        ('critic/logit_gap', 'elbo')
    """
    player = next((player for player in players if name.startswith(f"{player}_")), None)
    return name if player is None else f"{player}/{name.removeprefix(f'{player}_')}"
