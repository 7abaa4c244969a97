"""OpenAI's API of images and models, of the same images."""
