// Command wide is functions/migrate with a migration for a table with many rows.
package main

import (
	"database/sql"
	"embed"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/aws/customresource"
	"slipway/internal/aws/customresource/upgrade"
	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/migrate/job"
)

//go:embed mysql
var files embed.FS

func main() {
	admin := job.Job{Open: open, Migrations: files}
	lambda.Start(customresource.Wrap(upgrade.Hook(admin.Handle), admin.Handle))
}

func open(bool) (*sql.DB, string, error) {
	db, err := database.Open(database.Config{URL: os.Getenv("DATABASE_URL"), Mode: database.Migrate}, mysql.Dialect{})
	if err != nil {
		return nil, "", err
	}
	return db.SQL(), db.Dialect, nil
}
