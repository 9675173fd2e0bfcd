package run

import (
	"cmp"
	"fmt"
	"strings"
)

// fingerprintPart is a SELECT of a fingerprint.
type fingerprintPart struct {
	// object are the members of the object that a row belongs to.
	object string
	// values are the columns to hash.
	values string
	source string
	// next is the kind of parts to read next, or NULL.
	next string
	// kind is "" for a part that is always read. The others are read if a row of those names
	// their kind, because each takes the server time, also if it has no rows.
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
		values: "non_unique, seq_in_index, column_name, collation, sub_part, index_type, index_comment, is_visible," +
			" expression",
		source: "statistics WHERE table_schema = DATABASE()"},
	{object: "'kind', CASE constraint_type WHEN 'CHECK' THEN 'check' WHEN 'FOREIGN KEY' THEN '' ELSE 'index' END," +
		" 'name', constraint_name, 'table', table_name",
		values: "constraint_type, enforced",
		source: "table_constraints /*T! JOIN (SELECT '' AS enforced) AS tidb */ WHERE table_schema = DATABASE()",
		next:   "CASE constraint_type WHEN 'CHECK' THEN 'check' WHEN 'FOREIGN KEY' THEN 'foreign key' END"},
	{object: "'kind', 'check', 'name', c.constraint_name, 'table', t.table_name",
		values: "c.check_clause",
		// Without DISTINCT, the server scans all tables for each check.
		source: "check_constraints c JOIN (SELECT DISTINCT constraint_name, table_name" +
			" FROM information_schema.table_constraints" +
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
		values: "event_definition, event_type, execute_at, interval_value, interval_field, starts, ends, status," +
			" on_completion, definer, event_comment",
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
