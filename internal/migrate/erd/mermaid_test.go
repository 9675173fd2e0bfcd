package erd_test

import (
	"testing"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/erd"
)

func TestMermaid(t *testing.T) {
	t.Parallel()
	users, posts := table("users"), table("posts")
	users.AddColumns(
		schema.NewStringColumn("email", "varchar", schema.StringSize(120)),
		schema.NewNullDecimalColumn("paid", "decimal", schema.DecimalPrecision(10), schema.DecimalScale(2)),
		schema.NewColumn("flags").SetType(&mysql.SetType{Values: []string{"a b", "c"}}),
		schema.NewColumn("age").SetType(&schema.IntegerType{T: "int", Unsigned: true}),
	)
	users.AddIndexes(schema.NewUniqueIndex("users_email").AddColumns(users.Columns[1]))
	refer(posts, users, "author_id", false)
	refer(posts, users, "editor_id", true)
	refer(posts, posts, "answer_to", true)
	profiles := schema.NewTable("profiles")
	profiles.SetPrimaryKey(schema.NewPrimaryKey(refer(profiles, users, "user_id", false)))
	badges := table("badges")
	badges.AddIndexes(schema.NewUniqueIndex("badges_user_id").AddColumns(refer(badges, users, "user_id", true)))
	// With a unique index on more columns than the key, a parent can have many children.
	votes := table("votes")
	votes.AddIndexes(schema.NewUniqueIndex("votes_both").
		AddColumns(refer(votes, users, "user_id", false), refer(votes, posts, "post_id", false)))

	const want = `erDiagram
    users {
        bigint id PK
        varchar(120) email UK
        decimal(10_2) paid "null"
        set flags
        int_unsigned age
    }
    posts {
        bigint id PK
        bigint author_id FK
        bigint editor_id FK "null"
        bigint answer_to FK "null"
    }
    profiles {
        bigint user_id PK, FK
    }
    badges {
        bigint id PK
        bigint user_id FK, UK "null"
    }
    votes {
        bigint id PK
        bigint user_id FK
        bigint post_id FK
    }
    users ||--o{ posts : "author_id"
    users |o..o{ posts : "editor_id"
    posts |o..o{ posts : "answer_to"
    users ||--o| profiles : "user_id"
    users |o..o| badges : "user_id"
    users ||--o{ votes : "user_id"
    posts ||--o{ votes : "post_id"
`
	s := schemaOf(users, posts, profiles, badges, votes)
	if got := erd.Mermaid(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	checkMermaid(t, s)
}

// TestMermaidNames checks names that are reserved or invalid in Mermaid.
func TestMermaidNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ table, column, entity, line string }{
		{"users", "id", "users", "bigint id"},
		{"one", "pk", `"one"`, `bigint _pk "pk"`},
		{"Style", "FK", `"Style"`, `bigint _FK "FK"`},
		{"order items", "unit price", `"order items"`, `bigint unit_price "unit price"`},
		{"größe", "größe", `"größe"`, `bigint gr__e "größe"`},
		{"2fa", "2fa", `"2fa"`, `bigint _2fa "2fa"`},
		{`a"b`, `a"b`, "a_b", "bigint a_b"},
		{"%%{init: {}}%%", "x%", `"___init: _____"`, "bigint x_"},
		{"go direction LR", "uk-x", "go_direction_LR", `bigint uk_x "uk-x"`},
		{"a\nb", "a\tb", "a_b", "bigint a_b"},
		{"<b>#quot;</b>", "a~b~c", `"_b__quot__/b_"`, "bigint a_b_c"},
		{"", "", "_", "bigint _"},
		{"u", "ukulele", `"u"`, "bigint ukulele"},
		{"😀", "fkß", `"😀"`, `bigint fk_ "fkß"`},
	} {
		column := schema.NewIntColumn(c.column, "bigint")
		s := schemaOf(schema.NewTable(c.table).AddColumns(column))
		got := erd.Mermaid(s)
		if want := "erDiagram\n    " + c.entity + " {\n        " + c.line + "\n    }\n"; got != want {
			t.Errorf("%q, %q: got\n%s\nwant\n%s", c.table, c.column, got, want)
		}
		checkMermaid(t, s)
	}
	// Tables whose names become equal get different names.
	s := schemaOf(table(`a"`), table("a%"), table("a_"))
	checkMermaid(t, s)
}
