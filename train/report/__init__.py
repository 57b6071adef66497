"""Pages: of a run, of a folder of records, of a comparison."""
