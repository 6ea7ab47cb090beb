# Everything happens in a virtual environment of this directory; nothing else on the machine is
# touched. Needs Rust (stable), make, and Python 3.10 or newer with pip 22.3 or newer.
#
#   make demo          build, upload a file to a local OSS by a presigned URL, and download it
#   make test          all tests, Rust and Python, and all lints

PYTHON ?= python3
VENV ?= .venv
# The SDK that the tests compare with; `make parity-newest` takes the newest instead.
SDK ?= alibabacloud-oss-v2==1.4.1
# How many random cases `make fuzz` tries.
CASES ?= 20000
# How many keys `make bench-files` signs.
ROWS ?= 1000000

# A nightly Rust, for make miri and make sanitize.
NIGHTLY ?= nightly
HOST = $(shell rustc -vV | sed -n 's/^host: //p')

BIN := $(VENV)/bin
# The engines weigh over a gigabyte, and Spark wants an older pandas: they have their own environment.
ENGINES := .venv-engines
# So has the picture, with the libraries that are compared in it.
PLOT := .venv-plot
RATES := docs/pictures/bulk
IN_ENGINES := PYTHONPATH=$(abspath python):$(abspath tests/engines) $(ENGINES)/bin/python
# The environment may lack pip (Debian splits ensurepip off): the outer pip installs into it.
PIP := $(shell command -v $(PYTHON)) -m pip --disable-pip-version-check --quiet --python $(BIN)/python
NEWEST := $(abspath $(VENV))/newest-sdk
WITH_PYTHON := PYO3_PYTHON=$(abspath $(BIN)/python)
RUST := Cargo.toml Cargo.lock $(shell find src -name '*.rs' -o -name '*.json' -o -path '*/page/*')

.PHONY: help build demo test test-clients test-engines test-page test-service
.PHONY: lint parity parity-newest fuzz
.PHONY: bench bench-big bench-core bench-engines bench-files bench-plot bench-service
.PHONY: miri sanitize openapi stubs fmt clean

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

## make build       build the extension, optimised, in the virtual environment
build: $(VENV)/.built

## make demo        build, then upload, download and explain, against a local OSS
demo: build
	@$(BIN)/python examples/demo.py

## make test        every test, Rust and Python, and make lint
test: lint
	cargo test --locked --quiet --features server
	$(BIN)/python -m pytest

## make lint        formatting, clippy, ruff, mypy, and stubs against the module
lint: build $(VENV)/.tested
	cargo fmt --check
	cargo clippy --locked --quiet --all-targets -- -D warnings
	cargo clippy --locked --quiet --all-targets --features server -- -D warnings
	$(WITH_PYTHON) cargo clippy --locked --quiet --all-targets --features python,server -- -D warnings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/python -m mypy.stubtest ossign --mypy-config-file pyproject.toml --concise \
	    --allowlist tests/house/stubtest.txt --ignore-unused-allowlist

## make parity      the parity tests alone
parity: build $(VENV)/.tested
	$(BIN)/python -m pytest tests/parity

## make parity-newest the parity tests against the newest SDK there is
parity-newest: build $(VENV)/.tested
	rm -rf $(NEWEST)
	$(PIP) install --target $(NEWEST) $(firstword $(subst =, ,$(SDK)))
	PYTHONPATH=$(NEWEST) $(BIN)/python -m pytest tests/parity
	@PYTHONPATH=$(NEWEST) $(BIN)/python -c \
	    'import alibabacloud_oss_v2 as s; print("newest SDK:", s.__version__, "in", s.__file__)'

## make fuzz        20000 random requests, ours against the SDK's (CASES=...)
fuzz: build $(VENV)/.tested
	OSSIGN_FUZZ=$(CASES) $(BIN)/python -m pytest tests/parity

## make bench       speed against the official SDK
bench: build $(VENV)/.tested
	$(BIN)/python benches/presign.py
	$(BIN)/python benches/bulk.py

## make bench-big   ten million keys in one call (needs 8 GB of memory)
bench-big: build $(VENV)/.tested
	$(BIN)/python benches/bulk.py --big

## make bench-plot  rates by batch size, beside four other libraries, and the picture of docs/bulk.md
bench-plot: build $(PLOT)/.installed
	PYTHONPATH=$(abspath python) $(PLOT)/bin/python benches/rates.py > $(RATES).new
	mv $(RATES).new $(RATES).json
	$(PLOT)/bin/python benches/plot.py $(RATES).json $(RATES).svg

## make bench-files speed of the command: its start, and files of a million keys (ROWS=...)
bench-files: build $(VENV)/.tested
	$(BIN)/python benches/command.py
	$(BIN)/python benches/files.py $(ROWS)

## make bench-core  speed of the Rust core, one URL and many, against the floors of SHA-256
bench-core:
	cargo bench --locked --features floor --bench core --bench batch

## make test-clients programs in other languages, and a browser, upload to the local OSS
test-clients: build $(VENV)/.tested $(VENV)/.clients
	OSSIGN_CLIENTS=1 $(BIN)/python -m pytest tests/clients/uploads.py tests/clients/services.py \
	    tests/cli/test_cli_snippets.py --durations=5

## make test-engines Spark (needs Java), Ray, Polars, DuckDB, Daft, Dask and pandas add URLs to tables
test-engines: build $(ENGINES)/.installed
	$(IN_ENGINES) -m pytest --confcutdir=tests/engines --override-ini filterwarnings=default \
	    tests/engines/engines_*.py --durations=5

## make bench-engines speed of Spark, Ray and the others, beside their bare pass (ROWS=...)
bench-engines: build $(ENGINES)/.installed
	$(IN_ENGINES) benches/engines.py $(ROWS)

## make miri        the hash kernels under Miri, AVX-512 and SHA-NI too (needs a nightly Rust with miri and rust-src)
miri:
	RUSTFLAGS='-C target-feature=+avx512f,+avx512bw,+sha,+ssse3,+sse4.1' \
	    cargo +$(NIGHTLY) miri test --locked --target x86_64-unknown-linux-gnu --lib lanes::

## make sanitize    kernel and batches under AddressSanitizer (needs a nightly Rust)
sanitize:
	RUSTFLAGS=-Zsanitizer=address \
	    cargo +$(NIGHTLY) test --locked --target $(HOST) --lib --test batch -- lanes batch row

## make test-service 10000 requests made of the OpenAPI document, for each face of the presign API
test-service: build $(VENV)/.tested
	OSSIGN_CASES=2500 $(BIN)/python -m pytest tests/service/test_schemathesis.py

## make test-page   the upload page, and uploads in parts, in Chromium (needs the packages of tests/page/packages.txt)
test-page: build $(VENV)/.tested $(VENV)/.page
	$(BIN)/python -m pytest tests/page/uploads.py tests/page/large.py tests/page/parts.py --durations=5

## make bench-service the presign API under load, beside FastAPI and the SDK (needs wrk)
bench-service: build $(VENV)/.tested
	$(PIP) install 'uvicorn[standard]'
	$(BIN)/python benches/service.py

## make openapi     write the OpenAPI document anew
openapi: build $(VENV)/.tested
	$(BIN)/python tests/service/make_openapi.py

## make stubs       write the request classes' part of the type stubs anew
stubs: build $(VENV)/.tested
	$(BIN)/python tests/house/make_stubs.py

## make fmt         format Rust and Python
fmt: $(VENV)/.tested
	cargo fmt
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

## make clean       remove what was built, and the virtual environment
clean:
	rm -rf $(VENV) .venv-* target python/ossign/*.so python/ossign/*.pyd dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find python tests examples benches -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: each step is done again only when what it depends on has changed.

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed")'
	@$(PYTHON) -m pip --version > /dev/null || \
	    { echo "$(PYTHON) has no pip: install it (Debian: python3-pip), or set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv --without-pip --clear $(VENV)
	@touch $@

$(VENV)/.maturin: $(VENV)/.made pyproject.toml
	$(PIP) install 'maturin>=1.16,<2'
	@touch $@

$(VENV)/.built: $(VENV)/.maturin $(RUST)
	PATH="$(abspath $(BIN)):$$PATH" $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(ENGINES)/.installed: $(VENV)/.made tests/engines/requirements.txt
	$(PYTHON) -m venv --without-pip --clear $(ENGINES)
	$(shell command -v $(PYTHON)) -m pip --disable-pip-version-check --quiet \
	    --python $(ENGINES)/bin/python install --requirement tests/engines/requirements.txt
	@touch $@

$(PLOT)/.installed: $(VENV)/.made benches/requirements.txt Makefile
	$(PYTHON) -m venv --without-pip --clear $(PLOT)
	$(shell command -v $(PYTHON)) -m pip --disable-pip-version-check --quiet \
	    --python $(PLOT)/bin/python install --requirement benches/requirements.txt '$(SDK)'
	@touch $@

$(VENV)/.clients: $(VENV)/.made tests/clients/requirements.txt
	$(PIP) install --requirement tests/clients/requirements.txt
	@touch $@

$(VENV)/.tested: $(VENV)/.made tests/requirements.txt Makefile
	$(PIP) install --requirement tests/requirements.txt '$(SDK)'
	@touch $@

$(VENV)/.page: $(VENV)/.made tests/page/requirements.txt
	$(PIP) install --requirement tests/page/requirements.txt
	@touch $@
