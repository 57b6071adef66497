"""What opens a bundle, runs it and checks it. TensorFlow is imported when a SavedModel is run, not before."""
