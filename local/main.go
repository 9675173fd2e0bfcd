// Command local is the developer's command: it serves the API on this machine
// and looks after the database.
//
//	go run ./local              serve on SQLite, or on what DATABASE_URL names
//	go run ./local lambda       serve the real Lambda binary, behind what AWS has in front of it
//	go run ./local db --help    migrations
//	go run ./local new table    a table from a few words, ready to be served
//	go run ./local token        a token for where one is asked for
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

// dialects are those that a URL can name.
var dialects = []database.Dialect{mysql.Dialect{}, sqlite.Dialect{}}

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
  go run ./local lambda
  go run ./local db migrate -m "add nickname"
  go run ./local db upgrade`,
		Args:          unknownCommand,
		RunE:          serve.RunE,
		SilenceErrors: true, // main prints it, once
		SilenceUsage:  true,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SuggestionsMinimumDistance = 2
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w: %s --help lists them", err, cmd.CommandPath())
	})
	root.AddCommand(serve, newLambdaCommand(), newDBCommand(), newNewCommand(), newTokenCommand(), newSamEnvCommand())
	return root
}

// unknownCommand refuses words that name no command, and says which was meant.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	meant := ""
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		meant = fmt.Sprintf(" (did you mean %s?)", strings.Join(names, " or "))
	}
	return fmt.Errorf("unknown command %q%s: %s --help lists them", args[0], meant, cmd.CommandPath())
}
