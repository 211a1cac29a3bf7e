# Assay: every target installs what it lacks first; PACKAGES is the one list of what that is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PACKAGES := ca-certificates chromium ffmpeg g++ git libavcodec-dev libavformat-dev libavutil-dev libdlib-dev libdnnl-dev \
	libopenblas-dev libsqlite3-dev libswscale-dev openssl pkg-config python3 python3-jsonschema strace

CONFIGURATION := release
ASSAY := .build/$(CONFIGURATION)/assay
DEMO := .build/demo
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

MINUTES := 60

.PHONY: help setup build demo test check bench fuzz samples lint clean

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing.
	@missing=(); for p in $(PACKAGES); do \
	  [ "$$(dpkg-query -W -f='$${Status}' $$p 2>/dev/null)" = "install ok installed" ] || missing+=($$p); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "installing: $${missing[*]}"; \
	  $(SUDO) apt-get update -qq; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; fi
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install/linux/" >&2; exit 1; }

build: setup ## Build the release binary, .build/release/assay.
	swift build -c $(CONFIGURATION) --product assay

samples: setup ## Draw the sample clips into samples/.
	swift run -c $(CONFIGURATION) SampleClips draw samples

demo: build samples ## Scan the sample clips with the built-in model; show verdicts and compare with what is expected.
	rm -rf $(DEMO)
	$(ASSAY) scan samples -o $(DEMO)
	@echo; echo "beside what samples/expected.json expects:"
	$(dir $(ASSAY))SampleClips compare samples/expected.json $(DEMO)/manifest.json

test: setup ## Build and run all tests.
	swift build --build-tests
	swift test --skip-build

lint: setup ## Check the format of every Swift file.
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

check: lint ## Lint, build with warnings as errors and checked imports, then test.
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build --explicit-target-dependency-import-check error

bench: build ## Measure against FFmpeg, ONNX Runtime, torch and Python pipelines, as ratios in one run.
	swift build -c $(CONFIGURATION) --product Benchmarks
	python3 Sources/Benchmarks/bench.py

fuzz: setup ## Feed mutated videos to the decoder process under AddressSanitizer, MINUTES=60; goes on where it stopped.
	swift build --sanitize=address --scratch-path .build-asan --product assay
	python3 Tests/MediaTests/tooling/fuzz_decoder.py .build-asan/debug/assay --work .build-asan/fuzz --minutes $(MINUTES)

clean: ## Delete everything that was built or drawn.
	rm -rf .build .build-asan samples/*.mp4
