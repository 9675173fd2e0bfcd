# Everything a developer runs is go run or one of these.
.DEFAULT_GOAL := help

# The processor the functions run on. Arm is the cheaper one: https://aws.amazon.com/lambda/pricing/
ARCH ?= arm64

# No C, no paths of this machine, no symbols; without net/rpc (for the retired go1.x runtime) and without MessagePack
# (which Gin brings and nothing here speaks). The same sources and the same Go give the same bytes on any machine.
GO_BUILD = CGO_ENABLED=0 GOOS=linux GOARCH=$(ARCH) go build \
	-trimpath -buildvcs=false -ldflags="-s -w" -tags=lambda.norpc,nomsgpack

.PHONY: help
help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Serve on this machine, with SQLite
	go run ./local

.PHONY: sam-local
sam-local: ## Serve on this machine as SAM does, in a container, on MySQL
	bash local/sam.sh

.PHONY: test
test: ## Run every check
	bash local/test.sh

.PHONY: build
build: build/api.zip build/migrate.zip build/grant.zip ## Build the functions as zip files, into build/

# A zip file holds the time and the mode of what is in it: both are set, so that the same bootstrap gives the same zip.
build/%.zip: FORCE
	@mkdir -p build/$*
	$(GO_BUILD) -o build/$*/bootstrap ./functions/$*
	@chmod 755 build/$*/bootstrap
	@TZ=UTC touch -t 198001010000 build/$*/bootstrap
	@rm -f $@
	@cd build/$* && TZ=UTC zip -q -X -9 ../$*.zip bootstrap
	@ls -l $@

.PHONY: FORCE
FORCE:

.PHONY: clean
clean: ## Take away what building left
	rm -rf build .aws-sam

# What sam build asks for (BuildMethod: makefile), in a copy of this folder. The processor is that of the template's
# parameter Architecture: whoever gives x86_64 there says ARCH=amd64 here.
.PHONY: build-ApiFunction build-MigrateFunction build-GrantFunction
build-ApiFunction: FUNCTION = api
build-MigrateFunction: FUNCTION = migrate
build-GrantFunction: FUNCTION = grant
build-ApiFunction build-MigrateFunction build-GrantFunction:
	$(GO_BUILD) -o "$(ARTIFACTS_DIR)/bootstrap" ./functions/$(FUNCTION)
