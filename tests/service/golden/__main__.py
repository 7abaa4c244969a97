"""`python -m tests.service.golden`: record the bundled models' images anew.

To be done when a model of the zoo was trained anew or added, after a look at its images.
"""

from typing import Any

import numpy as np

from tests.service.golden import FILE, made

if __name__ == "__main__":
    images: dict[str, Any] = dict(made())
    np.savez_compressed(FILE, **images)
