"""The training steps that a user would write by hand, one module for each family of games."""
