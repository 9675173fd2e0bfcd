package lint

import "slices"

// Rule is what one code means.
type Rule struct {
	Code string
	// Class is the group of the code, which a nolint comment can name, too.
	Class string
	// Severity is that of a finding, unless the size of the table makes it worse.
	Severity Severity
	Title    string
	// Why is what goes wrong, Advice what to do instead.
	Why, Advice string
}

// The classes. The first four are those of the Atlas CLI.
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

// What several rules say.
const (
	runningCode       = "The code that still runs while this is applied "
	lookForDuplicates = "Look first: SELECT …, count(*) … GROUP BY … HAVING count(*) > 1; " +
		"fix the duplicates in a migration before."
)

var rules = []Rule{
	{"DS101", classDestructive, Error, "database dropped", "Every table in it goes, with its rows.",
		"Drop databases by hand, never in a migration."},
	{"DS102", classDestructive, Error, "table dropped",
		"Its rows are gone, and the way down cannot bring them back. " + runningCode +
			"fails on every use of the table.",
		"Deploy code that does not use the table first; rename it and drop it a release later."},
	{"DS103", classDestructive, Error, "column dropped",
		"Its values are gone, and the way down cannot bring them back. " + runningCode + "fails if it names the column.",
		"Deploy code that does not name the column first, and drop it in the release after that."},
	{"SW101", classDestructive, Error, "TRUNCATE",
		"It deletes all rows at once, cannot be rolled back on MySQL, and calls no trigger.",
		"DELETE with a WHERE that says which rows, in batches, after a backup."},
	{"SW102", classDestructive, Error, "DELETE without WHERE", "It deletes all rows.",
		"Say which rows: DELETE … WHERE …."},
	{"SW103", classDestructive, Warning, "UPDATE without WHERE",
		"It overwrites the values of all rows, and the way down cannot bring them back.",
		"Say which rows: UPDATE … WHERE … IS NULL for a backfill."},
	{"SW104", classDestructive, Warning, "REPLACE",
		"It deletes a row that has the same key and inserts a new one: columns that are not named take their defaults, " +
			"and ON DELETE CASCADE deletes child rows.",
		"INSERT … ON DUPLICATE KEY UPDATE on MySQL, INSERT … ON CONFLICT DO UPDATE on SQLite."},

	{"CD101", classConstraint, Warning, "foreign key dropped", "From then on nothing stops rows that refer to nothing.",
		"Drop it only with the column, or when the code keeps the rule itself."},

	{"MF101", classData, Warning, "unique index on existing rows",
		"The statement fails if two rows have the same values.",
		lookForDuplicates},
	{"MF102", classData, Warning, "index made unique", "The statement fails if two rows have the same values.",
		lookForDuplicates},
	{"MF103", classData, Error, "required column without default", "The statement fails if the table has rows.",
		"Give it a DEFAULT, or add it as NULL, fill it, and make it NOT NULL in a later migration."},
	{"MF104", classData, Error, "column made NOT NULL", "The statement fails if a row has NULL there.",
		"Fill it first, in the same file: UPDATE … SET … WHERE … IS NULL."},
	{"MY101", classData, Warning, "required column without default",
		"MySQL sets a value of its own choice in existing rows.",
		"Give it a DEFAULT, or fill it with an UPDATE right after."},
	{"MY102", classData, Warning, "inline REFERENCES", "MySQL 8 reads it and makes no foreign key; MySQL 9 makes one.",
		"CONSTRAINT name FOREIGN KEY (column) REFERENCES …, which every version understands."},
	{"LT101", classData, Error, "column made NOT NULL", "Copying the rows fails if one has NULL there.",
		"Fill it first, in the same file: UPDATE … SET … WHERE … IS NULL, or give it a DEFAULT."},

	{"BC101", classIncompatible, Error, "table renamed", runningCode + "uses the old name.",
		"Create a view under the old name in the same file, and drop it a release later."},
	{"BC102", classIncompatible, Error, "column renamed", runningCode + "uses the old name.",
		"Add the new column, write both, copy, read the new one, and drop the old one in a later release."},
	{"SW201", classIncompatible, Error, "still used by this build",
		"The code of this very build reads or writes what the migration takes away.",
		"Take it out of the code first, or leave it in the database."},
	{"SW202", classIncompatible, Error, "required column, no default",
		runningCode + "does not know the column: its INSERTs fail.",
		"Give it a DEFAULT, or add it as NULL and make it NOT NULL when all code writes it."},
	{"SW203", classIncompatible, Warning, "NULL no longer allowed", runningCode + "may still write NULL, and fails then.",
		"Deploy code that always writes a value first."},
	{"SW204", classIncompatible, Warning, "default taken away", "INSERTs that leave the column out fail from then on.",
		"Deploy code that always names the column first."},
	{"SW205", classIncompatible, Warning, "new unique rule",
		"Writes of the running code that were fine are refused from then on.",
		"Deploy code that expects the refusal first."},
	{"SW206", classIncompatible, Warning, "new CHECK",
		"The statement fails if a row breaks it, and writes of the running code that were fine " +
			"are refused from then on.",
		"Look for rows that break it, and deploy code that keeps to it first."},
	{"SW207", classIncompatible, Warning, "new foreign key",
		"The statement fails if a row refers to nothing, and writes and deletes of the running code that were " +
			"fine are refused from then on.",
		"Look for rows without a parent, and deploy code that keeps to it first."},
	{"SW208", classIncompatible, Warning, "type changed", runningCode + "may not read the new kind of value.",
		"Add a column of the new type, write both, and drop the old one in a later release."},
	{"SW209", classIncompatible, Warning, "collation changed",
		"What counts as equal and how text sorts changes; a unique index may find duplicates and refuse.",
		"Keep one collation, utf8mb4_0900_bin, for all tables."},

	{"SW301", classNarrowing, Error, "text shortened", "Longer values are refused by the statement, or cut.",
		"Keep the length; check lengths in the code."},
	{"SW302", classNarrowing, Error, "number range narrowed", "Values outside of the new range make the statement fail.",
		"Keep the type, or check the values that are there and add a new column."},
	{"SW303", classNarrowing, Error, "number precision narrowed",
		"Digits are rounded away, and the way down cannot bring them back.",
		"Keep the precision; round when reading."},
	{"SW304", classNarrowing, Error, "time precision narrowed",
		"Parts of the times are rounded away, and the way down cannot bring them back.",
		"Keep the precision; round when reading."},
	{"SW305", classNarrowing, Error, "allowed value removed", "Rows with the value make the statement fail.",
		"Change those rows first, and take the value out when no code writes it."},
	{"SW306", classNarrowing, Error, "charset narrowed",
		"Characters that the new charset does not have make the statement fail or become question marks.",
		"Keep utf8mb4."},
	{"SW307", classNarrowing, Error, "values converted",
		"Values that cannot be read as the new type make the statement fail, or change.",
		"Add a column of the new type, fill it with a conversion you have checked, and drop the old one " +
			"in a later release."},

	{"SW401", classBlocking, Notice, "online", "Reads and writes go on.", ""},
	{"SW402", classBlocking, Warning, "table copied, writers wait",
		"MySQL copies every row into a new table (ALGORITHM=COPY), and writers wait until it is done.",
		"Add a new column beside the old one, or use an online schema change tool, when the table is large."},
	{"SW403", classBlocking, Warning, "writers wait",
		"MySQL works in place but lets no one write until it is done (LOCK=SHARED).",
		"Do it at a quiet time, or while the table is small."},
	{"SW404", classBlocking, Notice, "table rebuilt online",
		"MySQL builds the table again in place while reads and writes go on. It takes time and space as the table does, " +
			"and replicas lag.", ""},
	{"SW405", classBlocking, Error, "ALGORITHM or LOCK refused", "The server refuses the statement.", ""},
	{"SW406", classBlocking, Warning, "all rows in one statement",
		"One statement over a large table holds its locks until the end, makes replicas lag, " +
			"and undoes everything if it is stopped.",
		"In batches, by ranges of the key: WHERE id BETWEEN … AND …, or with a LIMIT, again and again."},
	{"SW407", classBlocking, Notice, "table rebuilt",
		"SQLite copies all rows into a new table, and writers wait until it is done.", ""},

	{"SW501", classDown, Warning, "no way down", "db downgrade cannot undo the file.",
		"End the file with \"-- slipway:down\" and the statements that undo it, as SQL comments, " +
			"or with \"-- slipway:down irreversible: \" and the reason."},
	{"SW502", classDown, Error, "wrong way down", "db downgrade would not lead back to the schema before the file.",
		"Correct the statements after \"-- slipway:down\"."},
	{"SW503", classDown, Notice, "irreversible without need", "Everything the file does can be undone.",
		"Write the way down."},

	{"SW601", classForm, Warning, "several actions in one ALTER",
		"Distributed engines that speak MySQL refuse many of them, and an interrupted one leaves more in doubt.",
		"One ALTER TABLE for each action."},
	{"SW602", classForm, Warning, "schema and data in one file",
		"MySQL commits at every schema statement: when one fails, half of the file stays.",
		"Put the data into a migration of its own (db migrate --empty)."},
	{"SW603", classForm, Warning, "constraint without a name",
		"The database chooses a name, not always the same one, and later migrations cannot rely on it.",
		"CONSTRAINT name …."},
	{"SW604", classForm, Warning, "looks like a rename", "A drop and an add lose the data that a rename would keep.",
		"db migrate --rename old:new, if it is the same thing under another name."},
	{"SW605", classForm, Error, "not looked at",
		"It was written by hand, so only a database can tell what it does, and there is none to try it on.",
		"Set DEV_DATABASE_URL to a MySQL server: lint makes a scratch database there and drops it again."},
	{"SW606", classForm, Error, "cannot be applied", "", "Correct the statement, or the migration before it."},
	{"SW607", classForm, Warning, "nolint names no rule", "It silences nothing.",
		"Name a code or a class of codes as db lint prints them."},
	{"SW608", classForm, Error, "edited after it was applied",
		"The database has run another text than the file says now, and other databases will run this one.",
		"Restore the file, and put what is to change into a new migration; db repair accepts an edit " +
			"that leaves the same schema."},
}

// Edited is the finding about a file that was changed after it was applied, which
// only the record of the database can tell. Nothing silences it.
func Edited(file string) Finding {
	r := rule("SW608")
	return Finding{Code: r.Code, Severity: r.Severity, File: file, Line: 1, Title: r.Title, Detail: r.Why,
		Advice: r.Advice}
}
