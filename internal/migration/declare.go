package migration

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// ErrNoTables says that a database has no tables to declare.
var ErrNoTables = errors.New("the database has no tables to write a schema.hcl from")

// Declare writes down the tables of a live database as a schema.hcl, for a
// project that has none yet. Types are given for both dialects: exactly for the
// one the database speaks, and the nearest one for the other, which is to be read
// before it is used. The error is [ErrNoTables] for an empty database.
func (e *Engine) Declare(ctx context.Context) ([]byte, error) {
	var text []byte
	err := e.with(ctx, func(_ files, s session) error {
		live, err := e.dialect.inspect(ctx, s)
		if err != nil {
			return err
		}
		if len(live.Tables) == 0 {
			return ErrNoTables
		}
		text, err = e.dialect.declare(live)
		return err
	})
	return text, err
}

const declareHeader = `# The tables of this application, as they were found in a live database.

variable "dialect" {
  type        = string
  description = "mysql or sqlite"
}

variable "db" {
  type        = string
  default     = "main"
  description = "the database's name, as the server knows it; always main on SQLite"
}

locals {
  mysql = var.dialect == "mysql"
}

schema "app" {
  name = var.db
}

`

var (
	schemaBlock = regexp.MustCompile(`(?ms)^schema "[^"]*" \{\n.*?^\}\n`)
	schemaName  = regexp.MustCompile(`(?m)^(  schema +=) schema\.\S+$`)
	typeLine    = regexp.MustCompile(`(?m)^(    type +=) .*$`)
	defaultLine = regexp.MustCompile(`(?m)^(    default +=) (.*)$`)
	// noDefault are the types of MySQL that take no literal as a default.
	noDefault   = regexp.MustCompile(`\? sql\("(longtext|longblob|json)"\)`)
	columnBlock = regexp.MustCompile(`(?ms)^  column "[^"]*" \{\n.*?^  \}\n`)
)

// declare turns what Atlas writes for one dialect into a file for both: each
// column's type becomes a choice.
func (d dialect) declare(live *schema.Schema) ([]byte, error) {
	marshal := mysql.MarshalHCL
	if d.name == SQLite {
		marshal = sqlite.MarshalHCL
	}
	live.Name = "app"
	text, err := marshal.MarshalSpec(live)
	if err != nil {
		return nil, fmt.Errorf("write the tables down: %w", err)
	}
	var types []string
	for _, t := range live.Tables {
		for _, c := range t.Columns {
			choice, err := d.choice(c.Type.Type)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", t.Name, c.Name, err)
			}
			types = append(types, choice)
		}
	}
	body := schemaBlock.ReplaceAllString(string(text), "")
	body = schemaName.ReplaceAllString(body, "$1 schema.app")
	// Atlas writes columns in the order it was given them.
	n := 0
	body = columnBlock.ReplaceAllStringFunc(body, func(column string) string {
		choice := "sql(\"text\")"
		if n < len(types) {
			choice = types[n]
		}
		n++
		if noDefault.MatchString(choice) {
			column = defaultLine.ReplaceAllString(column, "$1 local.mysql ? null : $2")
		}
		return typeLine.ReplaceAllString(column, "$1 "+strings.ReplaceAll(choice, "$", "$$"))
	})
	if n != len(types) {
		return nil, fmt.Errorf("write the tables down: %d of %d columns", n, len(types))
	}
	// The tables come back as they were, or the file is not to be trusted.
	whole := hclwrite.Format([]byte(declareHeader + strings.TrimSpace(body) + "\n"))
	if _, err := d.parse(schemaFile, whole); err != nil {
		return nil, fmt.Errorf("write the tables down: %w", err)
	}
	return whole, nil
}

// choice is a type for both dialects, as schema.hcl writes it.
func (d dialect) choice(t schema.Type) (string, error) {
	own, err := mysql.FormatType(t)
	if d.name == SQLite {
		own, err = sqlite.FormatType(t)
	}
	if err != nil {
		return "", err
	}
	quoted := func(s string) string { return `sql("` + strings.ReplaceAll(s, `"`, `\"`) + `")` }
	onMySQL, onSQLite := own, sqliteType(t)
	if d.name == SQLite {
		onMySQL, onSQLite = mysqlType(t), own
	}
	if onMySQL == onSQLite {
		return quoted(own), nil
	}
	return "local.mysql ? " + quoted(onMySQL) + " : " + quoted(onSQLite), nil
}

// sqliteType is the type on SQLite that is nearest to one on MySQL.
func sqliteType(t schema.Type) string {
	switch t := t.(type) {
	case *schema.BoolType:
		return "bool"
	case *schema.IntegerType:
		return "integer"
	case *schema.FloatType:
		return "real"
	case *schema.DecimalType:
		return "numeric"
	case *schema.TimeType:
		if t.T == "date" {
			return "date"
		}
		return "datetime"
	case *schema.JSONType:
		return "json"
	case *schema.BinaryType:
		return "blob"
	case *schema.StringType:
		if t.T == "varchar" || t.T == "char" {
			return fmt.Sprintf("varchar(%d)", t.Size)
		}
	}
	return "text"
}

// mysqlType is the type on MySQL that is nearest to one on SQLite.
func mysqlType(t schema.Type) string {
	switch t := t.(type) {
	case *schema.BoolType:
		return "bool"
	case *schema.IntegerType:
		return "bigint"
	case *schema.FloatType:
		return "double"
	case *schema.DecimalType:
		return "decimal(20,6)"
	case *schema.TimeType:
		if t.T == "date" {
			return "date"
		}
		return "datetime(6)"
	case *schema.JSONType:
		return "json"
	case *schema.BinaryType:
		return "longblob"
	case *schema.StringType:
		if t.T == "varchar" || t.T == "char" {
			if t.Size > 0 {
				return fmt.Sprintf("varchar(%d)", t.Size)
			}
			return "varchar(255)"
		}
	}
	return "longtext"
}
