package dbtest

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"testing"
)

// User creates a MySQL user with all privileges on a database of [MySQL], and returns its name. The end of the test
// drops the user. The password must not contain quotes.
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

// Grant gives a user of [User] all privileges on another database of [MySQL].
func Grant(t testing.TB, name, address string) {
	t.Helper()
	db, err := admin()
	if err != nil {
		t.Fatalf("dbtest: %v", err)
	}
	u, err := url.Parse(address)
	if err != nil || len(u.Path) < 2 {
		t.Fatal("dbtest: not the URL of a database") // the URL may contain a password
	}
	if err := exec(db, fmt.Sprintf("GRANT ALL ON `%s`.* TO `%s`@`%%`", u.Path[1:], name)); err != nil {
		t.Fatalf("dbtest: grant privileges to %s: %v", name, err)
	}
}

// SetPassword changes the password of a user of [User].
func SetPassword(t testing.TB, name, password string) {
	t.Helper()
	db, err := admin()
	if err == nil {
		err = exec(db, fmt.Sprintf("ALTER USER `%s`@`%%` IDENTIFIED BY '%s'", name, password))
	}
	if err != nil {
		t.Fatalf("dbtest: set the password of %s: %v", name, err)
	}
}
