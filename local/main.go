// Command local is the developer's command. It serves the API on this machine and manages its database.
//
//	go run ./local              serve the API on SQLite, or on the database in DATABASE_URL
//	go run ./local lambda       serve the Lambda binary behind a local API Gateway
//	go run ./local db --help    create, apply, and check migrations
//	go run ./local new table    declare a table and write its migrations
//	go run ./local token        print a token for a local server that requires one
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"slipway/internal/database"
	"slipway/internal/database/mysql"
	"slipway/internal/database/sqlite"
)

// dialects are the dialects that a database URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

// defaultURL is the database when DATABASE_URL is not set.
const defaultURL = "sqlite://local/data/app.db"

func main() {
	// The first signal shuts down gracefully. After it, the default handler applies: a second signal kills the process.
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
		Short: "Serve slipway on this machine and manage its database",
		Long: `Serve slipway on this machine and manage its database.

Without a command, it does the same as "serve".`,
		Example: `  go run ./local
  DATABASE_URL=mysql://root@127.0.0.1:3306/app go run ./local
  go run ./local lambda
  go run ./local db migrate -m "add nickname"
  go run ./local db upgrade`,
		Args:          unknownCommand,
		RunE:          serve.RunE,
		SilenceErrors: true, // main prints the error
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: run %s --help for the list", err, cmd.CommandPath())
	})
	root.AddCommand(serve, newLambdaCommand(), newDBCommand(), newNewCommand(), newTokenCommand(), newSamEnvCommand())
	return root
}

// unknownCommand returns an error for an unknown command and suggests similar names.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	suggestion := ""
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		suggestion = fmt.Sprintf(" (did you mean %s?)", strings.Join(names, " or "))
	}
	return fmt.Errorf("unknown command %q%s: run %s --help for the list", args[0], suggestion, cmd.CommandPath())
}
