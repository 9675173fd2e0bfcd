package schema

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	atlas "ariga.io/atlas/sql/schema"
)

// newColumn is one column; references is the key it refers to, as schema.hcl names it.
type newColumn struct {
	name, typ, defaultValue, references string
	unique, null                        bool
}

func (c newColumn) write(b *strings.Builder) {
	parts := validType.FindStringSubmatch(c.typ)
	attributes := [][2]string{{"type", "sql(" + quote(c.typ) + ")"}, {"null", strconv.FormatBool(c.null)}}
	if parts != nil {
		attributes[0][1] = parts[1] + parts[2]
		if parts[3] != "" {
			attributes = append(attributes, [2]string{"unsigned", "true"})
		}
	}
	if c.defaultValue != "" {
		attributes = append(attributes, [2]string{"default", c.defaultValue})
	}
	width := 0
	for _, a := range attributes {
		width = max(width, len(a[0]))
	}
	fmt.Fprintf(b, "  column %q {\n", c.name)
	for _, a := range attributes {
		fmt.Fprintf(b, "    %-*s = %s\n", width, a[0], a[1])
	}
	b.WriteString("  }\n")
}

// defaultOf returns a default as schema.hcl writes it.
func defaultOf(t atlas.Type, value string) (string, error) {
	switch t.(type) {
	case *atlas.BoolType:
		if value != "true" && value != "false" {
			return "", fmt.Errorf("the default of a bool is true or false, not %q", value)
		}
		return value, nil
	case *atlas.IntegerType:
		if _, err := strconv.ParseInt(value, 10, 64); err != nil {
			return "", fmt.Errorf("the default must be an integer, not %q", value)
		}
		return value, nil
	case *atlas.FloatType, *atlas.DecimalType:
		if !decimalNumber.MatchString(value) {
			return "", fmt.Errorf("the default must be a number, not %q", value)
		}
		return value, nil
	}
	return quote(value), nil
}

var decimalNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// quote is a text as HCL quotes it.
func quote(s string) string {
	return string(hclTemplate.Replace(strconv.Quote(s)))
}

var hclTemplate = strings.NewReplacer("${", "$${", "%{", "%%{")
