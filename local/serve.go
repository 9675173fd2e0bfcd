package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"slipway/internal/migrate/plan"
	"slipway/internal/migrate/run"

	"github.com/lmittmann/tint"
	"github.com/spf13/cobra"

	"slipway/internal/app"
	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/dbenv"
	"slipway/internal/httpapi"
	"slipway/internal/store"
	"slipway/migrations"
)

func newServeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve the API on ADDR",
		Long: `Serve the API on ADDR (default 127.0.0.1:3000).

DATABASE_URL is the database (default ` + defaultURL + `).
In a project without migrations for SQLite, the development MySQL of local/mysql.sh is
the default. It is started, and keeps running afterwards.
If DATABASE_READER_URL is set, GET and HEAD requests read from that replica.

If the database is on this machine (an SQLite file, or MySQL on loopback), serve
applies pending migrations first. For any other database, and for an adopted one before
the first "db upgrade", it only reports pending migrations. It never applies migrations
to a reader.

On loopback, requests need no token. With AUTH=required, or with any other ADDR,
a request needs a token with the scope read or write: see "token --help".

Ctrl-C stops the server after it has finished the requests in progress.`,
		Example: `  go run ./local serve
  ADDR=127.0.0.1:8080 LOG_LEVEL=debug go run ./local serve
  AUTH=required go run ./local serve
  DATABASE_URL=mysql://root@127.0.0.1:3306/app go run ./local serve`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), cmd.OutOrStdout())
		},
	}
}

// serve runs until ctx ends.
func serve(ctx context.Context, out io.Writer) error {
	c, err := config.Load(os.Getenv)
	if err != nil {
		return err
	}
	if c.DatabaseURL == "" {
		if c.DatabaseURL, err = ownDatabase(ctx); err != nil {
			return err
		}
	}
	to, err := dbenv.Config(c, os.Getenv)
	if err != nil {
		return err
	}
	if err := prepareDatabase(ctx, out, c.DatabaseURL); err != nil {
		return err
	}
	db, err := database.Open(to, dialects...)
	if err != nil {
		return err
	}
	defer db.Close()
	if c.DatabaseReaderURL != "" {
		reader := target{url: c.DatabaseReaderURL}
		fmt.Fprintln(out, "reader  ", reader.address())
	}
	version, err := migrations.Latest(db.Dialect)
	if err != nil {
		return err
	}
	access, err := newAccess(c)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: httpapi.New(httpapi.Options{
			Store:         store.New(db),
			Tables:        app.Tables,
			SchemaVersion: version,
			Logger:        newLogger(os.Stderr, c.LogLevel),
			MaxBodyBytes:  c.MaxBodyBytes,
			// The limit of API Gateway. The limit of net/http is higher (1 MB).
			MaxHeaderBytes: 10240,
			CORSOrigins:    c.CORSOrigins,
			Auth:           access.auth(c),
		}),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       2 * time.Minute,
	}
	return listenAndServe(ctx, out, c.Addr, server, []string{"auth    " + access.how})
}

// ownDatabase returns the database to serve if none is set: the SQLite file, or the development MySQL in a project
// without migrations for SQLite. It starts this server.
func ownDatabase(ctx context.Context) (string, error) {
	if len(plan.DialectsOf(migrationsFolder())) == 1 {
		return startMySQL(ctx, ".")
	}
	return defaultURL, nil
}

// listenAndServe serves on addr until ctx ends. Then it finishes the requests in progress, for at most 10 seconds.
// It prints the addresses that it serves, followed by the lines of more.
func listenAndServe(ctx context.Context, out io.Writer, addr string, server *http.Server, more []string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("cannot listen on ADDR %s: %w", addr, errors.Unwrap(err))
	}
	paths := make([]string, len(app.Tables))
	for i, t := range app.Tables {
		paths[i] = t.ListPath()
	}
	fmt.Fprintf(out, "serving http://%s (%s)\n", listener.Addr(), strings.Join(paths, ", "))
	fmt.Fprintf(out, "docs    http://%s/docs\n", listener.Addr())
	for _, line := range append(more, "stop with Ctrl-C") {
		fmt.Fprintln(out, line)
	}

	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(out, "stopping: finishing the requests in progress")
	deadline, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		return fmt.Errorf("some requests did not finish: %w", err)
	}
	return nil
}

// prepareDatabase applies pending migrations if the database is on this machine. For any other database it only
// reports them, because the migrations in a working copy may not be reviewed yet. It does not change the tables of an
// adopted database either, before the first db upgrade.
func prepareDatabase(ctx context.Context, out io.Writer, rawURL string) (err error) {
	t, here := target{url: rawURL}, onThisMachine(rawURL)
	engine, db, err := t.open(modeOf(!here))
	if err != nil {
		return oneLine(err)
	}
	defer func() { err = oneLine(errors.Join(err, db.Close())) }()
	fmt.Fprintln(out, "database", t.address())
	why := "The database is not on this machine"
	if here {
		engine.Progress = t.progress(out)
		adopted, err := engine.OnBaseline(ctx)
		if err != nil {
			return err
		}
		if !adopted {
			_, err := engine.Upgrade(ctx, run.Upgrade{})
			return err
		}
		why = "The tables of the database were adopted"
	}
	report, err := engine.Status(ctx)
	if err == nil && len(report.Pending) > 0 {
		fmt.Fprintf(out, "%s pending. %s, so nothing is applied.\nTo apply, run: go run ./local db upgrade\n",
			count(len(report.Pending), "migration"), why)
	}
	return err
}

// onThisMachine reports whether a database is an SQLite file, or a server on loopback or on a Unix socket.
func onThisMachine(rawURL string) bool {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "mysql" {
		return true // a file or a socket: an invalid URL returned an error earlier
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// newLogger returns a logger that writes colored text to a terminal and JSON to anything else.
func newLogger(f *os.File, level slog.Level) *slog.Logger {
	if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		return slog.New(tint.NewTextHandler(f, &tint.Options{
			Level: level, TimeFormat: time.TimeOnly, NoColor: os.Getenv("NO_COLOR") != "", // https://no-color.org
		}))
	}
	return slog.New(slog.NewJSONHandler(f, &slog.HandlerOptions{Level: level}))
}
