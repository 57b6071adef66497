"""Programs that make a bundle from a run, and that check one."""
