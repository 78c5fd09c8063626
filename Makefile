# The front door. `make` alone lists what there is.
PY := .venv/bin/python
export PYTHONPATH := $(CURDIR)
.DEFAULT_GOAL := help

help:  ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

bootstrap:  ## Everything the project needs, into .venv and node_modules
	@sh deploy/bootstrap.sh

run: bootstrap  ## The product with demo data; Ctrl-C stops all of it
	@sh deploy/build-phone-page.sh
	@exec $(PY) -m app.development

test: bootstrap  ## Everything CI checks
	@sh deploy/test.sh

test-fast: bootstrap  ## Lint, types, unit and service tests on SQLite
	@sh deploy/test.sh fast

lint:  ## Ruff, import contracts, types
	@sh deploy/test.sh lint

bench: bootstrap  ## Speed against the limit measured in the same run
	@$(PY) -m tests.bench

openapi:  ## docs/openapi.json and the mini-program's types from the code
	@$(PY) -m flask --app wsgi openapi docs/openapi.json
	@cd miniprogram && npm run --silent gen:api

requirements:  ## Lock requirements.txt and requirements-dev.txt from pyproject.toml
	@sh deploy/lock.sh

screenshots: bootstrap  ## The pictures of the README and of the staff guide
	@$(PY) -m tests.browser.screenshots

.PHONY: help bootstrap run test test-fast lint bench openapi requirements screenshots
