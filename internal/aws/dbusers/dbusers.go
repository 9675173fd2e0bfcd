// Package dbusers creates the two users of a database: one for the API, who reads and writes rows, and one for
// migrations, who changes the schema. It uses a connection of the server's master user, so the two users do not need
// privileges to create users.
//
// All functions are idempotent: they keep what exists and add what is missing. A changed password is set again, and the
// previous one stays valid until the next change.
//
// It may not import other packages of slipway. It uses the MySQL driver for its errors only; the caller opens the
// database and reads the secrets.
package dbusers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// The privileges of the two users, for one database.
var (
	// API allows changes of rows.
	API = []string{"SELECT", "INSERT", "UPDATE", "DELETE"}
	// Migrate allows changes of rows, tables, indexes, and foreign keys. The locks of the migration engine and its queries
	// of information_schema need no further privilege.
	Migrate = []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"}
)

// User is a user to create.
type User struct {
	Name string
	// Privileges are the privileges of the user, such as [API].
	Privileges []string
	// Password is the password; "" if the user signs in with IAM tokens only.
	Password string
}

// Made is the result for a user.
type Made struct {
	Name string `json:"name"`
	// SignIn is iam or secret.
	SignIn string `json:"sign_in"`
	// Change is "created", "replaced" (the user had another way to sign in), "password" (the password was changed), or
	// "none".
	Change     string   `json:"change"`
	Privileges []string `json:"privileges"`
}

const (
	created  = "created"
	replaced = "replaced"
	password = "password"
	none     = "none"
)

// tokens is the authentication plugin of RDS for IAM tokens.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
const tokens = "AWSAuthenticationPlugin"

// Ensure creates or updates one user. db must be a connection of the server's master user to the database, and must
// interpolate parameters in the client, because MySQL does not support them in CREATE USER. letsIn reports whether the
// server accepts a name and a password. It is not called for a user with IAM tokens.
//
// Ensure adds privileges and never revokes them. The error names the user and contains no password.
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
		return Made{}, fmt.Errorf("cannot create the user %s: %w", user.Name, hiding(err, user.Password))
	}
	return made, nil
}

// signIn sets how a user signs in, always over TLS, and returns the change.
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
		// Replace the user: otherwise the previous credentials would stay valid. MySQL cannot retain a password of another
		// plugin.
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
	// Do not set a password that is already valid: it would replace the retained previous password, which may still be in
	// use.
	if in, err := letsIn(ctx, user.Name, user.Password); err != nil || in {
		return none, err
	}
	_, err = db.ExecContext(ctx, "ALTER USER ?@'%' IDENTIFIED BY ? RETAIN CURRENT PASSWORD", user.Name, user.Password)
	return password, err
}

// create creates a user.
func create(ctx context.Context, db *sql.DB, user User) error {
	if user.Password == "" {
		_, err := db.ExecContext(ctx, "CREATE USER ?@'%' IDENTIFIED WITH "+tokens+" AS 'RDS' REQUIRE SSL", user.Name)
		return err
	}
	// The default plugin of the server works with RDS Proxy.
	_, err := db.ExecContext(ctx, "CREATE USER ?@'%' IDENTIFIED BY ? REQUIRE SSL", user.Name, user.Password)
	return err
}

// pluginOf returns the authentication plugin of a user. found is false if the user does not exist.
func pluginOf(ctx context.Context, db *sql.DB, name string) (plugin string, found bool, err error) {
	err = db.QueryRowContext(ctx, "SELECT plugin FROM mysql.user WHERE user = ? AND host = '%'", name).Scan(&plugin)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return plugin, err == nil, err
}

// allow grants a user its privileges in the database of the connection.
func allow(ctx context.Context, db *sql.DB, user User) error {
	var database sql.NullString
	if err := db.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&database); err != nil {
		return err
	}
	if !database.Valid {
		return errors.New("the URL names no database: use mysql://host:3306/DATABASE")
	}
	_, err := db.ExecContext(ctx,
		"GRANT "+strings.Join(user.Privileges, ", ")+" ON "+pattern(database.String)+".* TO ?@'%'", user.Name)
	return err
}

// pattern quotes the name of a database for GRANT, in which _ and % are wildcards.
//
// https://dev.mysql.com/doc/refman/8.4/en/grant.html
func pattern(database string) string {
	return "`" + strings.NewReplacer("`", "``", `\`, `\\`, "_", `\_`, "%", `\%`).Replace(database) + "`"
}

// hiding removes a password from an error: the server's message may quote a part of the statement.
func hiding(err error, password string) error {
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(strings.ReplaceAll(err.Error(), password, "…"))
}

// Denied reports whether the server rejected the name and the password.
func Denied(err error) bool {
	refused, ok := errors.AsType[*mysql.MySQLError](err)
	return ok && refused.Number == 1045
}
