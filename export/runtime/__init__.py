"""What opens a bundle, runs it and checks it; only a SavedModel needs TensorFlow."""
