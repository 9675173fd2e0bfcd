package dbtest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"testing"
)

// User creates a user of the MySQL server who may do everything in the database of
// a URL that [MySQL] gave, and returns the name. The user is dropped when the test
// ends. A password holds no quotes.
func User(t testing.TB, address, password string) (name string) {
	t.Helper()
	db, err := admin()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	var random [8]byte
	rand.Read(random[:])
	name = prefix + hex.EncodeToString(random[:])
	if err := exec(db, fmt.Sprintf("CREATE USER `%s`@`%%` IDENTIFIED BY '%s'", name, password)); err != nil {
		t.Fatalf("dbtest: create a user: %v", err)
	}
	t.Cleanup(func() {
		if err := exec(db, "DROP USER IF EXISTS `"+name+"`@`%`"); err != nil {
			t.Errorf("dbtest: drop %s: %v", name, err)
		}
	})
	Grant(t, name, address)
	return name
}

// Grant lets a user that [User] created do everything in another database of [MySQL] too.
func Grant(t testing.TB, name, address string) {
	t.Helper()
	db, err := admin()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	u, err := url.Parse(address)
	if err != nil || len(u.Path) < 2 {
		t.Fatal("dbtest: not the URL of a database") // without it: it may hold a password
	}
	if err := exec(db, fmt.Sprintf("GRANT ALL ON `%s`.* TO `%s`@`%%`", u.Path[1:], name)); err != nil {
		t.Fatalf("dbtest: let %s in: %v", name, err)
	}
}

// SetPassword returns a user that [User] created another password.
func SetPassword(t testing.TB, name, password string) {
	t.Helper()
	db, err := admin()
	if err == nil {
		err = exec(db, fmt.Sprintf("ALTER USER `%s`@`%%` IDENTIFIED BY '%s'", name, password))
	}
	if err != nil {
		t.Fatalf("dbtest: another password for %s: %v", name, err)
	}
}
