"""Zoo: every variant trained on every data set, judged, and put where the service finds it."""
