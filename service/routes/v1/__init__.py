"""OpenAI's resources, one a file."""
