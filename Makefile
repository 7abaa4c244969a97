# Set-up, serving, tests. On a machine without a GPU: `make serve TORCH=cpu` takes PyTorch's small
# CPU build (200 MB) instead of the one with CUDA (3 GB).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PEERS ?= .venv-peers
TORCH ?=
CPU_INDEX := https://download.pytorch.org/whl/cpu
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
VERSION := $(shell sed -n 's/^torch==//p' constraints.txt)

.PHONY: serve test test-slow test-browser test-docker test-prometheus check lint types train bench lock clean

serve: $(VENV)/.serve  ## start the service on the bundled zoo
	$(BIN)/ganforge serve

# One thread a worker of pytest: threads of several that share the cores wait for each other, and
# spin meanwhile, up to ten times as long as the work takes.
test: $(VENV)/.dev  ## all tests but the slow ones and those for a GPU, Docker, Chromium, Prometheus
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow

test-browser: $(VENV)/.dev  ## the playground in Chromium, which has to be installed
	$(BIN)/python -m pytest -m browser tests/browser

test-docker: $(VENV)/.dev  ## build the image and run it beside Prometheus; needs a Docker engine
	$(BIN)/python -m pytest -m docker tests/docker

test-prometheus: $(VENV)/.dev  ## alerts and dashboard against a real Prometheus: apt-get install prometheus
	$(BIN)/python -m pytest -m prometheus tests/prometheus

check: lint types test  ## what CI runs

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

train: $(VENV)/.train  ## train the flagship on MNIST and publish it to ./checkpoints
	$(BIN)/ganforge train acgan --data mnist --publish checkpoints

bench: $(VENV)/.dev $(PEERS)/.done  ## servers on one network, footprint of ours, training loops
	$(BIN)/python -m bench.serving --repeat 3 --peer-python $(PEERS)/bin/python
	$(BIN)/python -m bench.footprint
	$(BIN)/python -m bench.training

lock: clean $(VENV)/.dev  ## write constraints.txt anew from what resolves today
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu//' > constraints.txt

clean:
	rm -rf $(VENV) $(PEERS)

$(VENV)/.torch: constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) "torch==$(VERSION)" $(if $(filter cpu,$(TORCH)),--index-url $(CPU_INDEX))
	touch $@

$(VENV)/.serve: $(VENV)/.torch pyproject.toml
	$(PIP) --editable .
	touch $@

$(VENV)/.train: $(VENV)/.serve
	$(PIP) --editable '.[train]'
	touch $@

$(VENV)/.dev: $(VENV)/.train
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --upgrade 'pip==26.3'
	$(PIP) --group dev
	touch $@

$(PEERS)/.done: bench/requirements.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --requirement $<
	touch $@
