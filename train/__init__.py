"""Programs that make a run: data, the training loop, checkpoints, evaluation."""
