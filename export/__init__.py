"""Programs that make a bundle of a trained game, and that open and check one."""
