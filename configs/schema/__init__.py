"""What an experiment is made of: frozen values, and how a command line overrides them."""

from configs.schema.experiments import Data, Experiment, Train, differences

__all__ = ["Data", "Experiment", "Train", "differences"]
