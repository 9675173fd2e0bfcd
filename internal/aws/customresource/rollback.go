package customresource

import (
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/cfn"
)

// isRollback says whether an Update puts back what was there before. CloudFormation
// marks it in no way: it is an Update like any other, with the properties of the last
// deployment that went well as the new ones. What tells is the property Version, the
// ARN of the function's version or its number: a deployment publishes a higher number
// than any before, so that a lower one is old.
//
// Where Version does not say so (it is missing, or of another function), an Update is
// none, and the hook runs.
func isRollback(request cfn.Event) bool {
	function, version, ok := versionOf(request.ResourceProperties)
	oldFunction, oldVersion, oldOK := versionOf(request.OldResourceProperties)
	return ok && oldOK && function == oldFunction && version < oldVersion
}

// versionOf reads the property Version: a number, or an ARN that ends with one.
func versionOf(properties map[string]any) (function string, version uint64, ok bool) {
	text, _ := properties["Version"].(string)
	i := strings.LastIndexByte(text, ':') + 1
	version, err := strconv.ParseUint(text[i:], 10, 64)
	return text[:i], version, err == nil
}

// restores says whether a rollback changes one of the properties to put back.
func (h Hook) restores(request cfn.Event) bool {
	for _, name := range h.Restore {
		if Properties(request.ResourceProperties).Text(name) != Properties(request.OldResourceProperties).Text(name) {
			return true
		}
	}
	return false
}
