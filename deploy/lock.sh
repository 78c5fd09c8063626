#!/bin/sh
# Lock the dependencies with hashes. No index address is written into the files.
set -eu
common="--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet --python-version 3.11 --universal"
.venv/bin/uv pip compile $common pyproject.toml -o requirements.txt
.venv/bin/uv pip compile $common pyproject.toml --group dev -o requirements-dev.txt
