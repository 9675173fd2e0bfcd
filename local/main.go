// Command local is the developer's command: it serves the API on this machine
// and looks after the database.
//
//	go run ./local              serve on SQLite, or on what DATABASE_URL names
//	go run ./local db --help    migrations
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	_ "slipway/internal/database/mysql"
	_ "slipway/internal/database/sqlite"
)

// defaultURL is where the rows are unless DATABASE_URL says otherwise.
const defaultURL = "sqlite://local/data/app.db"

func main() {
	// The first signal ends what is under way in good order, a second at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { <-ctx.Done(); stop() }()
	if err := newRootCommand().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func newRootCommand() *cobra.Command {
	serve := newServeCommand()
	root := &cobra.Command{
		Use:   "local",
		Short: "Serve slipway on this machine and look after its database",
		Long: `Serve slipway on this machine and look after its database.

Without a command it serves: see "serve".`,
		Example: `  go run ./local
  DATABASE_URL=mysql://root@127.0.0.1:3306/app go run ./local
  go run ./local db migrate -m "add nickname"
  go run ./local db upgrade`,
		Args:          cobra.NoArgs,
		RunE:          serve.RunE,
		SilenceErrors: true, // main prints it, once
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(serve, newDBCommand())
	return root
}
