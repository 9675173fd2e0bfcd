package plan

import "testing"

// TestPlainCreate: the text of a table in the form that Atlas reads.
func TestPlainCreate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"CREATE TABLE 'notes' ('id'INTEGER PRIMARY KEY, 'title' TEXT DEFAULT 'it''s')",
			"CREATE TABLE `notes` (`id` INTEGER PRIMARY KEY, `title` TEXT DEFAULT 'it''s')"},
		{"CREATE TABLE t (v DECIMAL(12,2) AS (qty+1) STORED, w int)",
			"CREATE TABLE t (v DECIMAL AS (qty+1) STORED, w int)"},
		{"CREATE TABLE [a b] ([x] int, -- a remark, (\n CHECK ([x] <> 'a'))",
			"CREATE TABLE `a b` (`x` int, CHECK (`x` <> 'a'))"},
		{`CREATE TABLE "c" ("p_id" integer, CONSTRAINT "c_p" FOREIGN KEY ("p_id") REFERENCES "p"("id"))`,
			"CREATE TABLE `c` (`p_id` integer, CONSTRAINT `c_p` FOREIGN KEY (`p_id`) REFERENCES `p`(`id`))"},
		{"CREATE TABLE c (a text, UNIQUE('a'), CHECK (a IN ('b', 'c')))",
			"CREATE TABLE c (a text, UNIQUE(`a`), CHECK (a IN ('b', 'c')))"},
	} {
		if got := plainCreate(c.text); got != c.want {
			t.Errorf("got\n%s, want\n%s", got, c.want)
		}
	}
}
