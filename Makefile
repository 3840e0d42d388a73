# Isthmus. `make` lists the targets.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build release demo test unit race postgres e2e bench benchmarks microbench crash flood soak sizes check lint vuln fuzz setup clean

GO ?= go
KILLS ?= 1000
FOLLOWS ?= 10000
SOAK ?= 4h
BIN ?= dist/gateway

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build the gateway (dist/gateway, one static binary)
	CGO_ENABLED=0 $(GO) build -trimpath -o $(BIN) ./cmd/gateway

release: ## packages, archives, SBOMs and checksums of this commit, below dist/release (VERSION=0.1.0)
	@scripts/release.sh $(VERSION)

demo: ## show the whole thing with throw-away servers; Ctrl-C ends it
	@scripts/setup.sh demo
	@$(GO) build -buildvcs=false -o dist/demo ./e2e/demo
	@dist/demo

test: setup race benchmarks postgres e2e ## set up and run everything: unit tests with the race detector, end-to-end

setup: ## install what test and demo need, if it is missing
	@scripts/setup.sh test

unit: ## unit tests, golden files, fuzz seeds; quick
	$(GO) test ./...

# SQLite is C that was translated to Go; to watch its memory, too, takes six times as long and finds nothing of ours. That
# package alone: others of its module use sync.Map, of which the linker would take the copy that is not watched.
race: ## the same with the race detector
	$(GO) test -race -gcflags='modernc.org/sqlite/lib=-race=false' ./...

postgres: setup ## the database's and the bridge's tests once more, on PostgreSQL
	scripts/postgres.sh $(GO) test -count=1 ./db ./bridge ./cmd/gateway

# Each XMPP server has one scenario at a time; -parallel only lets all of them wait for their turn.
e2e: setup ## scenarios with Prosody, ejabberd and Fedify, on SQLite and on PostgreSQL
	$(GO) test -tags e2e -count=1 -run E2E ./component
	scripts/postgres.sh $(GO) test -tags e2e -count=1 -parallel 500 -timeout 12m ./e2e/...

bench: ## measure how far the gateway is from what the machine can do (BENCH="-runs 3 inbox" for a part)
	@scripts/setup.sh bench
	@$(GO) build -o dist/bench ./e2e/bench
	@dist/bench $(BENCH)

benchmarks: ## three rounds of each, to see that they work
	$(GO) test -run '^$$' -bench . -benchtime 3x ./...

COUNT ?= 6
microbench: ## benchmarks of single functions, for benchstat
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) ./...

crash: setup ## kill the gateway KILLS times (1000) at random while both sides work: one process, then three on PostgreSQL
	ISTHMUS_KILLS=$(KILLS) scripts/postgres.sh $(GO) test -tags e2e -count=1 -timeout 3h -v -run 'TestKilledAtRandom|TestSeveralProcesses' ./e2e
	ISTHMUS_KILLS=$(KILLS) $(GO) test -count=1 -timeout 3h -v -run TestKilledInMigrations ./db

flood: setup ## FOLLOWS people (10000) follow at once
	ISTHMUS_FOLLOWS=$(FOLLOWS) $(GO) test -tags e2e -count=1 -timeout 1h -v -run TestEverybodyFollowsAtOnce ./e2e

soak: setup ## work for SOAK (4h) and see that nothing grows
	ISTHMUS_SOAK=$(SOAK) $(GO) test -tags e2e -count=1 -timeout 0 -v -run TestSoak ./e2e

sizes: setup ## measure what a follow, a delivery and a like cost
	scripts/postgres.sh $(GO) test -tags e2e -count=1 -timeout 1h -run '^$$' -bench Sizes -benchtime 1x ./e2e

check: ## before a commit: gofmt, vet, staticcheck, govulncheck, race tests
	@scripts/setup.sh check
	@$(MAKE) --no-print-directory lint vuln race

lint:
	@files=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l); test -z "$$files" || { echo "not gofmt'ed:"; echo "$$files"; exit 1; }
	$(GO) vet ./...
	$(GO) vet -tags e2e ./e2e/... ./component
	$(GO) tool staticcheck ./...
	$(GO) tool staticcheck -tags e2e ./e2e/... ./component

vuln: ## look for known weaknesses in what the gateway is built from
	@scripts/vuln.sh

FUZZTIME ?= 60s
fuzz: ## run every fuzz test for FUZZTIME (60s)
	@scripts/fuzz.sh $(FUZZTIME)

clean: ## remove what was built and installed here
	rm -rf dist e2e/peer/node_modules e2e/browser/node_modules
	$(GO) clean -testcache
