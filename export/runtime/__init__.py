"""What opens a bundle, runs it and checks it; nothing here needs TensorFlow until a SavedModel is run."""
