package verify

import (
	"fmt"
	"strings"
	"testing"

	"slipway/internal/migrate/plan"
)

// TestAlgorithms checks the algorithm of each change of an existing table. Tables that the file
// creates have none, and a statement with its own ALGORITHM or LOCK runs unchanged.
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	files := folder(t, "20260101000000_one", "CREATE TABLE t (id bigint NOT NULL, n int NULL, s varchar(20) NULL, "+
		"PRIMARY KEY (id));\n"+
		"\n-- slipway:down\n-- DROP TABLE t;\n",
		"20260102000000_two", "ALTER TABLE `t` ADD COLUMN `a` int NULL;\n"+
			"CREATE INDEX t_n ON t (n);\n"+
			"ALTER TABLE t ADD FULLTEXT INDEX t_s (s);\nDROP INDEX t_s ON t;\n"+
			"ALTER TABLE t MODIFY COLUMN n bigint NULL;\n"+
			"ALTER TABLE t ADD COLUMN b int NULL, ALGORITHM=COPY;\n"+
			"ALTER TABLE t MODIFY COLUMN a bigint NULL -- it has to count further\n;\n"+
			"ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 2;\n"+
			"CREATE TABLE u (id bigint NOT NULL PRIMARY KEY);\nALTER TABLE u ADD COLUMN x int NULL;\n"+
			"\n-- slipway:down\n-- DROP TABLE u;\n-- ALTER TABLE t REMOVE PARTITIONING;\n-- ALTER TABLE t DROP COLUMN b;\n-- "+
			"ALTER TABLE t MODIFY COLUMN n int NULL;\n"+
			"-- DROP INDEX t_n ON t;\n-- ALTER TABLE t DROP COLUMN a;\n",
		"20260103000000_three", "RENAME TABLE t TO v;\nALTER TABLE v RENAME TO w;\n\n-- slipway:down\n-- RENAME TABLE w "+
			"TO t;\n")
	var told []Algorithm
	result := Run(t.Context(), Target{plan.MySQL, connect(t, plan.MySQL), files}, func(p Progress) {
		told = append(told, p.Algorithms...)
	})
	if result.Failed != nil {
		t.Fatalf("%+v", result.Failed)
	}
	const two = "{20260102000000 "
	want := two + "ALTER TABLE `t` ADD COLUMN `a` int NULL INSTANT NONE}\n" +
		two + "CREATE INDEX t_n ON t (n) INPLACE NONE}\n" +
		two + "ALTER TABLE t ADD FULLTEXT INDEX t_s (s) INPLACE SHARED}\n" +
		two + "DROP INDEX t_s ON t INPLACE NONE}\n" +
		two + "ALTER TABLE t MODIFY COLUMN n bigint NULL COPY SHARED}\n" +
		two + "ALTER TABLE t MODIFY COLUMN a bigint NULL -- it has to count further COPY SHARED}\n"
	got := ""
	for _, a := range result.Algorithms {
		got += fmt.Sprintln(a)
	}
	if got != want || fmt.Sprint(told) != fmt.Sprint(result.Algorithms) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, note := range result.Notes {
		if strings.Contains(note, "20260102000000") {
			t.Error(note)
		}
	}
}
