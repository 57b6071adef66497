"""What an experiment is made of: frozen values, and how a command line overrides them."""

from configs.schema.experiments import (
    EARLIER,
    HELD_OUT,
    STEP,
    Data,
    Experiment,
    Train,
    differences,
    of_step,
)

__all__ = [
    "EARLIER",
    "HELD_OUT",
    "STEP",
    "Data",
    "Experiment",
    "Train",
    "differences",
    "of_step",
]
