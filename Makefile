# The commands people and CI use. Each does its own set-up on a fresh Debian 12 with Swift 6.3.
SHELL := /bin/bash
HADAL := .build/release/hadal
LISTEN ?= 127.0.0.1:8000
MODEL ?=

.PHONY: build serve test bench guide format setup clean

build:
	swift build -c release --product hadal

# make serve MODEL=/models/DeepSeek-R1-Distill-Qwen-1.5B
serve:
ifeq ($(strip $(MODEL)),)
	@echo "error: the built-in model is not there yet: name one, for example" >&2
	@echo "  make serve MODEL=/models/DeepSeek-R1-Distill-Qwen-1.5B" >&2
	@exit 1
else
	@$(MAKE) --no-print-directory build
	$(HADAL) serve "$(MODEL)" --listen "$(LISTEN)"
endif

setup:
	@Scripts/setup-tests.sh

# One release build serves the program and its tests; the kernels are optimised either way.
test: setup
	swift build -c release --build-tests
	swift test -c release --skip-build

bench: build
	Benchmarks/run.sh

# Trains the built-in model anew, measures it and writes Guide/guide.gguf and Guide/RESULTS.md: two to three hours on a CPU.
guide: build
	Guide/make.sh

format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build .venv
