"""What a trained game makes: samples, codes, inversions and walks."""
