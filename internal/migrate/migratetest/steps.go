package migratetest

// Versions, and migrations without down statements.
const (
	V1 = "20260101000000_one"
	V2 = "20260102000000_two"
	V3 = "20260103000000_three"

	SQL1 = "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\n"
	SQL2 = "ALTER TABLE a ADD COLUMN x int;\n"
	SQL3 = "CREATE TABLE c (id int);\nINSERT INTO c VALUES (1);\n"
)

// Three migrations with down statements, and rows for their tables.
const (
	Up1 = "CREATE TABLE parents (id integer NOT NULL, name varchar(80) NOT NULL, PRIMARY KEY (id));\n" +
		"CREATE TABLE kids (id integer NOT NULL, parent_id integer NOT NULL, PRIMARY KEY (id), CONSTRAINT kids_parent " +
		"FOREIGN KEY (parent_id) REFERENCES parents (id) ON DELETE CASCADE);\n" +
		"CREATE INDEX kids_parent_id ON kids (parent_id, id);\n" +
		"\n-- slipway:down\n-- DROP TABLE kids;\n-- DROP TABLE parents;\n"
	Up2 = "ALTER TABLE parents ADD COLUMN bio varchar(80) NULL;\n" +
		"ALTER TABLE parents ADD COLUMN score integer NOT NULL DEFAULT 0;\n" +
		"\n-- slipway:down\n-- ALTER TABLE parents DROP COLUMN score;\n-- ALTER TABLE parents DROP COLUMN bio;\n"
	Up3 = "CREATE TABLE toys (id integer NOT NULL, PRIMARY KEY (id));\n" +
		"\n-- slipway:down\n-- DROP TABLE toys;\n"
	Rows1 = "INSERT INTO parents (id, name) VALUES (1, 'a'), (2, 'b')"
	Rows2 = "INSERT INTO kids (id, parent_id) VALUES (1, 1), (2, 1), (3, 2)"
)
