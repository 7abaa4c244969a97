"""What a trained GAN is: its networks, its latents, its card and its file."""
