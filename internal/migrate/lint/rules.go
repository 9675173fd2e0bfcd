package lint

import "slices"

// Rule describes one code.
type Rule struct {
	Code string
	// Class is the group of the code. A nolint comment can name a code or a class.
	Class string
	// Severity is the severity of a finding; it is higher for a large table.
	Severity Severity
	Title    string
	// Why is what goes wrong.
	Why string
	// Advice is what to do instead; "" for none.
	Advice string
}

// The classes. The first four are classes of the Atlas CLI.
const (
	classDestructive  = "destructive"
	classData         = "data_depend"
	classConstraint   = "condrop"
	classIncompatible = "incompatible"
	classNarrowing    = "narrowing"
	classBlocking     = "blocking"
	classDown         = "down"
	classForm         = "form"
)

// Rules returns all rules, in the order of their classes.
func Rules() []Rule { return slices.Clone(rules) }

// rule returns the rule of a code, which must exist.
func rule(code string) Rule {
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code })
	return rules[i]
}

// Sentences that several rules share.
const (
	runningCode       = "The application code that runs during the migration "
	lookForDuplicates = "Find duplicates first: SELECT …, count(*) … GROUP BY … HAVING count(*) > 1. " +
		"Remove them in an earlier migration."
)

var rules = []Rule{
	{"DS101", classDestructive, Error, "database dropped", "All its tables and rows are deleted.",
		"Do not drop a database in a migration. Drop it by hand."},
	{"DS102", classDestructive, Error, "table dropped",
		"Its rows are deleted, and the down statements cannot restore them. " + runningCode +
			"fails whenever it uses the table.",
		"First deploy code that does not use the table. Then rename the table, and drop it one release later."},
	{"DS103", classDestructive, Error, "column dropped",
		"Its values are deleted, and the down statements cannot restore them. " + runningCode +
			"fails if it names the column.",
		"First deploy code that does not use the column. Drop the column one release later."},
	{"SW101", classDestructive, Error, "TRUNCATE",
		"It deletes all rows, runs no triggers, and MySQL cannot roll it back.",
		"Use DELETE with a WHERE, in batches, after a backup."},
	{"SW102", classDestructive, Error, "DELETE without WHERE", "It deletes all rows.",
		"Add a condition: DELETE … WHERE …."},
	{"SW103", classDestructive, Warning, "UPDATE without WHERE",
		"It overwrites the values of all rows, and the down statements cannot restore them.",
		"Add a condition. For a backfill: UPDATE … WHERE … IS NULL."},
	{"SW104", classDestructive, Warning, "REPLACE",
		"It deletes the row with the same key and inserts a new one: columns without a value are set to their defaults, " +
			"and ON DELETE CASCADE deletes child rows.",
		"Use INSERT … ON DUPLICATE KEY UPDATE on MySQL, or INSERT … ON CONFLICT DO UPDATE on SQLite."},

	{"CD101", classConstraint, Warning, "foreign key dropped",
		"The database no longer rejects rows that refer to missing rows.",
		"Drop it only together with the column, or if the application code checks the reference."},

	{"MF101", classData, Warning, "unique index on existing rows",
		"The statement fails if two rows have the same values.",
		lookForDuplicates},
	{"MF102", classData, Warning, "index made unique", "The statement fails if two rows have the same values.",
		lookForDuplicates},
	{"MF103", classData, Error, "required column without default", "The statement fails if the table has rows.",
		"Add a DEFAULT. Or add the column as NULL, fill it, and make it NOT NULL in a later migration."},
	{"MF104", classData, Error, "column made NOT NULL", "The statement fails if the column of a row is NULL.",
		"Fill the column first, in the same file: UPDATE … SET … WHERE … IS NULL."},
	{"MY101", classData, Warning, "required column without default",
		"MySQL sets the column of existing rows to an implicit default.",
		"Add a DEFAULT, or fill the column with an UPDATE in the next statement."},
	{"MY102", classData, Warning, "inline REFERENCES",
		"MySQL 8 ignores it and creates no foreign key; MySQL 9 creates one.",
		"Use CONSTRAINT name FOREIGN KEY (column) REFERENCES …, which works on every version."},
	{"LT101", classData, Error, "column made NOT NULL", "The copy of the rows fails if the column of a row is NULL.",
		"Add a DEFAULT, or fill the column first, in the same file: UPDATE … SET … WHERE … IS NULL."},

	{"BC101", classIncompatible, Error, "table renamed", runningCode + "uses the old name.",
		"Create a view with the old name in the same file, and drop it one release later."},
	{"BC102", classIncompatible, Error, "column renamed", runningCode + "uses the old name.",
		"Add the new column, write both columns, copy the values, read the new column, and drop the old one in a " +
			"later release."},
	{"SW201", classIncompatible, Error, "still used by this build",
		"This build of the application reads or writes the table or column that the migration removes.",
		"Remove it from the code first, or keep it in the database."},
	{"SW202", classIncompatible, Error, "required column, no default",
		runningCode + "does not set the column, so its INSERTs fail.",
		"Add a DEFAULT. Or add the column as NULL, and make it NOT NULL when all code sets it."},
	{"SW203", classIncompatible, Warning, "NULL no longer allowed", runningCode + "fails if it writes NULL.",
		"First deploy code that always writes a value."},
	{"SW204", classIncompatible, Warning, "default removed", "INSERTs without this column fail.",
		"First deploy code that always sets the column."},
	{"SW205", classIncompatible, Warning, "new unique index",
		runningCode + "may write duplicates, which the database now rejects.",
		"First deploy code that handles this error."},
	{"SW206", classIncompatible, Warning, "new CHECK",
		"The statement fails if an existing row violates it. " + runningCode +
			"may write values that the database now rejects.",
		"Find rows that violate it. First deploy code that writes only valid values."},
	{"SW207", classIncompatible, Warning, "new foreign key",
		"The statement fails if an existing row refers to a missing row. " + runningCode +
			"may write or delete rows that the database now rejects.",
		"Find rows without a parent. First deploy code that keeps the references valid."},
	{"SW208", classIncompatible, Warning, "type changed", runningCode + "may not be able to read values of the new type.",
		"Add a column of the new type, write both columns, and drop the old one in a later release."},
	{"SW209", classIncompatible, Warning, "collation changed",
		"Comparisons and the sort order of text change. The statement fails if a unique index now finds duplicates.",
		"Use one collation, utf8mb4_0900_bin, for all tables."},

	{"SW301", classNarrowing, Error, "text shortened", "Longer values make the statement fail, or are truncated.",
		"Keep the length, and check lengths in the code."},
	{"SW302", classNarrowing, Error, "number range narrowed", "Values outside the new range make the statement fail.",
		"Keep the type. Or check the existing values, and add a new column."},
	{"SW303", classNarrowing, Error, "number precision narrowed",
		"Values are rounded, and the down statements cannot restore the digits.",
		"Keep the precision, and round when you read the value."},
	{"SW304", classNarrowing, Error, "time precision narrowed",
		"Times are rounded, and the down statements cannot restore the removed parts.",
		"Keep the precision, and round when you read the value."},
	{"SW305", classNarrowing, Error, "allowed value removed", "Rows with this value make the statement fail.",
		"Change these rows first. Remove the value when no code writes it."},
	{"SW306", classNarrowing, Error, "charset narrowed",
		"Characters that the new charset does not contain make the statement fail, or become question marks.",
		"Keep utf8mb4."},
	{"SW307", classNarrowing, Error, "values converted",
		"Values that are invalid in the new type make the statement fail, or change.",
		"Add a column of the new type, fill it with a conversion that you have checked, and drop the old one " +
			"in a later release."},

	{"SW401", classBlocking, Notice, "online", "Reads and writes continue.", ""},
	{"SW402", classBlocking, Warning, "table copied, writes blocked",
		"MySQL copies all rows to a new table (ALGORITHM=COPY) and blocks writes until the copy is complete.",
		"For a large table, add a new column beside the old one, or use an online schema change tool."},
	{"SW403", classBlocking, Warning, "writes blocked",
		"MySQL changes the table in place and blocks writes until it has finished (LOCK=SHARED).",
		"Run it when traffic is low, or while the table is small."},
	{"SW404", classBlocking, Notice, "table rebuilt online",
		"MySQL rebuilds the table in place. Reads and writes continue, but the rebuild needs time and disk space in " +
			"proportion to the table, and replicas lag.", ""},
	{"SW405", classBlocking, Error, "ALGORITHM or LOCK not supported", "The server rejects the statement.", ""},
	{"SW406", classBlocking, Warning, "all rows in one statement",
		"One statement on a large table holds its locks until it ends, makes replicas lag, " +
			"and rolls back completely if it is stopped.",
		"Use batches: WHERE id BETWEEN … AND …, or a LIMIT, repeated until no row is left."},
	{"SW407", classBlocking, Notice, "table rebuilt",
		"SQLite copies all rows to a new table and blocks writes until the copy is complete.", ""},

	{"SW501", classDown, Warning, "no down statements", "db downgrade cannot undo the file.",
		"End the file with \"-- slipway:down\" and the statements that undo it, as SQL comments, " +
			"or with \"-- slipway:down irreversible: \" and the reason."},
	{"SW502", classDown, Error, "invalid down statements", "db downgrade would not restore the schema before the file.",
		"Correct the statements after \"-- slipway:down\"."},
	{"SW503", classDown, Notice, "unnecessary irreversible mark", "Every statement of the file can be undone.",
		"Write the down statements."},

	{"SW601", classForm, Warning, "several actions in one ALTER",
		"Many distributed databases that use the MySQL protocol reject it. An interrupted one is harder to resume.",
		"Write one ALTER TABLE for each action."},
	{"SW602", classForm, Warning, "schema and data in one file",
		"MySQL commits at every schema statement: if a later statement fails, the first part of the file stays applied.",
		"Write the data changes in a separate migration (db migrate --empty)."},
	{"SW603", classForm, Warning, "constraint without a name",
		"The database generates a name that can differ between servers, so later migrations cannot refer to it.",
		"Use CONSTRAINT name …."},
	{"SW604", classForm, Warning, "possible rename", "A drop and an add lose the data that a rename keeps.",
		"If it is a rename, use db migrate --rename old:new."},
	{"SW605", classForm, Error, "not checked",
		"The statement was written by hand, so lint must run it on a scratch database, and none is configured.",
		"Set DEV_DATABASE_URL to a MySQL server. Lint creates a scratch database there and drops it afterwards."},
	{"SW606", classForm, Error, "cannot be applied", "", "Correct this statement, or an earlier migration."},
	{"SW607", classForm, Warning, "unknown rule in nolint", "The comment has no effect.",
		"Use a code or a class of codes from the output of db lint."},
	{"SW608", classForm, Error, "edited after it was applied",
		"The database has run an earlier version of the file. Other databases will run the edited version.",
		"Restore the file, and write the change as a new migration. db repair accepts an edit " +
			"that produces the same schema."},
	{"SW609", classIncompatible, Error, "breaks a view or a trigger",
		"It names what the statement drops or renames, so that MySQL refuses to use it afterwards. An upgrade refuses " +
			"the file.",
		"Drop the view or the trigger in the file before this statement, and create it again after it."},
}

// Edited returns the finding about a file that was edited after it was applied. The record
// of the database shows it. A nolint comment does not silence it.
func Edited(file string) Finding {
	r := rule("SW608")
	return Finding{Code: r.Code, Severity: r.Severity, File: file, Line: 1, Title: r.Title, Detail: r.Why,
		Advice: r.Advice}
}
