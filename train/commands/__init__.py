"""The verbs of the `zoo` command that work on data sets, configs and runs, one file for each."""
