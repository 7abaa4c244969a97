"""The Open Inference Protocol's resources, one a file."""
