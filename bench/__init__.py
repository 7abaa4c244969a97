"""Side-by-side benchmarks: ours and the others, in one run on one machine, printed as tables."""
