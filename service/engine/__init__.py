"""From requests to pixels: which batch next, whose turn it is, and the networks themselves."""
