package main

import (
	"cmp"
	"errors"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"
)

// offline is a database of which only the version and the dialect are known. A
// pipeline uses it if it cannot reach the database of a deployment.
type offline struct {
	from, dialect string
}

func (o *offline) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.from, "from", "", `live version to assume, "base" for none; uses no database`)
	cmd.Flags().StringVar(&o.dialect, "dialect", plan.MySQL, "dialect of the database with --from: mysql or sqlite")
	cmd.MarkFlagsMutuallyExclusive("from", "url")
}

// selected reports whether --from is set, so that no database is used. An empty version
// is "base": reports have an empty version if nothing is applied.
func (o *offline) selected(cmd *cobra.Command) (bool, error) {
	if !cmd.Flags().Changed("from") {
		if cmd.Flags().Changed("dialect") {
			return false, errors.New("--dialect requires --from: otherwise the database determines the dialect")
		}
		return false, nil
	}
	o.from = cmp.Or(o.from, run.Base)
	return true, nil
}

// plan returns the report of the migrations that an upgrade of this database applies.
func (o *offline) plan(to string) (run.Report, error) {
	return run.PlanFrom(o.dialect, migrationsFolder(), o.from, to)
}

// engine returns an engine that has files but no database.
func (o *offline) engine() (*run.Engine, error) {
	engine, err := run.New(nil, o.dialect, migrationsFolder())
	if err != nil {
		return nil, err
	}
	engine.Scratch = scratchDatabases
	return engine, nil
}
