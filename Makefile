# What a person does with this project. Every target installs what it lacks first.

PREFIX ?= /usr
DESTDIR ?=
# Which build `make install` takes its programs from.
BUILD ?= release

# One way to call the compiler, so that one target's build serves the next.
STRICT := --explicit-target-dependency-import-check error
DEBUG := swift build $(STRICT)
# The installed programs need no Swift on the machine they run on, but jemalloc: it costs them an
# eighth less processor time (docs/performance.md).
RELEASE := swift build -c release --static-swift-stdlib $(STRICT) -Xlinker -l:libjemalloc.so.2

SCRIPTS := Tests/Scripts
SOURCES := find Package.swift Sources Tests schema -name '*.swift' -not -path '*/Generated/*'
FORMAT := swift format

.PHONY: help demo run test simulate planted mutants bench bench-limit bench-growth bench-peers survival \
    crowd build install format lint grpc deps

help:
	@echo "make demo       builds, runs orders through a daemon, shows what became of each"
	@echo "make run        builds and keeps \`sagad dev\` up, with all it needs"
	@echo "make test       every check and every test, on real servers"
	@echo "make simulate   1,000 seeds of daemons whose store and broker fail (SEEDS=, FROM=, TRACE=)"
	@echo "make planted    plants faults in the runtime, and sees that the simulation finds each"
	@echo "make mutants    changes single lines of the core, and sees that the tests notice each"
	@echo "make bench      measures throughput and latency (bench-limit, bench-growth, bench-peers: more)"
	@echo "make survival   orders while daemon, database and broker are killed, stopped, cut off, full"
	@echo "make crowd      two hundred gRPC clients append 50,000 events, on both stores"
	@echo "make build      the release programs"
	@echo "make install    puts programs, unit, configuration and sagas in place (DESTDIR=, PREFIX=)"
	@echo "make format     formats the Swift files; make lint only checks them"
	@echo "make grpc       generates the Swift of the gRPC interface from its .proto files"
	@echo "make deps       installs all that the targets above need"

demo:
	@$(SCRIPTS)/need run
	$(DEBUG) --product sagad
	$(DEBUG) --product sagad-demo
	@.build/debug/sagad-demo

run:
	@$(SCRIPTS)/need run
	$(DEBUG) --product sagad
	@exec .build/debug/sagad dev

# What needs no server runs by itself first: it keeps both cores busy, and the tests with servers
# have deadlines.
PURE := ^(SagaCore|SagaLanguage|SagaCheck|SagaTool|SagaRuntime|Project|Prometheus|BenchLoad)Tests
# A thousand seeds keep both cores busy by themselves.
SEEDED := ^SimulationTests
# The others go in turns: all tests of a run begin at once, and too many starve each other.
STORES := ^(PostgreSQL|SQL|CockroachStore)Tests
CONFORMANCE := ^StoreConformanceTests
SURVIVING := ^SurvivalTests
WIRES := ^(NATS|BusConformance|SagaWorker|OrderWorkers|EventStoreRPC|SagaAPI)Tests

# The closing lines of `swift test` are the last ones.
test:
	@$(SCRIPTS)/need test
	@$(MAKE) --no-print-directory lint
	$(DEBUG) --build-tests
	@$(SCRIPTS)/check-unit debug
	@PYTHON="$$($(SCRIPTS)/schema-python)" $(SCRIPTS)/check-editor-schema
	@PYTHON="$$($(SCRIPTS)/grpc-python)" \
	    $(SCRIPTS)/with-servers $(SCRIPTS)/check-event-store debug
	@PYTHON="$$($(SCRIPTS)/grpc-python)" $(SCRIPTS)/check-participant debug
	swift test --skip-build --parallel --filter '$(PURE)'
	swift test --skip-build --parallel --filter '$(SEEDED)'
	@$(SCRIPTS)/with-servers swift test --skip-build --parallel --filter '$(STORES)'
	@$(SCRIPTS)/with-servers swift test --skip-build --parallel --filter '$(CONFORMANCE)'
	@$(SCRIPTS)/with-servers swift test --skip-build --parallel --filter '$(WIRES)'
	swift test --skip-build --parallel --filter '$(SURVIVING)'
	@$(SCRIPTS)/with-servers swift test --skip-build --parallel --skip '$(SURVIVING)' \
	    --skip '$(PURE)' --skip '$(SEEDED)' --skip '$(STORES)' \
	    --skip '$(CONFORMANCE)' --skip '$(WIRES)'

# TRACE=356 tells what happens in the simulation of that seed.
SEEDS ?= 1000
FROM ?= 1
simulate:
	@$(SCRIPTS)/need build
	$(DEBUG) --product sagad-simulate
	@.build/debug/sagad-simulate $(if $(TRACE),--trace $(TRACE),--from $(FROM) --seeds $(SEEDS))

# PLANTED="forget-the-resend" tries one of them.
planted:
	@$(SCRIPTS)/need mutants
	@Tests/Simulation/plant $(PLANTED)

# MUTANTS="--seed 7 --count 100" draws others, and more.
mutants:
	@$(SCRIPTS)/need mutants
	@Tests/Mutants/mutants $(MUTANTS)

# BENCH="--only latency --store sqlite" measures parts; `sagad-bench --help` has all options.
BENCH ?=
bench: bench-programs
	@$(SCRIPTS)/with-servers .build/release/sagad-bench $(BENCH)

bench-limit: bench-programs
	$(RELEASE) --product sagad-bench-limit
	@$(SCRIPTS)/with-servers .build/release/sagad-bench --only limit $(BENCH)

# GROWN=10000,1000000 takes less disk and time.
GROWN ?= 10000,1000000,5000000
bench-growth: bench-programs
	@$(SCRIPTS)/with-servers .build/release/sagad-bench --only growth --store postgresql \
	    --grown $(GROWN) $(BENCH)

bench-peers: bench-programs
	@python="$$($(SCRIPTS)/peers-python)"; $(SCRIPTS)/with-servers .build/release/sagad-bench \
	    --only peers --store postgresql --python "$$python" $(BENCH)

.PHONY: bench-programs
bench-programs:
	@$(SCRIPTS)/need test
	$(RELEASE) --product sagad
	$(RELEASE) --product order-workers
	$(RELEASE) --product sagad-bench

# SURVIVAL="--part wipes --store sqlite" tries parts; `sagad-survival --help` has all options.
SURVIVAL ?=
survival:
	@$(SCRIPTS)/need test
	$(RELEASE) --product sagad
	$(RELEASE) --product order-workers
	$(RELEASE) --product sagad-survival
	@$(SCRIPTS)/with-servers .build/release/sagad-survival $(SURVIVAL)

# EVENTS=200000 appends more of them.
EVENTS ?= 50000
crowd:
	@$(SCRIPTS)/need test
	$(RELEASE) --product sagad
	@PYTHON="$$($(SCRIPTS)/grpc-python)" \
	    $(SCRIPTS)/with-servers $(SCRIPTS)/check-event-store release $(EVENTS)

build:
	@$(SCRIPTS)/need build
	$(RELEASE) --product sagad
	$(RELEASE) --product sagactl
	$(RELEASE) --product order-workers

# As root after `make build`; it builds by itself only where nothing is built. What an operator may
# have changed in /etc is kept.
install:
	@test -x .build/$(BUILD)/sagad || $(MAKE) --no-print-directory build
	@set -eu; \
	keep() { \
	    if [ -e "$$2" ]; then cmp -s "$$1" "$$2" || echo "kept $$2"; \
	    else install -D -m 644 "$$1" "$$2"; fi; \
	}; \
	for program in sagad sagactl order-workers; do \
	    install -D -m 755 ".build/$(BUILD)/$$program" "$(DESTDIR)$(PREFIX)/bin/$$program"; \
	done; \
	unit="$(DESTDIR)$(PREFIX)/lib/systemd/system/sagad.service"; \
	install -D -m 644 systemd/sagad.service "$$unit"; \
	sed -i 's#^ExecStart=/usr/bin/#ExecStart=$(PREFIX)/bin/#' "$$unit"; \
	keep systemd/sagad.yaml "$(DESTDIR)/etc/sagad/sagad.yaml"; \
	for file in sagas/*.yaml sagas/*.json; do \
	    case $$file in *.test.yaml|*'*'*) continue ;; esac; \
	    keep "$$file" "$(DESTDIR)/etc/sagad/$$file"; \
	done; \
	echo "installed under $(DESTDIR)$(PREFIX), configured in $(DESTDIR)/etc/sagad"

format:
	@$(SOURCES) -print0 | xargs -0 $(FORMAT) -i --configuration .swift-format

lint:
	@$(SOURCES) -print0 | xargs -0 $(FORMAT) lint --strict --parallel --configuration .swift-format

grpc:
	@$(SCRIPTS)/need test
	@$(SCRIPTS)/generate-grpc

deps:
	@$(SCRIPTS)/need test
