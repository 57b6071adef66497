"""A web page of a bundle: a folder of static files that samples and checks it in the browser."""
