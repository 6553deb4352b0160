# The commands people and CI use. Each does its own set-up on a fresh Debian 12 with Swift 6.3.
SHELL := /bin/bash
HADAL := .build/release/hadal
LISTEN ?= 127.0.0.1:8000
MODEL ?= guide
# Without debug information, on which a twelfth of a module's compile time went. Names in backtraces stay.
RELEASE := -c release -debug-info-format none

.PHONY: build serve test test-cuda bench guide format setup clean

build:
	@Scripts/setup-build.sh
	swift build $(RELEASE) --product hadal

# The built-in model, or for example make serve MODEL=/models/DeepSeek-R1-Distill-Qwen-1.5B
serve: build
	$(HADAL) serve "$(MODEL)" --listen "$(LISTEN)"

setup:
	@Scripts/setup-tests.sh

# One release build serves the program and its tests; what the tests need beside it is got ready meanwhile. All tests at once
# would wait for each other's turns longer than the servers in them wait for their clients.
test:
	@Scripts/setup-build.sh
	@Scripts/setup-tests.sh & setup=$$!; swift build $(RELEASE) --build-tests; built=$$?; wait $$setup && exit $$built
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=10 swift test $(RELEASE) --skip-build

# CUDADevice and its kernels on an emulated card, and NVIDIA's compiler over them. Not among the others yet: CI has no time left, and
# the emulated card's tests want a process of their own.
test-cuda: setup
	@Scripts/setup-build.sh
	.venv/bin/pip install --quiet --disable-pip-version-check nvidia-cuda-nvrtc-cu12==12.9.86
	HADAL_CUDA_TESTS=1 swift build $(RELEASE) --build-tests
	HADAL_CUDA_TESTS=1 SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=1 swift test $(RELEASE) --skip-build --filter HadalCUDATests

bench: build
	Benchmarks/run.sh

# Trains the built-in model on, measures it and writes Guide/guide.gguf and Guide/RESULTS.md: hours on a CPU (Guide/README.md).
guide: build
	Guide/make.sh

format:
	swift format --in-place --recursive Package.swift Sources Tests

clean:
	rm -rf .build .venv
