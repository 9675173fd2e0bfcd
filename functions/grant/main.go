// Command grant is the Lambda function that makes the two users of the stack's own
// database. A deployment runs it as a custom resource; by name it is invoked when a
// secret was rotated, never over HTTP:
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

// The users of a database that is signed in to with tokens. Those with a password have
// the names that stand in their secrets.
const (
	apiUser     = "slipway_api"
	migrateUser = "slipway_migrate"
)

func main() {
	c, _ := config.Load(os.Getenv) // each event's report has the error
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	job := dbusers.Job{Open: open, Users: users, LetsIn: letsIn}
	lambda.Start(customresource.Wrap(hook(job), job.Handle))
}

// open is called for each event, so that what is wrong with the environment is in that
// event's report. It signs in as the master, with the secret of the moment.
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

// users reads who is to be made, and the secrets of those who have one.
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

// letsIn signs in where the functions will, and hangs up.
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
