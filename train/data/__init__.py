"""Data sources by name: what each holds, how it is read and decoded, and how it becomes batches."""
