"""The `zoo` command: its table of verbs, its options, and the verbs that need no run."""
