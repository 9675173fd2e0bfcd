package main

import (
	"cmp"
	"errors"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/spf13/cobra"
)

// offline is a database that is not asked: what is known of it is its version. It
// is for pipelines, which cannot reach the database that a deployment is for.
type offline struct {
	from, dialect string
}

func (o *offline) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.from, "from", "", `the version that is live, "base" for none: no database is asked`)
	cmd.Flags().StringVar(&o.dialect, "dialect", plan.MySQL, "whose files --from is about: mysql or sqlite")
	cmd.MarkFlagsMutuallyExclusive("from", "url")
}

// asked says whether there is no database to ask. An empty version counts: it is
// what the report of a database says where nothing is applied.
func (o *offline) asked(cmd *cobra.Command) (bool, error) {
	if !cmd.Flags().Changed("from") {
		if cmd.Flags().Changed("dialect") {
			return false, errors.New("--dialect goes with --from: a database says itself which dialect it speaks")
		}
		return false, nil
	}
	o.from = cmp.Or(o.from, run.Base)
	return true, nil
}

// plan is what an upgrade of that database runs.
func (o *offline) plan(to string) (run.Report, error) {
	return run.PlanFrom(o.dialect, migrationsFolder(), o.from, to)
}

// engine is one that has files only.
func (o *offline) engine() (*run.Engine, error) {
	engine, err := run.New(nil, o.dialect, migrationsFolder())
	if err != nil {
		return nil, err
	}
	engine.Scratch = scratchDatabases
	return engine, nil
}
