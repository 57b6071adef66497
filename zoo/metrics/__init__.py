"""What a trained model is measured by: pure functions of arrays, in numpy."""
