"""Metrics: the table of them, what they measure, and the records that they leave."""
