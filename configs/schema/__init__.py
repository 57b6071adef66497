"""What an experiment is made of: frozen values, and how a command line overrides them."""

from configs.schema.experiments import EARLIER, HELD_OUT, Data, Experiment, Train, differences

__all__ = ["EARLIER", "HELD_OUT", "Data", "Experiment", "Train", "differences"]
