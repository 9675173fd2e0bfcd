package ddl

import (
	"strings"
	"testing"

	"ariga.io/atlas/sql/schema"
)

// TestEffect: what Apply says of a statement. The text of the changes is that of
// describe.
func TestEffect(t *testing.T) {
	t.Parallel()
	const p = "CREATE TABLE p (id bigint PRIMARY KEY)"
	for _, test := range []struct {
		dialect, before, statement string
		want                       Effect
		changes                    string
	}{
		{MySQL, "", "", Effect{Understood: true}, ""},
		{MySQL, "", " -- nothing\n;;", Effect{Understood: true}, ""},
		{MySQL, "", "create table t (a int)", Effect{Verb: "CREATE TABLE", Table: "t", Understood: true}, "add table t"},
		{MySQL, "", "CREATE TABLE `db`.`t` (a int)", Effect{Verb: "CREATE TABLE", Table: "t", Understood: true}, "add table t"},
		{MySQL, p, "CREATE TABLE IF NOT EXISTS p (a int)", Effect{Verb: "CREATE TABLE", Table: "p", Understood: true}, ""},
		{MySQL, p, "CREATE TABLE t AS SELECT * FROM p", Effect{Verb: "CREATE TABLE", Table: "t"}, ""},
		{MySQL, p, "CREATE TABLE t (a int) SELECT * FROM p", Effect{Verb: "CREATE TABLE", Table: "t"}, ""},
		{MySQL, p, "DROP TABLE IF EXISTS p, q", Effect{Verb: "DROP TABLE", Table: "p", Understood: true}, "drop table p"},
		{MySQL, p, "RENAME TABLE p TO q", Effect{Verb: "RENAME TABLE", Table: "p", Understood: true}, "rename table p to q"},
		{MySQL, p, "ALTER TABLE p RENAME q", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "rename table p to q"},
		{MySQL, p, "ALTER TABLE p ADD a int, ADD INDEX i (a), ALGORITHM=inplace, LOCK = None", Effect{Verb: "ALTER TABLE", Table: "p", Algorithm: "INPLACE", Lock: "NONE", Understood: true}, "p: add column a\np: add index i(a)"},
		{MySQL, p, "CREATE UNIQUE INDEX i ON p (id DESC) ALGORITHM COPY", Effect{Verb: "CREATE INDEX", Table: "p", Algorithm: "COPY", Understood: true}, "p: add index i(id desc)"},
		{MySQL, p + ";\nCREATE INDEX i ON p (id)", "DROP INDEX i ON p", Effect{Verb: "DROP INDEX", Table: "p", Understood: true}, "p: drop index i(id)"},
		{MySQL, p, "ALTER TABLE p MODIFY id int NOT NULL DEFAULT 3", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: modify column id (type default): bigint not null to int not null default 3"},
		{MySQL, p, "ALTER TABLE p CHANGE id i bigint NOT NULL", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: rename column id to i"},
		{MySQL, p, "ALTER TABLE p CHANGE id i int", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: rename column id to i\np: modify column id (type): bigint not null to int not null"},
		{MySQL, p, "ALTER TABLE p ADD COLUMN a int UNIQUE CHECK (a > 1) REFERENCES p (id), DROP PRIMARY KEY", Effect{}, ""},
		{MySQL, p, "ALTER TABLE p DROP PRIMARY KEY, ADD a int, ADD PRIMARY KEY (a)", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: drop primary key(id)\np: add column a\np: add primary key(a)"},
		{MySQL, p, "ALTER TABLE p ADD a bigint, ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id), ADD CHECK (a > 1)", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: add column a\np: add foreign key f to p\np: add check p_chk_1 (a > 1)"},
		{MySQL, p, "ALTER TABLE p CONVERT TO CHARACTER SET latin1, COMMENT 'x'", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: modify *schema.Charset\np: modify *schema.Collation\np: modify *schema.Comment"},
		{MySQL, p, "ALTER TABLE p ENGINE=MyISAM", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: modify *mysql.Engine"},
		{MySQL, p, "ALTER TABLE p EXCHANGE PARTITION a WITH TABLE b", Effect{Verb: "ALTER TABLE", Table: "p"}, ""},
		{MySQL, p, "INSERT INTO p VALUES ('a;b -- c', 1)", Effect{Verb: "INSERT", Table: "p", Understood: true}, ""},
		{MySQL, p, "REPLACE p SET id = 1", Effect{Verb: "REPLACE", Table: "p", Understood: true}, ""},
		{MySQL, p, "UPDATE p SET id = (SELECT 1 FROM p WHERE id = 2)", Effect{Verb: "UPDATE", Table: "p", Understood: true}, ""},
		{MySQL, p, "UPDATE LOW_PRIORITY p SET id = 1 WHERE id = 2 LIMIT 3", Effect{Verb: "UPDATE", Table: "p", Where: true, Understood: true}, ""},
		{MySQL, p, "DELETE FROM `p`", Effect{Verb: "DELETE", Table: "p", Understood: true}, ""},
		{MySQL, p, "DELETE FROM p WHERE 1", Effect{Verb: "DELETE", Table: "p", Where: true, Understood: true}, ""},
		{MySQL, p, "DELETE x FROM p AS x JOIN p AS y WHERE x.id = y.id", Effect{Verb: "DELETE", Table: "p", Where: true, Understood: true}, ""},
		{MySQL, p, "WITH q AS (SELECT 1 FROM p WHERE 1) DELETE FROM p", Effect{Verb: "DELETE", Table: "p", Understood: true}, ""},
		{MySQL, p, "TRUNCATE TABLE p", Effect{Verb: "TRUNCATE", Table: "p", Understood: true}, ""},
		{MySQL, "", "SET NAMES utf8mb4", Effect{Verb: "SET", Understood: true}, ""},
		{MySQL, "", "SELECT 1", Effect{Verb: "SELECT", Understood: true}, ""},
		{MySQL, "", "CALL f()", Effect{Verb: "CALL"}, ""},
		{MySQL, "", "CREATE PROCEDURE f() BEGIN DROP TABLE p; END", Effect{Verb: "CREATE PROCEDURE"}, ""},
		{MySQL, "", "CREATE DATABASE d", Effect{Verb: "CREATE DATABASE"}, ""},
		{MySQL, p, "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`root`@`localhost` SQL SECURITY INVOKER VIEW v AS SELECT 1", Effect{Verb: "CREATE VIEW", Understood: true}, ""},
		{MySQL, p, "CREATE DEFINER=CURRENT_USER() TRIGGER g BEFORE INSERT ON p FOR EACH ROW SET @a = 1", Effect{Verb: "CREATE TRIGGER", Understood: true}, ""},
		{SQLite, "", "PRAGMA foreign_keys = off", Effect{Verb: "PRAGMA", Understood: true}, ""},
		{SQLite, p, "ALTER TABLE P RENAME COLUMN ID TO i", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: rename column id to i"},
		{SQLite, p, "ALTER TABLE p ADD a int DEFAULT 1 CHECK (a > 0) REFERENCES p (id)", Effect{Verb: "ALTER TABLE", Table: "p", Understood: true}, "p: add column a\np: add foreign key 0 to p\np: add check  (a > 0)"},
		{SQLite, p + ";\nCREATE INDEX i ON p (id)", "DROP INDEX i", Effect{Verb: "DROP INDEX", Table: "p", Understood: true}, "p: drop index i(id)"},
		{SQLite, p, "INSERT OR REPLACE INTO p VALUES (1)", Effect{Verb: "INSERT", Table: "p", Understood: true}, ""},
		{SQLite, p, "UPDATE OR IGNORE p SET id = 1", Effect{Verb: "UPDATE", Table: "p", Understood: true}, ""},
		{SQLite, p, "CREATE TABLE t AS SELECT * FROM p", Effect{Verb: "CREATE TABLE", Table: "t"}, ""},
	} {
		t.Run(test.dialect+"/"+test.statement, func(t *testing.T) {
			t.Parallel()
			s := applied(t, test.dialect, split(test.before)...)
			got, err := s.Apply(test.statement)
			if test.want.Verb == "" && !test.want.Understood {
				if err == nil {
					t.Fatal("it was taken")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if changes := strings.Join(describe(got.Changes), "\n"); changes != test.changes {
				t.Errorf("changes\n%s\nwant\n%s", changes, test.changes)
			}
			got.Changes = nil
			if got.Verb != test.want.Verb || got.Table != test.want.Table || got.Understood != test.want.Understood || got.Where != test.want.Where ||
				got.Algorithm != test.want.Algorithm || got.Lock != test.want.Lock {
				t.Errorf("effect %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestEffectObjects: the objects of a change are whole and linked, those that go
// as they were before and those that come as they are after.
func TestEffectObjects(t *testing.T) {
	t.Parallel()
	s := applied(t, MySQL, "CREATE TABLE p (id bigint PRIMARY KEY)",
		"CREATE TABLE t (a bigint NOT NULL, b int, KEY k (b, a), CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id))")
	e, err := s.Apply("ALTER TABLE t DROP FOREIGN KEY f, DROP COLUMN b, ADD c varchar(9) NOT NULL, ADD UNIQUE (c), ADD CONSTRAINT g FOREIGN KEY (a) REFERENCES p (id)")
	if err != nil {
		t.Fatal(err)
	}
	m := e.Changes[0].(*schema.ModifyTable)
	if _, ok := m.T.Column("b"); ok || len(m.T.Columns) != 2 {
		t.Error("the table is not as it is after the statement")
	}
	f := m.Changes[0].(*schema.DropForeignKey).F
	if f.RefTable.Name != "p" || f.RefColumns[0].Type == nil || f.Columns[0].Name != "a" || len(f.Table.Columns) != 2 {
		t.Errorf("the key that is dropped is not whole: %+v", f)
	}
	if b := m.Changes[1].(*schema.DropColumn).C; len(b.Indexes) != 1 || b.Indexes[0].Name != "k" || b.Indexes[0].Table != f.Table {
		t.Error("the column that is dropped does not know its index")
	}
	c := m.Changes[2].(*schema.AddColumn).C
	i := m.Changes[3].(*schema.AddIndex).I
	if own, _ := m.T.Column("c"); own != c || i.Parts[0].C != c || i.Table != m.T || i.Name != "c" {
		t.Error("the column that is added is not that of the table")
	}
	g := m.Changes[4].(*schema.AddForeignKey).F
	if g.Table != m.T || g.RefTable.PrimaryKey == nil || IsUnnamed(g.Attrs) || !IsUnnamed(i.Attrs) {
		t.Error("the key that is added is not whole")
	}
}

// TestUnnamed: what a statement gave no name is marked, on both dialects.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{MySQL, SQLite} {
		named := applied(t, dialect, "CREATE TABLE t (a int, b int, PRIMARY KEY (a), CONSTRAINT u UNIQUE (b), CONSTRAINT f FOREIGN KEY (b) REFERENCES t (a), CONSTRAINT c CHECK (b > 1))").Schema().Tables[0]
		bare := applied(t, dialect, "CREATE TABLE t (a int PRIMARY KEY, b int UNIQUE REFERENCES t (a) CHECK (b > 1), c int, CHECK (c > 2), FOREIGN KEY (c) REFERENCES t (a))").Schema().Tables[0]
		for _, i := range named.Indexes {
			if IsUnnamed(i.Attrs) {
				t.Errorf("%s: the index %s is taken for one without a name", dialect, i.Name)
			}
		}
		for _, k := range named.ForeignKeys {
			if IsUnnamed(k.Attrs) {
				t.Errorf("%s: the key %s is taken for one without a name", dialect, k.Symbol)
			}
		}
		for _, k := range named.Checks() {
			if IsUnnamed(k.Attrs) {
				t.Errorf("%s: the check %s is taken for one without a name", dialect, k.Name)
			}
		}
		if len(bare.Indexes) == 0 || len(bare.ForeignKeys) != 2 || len(bare.Checks()) != 2 {
			t.Fatalf("%s: %s", dialect, dump(&schema.Schema{Tables: []*schema.Table{bare}}))
		}
		for _, i := range bare.Indexes {
			if !IsUnnamed(i.Attrs) {
				t.Errorf("%s: the index %s is not marked", dialect, i.Name)
			}
		}
		for _, k := range bare.ForeignKeys {
			if !IsUnnamed(k.Attrs) {
				t.Errorf("%s: the key %s is not marked", dialect, k.Symbol)
			}
		}
		for _, k := range bare.Checks() {
			if !IsUnnamed(k.Attrs) {
				t.Errorf("%s: the check %s is not marked", dialect, k.Expr)
			}
		}
	}
}

// TestCloneAndSchemaAreCopies: what is done to one is not seen in the other.
func TestCloneAndSchemaAreCopies(t *testing.T) {
	t.Parallel()
	for _, dialect := range []string{MySQL, SQLite} {
		s := applied(t, dialect, "CREATE TABLE p (id integer PRIMARY KEY)", "CREATE TABLE t (a int, b int REFERENCES p (id), c int CHECK (c > 1))", "CREATE INDEX i ON t (a, b)")
		before := dump(s.Schema())
		c := s.Clone()
		for _, statement := range []string{"ALTER TABLE t RENAME COLUMN a TO z", "ALTER TABLE p RENAME TO q", "ALTER TABLE p RENAME TO r", "ALTER TABLE t DROP COLUMN c", "CREATE TABLE n (a int)"} {
			_, _ = c.Apply(statement) // one of them cannot be
		}
		if dump(c.Schema()) == before || dump(s.Schema()) != before {
			t.Errorf("%s: the copy and the original are not two", dialect)
		}
		kept := s.Schema()
		kept.Tables[0].Name, kept.Tables[1].Columns[0].Name = "x", "y"
		kept.Tables[1].Columns[1].Type.Null = false
		if dump(s.Schema()) != before {
			t.Errorf("%s: the state sees what is done to its schema", dialect)
		}
	}
}

// TestErrors: an error says what is wrong, where, and what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	before := []string{"CREATE TABLE p (id bigint PRIMARY KEY)", "CREATE TABLE t (a bigint, b int, KEY k (b), CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id))"}
	for statement, want := range map[string]string{
		"ALTER TABLE nope ADD a int":                  `there is no table "nope"`,
		"ALTER TABLE T ADD c int":                     `there is no table "T": there is "t", and capitals matter here`,
		"ALTER TABLE t DROP COLUMN x":                 `table "t" has no column "x"`,
		"ALTER TABLE t DROP INDEX x":                  `table "t" has no index "x"`,
		"ALTER TABLE t DROP FOREIGN KEY x":            `table "t" has no foreign key "x"`,
		"CREATE TABLE p (id int)":                     `there is already a table "p"`,
		"ALTER TABLE t ADD b int":                     `table "t" already has a column "b"`,
		"DROP TABLE p":                                `table "p" cannot be dropped: the foreign key "f" of table "t" refers to it`,
		"CREATE TABLE x (a int,":                      `the statement ends where the name of a column should stand`,
		"CREATE TABLE x (a int) wrong=1":              `an option of the table should stand before "wrong=1"`,
		"CREATE TABLE x (a enum)":                     `column "a": enum needs values in parentheses`,
		"CREATE TABLE x (a int DEFAULT 'it)":          `the string that begins at "'it)" does not end`,
		"ALTER TABLE t MODIFY a int":                  `the foreign key "f" of table "t" cannot be: column "a" is int, and column "id" of table "p" is bigint`,
		"ALTER TABLE t ADD c text, ADD KEY (c)":       `the index "c" of table "t" needs a length for column "c", which is text: c(191)`,
		"CREATE TABLE x (a varchar)":                  `column "a": varchar needs a length in parentheses`,
		"SELEKT 1":                                    `"SELEKT 1" is no statement that is known here`,
		"CREATE TABLE x (a varchar(9) CHARSET klngn)": `column "a": MySQL has no character set "klngn"`,
	} {
		s := applied(t, MySQL, before...)
		state := dump(s.Schema())
		_, err := s.Apply(statement)
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", statement, err, want)
		}
		if dump(s.Schema()) != state {
			t.Errorf("%s changed the state though it failed", statement)
		}
	}
}
