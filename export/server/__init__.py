"""`zoo serve`: a server of bundles over HTTP, without TensorFlow unless it is asked for."""
