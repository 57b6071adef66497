"""Pages of a run, of a folder of records, and of a comparison."""
