// Command wide is functions/migrate with other files: those that work on a table
// with many rows.
package main

import (
	"database/sql"
	"embed"
	"io/fs"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"slipway/internal/database"
	_ "slipway/internal/database/mysql"
	"slipway/internal/migration"
	"slipway/internal/stackhook"
	"slipway/internal/stackhook/upgrade"
)

//go:embed mysql
var files embed.FS

func main() {
	job := migration.Job{
		Open:  func() (*sql.DB, string, error) { return database.OpenMigration(os.Getenv("DATABASE_URL")) },
		Files: func(dialect string) (fs.FS, error) { return fs.Sub(files, dialect) },
	}
	lambda.Start(stackhook.Wrap(upgrade.Hook(job.Handle), job.Handle))
}
