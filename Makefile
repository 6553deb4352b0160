# The commands people and CI use. Each does its own set-up on a fresh Debian 12 with Swift 6.3.
SHELL := /bin/bash
HADAL := .build/release/hadal
LISTEN ?= 127.0.0.1:8000
MODEL ?= guide
# Without debug information, on which a twelfth of a module's compile time went. Names in backtraces stay.
RELEASE := -c release -debug-info-format none
DEBUG := -debug-info-format none

.PHONY: build serve test bench guide format setup clean

build:
	@Scripts/setup-build.sh
	swift build $(RELEASE) --product hadal

# The built-in model, or for example make serve MODEL=/models/DeepSeek-R1-Distill-Qwen-1.5B
serve: build
	$(HADAL) serve "$(MODEL)" --listen "$(LISTEN)"

setup:
	@Scripts/setup-tests.sh

# Built for debugging, in half the time of a release; what computes much is optimised all the same (Package.swift). What the tests
# need beside it is got ready meanwhile. All tests at once would wait for each other's turns longer than the servers in them wait
# for their clients. The emulated card has a process of its own and one test at a time: beside the others the process crashed.
test:
	@Scripts/setup-build.sh
	@Scripts/setup-tests.sh & setup=$$!; swift build $(DEBUG) --build-tests; built=$$?; wait $$setup && exit $$built
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=1 swift test $(DEBUG) --skip-build --filter HadalCUDATests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=10 swift test $(DEBUG) --skip-build --skip HadalCUDATests

bench: build
	Benchmarks/run.sh

# Trains the built-in model on, measures it and writes Guide/guide.gguf and Guide/RESULTS.md: hours on a CPU (Guide/README.md).
guide: build
	Guide/make.sh

format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build .venv
