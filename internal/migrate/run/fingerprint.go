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
	// hash covers what information_schema has of the object, of a table without its parts.
	hash uint64
	// parts are the columns, indexes and CHECKs of a table, by what they are and their
	// names: "column id", "index PRIMARY", "check age_positive".
	parts map[string]part
}

// part is what a fingerprint knows of a part of a table.
type part struct {
	hash uint64
	// columns are those of an index.
	columns []string
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
	{"'kind', 'table', 'name', c.table_name",
		"c.column_name, c.ordinal_position", // one column more or less moves others
		columnsOfTables},
	{"'kind', 'table', 'name', c.table_name, 'part', CONCAT('column ', c.column_name)",
		"c.column_default, c.is_nullable, c.column_type, c.character_set_name, c.collation_name, c.extra," +
			" c.generation_expression, c.column_comment",
		columnsOfTables},
	{"'kind', 'table', 'name', table_name, 'part', CONCAT('index ', index_name), 'column', column_name",
		"non_unique, seq_in_index, column_name, collation, sub_part, index_type, index_comment, is_visible, expression",
		"statistics WHERE table_schema = DATABASE()"},
	{"'kind', 'table', 'name', table_name, 'part', CONCAT(IF(constraint_type = 'CHECK', 'check ', 'index '), constraint_name)",
		"constraint_type, enforced",
		"table_constraints /*T! JOIN (SELECT '' AS enforced) AS tidb */" +
			" WHERE table_schema = DATABASE() AND constraint_type <> 'FOREIGN KEY'"},
	{"'kind', 'table', 'name', t.table_name, 'part', CONCAT('check ', c.constraint_name)",
		"c.check_clause",
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

// columnsOfTables leaves out the columns of views.
const columnsOfTables = "columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema" +
	" AND t.table_name = c.table_name WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'"

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
		var row struct {
			object
			Part   string `json:"part"`
			Column string `json:"column"`
		}
		if err := rows.Scan(&text, &hash); err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		bits, err := strconv.ParseUint(hash, 16, 64)
		if err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
		f.add(row.object, row.Part, row.Column, bits)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the schema of the database: %w", err)
	}
	for _, own := range []string{plan.RevisionTable, plan.JournalTable} {
		delete(f, object{Kind: "table", Name: own})
	}
	return f, nil
}

// add adds a row to an object, or to a part of it. The rows come in any order.
func (f fingerprint) add(o object, name, column string, bits uint64) {
	c := f[o]
	if name == "" {
		c.hash ^= bits
		f[o] = c
		return
	}
	if c.parts == nil {
		c.parts = map[string]part{}
	}
	p := c.parts[name]
	p.hash ^= bits
	if column != "" {
		p.columns = append(p.columns, column)
		slices.Sort(p.columns)
	}
	c.parts[name] = p
	f[o] = c
}

// objectJSON is one object of a fingerprint as JSON has it.
type objectJSON struct {
	object
	Hash  string              `json:"hash"`
	Parts map[string]partJSON `json:"parts,omitempty"`
}

// partJSON is one part of a table as JSON has it.
type partJSON struct {
	Hash    string   `json:"hash"`
	Columns []string `json:"columns,omitempty"`
}

// MarshalJSON writes a list of objects, sorted.
func (f fingerprint) MarshalJSON() ([]byte, error) {
	list := []objectJSON{}
	for _, o := range slices.SortedFunc(maps.Keys(f), compareObjects) {
		written := objectJSON{object: o, Hash: fmt.Sprintf("%016x", f[o].hash), Parts: map[string]partJSON{}}
		for name, p := range f[o].parts {
			written.Parts[name] = partJSON{fmt.Sprintf("%016x", p.hash), p.columns}
		}
		list = append(list, written)
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
		c := content{hash: hash}
		for name, p := range r.Parts {
			hash, err := strconv.ParseUint(p.Hash, 16, 64)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", r.object, name, err)
			}
			if c.parts == nil {
				c.parts = map[string]part{}
			}
			c.parts[name] = part{hash, p.Columns}
		}
		(*f)[r.object] = c
	}
	return nil
}

func compareObjects(a, b object) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Table, b.Table), cmp.Compare(a.Parent, b.Parent))
}
