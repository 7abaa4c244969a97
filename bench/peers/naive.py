"""FastAPI as one writes it by hand: a pydantic body, a plain `def`, one model call a request."""

import argparse
import io
from pathlib import Path

import torch
import uvicorn
from fastapi import FastAPI, Response
from PIL import Image
from pydantic import BaseModel, Field

from models import checkpoint


class Query(BaseModel):
    """What is asked for."""

    label: int = Field(alias="class", ge=0, le=9)
    seed: int = Field(ge=0)


def create_app(path: Path) -> FastAPI:
    """Load the network and serve it."""
    app = FastAPI()
    generator = checkpoint.load(path).generator

    @app.post("/generate")
    def generate(query: Query) -> Response:
        noise = torch.Generator().manual_seed(query.seed)
        with torch.inference_mode():
            z = torch.randn(1, generator.latent, generator=noise)
            image = generator(z, generator.embed(torch.tensor([query.label])))[0, 0]  # (H, W)
        pixels = ((image + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).numpy()
        png = io.BytesIO()
        Image.fromarray(pixels).save(png, "PNG")
        return Response(png.getvalue(), media_type="image/png")

    return app


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    uvicorn.run(
        create_app(given.checkpoint), host="127.0.0.1", port=given.port, log_level="warning"
    )
