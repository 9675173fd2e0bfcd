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

// fingerprintPart is a SELECT of a fingerprint.
type fingerprintPart struct {
	// object are the members of the object that a row belongs to.
	object string
	// values are the columns to hash.
	values string
	source string
	// next is the kind of parts to read next, or NULL.
	next string
	// kind is "" for a part that is always read. Others are read if a row of those names it:
	// most schemas have none of these objects, and each part takes the server half a
	// millisecond.
	kind string
}

// fingerprintParts omit values from MySQL's statistics cache (see
// information_schema_stats_expiry) and values that other statements change as a side effect:
// the columns of a view, and the order of triggers.
//
// CREATE_TIME shows that a table was rebuilt; its precision is one second. TiDB has no
// column ENFORCED: a comment that only TiDB executes adds a constant for it.
var fingerprintParts = []fingerprintPart{
	{object: "'kind', 'database', 'name', schema_name",
		values: "default_character_set_name, default_collation_name",
		source: "schemata WHERE schema_name = DATABASE()"},
	{object: "'kind', IF(table_type = 'VIEW', '', 'table'), 'name', table_name",
		values: "engine, row_format, table_collation, create_options, table_comment, UNIX_TIMESTAMP(create_time)",
		source: "tables WHERE table_schema = DATABASE() AND table_type IN ('BASE TABLE', 'VIEW')",
		next:   "IF(table_type = 'VIEW', 'view', IF(create_options LIKE '%partitioned%', 'partition', NULL))"},
	{object: "'kind', 'column', 'name', column_name, 'table', table_name, 'position', ordinal_position",
		values: "column_default, is_nullable, column_type, character_set_name, collation_name, extra," +
			" generation_expression, column_comment",
		source: "columns WHERE table_schema = DATABASE()"},
	{object: "'kind', 'index', 'name', index_name, 'table', table_name, 'column', column_name",
		values: "non_unique, seq_in_index, column_name, collation, sub_part, index_type, index_comment, is_visible, expression",
		source: "statistics WHERE table_schema = DATABASE()"},
	{object: "'kind', CASE constraint_type WHEN 'CHECK' THEN 'check' WHEN 'FOREIGN KEY' THEN '' ELSE 'index' END," +
		" 'name', constraint_name, 'table', table_name",
		values: "constraint_type, enforced",
		source: "table_constraints /*T! JOIN (SELECT '' AS enforced) AS tidb */ WHERE table_schema = DATABASE()",
		next:   "CASE constraint_type WHEN 'CHECK' THEN 'check' WHEN 'FOREIGN KEY' THEN 'foreign key' END"},
	{object: "'kind', 'check', 'name', c.constraint_name, 'table', t.table_name",
		values: "c.check_clause",
		// Without DISTINCT, the server scans all tables for each check.
		source: "check_constraints c JOIN (SELECT DISTINCT constraint_name, table_name FROM information_schema.table_constraints" +
			" WHERE constraint_schema = DATABASE() AND constraint_type = 'CHECK') AS t" +
			" ON t.constraint_name = c.constraint_name WHERE c.constraint_schema = DATABASE()",
		kind: "check"},
	{object: "'kind', 'table', 'name', table_name",
		values: "partition_name, subpartition_name, partition_ordinal_position, partition_method, subpartition_method," +
			" partition_expression, subpartition_expression, partition_description, partition_comment",
		source: "partitions WHERE table_schema = DATABASE() AND partition_name IS NOT NULL",
		kind:   "partition"},
	{object: "'kind', 'foreign key', 'name', constraint_name, 'table', table_name, 'parent', referenced_table_name",
		values: "match_option, update_rule, delete_rule",
		source: "referential_constraints WHERE constraint_schema = DATABASE()",
		kind:   "foreign key"},
	{object: "'kind', 'foreign key', 'name', constraint_name, 'table', table_name, 'parent', referenced_table_name",
		values: "column_name, ordinal_position, referenced_table_schema, referenced_column_name",
		source: "key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT NULL",
		kind:   "foreign key"},
	{object: "'kind', 'view', 'name', table_name",
		values: "view_definition, check_option, definer, security_type",
		source: "views WHERE table_schema = DATABASE()",
		kind:   "view"},
	{object: "'kind', 'trigger', 'name', trigger_name, 'table', event_object_table",
		values: "event_manipulation, action_timing, action_statement, definer, sql_mode",
		source: "triggers WHERE trigger_schema = DATABASE()"},
	{object: "'kind', LOWER(routine_type), 'name', routine_name",
		values: "dtd_identifier, routine_definition, is_deterministic, sql_data_access, security_type, definer, sql_mode," +
			" routine_comment",
		source: "routines WHERE routine_schema = DATABASE()",
		next:   "'parameter'"},
	{object: "'kind', LOWER(routine_type), 'name', specific_name",
		values: "ordinal_position, parameter_mode, parameter_name, dtd_identifier",
		source: "parameters WHERE specific_schema = DATABASE()",
		kind:   "parameter"},
	{object: "'kind', 'event', 'name', event_name",
		values: "event_definition, event_type, execute_at, interval_value, interval_field, starts, ends, status, on_completion," +
			" definer, event_comment",
		source: "events WHERE event_schema = DATABASE()"},
}

// fingerprintQuery returns the query of the parts of these kinds. For each row of
// information_schema it selects the object, as JSON, 64 bits of the row's hash in hex, and the
// kind of parts to read next.
func fingerprintQuery(kinds map[string]bool) string {
	var selects []string
	for i, p := range fingerprintParts {
		if kinds[p.kind] {
			// Hash the number too: equal rows of two SELECTs would cancel out in the XOR.
			selects = append(selects, fmt.Sprintf("SELECT JSON_OBJECT(%s), LEFT(SHA2(JSON_ARRAY(%d, %s), 256), 16), %s"+
				" FROM information_schema.%s", p.object, i, p.values, cmp.Or(p.next, "NULL"), p.source))
		}
	}
	return strings.Join(selects, " UNION ALL ")
}

// readFingerprint returns the fingerprint of a database. It calls run with one or two queries.
func readFingerprint(run func(query string) (*sql.Rows, error)) (fingerprint, error) {
	b := fingerprintBuilder{at: map[object]int{}, tables: map[string]bool{}, next: map[string]bool{"": true}}
	for len(b.next) > 0 {
		rows, err := run(fingerprintQuery(b.next))
		b.next = map[string]bool{}
		if err == nil {
			err = each(rows, b.add)
		}
		if err != nil {
			return nil, fmt.Errorf("read the schema of the database: %w", err)
		}
	}
	return slices.DeleteFunc(b.found, func(e entry) bool { // the columns of views
		whole := e.whole()
		return whole.Kind == "table" && !b.tables[whole.Name]
	}), nil
}

// fingerprintBuilder collects the rows of the parts.
type fingerprintBuilder struct {
	found  fingerprint
	at     map[object]int // the index of an object in found
	tables map[string]bool
	next   map[string]bool // the kinds of parts to read next
}

// add adds the present row.
func (b *fingerprintBuilder) add(rows *sql.Rows) error {
	var text, hash string
	var next sql.NullString
	var row struct {
		object
		Column   string `json:"column"`
		Position int    `json:"position"`
	}
	if err := rows.Scan(&text, &hash, &next); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &row); err != nil {
		return err
	}
	if next.Valid {
		b.next[next.String] = true
	}
	if row.Kind == "" {
		return nil
	}
	bits, err := strconv.ParseUint(hash, 16, 64)
	if of := row.whole(); of.Kind == "table" && (of.Name == plan.RevisionTable || of.Name == plan.JournalTable) {
		return err
	}
	if row.Kind == "table" {
		b.tables[row.Name] = true
	}
	// XOR, because the order of an object's rows is undefined.
	o := b.entry(row.object)
	o.Hash ^= bits
	if row.Column != "" {
		o.Columns = append(o.Columns, row.Column)
	}
	if row.Position > 0 {
		// The position is part of the table: an added or dropped column moves others.
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", row.Position, row.Name))
		b.entry(row.whole()).Hash ^= binary.BigEndian.Uint64(sum[:])
	}
	return err
}

// entry returns the entry of an object, a new one if there is none.
func (b *fingerprintBuilder) entry(o object) *entry {
	i, found := b.at[o]
	if !found {
		i = len(b.found)
		b.at[o] = i
		b.found = append(b.found, entry{object: o})
	}
	return &b.found[i]
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
