package mysql

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// TestLost: a read is retried only if the server ended the connection, not after KILL QUERY.
func TestLost(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":                    {nil, false},
		"the connection is gone":  {mysql.ErrInvalidConn, true},
		"going down, or KILL":     {&mysql.MySQLError{Number: 1053}, true},
		"the same, wrapped":       {fmt.Errorf("read: %w", &mysql.MySQLError{Number: 1053}), true},
		"KILL QUERY":              {&mysql.MySQLError{Number: 1317}, false},
		"a lock that took long":   {&mysql.MySQLError{Number: 1205}, false},
		"an error of another one": {errors.New("1053"), false},
	} {
		if got := lost(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
