package ddl

import (
	"strings"
	"testing"

	"slipway/internal/dbtest"
)

// split cuts a text into statements at a semicolon that ends a line.
func split(text string) []string {
	var all []string
	for _, s := range strings.Split(text+"\n", ";\n") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// TestSequences runs sequences of statements on the model and on a real
// database. Statement by statement both take it or both refuse it, and in the
// end both are the same. A statement that is to be refused begins with "!".
func TestSequences(t *testing.T) {
	t.Parallel()
	dbtest.Dialects(t, func(t *testing.T, dialect string) {
		for _, test := range sequences {
			if test.dialect != "" && test.dialect != dialect {
				continue
			}
			t.Run(test.name, func(t *testing.T) {
				t.Parallel()
				model, real := newState(t, dialect), newDatabase(t, dialect)
				for _, statement := range split(test.statements) {
					statement, refused := strings.CutPrefix(statement, "!")
					_, err := model.Apply(statement)
					realErr := real.exec(statement)
					if refused != (realErr != nil) {
						t.Errorf("%s\nthe database: %v", statement, realErr)
					}
					if refused != (err != nil) {
						t.Errorf("%s\nthe model: %v", statement, err)
					}
				}
				if found := differences(t, dialect, model.Schema(), real.inspect()); found != "" {
					t.Errorf("the model and the database differ:\n%s", found)
				}
			})
		}
	})
}
