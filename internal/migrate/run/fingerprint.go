package run

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"
)

// object identifies an object in a MySQL schema that one statement can create, change or
// drop.
type object struct {
	// Kind is database, table, foreign key, view, trigger, procedure, function or event. For
	// the parts of a table it is column, index or check.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Table is the table of a trigger, of a foreign key or of a table's part.
	Table string `json:"table,omitempty"`
	// Parent is the table that a foreign key refers to.
	Parent string `json:"parent,omitempty"`
}

// whole returns the table of a part, and any other object itself.
func (o object) whole() object {
	switch o.Kind {
	case "column", "index", "check":
		return object{Kind: "table", Name: o.Table}
	}
	return o
}

// entry is the fingerprint of one object.
type entry struct {
	object
	// Hash covers the rows of information_schema about the object. The hash of a table does
	// not cover its parts.
	Hash uint64 `json:"hash,string"`
	// Columns are the columns of an index.
	Columns []string `json:"columns,omitempty"`
}

// fingerprint describes the state of a MySQL schema, object by object. It covers neither
// rows nor statistics nor the two tables that record migrations.
type fingerprint []entry

// fingerprintParts are the SELECTs of a fingerprint: the members of the object that a row
// belongs to, the columns to hash, and the source. They omit values from MySQL's statistics
// cache (see information_schema_stats_expiry) and values that other statements change as a
// side effect: the columns of a view, and the order of triggers.
//
// CREATE_TIME shows that a table was rebuilt; its precision is one second. TiDB has no
// column ENFORCED: a comment that only TiDB executes adds a constant for it.
var fingerprintParts = [][3]string{
	{"'kind', 'database', 'name', schema_name",
		"default_character_set_name, default_collation_name",
		"schemata WHERE schema_name = DATABASE()"},
	{"'kind', 'table', 'name', table_name",
		"engine, row_format, table_collation, create_options, table_comment, UNIX_TIMESTAMP(create_time)",
		"tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"},
	{"'kind', 'column', 'name', column_name, 'table', table_name, 'position', ordinal_position",
		"column_default, is_nullable, column_type, character_set_name, collation_name, extra," +
			" generation_expression, column_comment",
		"columns WHERE table_schema = DATABASE()"},
	{"'kind', 'index', 'name', index_name, 'table', table_name, 'column', column_name",
		"non_unique, seq_in_index, column_name, collation, sub_part, index_type, index_comment, is_visible, expression",
		"statistics WHERE table_schema = DATABASE()"},
	{"'kind', IF(constraint_type = 'CHECK', 'check', 'index'), 'name', constraint_name, 'table', table_name",
		"constraint_type, enforced",
		"table_constraints /*T! JOIN (SELECT '' AS enforced) AS tidb */" +
			" WHERE table_schema = DATABASE() AND constraint_type <> 'FOREIGN KEY'"},
	{"'kind', 'check', 'name', c.constraint_name, 'table', t.table_name",
		"c.check_clause",
		// Without DISTINCT, the server scans all tables for each check.
		"check_constraints c JOIN (SELECT DISTINCT constraint_name, table_name FROM information_schema.table_constraints" +
			" WHERE constraint_schema = DATABASE() AND constraint_type = 'CHECK') AS t" +
			" ON t.constraint_name = c.constraint_name WHERE c.constraint_schema = DATABASE()"},
	{"'kind', 'table', 'name', table_name",
		"partition_name, subpartition_name, partition_ordinal_position, partition_method, subpartition_method," +
			" partition_expression, subpartition_expression, partition_description, partition_comment",
		"partitions WHERE table_schema = DATABASE() AND partition_name IS NOT NULL"},
	{"'kind', 'foreign key', 'name', constraint_name, 'table', table_name, 'parent', referenced_table_name",
		"match_option, update_rule, delete_rule",
		"referential_constraints WHERE constraint_schema = DATABASE()"},
	{"'kind', 'foreign key', 'name', constraint_name, 'table', table_name, 'parent', referenced_table_name",
		"column_name, ordinal_position, referenced_table_schema, referenced_column_name",
		"key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL"},
	{"'kind', 'view', 'name', table_name",
		"view_definition, check_option, definer, security_type",
		"views WHERE table_schema = DATABASE()"},
	{"'kind', 'trigger', 'name', trigger_name, 'table', event_object_table",
		"event_manipulation, action_timing, action_statement, definer, sql_mode",
		"triggers WHERE trigger_schema = DATABASE()"},
	{"'kind', LOWER(routine_type), 'name', routine_name",
		"dtd_identifier, routine_definition, is_deterministic, sql_data_access, security_type, definer, sql_mode," +
			" routine_comment",
		"routines WHERE routine_schema = DATABASE()"},
	{"'kind', LOWER(routine_type), 'name', specific_name",
		"ordinal_position, parameter_mode, parameter_name, dtd_identifier",
		"parameters WHERE specific_schema = DATABASE()"},
	{"'kind', 'event', 'name', event_name",
		"event_definition, event_type, execute_at, interval_value, interval_field, starts, ends, status, on_completion," +
			" definer, event_comment",
		"events WHERE event_schema = DATABASE()"},
}

// fingerprintQuery returns the query of a fingerprint. For each row of information_schema
// it selects the object, as JSON, and 64 bits of the row's hash in hex.
func fingerprintQuery() string {
	var selects []string
	for i, p := range fingerprintParts {
		// Hash the number too: equal rows of two SELECTs would cancel out in the XOR.
		selects = append(selects, fmt.Sprintf("SELECT JSON_OBJECT(%s), LEFT(SHA2(JSON_ARRAY(%d, %s), 256), 16)"+
			" FROM information_schema.%s", p[0], i, p[1], p[2]))
	}
	return strings.Join(selects, " UNION ALL ")
}

// readFingerprint returns the fingerprint of a database from the rows of its query.
func readFingerprint(rows *sql.Rows) (f fingerprint, err error) {
	at, tables := map[object]int{}, map[string]bool{}
	find := func(o object) *entry {
		i, found := at[o]
		if !found {
			i = len(f)
			at[o] = i
			f = append(f, entry{object: o})
		}
		return &f[i]
	}
	err = each(rows, func(rows *sql.Rows) error {
		var text, hash string
		var row struct {
			object
			Column   string `json:"column"`
			Position int    `json:"position"`
		}
		if err := rows.Scan(&text, &hash); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			return err
		}
		bits, err := strconv.ParseUint(hash, 16, 64)
		if of := row.whole(); of.Kind == "table" && (of.Name == plan.RevisionTable || of.Name == plan.JournalTable) {
			return err
		}
		if row.Kind == "table" {
			tables[row.Name] = true
		}
		// XOR, because the order of an object's rows is undefined.
		o := find(row.object)
		o.Hash ^= bits
		if row.Column != "" {
			o.Columns = append(o.Columns, row.Column)
		}
		if row.Position > 0 {
			// The position is part of the table: an added or dropped column moves others.
			sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", row.Position, row.Name))
			find(row.whole()).Hash ^= binary.BigEndian.Uint64(sum[:])
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	return slices.DeleteFunc(f, func(e entry) bool { // the columns of views
		whole := e.whole()
		return whole.Kind == "table" && !tables[whole.Name]
	}), nil
}

// change is an object that differs between two fingerprints.
type change struct {
	object
	// what is "added", "changed" or "dropped".
	what string
	// columns are the columns of an index, before and after.
	columns []string
}

// changes returns the objects that differ in a later fingerprint, sorted, with each part
// after its table. It omits the parts of a table that was added or dropped.
func (f fingerprint) changes(later fingerprint) (all []change) {
	before, after := f.byObject(), later.byObject()
	both := maps.Clone(before)
	maps.Copy(both, after)
	for o := range both {
		was, found := before[o]
		is, remains := after[o]
		_, hadWhole := before[o.whole()]
		_, hasWhole := after[o.whole()]
		what := "changed"
		switch {
		case o != o.whole() && !(hadWhole && hasWhole), found && remains && was.Hash == is.Hash:
			continue
		case !found:
			what = "added"
		case !remains:
			what = "dropped"
		}
		all = append(all, change{o, what, slices.Concat(was.Columns, is.Columns)})
	}
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(compareObjects(a.whole(), b.whole()), compareObjects(a.object, b.object))
	})
	return all
}

func (f fingerprint) byObject() map[object]entry {
	all := map[object]entry{}
	for _, e := range f {
		all[e.object] = e
	}
	return all
}

func compareObjects(a, b object) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Table, b.Table), cmp.Compare(a.Parent, b.Parent))
}

// describeChanges returns changes as text. It groups the changes of a table.
func describeChanges(changes []change) string {
	var texts []string
	var last object
	for _, c := range changes {
		of := c.whole()
		if of != last {
			what := c.what
			if of != c.object {
				what = "changed"
			}
			texts = append(texts, fmt.Sprintf("%s %q was %s", of.Kind, of.Name, what))
			last = of
		}
		if of != c.object {
			texts[len(texts)-1] += fmt.Sprintf(" (%s %q)", c.Kind, c.Name)
		}
	}
	return strings.Join(texts, ", ")
}
