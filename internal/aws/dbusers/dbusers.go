// Package dbusers makes the two users of a database: the API's, who reads and writes rows,
// and the one of migrations, who changes the schema. It is signed in as the master of
// the server while it does so, and neither of the two may do what it does.
//
// All of it may be done again: what is there stays, what is missing is added, and a
// password that was replaced is set again, with the old one still good until the next.
//
// It imports no other package, and of the driver the errors alone: who opens the database and who reads a secret is
// its caller's.
package dbusers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// What each of the two may do in the one database, and nowhere else.
var (
	// API is for rows.
	API = []string{"SELECT", "INSERT", "UPDATE", "DELETE"}
	// Migrate is for rows, which migrations fill and move, and for what a migration
	// file may say of tables, indexes and foreign keys. The locks it takes need no
	// privilege, and what it asks information_schema for is its own.
	Migrate = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"}
)

// User is one to make.
type User struct {
	Name string
	// Privileges are what it may do, such as [API].
	Privileges []string
	// Password is what it signs in with; "" for tokens of IAM, which it then signs in
	// with alone.
	Password string
}

// Made says what was done for a user.
type Made struct {
	Name string `json:"name"`
	// SignIn is iam or secret.
	SignIn string `json:"sign_in"`
	// Change is "created", "replaced" where it signed in otherwise before, "password"
	// where it has another password now, and "none".
	Change     string   `json:"change"`
	Privileges []string `json:"privileges"`
}

const (
	created  = "created"
	replaced = "replaced"
	password = "password"
	none     = "none"
)

// tokens is the plugin of RDS that takes IAM tokens for passwords.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
const tokens = "AWSAuthenticationPlugin"

// Ensure makes one user, on a connection of the server's master that works in the
// database, with a driver that writes parameters into the statement: the server takes
// none in a CREATE USER. letsIn says whether the server lets somebody in by name and password; its
// error is that the server could not be asked. A user with tokens needs no letsIn.
//
// Privileges are added and never taken away. The error says what was refused, and of
// whom; it holds no password.
func Ensure(ctx context.Context, db *sql.DB, user User,
	letsIn func(ctx context.Context, name, password string) (bool, error)) (Made, error) {
	made := Made{Name: user.Name, SignIn: "secret", Privileges: user.Privileges}
	if user.Password == "" {
		made.SignIn = "iam"
	}
	var err error
	if made.Change, err = signIn(ctx, db, user, letsIn); err == nil {
		err = allow(ctx, db, user)
	}
	if err != nil {
		return Made{}, fmt.Errorf("cannot make the user %s: %w", user.Name, hiding(err, user.Password))
	}
	return made, nil
}

// signIn sees to how a user signs in, always over TLS, and says what has changed.
func signIn(ctx context.Context, db *sql.DB, user User,
	letsIn func(context.Context, string, string) (bool, error)) (change string, err error) {
	plugin, found, err := pluginOf(ctx, db, user.Name)
	if err != nil {
		return "", err
	}
	byTokens := user.Password == ""
	switch {
	case !found:
		return created, create(ctx, db, user)
	case (plugin == tokens) != byTokens:
		// What it has signed in with until now would stay good beside, and a password
		// cannot be kept across plugins.
		if _, err := db.ExecContext(ctx, "DROP USER ?@'%'", user.Name); err != nil {
			return "", err
		}
		return replaced, create(ctx, db, user)
	case byTokens:
		_, err := db.ExecContext(ctx, "ALTER USER ?@'%' REQUIRE SSL", user.Name)
		return none, err
	}
	if _, err := db.ExecContext(ctx, "ALTER USER ?@'%' REQUIRE SSL", user.Name); err != nil {
		return "", err
	}
	// To set a password that is good already would make it its own predecessor, and
	// the one before, which somebody may still have, would be gone.
	if in, err := letsIn(ctx, user.Name, user.Password); err != nil || in {
		return none, err
	}
	_, err = db.ExecContext(ctx, "ALTER USER ?@'%' IDENTIFIED BY ? RETAIN CURRENT PASSWORD", user.Name, user.Password)
	return password, err
}

// create makes a user who is not there.
func create(ctx context.Context, db *sql.DB, user User) error {
	if user.Password == "" {
		_, err := db.ExecContext(ctx, "CREATE USER ?@'%' IDENTIFIED WITH "+tokens+" AS 'RDS' REQUIRE SSL", user.Name)
		return err
	}
	// With the plugin that the server has for everyone, which is one that RDS Proxy speaks.
	_, err := db.ExecContext(ctx, "CREATE USER ?@'%' IDENTIFIED BY ? REQUIRE SSL", user.Name, user.Password)
	return err
}

// pluginOf says what a user signs in with, if there is such a user.
func pluginOf(ctx context.Context, db *sql.DB, name string) (plugin string, found bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT plugin FROM mysql.user WHERE user = ? AND host = '%'", name).Scan(&plugin)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return plugin, err == nil, err
}

// allow returns a user its privileges in the database of the connection.
func allow(ctx context.Context, db *sql.DB, user User) error {
	var database sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return err
	}
	if !database.Valid {
		return errors.New("the URL names no database: mysql://host:3306/DATABASE")
	}
	_, err := db.ExecContext(ctx,
		"GRANT "+strings.Join(user.Privileges, ", ")+" ON "+pattern(database.String)+".* TO ?@'%'", user.Name)
	return err
}

// pattern quotes the name of a database for GRANT, which would take _ and % in it for
// any character, and so for other databases.
//
// https://dev.mysql.com/doc/refman/8.4/en/grant.html
func pattern(database string) string {
	return "`" + strings.NewReplacer("`", "``", `\`, `\\`, "_", `\_`, "%", `\%`).Replace(database) + "`"
}

// hiding takes a password out of an error: a server repeats what it does not
// understand.
func hiding(err error, password string) error {
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
}

// Denied says whether an error is the server's refusal of a name and a password.
func Denied(err error) bool {
	refused, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && refused.Number == 1045
}
