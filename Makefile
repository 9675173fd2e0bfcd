# Short commands for development and for builds of the functions.
.DEFAULT_GOAL := help

# The architecture of the functions. arm64 is cheaper: https://aws.amazon.com/lambda/pricing/
ARCH ?= arm64

# A reproducible build: no cgo, no local paths, no VCS data. The tags leave out net/rpc (for the retired go1.x runtime) and
# Gin's MessagePack, which are not used.
GO_BUILD = CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build \
	-trimpath -buildvcs=false -ldflags="-s -w" -tags=lambda.norpc,nomsgpack

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Serve the API on this machine, with SQLite
	go run ./local

.PHONY: sam-local
sam-local: ## Serve the API with sam local, in a container, with MySQL
	bash local/sam.sh

.PHONY: test
test: ## Run every check
	bash local/test.sh

.PHONY: build
build: build/api.zip build/migrate.zip build/grant.zip ## Build the functions as zip files, into build/

# A zip file contains times and modes. Fixed values make the zip file reproducible.
build/%.zip: FORCE
	@mkdir -p build/$*
	$(GO_BUILD) -o build/$*/bootstrap ./functions/$*
	@chmod 755 build/$*/bootstrap
	@TZ=UTC touch -t 198001010000 build/$*/bootstrap
	@rm -f $@
	@cd build/$* && TZ=UTC zip -q -X ../$*.zip bootstrap
	@ls -l $@

.PHONY: FORCE
FORCE:

.PHONY: clean
clean: ## Delete the build output
	rm -rf build .aws-sam

# sam build calls these targets (BuildMethod: makefile) in a copy of this folder. For the template's parameter
# Architecture=x86_64, set ARCH=amd64.
.PHONY: build-ApiFunction build-MigrateFunction build-GrantFunction
build-ApiFunction: FUNCTION = api
build-MigrateFunction: FUNCTION = migrate
build-GrantFunction: FUNCTION = grant
build-ApiFunction build-MigrateFunction build-GrantFunction:
	$(GO_BUILD) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(FUNCTION)
