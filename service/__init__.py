"""How a trained GAN is served."""
