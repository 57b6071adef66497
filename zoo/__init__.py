"""Classic adversarial and variational models, each objective as its paper has it, trained through `keras.fit`."""

__version__ = "0.1.0"
