// Command grant is the Lambda function that creates the two users of the stack's own database. A deployment runs it as
// a custom resource. After the rotation of a secret, invoke it by name (it has no HTTP interface):
//
//	aws lambda invoke --function-name grant --payload '{"command": "apply"}' report.json
package main

import (
	"context"
	"database/sql"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/aws/credentials"
	"slipway/internal/aws/customresource"
	"slipway/internal/aws/dbusers"
	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/dbenv"
)

// The users with IAM tokens. Users with a password have the names in their secrets.
const (
	apiUser     = "slipway_api"
	migrateUser = "slipway_migrate"
)

func main() {
	c, _ := config.Load(os.Getenv) // the report of each event contains the error
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	job := dbusers.Job{Open: open, Users: users, LetsIn: letsIn}
	lambda.Start(customresource.Wrap(hook(job), job.Handle))
}

// open opens the database as the master user. It runs for each event, so that the report of the event contains errors
// of the environment.
func open() (*sql.DB, error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return nil, err
	}
	to, err := dbenv.Config(c, os.Getenv)
	if err != nil {
		return nil, err
	}
	to.Mode = database.Migrate
	db, err := database.Open(to, mysql.Dialect{})
	if err != nil {
		return nil, err
	}
	return db.SQL(), nil
}

// users returns the users to create, with the passwords in their secrets.
func users(ctx context.Context) ([]dbusers.User, error) {
	c, err := config.LoadGrant(os.Getenv)
	if err != nil {
		return nil, err
	}
	list := []dbusers.User{{Name: apiUser, Privileges: dbusers.API}, {Name: migrateUser, Privileges: dbusers.Migrate}}
	if c.ByIAM {
		return list, nil
	}
	for i, variable := range []string{"GRANT_API_SECRET_ARN", "GRANT_MIGRATE_SECRET_ARN"} {
		source, err := credentials.Secret(variable, []string{c.APISecretARN, c.MigrateSecretARN}[i], os.Getenv)
		if err != nil {
			return nil, err
		}
		if list[i].Name, list[i].Password, err = source(ctx, "", list[i].Name, ""); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// letsIn signs in to the database and closes the connection. It reports whether the server accepted the password.
func letsIn(ctx context.Context, name, password string) (bool, error) {
	db, err := database.Open(database.Config{
		URL:         os.Getenv("DATABASE_URL"),
		Mode:        database.Migrate,
		Credentials: func(context.Context, string, string, string) (string, string, error) { return name, password, nil },
	}, mysql.Dialect{})
	if err != nil {
		return false, err
	}
	defer db.Close()
	err = db.SQL().PingContext(ctx)
	if dbusers.Denied(err) {
		return false, nil
	}
	return err == nil, err
}
