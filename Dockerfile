# The service: models/, service/ and the bundled zoo, without training/. `--target train` is the
# image that trains: models/ and training/, without service/. (BuildKit builds only what is asked
# for; without it, before Docker 23, the first build makes both.)
#
#   docker build -t ganforge:cuda .
#   docker build -t ganforge:cpu --build-arg TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu .
#   docker run --rm --read-only --tmpfs /tmp -p 127.0.0.1:8000:8000 ganforge:cpu
#
# The first takes PyTorch's CUDA build from PyPI, the second its CPU build, several GB smaller. Models
# of your own are mounted at /models; one that has the name of a bundled one is served in its place.
# Behind a firewall three arguments name mirrors, as pip's variables do: PIP_INDEX_URL stands in for
# PyPI, PIP_EXTRA_INDEX_URL is asked beside it, and PIP_FIND_LINKS is a page of wheels that pip takes
# before those of an index. They stay out of the image.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
ARG TORCH_INDEX_URL=""
ARG PIP_INDEX_URL=""
ARG PIP_EXTRA_INDEX_URL=""
ARG PIP_FIND_LINKS=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
RUN python -m venv /venv
COPY constraints.txt ./
RUN /venv/bin/pip install --no-compile --no-deps ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} \
    --constraint constraints.txt torch
COPY pyproject.toml ./
RUN /venv/bin/python -c 'import tomllib; \
    project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
    print(*project["dependencies"], *project["optional-dependencies"]["otel"], sep="\n")' \
    > requirements.txt \
    && /venv/bin/pip install --no-compile --constraint constraints.txt --requirement requirements.txt
# Of what serving never imports, tests and maps go, and the rest is not compiled (one file is in the
# syntax of Python 3.12). unchecked-hash: no source changes here, so none is looked at.
RUN find /venv/lib -depth \( -name tests -o -name '*.map' \) -exec rm -r {} + \
    && /venv/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash \
    -x '/(mpmath|networkx|setuptools|sympy)/|py312_intrinsics' /venv/lib
COPY LICENSE README.md ganforge.py ./
COPY models models

FROM packages AS trainer
ARG PIP_INDEX_URL=""
ARG PIP_EXTRA_INDEX_URL=""
ARG PIP_FIND_LINKS=""
COPY training training
RUN /venv/bin/pip install --constraint constraints.txt '.[train]' \
    && /venv/bin/pip uninstall --yes pip

FROM packages AS server
ARG PIP_INDEX_URL=""
ARG PIP_EXTRA_INDEX_URL=""
ARG PIP_FIND_LINKS=""
COPY service service
RUN /venv/bin/pip install --no-compile --no-deps --target /app . \
    && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /app \
    && chmod -R a+rX /app \
    && /venv/bin/pip uninstall --yes pip

FROM ${PYTHON} AS base
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /tmp \
    --shell /usr/sbin/nologin ganforge
ENV PATH=/app/bin:/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
ENTRYPOINT ["ganforge"]

FROM base AS train
# Whoever trains, be it another user than ours, writes into volumes at these.
RUN mkdir --mode 1777 /checkpoints /data /runs
COPY --from=trainer /venv /venv
ENV GANFORGE_DATA=/data \
    XDG_CACHE_HOME=/data
WORKDIR /
USER 10001:10001
CMD ["train", "--help"]

FROM base AS service
RUN mkdir /models
COPY --from=server /venv /venv
COPY --from=server /app /app
ENV PYTHONPATH=/app \
    GANFORGE_HOST=0.0.0.0 \
    GANFORGE_PORT=8000 \
    GANFORGE_MODELS=/app/models/zoo:/models
EXPOSE 8000
USER 10001:10001
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-c", "\
import os; \
from urllib.request import ProxyHandler, build_opener; \
url = 'http://127.0.0.1:' + os.environ['GANFORGE_PORT'] + '/healthz'; \
build_opener(ProxyHandler({})).open(url, timeout=2)"]
CMD ["serve"]
