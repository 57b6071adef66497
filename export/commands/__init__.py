"""The verbs of the `zoo` command that work on bundles."""
