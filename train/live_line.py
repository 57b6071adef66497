"""The one line on the terminal that moves while a training goes on."""

import time

import keras
import tqdm

from zoo import progress

EVERY = 0.1  # seconds between two looks of the line, at least


class LiveLine(keras.callbacks.Callback):
    """Shows how far the epoch is, and how long the epoch and the whole run will still take.

    The line is removed when the epoch ends; what stays is printed by `callbacks.Epochs`. In a pipe
    or a log nothing is drawn.

    Args:
        epochs: Epochs of the whole run.
        steps_per_epoch: Steps of a whole epoch.
        shown: Whether to draw the line at all.
    """

    def __init__(self, epochs: int, steps_per_epoch: int, *, shown: bool):
        super().__init__()
        self._epochs, self._steps, self._shown = epochs, steps_per_epoch, shown
        self._bar, self._first = None, None

    def on_epoch_begin(self, epoch, logs=None):
        doing = f"epoch {epoch + 1}/{self._epochs}"
        self._begin, self._drawn = epoch * self._steps, 0.0
        first = int(self.model.step.numpy()) - self._begin
        self._bar = progress.bar(
            self._steps, doing, "steps", first=first, delay=0.0, shown=self._shown
        )

    def on_train_batch_end(self, batch, logs=None):
        now = time.monotonic()
        if self._bar.disable or now - self._drawn < EVERY:
            return
        self._drawn, step = now, int(self.model.step.numpy())
        # The first call of a process traces the graph, which says nothing about the speed.
        self._first = self._first or (step, now)
        self._bar.set_postfix_str(self._text(step, now, logs or {}), refresh=False)
        self._bar.update(step - self._begin - self._bar.n)

    def on_epoch_end(self, epoch, logs=None):
        self._close()

    def on_train_end(self, logs=None):
        self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _text(self, step: int, now: float, logs: dict[str, float]) -> str:
        """Returns what stands behind the epoch's own numbers."""
        first, since = self._first
        parts = []
        if step > first:
            left = (self._epochs * self._steps - step) * (now - since) / (step - first)
            parts.append(f"{tqdm.tqdm.format_interval(left)} for the whole run")
        if (progress.width() or 0) >= progress.WIDE:
            parts += [
                f"{name.removesuffix('_loss').replace('_', ' ')} loss {value:.4g}"
                for name, value in logs.items()
                if name.endswith("_loss")
            ]
        return ", ".join(parts)
