"""What a trained game makes: samples, codes, inversions, and the pictures of them."""
