package run

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slipway/internal/migrate/plan"
)

// object is something with a name in a MySQL schema that one statement can make,
// change or drop.
type object struct {
	// Kind is database, table, foreign key, view, trigger, procedure, function or event.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Table is the table of a trigger or a foreign key.
	Table string `json:"table,omitempty"`
	// Parent is the table that a foreign key refers to.
	Parent string `json:"parent,omitempty"`
}

func (o object) String() string { return fmt.Sprintf("%s %q", o.Kind, o.Name) }

// content is what a fingerprint knows of one object.
type content struct {
	// hash covers all that information_schema has of the object.
	hash uint64
	// columns and indexes are the names of a table's, sorted.
	columns, indexes []string
}

// fingerprint tells two states of a MySQL schema apart, object by object. It sees no
// rows, no statistics, and neither of the two tables that record migrations.
type fingerprint map[object]content

// fingerprintParts are the SELECTs that a fingerprint is made of: the members of the
// object that a row belongs to, the columns that are hashed, and where they are from.
// They leave out what MySQL takes from its cache of statistics (see
// information_schema_stats_expiry), and what other statements change by the way: the
// columns of a view, the order of triggers.
//
// CREATE_TIME has whole seconds; it shows that a table was built again. TiDB has no
// ENFORCED: there, the comment that only TiDB reads puts a constant in its place.
var fingerprintParts = [][3]string{
	{"'kind', 'database', 'name', schema_name",
		"default_character_set_name, default_collation_name",
		"schemata WHERE schema_name = DATABASE()"},
	{"'kind', 'table', 'name', table_name",
		"engine, row_format, table_collation, create_options, table_comment, UNIX_TIMESTAMP(create_time)",
		"tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'"},
	{"'kind', 'table', 'name', c.table_name, 'column', c.column_name",
		"c.column_name, c.ordinal_position, c.column_default, c.is_nullable, c.column_type, c.character_set_name," +
			" c.collation_name, c.extra, c.generation_expression, c.column_comment",
		"columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name" +
			" WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'"},
	{"'kind', 'table', 'name', table_name, 'index', index_name",
		"index_name, non_unique, seq_in_index, column_name, collation, sub_part, index_type, index_comment," +
			" is_visible, expression",
		"statistics WHERE table_schema = DATABASE()"},
	{"'kind', 'table', 'name', table_name",
		"constraint_name, constraint_type, enforced",
		"table_constraints /*T! JOIN (SELECT '' AS enforced) AS tidb */" +
			" WHERE table_schema = DATABASE() AND constraint_type <> 'FOREIGN KEY'"},
	{"'kind', 'table', 'name', t.table_name",
		"c.constraint_name, c.check_clause",
		// DISTINCT makes the server join two lists; by itself it looks each check up in all tables.
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

// fingerprintQuery returns the one query of a fingerprint: a row for each row of
// information_schema, as the object it belongs to and 64 bits of its hash.
func fingerprintQuery() string {
	var selects []string
	for i, p := range fingerprintParts {
		// The number keeps rows of two SELECTs apart: equal hashes would cancel out.
		selects = append(selects, fmt.Sprintf("SELECT JSON_OBJECT(%s), LEFT(SHA2(JSON_ARRAY(%d, %s), 256), 16)"+
			" FROM information_schema.%s", p[0], i, p[1], p[2]))
	}
	return strings.Join(selects, " UNION ALL ")
}

// readFingerprint returns the fingerprint of the session's MySQL database.
func readFingerprint(ctx context.Context, s querier) (_ fingerprint, err error) {
	rows, err := s.QueryContext(ctx, fingerprintQuery())
	if err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	f := fingerprint{}
	for rows.Next() {
		var text, hash string
		var part struct {
			object
			Column string `json:"column"`
			Index  string `json:"index"`
		}
		if err := rows.Scan(&text, &hash); err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &part); err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		bits, err := strconv.ParseUint(hash, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		c := f[part.object]
		c.hash ^= bits // the rows come in any order
		if part.Column != "" {
			c.columns = append(c.columns, part.Column)
		}
		if part.Index != "" && !slices.Contains(c.indexes, part.Index) { // one row a column
			c.indexes = append(c.indexes, part.Index)
		}
		f[part.object] = c
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	for o, c := range f {
		slices.Sort(c.columns)
		slices.Sort(c.indexes)
		if o.Kind == "table" && (o.Name == plan.RevisionTable || o.Name == plan.JournalTable) {
			delete(f, o)
		}
	}
	return f, nil
}

// objectJSON is one object of a fingerprint as JSON has it.
type objectJSON struct {
	object
	Hash    string   `json:"hash"`
	Columns []string `json:"columns,omitempty"`
	Indexes []string `json:"indexes,omitempty"`
}

// MarshalJSON writes a list of objects, sorted.
func (f fingerprint) MarshalJSON() ([]byte, error) {
	list := []objectJSON{}
	for _, o := range slices.SortedFunc(maps.Keys(f), compareObjects) {
		list = append(list, objectJSON{o, fmt.Sprintf("%016x", f[o].hash), f[o].columns, f[o].indexes})
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (f *fingerprint) UnmarshalJSON(text []byte) error {
	var list []objectJSON
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*f = fingerprint{}
	for _, r := range list {
		hash, err := strconv.ParseUint(r.Hash, 16, 64)
		if err != nil {
			return fmt.Errorf("%s: %w", r.object, err)
		}
		(*f)[r.object] = content{hash, r.Columns, r.Indexes}
	}
	return nil
}

func compareObjects(a, b object) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Table, b.Table), cmp.Compare(a.Parent, b.Parent))
}

// change is an object that two fingerprints do not have in common.
type change struct {
	object
	// what is "added", "changed" or "dropped".
	what string
	// columns are those that a changed table got or lost, indexes those that it got: a
	// statement may drop an index that it does not name, such as the one of a foreign key.
	columns, indexes []string
}

func (c change) String() string {
	text := fmt.Sprintf("%s was %s", c.object, c.what)
	for _, column := range c.columns {
		text += fmt.Sprintf(" (column %q)", column)
	}
	for _, index := range c.indexes {
		text += fmt.Sprintf(" (index %q)", index)
	}
	return text
}

// changes returns what is different in a later fingerprint, sorted.
func (f fingerprint) changes(later fingerprint) (all []change) {
	for o, now := range later {
		before, found := f[o]
		switch {
		case !found:
			all = append(all, change{object: o, what: "added"})
		case before.hash != now.hash:
			all = append(all, change{object: o, what: "changed",
				columns: slices.Concat(without(before.columns, now.columns), without(now.columns, before.columns)),
				indexes: without(now.indexes, before.indexes)})
		}
	}
	for o := range f {
		if _, found := later[o]; !found {
			all = append(all, change{object: o, what: "dropped"})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return compareObjects(a.object, b.object) })
	return all
}

// without returns what a list has and another one has not.
func without(all, other []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(other, s) })
}
