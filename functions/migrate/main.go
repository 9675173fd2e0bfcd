// Command migrate is the admin Lambda function: it applies migrations and says
// what is applied. It is invoked by name, never over HTTP:
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
	c, _ := config.Load(os.Getenv) // each event's report has the error
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel})))
	admin := job.Job{Open: open, Migrations: migrations.Folder(), Declared: verify.Declared{Schema: migrations.Schema()}}
	lambda.Start(customresource.Wrap(upgrade.Hook(admin.Handle), admin.Handle))
}

// open is called for each event. What is wrong with the environment is in that
// event's report, then, and not in a log that nobody has open.
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
