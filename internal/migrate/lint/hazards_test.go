package lint_test

import "strings"

// hazards are migrations that lint has to warn of, and what it says.
var hazards = []fixture{
	// What deletes data.
	{name: "drop a database", file: "DROP DATABASE shop;", want: []string{"1 error DS101"}},
	{name: "drop a table", file: "DROP TABLE posts;", want: []string{"1 error DS102"}},
	{name: "drop a table, SQLite", dialect: "sqlite", file: "DROP TABLE posts;", want: []string{"1 error DS102"}},
	{name: "drop a column", file: "ALTER TABLE users DROP COLUMN bio;", want: []string{"1 error DS103", "1 notice SW401"}},
	{name: "drop a column, SQLite", dialect: "sqlite", file: "\nALTER TABLE users DROP COLUMN bio;",
		want: []string{"2 error DS103"}},
	{name: "TRUNCATE", file: "TRUNCATE TABLE posts;", want: []string{"1 error SW101"}},
	{name: "DELETE without WHERE", file: "DELETE FROM posts;", want: []string{"1 error SW102"}},
	{name: "UPDATE without WHERE", file: "UPDATE users SET bio = '';", want: []string{"1 warning SW103"}},
	{name: "UPDATE without WHERE, SQLite", dialect: "sqlite", file: "UPDATE users SET bio = '';",
		want: []string{"1 warning SW103"}},
	{name: "REPLACE", file: "REPLACE INTO users (id, name) VALUES (1, 'x');", want: []string{"1 warning SW104"}},

	// What depends on the rows that are there.
	{name: "drop a foreign key", file: "ALTER TABLE posts DROP FOREIGN KEY posts_user;",
		want: []string{"1 warning CD101", "1 notice SW401"}},
	{name: "unique index on rows", file: "CREATE UNIQUE INDEX users_nick ON users (nick);",
		want: []string{"1 warning MF101", "1 warning SW205", "1 notice SW401"}},
	{name: "unique index on rows, SQLite", dialect: "sqlite", file: "CREATE UNIQUE INDEX users_bio ON users (bio);",
		want: []string{"1 warning MF101", "1 warning SW205"}},
	{name: "unique index on a new column that is the same everywhere",
		file: "ALTER TABLE users ADD COLUMN code varchar(10) NOT NULL DEFAULT '';\nALTER TABLE users ADD UNIQUE INDEX " +
			"users_code (code);",
		want: []string{"1 notice SW401", "2 warning MF101", "2 notice SW401"}},
	{name: "index made unique", file: "DROP INDEX posts_title ON posts;\nCREATE UNIQUE INDEX posts_title ON posts " +
		"(title);", before: mysqlTables + "CREATE INDEX posts_title ON posts (title);",
		want: []string{"1 notice SW401", "2 warning MF102", "2 warning SW205", "2 notice SW401"}},
	{name: "NOT NULL time without default", file: "ALTER TABLE users ADD COLUMN born date NOT NULL;",
		want: []string{"1 error MF103", "1 error SW202", "1 notice SW401"}},
	{name: "NOT NULL without default, SQLite", dialect: "sqlite", file: "ALTER TABLE users ADD COLUMN born date NOT NULL;",
		want: []string{"1 error MF103", "1 error SW202"}},
	{name: "NOT NULL number without default", file: "ALTER TABLE users ADD COLUMN height int NOT NULL;",
		want: []string{"1 warning MY101", "1 error SW202", "1 notice SW401"}},
	{name: "made NOT NULL", file: "ALTER TABLE users MODIFY COLUMN nick varchar(40) NOT NULL;",
		want: []string{"1 error MF104", "1 warning SW203", "1 notice SW404"}},
	{name: "made NOT NULL and filled in part", file: "UPDATE users SET nick = '' WHERE id < 5;\nALTER TABLE users " +
		"MODIFY COLUMN nick varchar(40) NOT NULL;",
		want: []string{"1 warning SW602", "2 error MF104", "2 warning SW203", "2 notice SW404"}},
	{name: "made NOT NULL and filled for some", file: "UPDATE users SET nick = '' WHERE nick IS NULL LIMIT 5;\nALTER " +
		"TABLE users MODIFY COLUMN nick varchar(40) NOT NULL;",
		want: []string{"1 warning SW602", "2 error MF104", "2 warning SW203", "2 notice SW404"}},
	{name: "made NOT NULL with a default that copying does not use, SQLite", dialect: "sqlite",
		file: rebuildUsers("`bio` text NOT NULL DEFAULT ''", "`bio`"),
		want: []string{"2 error LT101", "2 warning SW203", "2 notice SW407"}},
	{name: "made NOT NULL and filled by copying, SQLite", dialect: "sqlite",
		file: rebuildUsers("`bio` text NOT NULL", "IFNULL(`bio`, '') AS `bio`"),
		want: []string{"2 warning SW203", "2 notice SW407"}},
	{name: "NOT NULL number filled after", file: "ALTER TABLE users ADD COLUMN height int NOT NULL;\nUPDATE users SET " +
		"height = 1;", want: []string{"1 error SW202", "1 notice SW401", "2 warning SW602"}},
	{name: "made NOT NULL, SQLite", dialect: "sqlite", file: rebuildUsers("`bio` text NOT NULL", "`bio`"),
		want: []string{"2 error LT101", "2 warning SW203", "2 notice SW407"}},
	{name: "inline REFERENCES", file: "CREATE TABLE likes (\n  id bigint NOT NULL PRIMARY KEY,\n  user_id bigint NOT " +
		"NULL REFERENCES users (id)\n);", want: []string{"1 warning SW603", "1 warning MY102"}},

	// What the running code cannot live with.
	{name: "rename a table", file: "ALTER TABLE posts RENAME TO articles;", want: []string{"1 error BC101"}},
	{name: "rename a column", file: "ALTER TABLE users RENAME COLUMN name TO username;",
		want: []string{"1 error BC102", "1 notice SW401"}},
	{name: "rename a column, SQLite", dialect: "sqlite", file: "ALTER TABLE users RENAME COLUMN name TO username;",
		want: []string{"1 error BC102"}},
	{name: "rename by CHANGE", file: "ALTER TABLE users CHANGE COLUMN name username varchar(80) NOT NULL;",
		want: []string{"1 error BC102", "1 notice SW401"}},
	{name: "drop a column that this build uses", uses: []string{"users.bio"}, file: "ALTER TABLE users DROP COLUMN bio;",
		want: []string{"1 error DS103", "1 error SW201", "1 notice SW401"}},
	{name: "rename a column that this build uses", uses: []string{"users.bio"},
		file: "ALTER TABLE users RENAME COLUMN bio TO about;",
		want: []string{"1 error BC102", "1 error SW201", "1 notice SW401"}},
	{name: "drop a table that this build uses", uses: []string{"posts.title"}, file: "DROP TABLE posts;",
		want: []string{"1 error DS102", "1 error SW201"}},
	{name: "a new column made NOT NULL without default", file: "ALTER TABLE users ADD COLUMN zip int NULL;\nUPDATE " +
		"users SET zip = 1;\nALTER TABLE users MODIFY COLUMN zip int NOT NULL;",
		want: []string{"1 notice SW401", "2 warning SW602", "3 error SW202", "3 notice SW404"}},
	{name: "a rename in a rebuild, SQLite", dialect: "sqlite", uses: []string{"users.bio"},
		file: strings.Replace(rebuildUsers("`about` text NULL DEFAULT ''", "`bio`"), "(`id`, `name`, `bio`",
			"(`id`, `name`, `about`", 1), want: []string{"2 error BC102", "2 error SW201", "2 notice SW407"}},
	{name: "a rebuild that drops a column, SQLite", dialect: "sqlite",
		file: strings.NewReplacer("`new_users` (`id`, `name`, `bio`", "`new_users` (`id`, `name`",
			"SELECT `id`, `name`, `bio`", "SELECT `id`, `name`", "`bio` text NULL, ", "").
			Replace(rebuildUsers("`bio` text NULL", "`bio`")),
		want: []string{"2 error DS103", "2 notice SW407"}},
	{name: "a rebuild without its rows, SQLite", dialect: "sqlite", file: "CREATE TABLE new_posts (id integer NOT NULL " +
		"PRIMARY KEY);\nINSERT INTO new_posts (id) SELECT id FROM posts WHERE id > 5;\nDROP TABLE posts;\nALTER TABLE " +
		"new_posts RENAME TO posts;",
		want: []string{"3 error DS102"}},
	{name: "another type, SQLite", dialect: "sqlite", file: rebuildUsers("`bio` integer NULL", "`bio`"),
		want: []string{"2 warning SW208", "2 notice SW407"}},
	{name: "a new check and foreign key, SQLite", dialect: "sqlite",
		file: strings.Replace(rebuildUsers("`bio` text NULL", "`bio`"), "DEFAULT 0)", "DEFAULT 0, CONSTRAINT `long` CHECK "+
			"(length(bio) > 3), CONSTRAINT `loop` FOREIGN KEY (`age`) REFERENCES `users` (`id`))", 1),
		want: []string{"2 warning SW206", "2 warning SW207", "2 notice SW407"}},
	{name: "default removed", file: "ALTER TABLE users ALTER COLUMN age DROP DEFAULT;",
		want: []string{"1 warning SW204", "1 notice SW401"}},
	{name: "new check", file: "ALTER TABLE users ADD CONSTRAINT users_age CHECK (age >= 0);",
		want: []string{"1 warning SW206", "1 warning SW402"}},
	{name: "new foreign key", before: mysqlTables + "CREATE TABLE likes (id bigint NOT NULL, post_id bigint NOT NULL, " +
		"PRIMARY KEY (id)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;",
		file: "ALTER TABLE likes ADD CONSTRAINT likes_post FOREIGN KEY (post_id) REFERENCES posts (id);",
		want: []string{"1 warning SW207", "1 warning SW402"}},
	{name: "another kind of value", file: "ALTER TABLE users MODIFY COLUMN age varchar(20) NOT NULL DEFAULT '0';",
		want: []string{"1 warning SW208", "1 warning SW402"}},
	{name: "another collation", file: "ALTER TABLE users MODIFY COLUMN nick varchar(40) COLLATE utf8mb4_0900_ai_ci NULL;",
		want: []string{"1 warning SW209", "1 notice SW401"}},

	// Narrowed types.
	{name: "shorter text", file: "ALTER TABLE users MODIFY COLUMN nick varchar(20) NULL;",
		want: []string{"1 error SW301", "1 warning SW402"}},
	{name: "text to varchar", file: "ALTER TABLE users MODIFY COLUMN bio varchar(200) NULL;",
		want: []string{"1 error SW301", "1 warning SW402"}},
	{name: "smaller number", file: "ALTER TABLE users MODIFY COLUMN age smallint NOT NULL DEFAULT 0;",
		want: []string{"1 error SW302", "1 warning SW402"}},
	{name: "signed to unsigned", file: "ALTER TABLE users MODIFY COLUMN age int unsigned NOT NULL DEFAULT 0;",
		want: []string{"1 error SW302", "1 warning SW402"}},
	{name: "fewer decimals", file: "ALTER TABLE users MODIFY COLUMN score decimal(10,1) NULL;",
		want: []string{"1 error SW303", "1 warning SW402"}},
	{name: "fewer digits", file: "ALTER TABLE users MODIFY COLUMN score decimal(8,2) NULL;",
		want: []string{"1 error SW302", "1 warning SW402"}},
	{name: "time without fractions", file: "ALTER TABLE users MODIFY COLUMN seen datetime NULL;",
		want: []string{"1 error SW304", "1 warning SW402"}},
	{name: "time to date", file: "ALTER TABLE users MODIFY COLUMN seen date NULL;",
		want: []string{"1 error SW304", "1 warning SW402"}},
	{name: "enum value removed", file: "ALTER TABLE users MODIFY COLUMN kind enum('a') NOT NULL DEFAULT 'a';",
		want: []string{"1 error SW305", "1 warning SW402"}},
	{name: "charset narrower", file: "ALTER TABLE users MODIFY COLUMN nick varchar(40) CHARACTER SET latin1 NULL;",
		want: []string{"1 error SW306", "1 warning SW402"}},
	{name: "text to number", file: "ALTER TABLE users MODIFY COLUMN nick int NULL;",
		want: []string{"1 error SW307", "1 warning SW402"}},

	{name: "number to decimal that is too small", file: "ALTER TABLE users MODIFY COLUMN age decimal(6,2) NOT NULL " +
		"DEFAULT 0;", want: []string{"1 error SW302", "1 warning SW402"}},
	{name: "decimal to float", file: "ALTER TABLE users MODIFY COLUMN score double NULL;",
		want: []string{"1 error SW303", "1 warning SW402"}},
	{name: "varchar to enum", file: "ALTER TABLE users MODIFY COLUMN nick enum('a') NULL;",
		want: []string{"1 error SW305", "1 warning SW402"}},
	{name: "number to text that is too short", file: "ALTER TABLE users MODIFY COLUMN age varchar(5) NOT NULL " +
		"DEFAULT '0';", want: []string{"1 error SW301", "1 warning SW402"}},

	// Blocked writes.
	{name: "copying a large table", rows: map[string]int64{"users": large},
		file: "ALTER TABLE users MODIFY COLUMN age bigint NOT NULL DEFAULT 0;", want: []string{"1 error SW402"}},
	{name: "copying a small table", rows: map[string]int64{"users": 10},
		file: "ALTER TABLE users MODIFY COLUMN age bigint NOT NULL DEFAULT 0;", want: []string{"1 warning SW402"}},
	{name: "longer across 255 bytes", file: "ALTER TABLE users MODIFY COLUMN nick varchar(64) NULL;",
		want: []string{"1 warning SW402"}},
	{name: "first FULLTEXT index", rows: map[string]int64{"users": large},
		file: "CREATE FULLTEXT INDEX users_bio ON users (bio);", want: []string{"1 error SW403"}},
	{name: "rebuild of a large table", rows: map[string]int64{"users": large},
		file: "ALTER TABLE users MODIFY COLUMN name varchar(80) NOT NULL FIRST;", want: []string{"1 warning SW404"}},
	{name: "unsupported INSTANT", file: "ALTER TABLE users MODIFY COLUMN age bigint NOT NULL DEFAULT 0, " +
		"ALGORITHM=INSTANT;", want: []string{"1 error SW405", "1 warning SW402"}},
	{name: "unsupported INPLACE", file: "ALTER TABLE users MODIFY COLUMN nick varchar(64) NULL, " +
		"ALGORITHM=INPLACE, LOCK=NONE;", want: []string{"1 error SW405", "1 warning SW402"}},
	{name: "unsupported LOCK=NONE", file: "ALTER TABLE users ADD FULLTEXT INDEX users_bio (bio), " +
		"ALGORITHM=INPLACE, LOCK=NONE;", want: []string{"1 error SW405", "1 warning SW403"}},
	{name: "unsupported LOCK=NONE alone", file: "ALTER TABLE users MODIFY COLUMN age bigint NOT NULL DEFAULT 0, " +
		"LOCK=NONE;", want: []string{"1 error SW405", "1 warning SW402"}},
	{name: "LOCK=NONE and a copy", file: "ALTER TABLE users ADD COLUMN zip int NULL, ALGORITHM=COPY, LOCK=NONE;",
		want: []string{"1 error SW405", "1 notice SW401"}},
	{name: "LOCK=NONE and INSTANT", file: "ALTER TABLE users ADD COLUMN zip int NULL, ALGORITHM=INSTANT, LOCK=NONE;",
		want: []string{"1 error SW405", "1 notice SW401"}},
	{name: "all rows of a large table", rows: map[string]int64{"users": large},
		file: "UPDATE users SET bio = '' WHERE bio IS NULL;", want: []string{"1 warning SW406"}},
	{name: "rebuild of a large table, SQLite", dialect: "sqlite", rows: map[string]int64{"users": large},
		file: rebuildUsers("`bio` text NULL DEFAULT ''", "`bio`"), want: []string{"2 warning SW407"}},

	// The down statements.
	{name: "no down statements", bare: true, file: "ALTER TABLE users ADD COLUMN zip int NULL;",
		want: []string{"1 notice SW401", "1 warning SW501"}},
	{name: "down statements for another schema", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n\n" +
		"-- slipway:down\n-- ALTER TABLE users DROP COLUMN city;\n", want: []string{"1 notice SW401", "3 error SW502"}},
	{name: "down statement that cannot run", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n\n" +
		"-- slipway:down\n-- ALTER TABLE users DROP COLUMN zap;\n", want: []string{"1 notice SW401", "3 error SW502"}},
	{name: "down statements that are incomplete, SQLite", dialect: "sqlite",
		file: "CREATE TABLE a (id integer NOT NULL);\nCREATE TABLE b (id integer NOT NULL);\n-- slipway:down\n-- DROP " +
			"TABLE a;\n", want: []string{"3 error SW502"}},
	{name: "down statements for another name", file: "RENAME TABLE posts TO articles;\n-- slipway:down\n-- RENAME TABLE " +
		"articles TO post;\n", want: []string{"1 error BC101", "2 error SW502"}},
	{name: "down statements of a file that cannot be applied", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n" +
		"ALTER TABLE missing ADD COLUMN zip int NULL;\n-- slipway:down\n-- DROP TABLE absent;\n",
		want: []string{"1 notice SW401", "2 error SW606"}},
	{name: "no down statements in a file that cannot be applied",
		file: "ALTER TABLE users ADD COLUMN zip int NULL;\nALTER TABLE missing ADD COLUMN zip int NULL;\n-- slipway:down\n",
		want: []string{"1 notice SW401", "2 error SW606"}},
	{name: "down statement that creates a table from a query", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n-- " +
		"slipway:down\n-- CREATE TABLE x AS SELECT 1;\n", want: []string{"1 notice SW401", "2 error SW502"}},
	{name: "irreversible rebuild without need, SQLite", dialect: "sqlite",
		file: strings.Replace(rebuildUsers("`bio` text NULL", "`bio`"), "DEFAULT 0)",
			"DEFAULT 0, CONSTRAINT `long` CHECK (length(bio) > 3))", 1) + "-- slipway:down irreversible: no time\n",
		want: []string{"2 warning SW206", "2 notice SW407", "8 notice SW503"}},
	{name: "irreversible mark without need", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n\n-- slipway:down " +
		"irreversible: no time\n", want: []string{"1 notice SW401", "3 notice SW503"}},

	// The form of the file.
	{name: "several actions in one ALTER", file: "ALTER TABLE users ADD COLUMN zip int NULL, ADD COLUMN zap int NULL;",
		want: []string{"1 warning SW601", "1 notice SW401"}},
	{name: "an action and an option in one ALTER", file: "ALTER TABLE users ADD COLUMN zip int NULL, COMMENT 'people';",
		want: []string{"1 warning SW601", "1 notice SW404"}},
	{name: "schema and data", file: "ALTER TABLE users ADD COLUMN zip int NULL;\nUPDATE users SET zip = 1 WHERE zip IS " +
		"NULL;", want: []string{"1 notice SW401", "2 warning SW602"}},
	{name: "foreign key without a name", file: "CREATE TABLE likes (id bigint NOT NULL PRIMARY KEY, user_id bigint NOT " +
		"NULL, FOREIGN KEY (user_id) REFERENCES users (id));", want: []string{"1 warning SW603"}},
	{name: "one finding for two foreign keys without a name", file: "CREATE TABLE likes (id bigint NOT NULL PRIMARY " +
		"KEY, a bigint NULL, b bigint NULL, FOREIGN KEY (a) REFERENCES users (id), FOREIGN KEY (b) REFERENCES users (id));",
		want: []string{"1 warning SW603"}},
	{name: "check without a name, SQLite", dialect: "sqlite", file: "CREATE TABLE likes (id integer NOT NULL PRIMARY " +
		"KEY, n integer NOT NULL CHECK (n > 0));", want: []string{"1 warning SW603"}},
	{name: "a drop and an add that look like a rename", file: "ALTER TABLE users ADD COLUMN town varchar(30) " +
		"NULL;\nALTER TABLE users ADD COLUMN handle varchar(40) NULL;\nALTER TABLE users DROP COLUMN nick;",
		want: []string{"1 notice SW401", "2 notice SW401", "3 error DS103", "3 warning SW604", "3 notice SW401"}},
	{name: "a table created again under another name", file: "CREATE TABLE articles (id bigint NOT NULL " +
		"AUTO_INCREMENT, user_id bigint NOT NULL, title varchar(200) NOT NULL, PRIMARY KEY (id)) CHARSET utf8mb4 COLLATE " +
		"utf8mb4_0900_bin;\nDROP TABLE posts;",
		want: []string{"2 error DS102", "2 warning SW604"}},
	{name: "written by hand, without a scratch database", offline: true,
		file: "CREATE INDEX users_nick ON users (nick);", want: []string{"1 error SW605"}},
	{name: "a missing table", file: "-- comment\nALTER TABLE missing ADD COLUMN x int NULL;",
		want: []string{"2 error SW606"}},
	{name: "a nolint with an unknown code", file: "-- atlas:nolint DS999\nALTER TABLE users DROP COLUMN bio;",
		want: []string{"2 warning SW607", "2 error DS103", "2 notice SW401"}},
}

// rebuildUsers is how SQLite changes the column bio of users: by copying the
// table.
func rebuildUsers(bio, copied string) string {
	return "PRAGMA foreign_keys = off;\n" +
		"CREATE TABLE `new_users` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` varchar NOT NULL, " + bio +
		", `age` integer NOT NULL DEFAULT 0);\n" +
		"INSERT INTO `new_users` (`id`, `name`, `bio`, `age`) SELECT `id`, `name`, " + copied + ", `age` FROM `users`;\n" +
		"DROP TABLE `users`;\n" +
		"ALTER TABLE `new_users` RENAME TO `users`;\n" +
		"CREATE UNIQUE INDEX `users_name` ON `users` (`name`);\n" +
		"PRAGMA foreign_keys = on;\n"
}

// harmless are migrations without errors and warnings.
var harmless = []fixture{
	{name: "a new table", file: "CREATE TABLE tags (id bigint NOT NULL AUTO_INCREMENT, name varchar(20) NOT NULL, " +
		"PRIMARY KEY (id), UNIQUE INDEX tags_name (name)) CHARSET utf8mb4 COLLATE utf8mb4_0900_bin;\n\n-- slipway:down\n-- " +
		"DROP TABLE tags;\n"},
	{name: "a new table, SQLite", dialect: "sqlite", file: "CREATE TABLE tags (id integer NOT NULL PRIMARY KEY " +
		"AUTOINCREMENT, name varchar NOT NULL);\nCREATE UNIQUE INDEX tags_name ON tags (name);\n\n-- slipway:down\n-- DROP " +
		"TABLE tags;\n"},
	{name: "a new table, changed at once", file: "CREATE TABLE tags (id bigint NOT NULL, n int NULL, PRIMARY KEY " +
		"(id));\nALTER TABLE tags MODIFY COLUMN n smallint NOT NULL;\nALTER TABLE tags ADD UNIQUE INDEX tags_n (n);\nALTER " +
		"TABLE tags DROP COLUMN n;\nALTER TABLE tags RENAME TO labels;\nDROP TABLE labels;"},
	{name: "a column that may be NULL", file: "ALTER TABLE users ADD COLUMN zip int NULL;\n\n-- slipway:down\n-- ALTER " +
		"TABLE users DROP COLUMN zip;\n", want: []string{"1 notice SW401"}},
	{name: "a column that may be NULL, SQLite", dialect: "sqlite",
		file: "ALTER TABLE users ADD COLUMN zip int NULL;\n\n-- slipway:down\n-- ALTER TABLE users DROP COLUMN zip;\n"},
	{name: "a required column with a default", file: "ALTER TABLE users ADD COLUMN zip int NOT NULL DEFAULT 0;",
		want: []string{"1 notice SW401"}},
	{name: "a required column with a default, SQLite", dialect: "sqlite",
		file: "ALTER TABLE users ADD COLUMN zip int NOT NULL DEFAULT 0;"},
	{name: "an index", file: "CREATE INDEX users_nick ON users (nick);\n\n-- slipway:down\n-- DROP INDEX users_nick ON " +
		"users;\n", want: []string{"1 notice SW401"}},
	{name: "an index, SQLite", dialect: "sqlite", file: "CREATE INDEX users_bio ON users (bio);\n\n-- slipway:down\n-- " +
		"DROP INDEX users_bio;\n"},
	{name: "a dropped index", file: "ALTER TABLE users DROP INDEX users_name;", want: []string{"1 notice SW401"}},
	{name: "an index renamed", file: "ALTER TABLE users RENAME INDEX users_name TO users_name_unique;",
		want: []string{"1 notice SW401"}},
	{name: "a unique index implied by another", file: "ALTER TABLE users ADD UNIQUE INDEX users_name_age " +
		"(name, age);", want: []string{"1 notice SW401"}, bare: false},
	{name: "longer text", file: "ALTER TABLE users MODIFY COLUMN nick varchar(63) NULL;",
		want: []string{"1 notice SW401"}},
	{name: "an enum value at the end", file: "ALTER TABLE users MODIFY COLUMN kind enum('a','b','c') NOT NULL " +
		"DEFAULT 'a';", want: []string{"1 notice SW401"}},
	{name: "a new default", file: "ALTER TABLE users ALTER COLUMN age SET DEFAULT 7;", want: []string{"1 notice SW401"}},
	{name: "NULL allowed", file: "ALTER TABLE users MODIFY COLUMN name varchar(80) NULL;",
		want: []string{"1 notice SW404"}},
	{name: "NULL allowed, SQLite", dialect: "sqlite", file: rebuildUsers("`bio` text NULL DEFAULT ''", "`bio`"),
		want: []string{"2 notice SW407"}},
	{name: "a comment", file: "ALTER TABLE users COMMENT 'people';", want: []string{"1 notice SW401"}},
	{name: "a table of this file under another name", file: "CREATE TABLE a (id bigint NOT NULL, PRIMARY KEY " +
		"(id));\nRENAME TABLE a TO b;\n\n-- slipway:down\n-- DROP TABLE b;\n"},
	{name: "rows for a new table", dialect: "sqlite", file: "CREATE TABLE kinds (id integer NOT NULL PRIMARY KEY, name " +
		"text NOT NULL);\nINSERT INTO kinds (id, name) VALUES (1, 'a'), (2, 'b');"},
	{name: "a backfill", file: "UPDATE users SET nick = name WHERE nick IS NULL;"},
	{name: "a backfill of a large table in steps", rows: map[string]int64{"users": large}, file: "UPDATE users SET nick " +
		"= name WHERE nick IS NULL LIMIT 10000;\nUPDATE users SET nick = name WHERE nick IS NULL AND " +
		"id BETWEEN 1 AND 10000;"},
	{name: "a new column filled at once, SQLite", dialect: "sqlite",
		file: "ALTER TABLE users ADD COLUMN zip int NULL;\nUPDATE users SET zip = 1;"},
	{name: "online above the limit", rows: map[string]int64{"users": large}, file: "ALTER TABLE users ADD COLUMN zip " +
		"int NULL, ALGORITHM=INSTANT;\nALTER TABLE users ADD INDEX users_zip (zip), ALGORITHM=INPLACE, LOCK=NONE;",
		want: []string{"1 notice SW401", "2 notice SW401"}},
	{name: "irreversible for a reason", file: "UPDATE users SET nick = '' WHERE nick IS NULL;\n\n-- slipway:down " +
		"irreversible: the NULLs are lost\n"},
	{name: "a rename that keeps the old name as a view", file: "RENAME TABLE posts TO articles;\nCREATE VIEW posts AS " +
		"SELECT * FROM articles;"},
	{name: "a foreign key on a new column", file: "ALTER TABLE users ADD COLUMN boss_id bigint NULL;\nSET " +
		"foreign_key_checks = 0;\nALTER TABLE users ADD CONSTRAINT users_boss FOREIGN KEY (boss_id) REFERENCES users " +
		"(id);\nSET foreign_key_checks = 1;", want: []string{"1 notice SW401", "3 notice SW401"}},
	{name: "a column with a check of its own", file: "ALTER TABLE users ADD COLUMN zip int NULL;\nALTER TABLE users ADD " +
		"CONSTRAINT users_zip CHECK (zip > 0) NOT ENFORCED;", want: []string{"1 notice SW401", "2 notice SW401"}},
	{name: "the options of a table", file: "ALTER TABLE users CHARSET utf8mb4, COLLATE utf8mb4_0900_ai_ci;",
		want: []string{"1 notice SW401"}},
	{name: "a generated column", before: "CREATE TABLE logs (line text NULL);",
		file: "ALTER TABLE logs ADD COLUMN size int GENERATED ALWAYS AS (length(line)) VIRTUAL NOT NULL;",
		want: []string{"1 notice SW401"}},
	{name: "a key generated by the server", before: "CREATE TABLE logs (line text NULL);",
		file: "-- atlas:nolint SW403\nALTER TABLE logs ADD COLUMN id bigint NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (id);"},
	{name: "a column that becomes AUTO_INCREMENT", before: "CREATE TABLE logs (id bigint NOT NULL DEFAULT 0, PRIMARY " +
		"KEY (id));", file: "-- atlas:nolint SW402\nALTER TABLE logs MODIFY COLUMN id bigint NOT NULL AUTO_INCREMENT;"},
	{name: "a wider charset", before: "CREATE TABLE logs (id bigint NOT NULL PRIMARY KEY, line varchar(20) CHARACTER " +
		"SET latin1 NULL);", file: "-- atlas:nolint SW402\nALTER TABLE logs MODIFY COLUMN line varchar(20) CHARACTER SET " +
		"utf8mb4 NULL;"},
	{name: "another primary key", before: strings.Split(mysqlTables, "\n")[0],
		file: "ALTER TABLE users DROP PRIMARY KEY, MODIFY COLUMN id bigint NOT NULL AUTO_INCREMENT, ADD PRIMARY KEY (id, " +
			"age);", want: []string{"1 notice SW404"}},
	{name: "a DELETE in steps", file: "DELETE FROM posts LIMIT 1000;"},
	{name: "rows of a new table", dialect: "sqlite", file: "CREATE TABLE kinds (id integer NOT NULL PRIMARY KEY, name " +
		"text NOT NULL);\nINSERT INTO kinds (id, name) VALUES (1, 'a');\nUPDATE kinds SET name = 'b';\nDELETE FROM kinds;"},
	{name: "a column copied to another one", dialect: "sqlite", file: "-- atlas:nolint DS103\n\nALTER TABLE users ADD " +
		"COLUMN about text NULL;\nUPDATE users SET about = bio;\nALTER TABLE users DROP COLUMN bio;"},
	{name: "an index online", rows: map[string]int64{"users": large},
		file: "CREATE INDEX users_nick ON users (nick) ALGORITHM=INPLACE LOCK=NONE;", want: []string{"1 notice SW401"}},
	{name: "another storage engine", file: "ALTER TABLE users ENGINE=InnoDB;", want: []string{"1 notice SW404"}},
	{name: "more digits and decimals", file: "ALTER TABLE users RENAME INDEX users_name TO n;\nCREATE TABLE m (d " +
		"decimal(5,2) NULL);\nALTER TABLE m MODIFY COLUMN d decimal(9,4) NULL;", want: []string{"1 notice SW401"}},
	{name: "nolint", file: "-- atlas:nolint DS103 blocking\nALTER TABLE users DROP COLUMN bio;"},
	{name: "nolint of the whole file", file: "-- atlas:nolint\n\nDROP TABLE posts;\nALTER TABLE users DROP COLUMN bio;"},
	{name: "nothing", file: ""},
	{name: "comments only", file: "-- nothing here\n"},
}
