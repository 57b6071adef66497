"""The phases of a training: which players move from which step on."""

import contextlib

import tensorflow as tf


class Phased:
    """The part of a game that knows in which phase a step is made."""

    def check_phases(self) -> None:
        """Raises ValueError if no phase begins at step 0, or a phase has a player of its own."""
        phases, players = self.phases(), self.players()
        strangers = {name for moving in phases.values() for name in moving} - set(players)
        if 0 not in phases or strangers:
            raise ValueError(
                f"`phases` must begin at step 0 and name only players of {sorted(players)}. "
                f"Received: first steps {sorted(phases)}, other players {sorted(strangers)}"
            )

    @contextlib.contextmanager
    def _in_phase(self, first: int):
        """Makes `train_step` that of the phase which begins at step `first`."""
        before, self._phase = self._phase, first
        try:
            yield
        finally:
            self._phase = before

    def moving(self) -> dict:
        """Returns the players of the phase in which a step is being made."""
        phases = self.phases()
        if self._phase is None and len(phases) > 1:  # called by the user, not by `fit`
            if not tf.executing_eagerly():
                raise ValueError(
                    "The players change during training, and a graph of `train_step` has one set "
                    f"of players: use `fit`. Received: phases from the steps {sorted(phases)}"
                )
            step = int(tf.convert_to_tensor(self.step.value))
            return phases[max(first for first in phases if first <= step)]
        return phases[self._phase or 0]
