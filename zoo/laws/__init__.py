"""Known answers of every objective; the table of them all is `zoo.laws.table.LAWS`."""
