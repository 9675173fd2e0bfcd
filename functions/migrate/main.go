// Command migrate is the Lambda function that applies migrations and reports their state. Invoke it by name (it has no
// HTTP interface):
//
//	aws lambda invoke --function-name migrate --payload '{"command": "status"}' report.json
package main

import (
	"database/sql"
	"log/slog"
	"os"

	"slipway/internal/migrate/job"
	"slipway/internal/migrate/verify"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/aws/customresource"
	"slipway/internal/aws/customresource/upgrade"
	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/dbenv"
	"slipway/migrations"
)

func main() {
	c, _ := config.Load(os.Getenv) // the report of each event contains the error
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	admin := job.Job{Open: open, Migrations: migrations.Folder(), Declared: verify.Declared{Schema: migrations.Schema()}}
	lambda.Start(customresource.Wrap(upgrade.Hook(admin.Handle), admin.Handle))
}

// open opens the database. It runs for each event, so that the report of the event contains errors of the environment.
func open(readOnly bool) (db *sql.DB, dialect string, err error) {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return nil, "", err
	}
	to, err := dbenv.Config(c, os.Getenv)
	if err != nil {
		return nil, "", err
	}
	to.Mode = database.Migrate
	if readOnly {
		to.Mode = database.ReadOnly
	}
	opened, err := database.Open(to, mysql.Dialect{})
	if err != nil {
		return nil, "", err
	}
	return opened.SQL(), opened.Dialect, nil
}
