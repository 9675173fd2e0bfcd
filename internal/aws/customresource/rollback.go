package customresource

import (
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
)

// isRollback reports whether an Update is a rollback. CloudFormation does not mark a rollback: its new properties are
// those of the last successful deployment. The property Version, the ARN or the number of the function's version, shows
// it: each deployment publishes a higher version, so a lower one is a rollback.
//
// If Version is missing or of another function, the result is false, and the hook runs.
func isRollback(request cfn.Event) bool {
	function, version, ok := versionOf(request.ResourceProperties)
	oldFunction, oldVersion, oldOK := versionOf(request.OldResourceProperties)
	return ok && oldOK && function == oldFunction && version < oldVersion
}

// versionOf parses the property Version: a number, or an ARN that ends with a number.
func versionOf(properties map[string]any) (function string, version uint64, ok bool) {
	text, _ := properties["Version"].(string)
	i := strings.LastIndexByte(text, ':') + 1
	version, err := strconv.ParseUint(text[i:], 10, 64)
	return text[:i], version, err == nil
}

// restores reports whether a rollback changes one of the properties in Restore.
func (h Hook) restores(request cfn.Event) bool {
	for _, name := range h.Restore {
		if Properties(request.ResourceProperties).Text(name) != Properties(request.OldResourceProperties).Text(name) {
			return true
		}
	}
	return false
}
