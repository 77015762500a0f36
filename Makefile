# Kurso. `make` or `make help` lists what there is to do.
SHELL := /bin/bash
.DEFAULT_GOAL := help
ROUNDS ?= 20

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z/A-Z_%-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

.PHONY: run
run: ## Start Kurso with demo data on http://localhost:8080 (PORT and DATA_DIR choose others)
	@go build -o bin/kurso ./cmd/kurso && exec bin/kurso serve --demo

.PHONY: build
build: ## Build bin/kurso
	go build -trimpath -ldflags "-s -w" -o bin/kurso ./cmd/kurso

.PHONY: test
test: lint verify ## Check everything: lint, generated files, all tests (starts Postgres and Chromium by itself)
	@go test -timeout 20m ./... ; status=$$? ; go run ./postgres/stop var/test ; exit $$status

.PHONY: race
race: ## All tests under the race detector (needs a C compiler)
	@CGO_ENABLED=1 go test -race -timeout 40m ./... ; status=$$? ; go run ./postgres/stop var/test ; exit $$status

.PHONY: test/proof
test/proof: ## The long proofs: oversold places and killed processes, ROUNDS times each
	KURSO_RACE_ROUNDS=$(ROUNDS) go test -count=1 -timeout 30m -run 'LastPlace' -v ./models/booking/
	KURSO_KILL_ROUNDS=$(ROUNDS) KURSO_KILL_DEFAULT=1 KURSO_KILL_EXPORT_ROWS=200000 go test -count=1 -timeout 30m -run 'Kill' -v ./cmd/kurso/
	KURSO_IMPORT_RECORDS=10000 go test -count=1 -timeout 30m -run 'LargeCatalogue' -v ./cmd/kurso/

.PHONY: lint
lint: ## golangci-lint, with the import rules of the architecture
	go tool -modfile=.ci/lint.mod golangci-lint run

.PHONY: verify
verify: ## Generated code is what its sources make (the CSS is checked by a test in static/)
	@sum() { git ls-files -co --exclude-standard '*_templ.go' | sort | xargs cat | git hash-object --stdin ; } ; \
	before=$$(sum) ; go tool templ generate >/dev/null 2>&1 || { go tool templ generate ; exit 1 ; } ; \
	[ "$$before" = "$$(sum)" ] || { echo "The templates' Go code was not what their sources make. It is now: commit it." ; exit 1 ; }

.PHONY: generate
generate: ## Make the templates' Go code and the CSS again (CSS needs Node)
	go tool templ generate
	$(MAKE) css

.PHONY: css
css: ## Build the styles, icons and scripts (needs Node)
	go test ./static -run '^TestListsAreThoseOfTheTemplates$$' -update
	cd static && npm install --no-save --silent && npm run --silent build

.PHONY: always
bench/%: always ## Run one benchmark, e.g. make bench/booking
	@go run ./bench/$*

.PHONY: clean
clean: ## Stop the private Postgres servers and delete what was built; data in var/ stays
	-@go run ./postgres/stop var/test var/postgres
	rm -rf bin var/test
