"""How a GAN is trained."""
