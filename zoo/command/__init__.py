"""The `zoo` command: its table of verbs, its parser, and the verbs that need no run."""
