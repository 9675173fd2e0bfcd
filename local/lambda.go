package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"slipway/internal/config"
	"slipway/internal/database"
	"slipway/internal/dbenv"
	"slipway/internal/emulator"
)

// functionTimeout is the Timeout of the function in template.yaml.
const functionTimeout = 29 * time.Second

func newLambdaCommand() *cobra.Command {
	var payload string
	var concurrency int
	cmd := &cobra.Command{
		Use:   "lambda",
		Short: "Serve the real Lambda binary on ADDR, behind what AWS has in front of it",
		Long: `Serve the real Lambda binary on ADDR (default 127.0.0.1:3000), behind what AWS has
in front of it, without Docker.

It builds functions/api for this machine and runs it in sandboxes, each a process
behind a Runtime API of its own that serves one request at a time. In front of
them stands a gateway that behaves as API Gateway does: an HTTP API (--payload 2.0)
or a REST API behind a custom domain (--payload 1.0), with the event, the headers,
the limits and the errors of each:

  request line and headers   10,240 bytes     431
  body                       10 MB            413
  event                      6 MB             413
  function                   29 s             500, REST API 502
  gateway                    30 s, REST 29 s  503, REST API 504
  all sandboxes busy                          503, REST API 500

As many sandboxes are started as there are requests at once, up to --concurrency.
What the function writes goes to the standard error as CloudWatch would have it.

Where a token is asked for (see serve), the gateway verifies it, as an API's
authorizer does: every path but a preflight takes one. The function goes by its
claims.

When a file that the function is built of changes, it is built anew: new requests
go to the new code, those under way end in the old. If it does not compile, the
compiler's words are printed and the old code serves on. Migrations are not
applied by that: go run ./local db upgrade does.

The Lambda binary carries no SQLite. The rows are in DATABASE_URL, which is a
MySQL; without it the development MySQL of local/mysql.sh is started, which stays
when this ends. Pending migrations are applied as by serve. The sandboxes see
the configuration variables in docs/configuration.md and those that begin with
AWS_, and nothing else of this environment.

Ctrl-C stops it once the requests under way are answered.`,
		Example: `  go run ./local lambda
  go run ./local lambda --payload 1.0 --concurrency 2
  DATABASE_URL=mysql://root@127.0.0.1:3306/app go run ./local lambda`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lambda(cmd.Context(), cmd.OutOrStdout(), payload, concurrency)
		},
	}
	cmd.Flags().StringVar(&payload, "payload", "2.0", "the gateway: 2.0 is an HTTP API, 1.0 a REST API")
	cmd.Flags().IntVar(&concurrency, "concurrency", 10, "the most sandboxes at once, 1 to 1000")
	return cmd
}

// lambda runs until ctx ends.
func lambda(ctx context.Context, out io.Writer, payload string, concurrency int) (err error) {
	kind, known := map[string]string{"2.0": "HTTP API", "1.0": "REST API"}[payload]
	if !known {
		return fmt.Errorf("--payload is %q: it is 2.0 (an HTTP API) or 1.0 (a REST API)", payload)
	}
	if concurrency < 1 || concurrency > 1000 {
		return fmt.Errorf("--concurrency is %d: it is 1 to 1000", concurrency)
	}
	root, err := findProject()
	if err != nil {
		return err
	}
	c, env, err := lambdaConfig(ctx, root)
	if err != nil {
		return err
	}
	access, err := newAccess(c)
	if err != nil {
		return err
	}
	env["AUTH"] = string(access.mode())
	dir, err := os.MkdirTemp("", "slipway-lambda-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) // after the pool: no process runs from there any more
	reload := &reloader{root: root, dir: dir, out: out, env: sandboxEnv(env, os.Environ())}
	program, err := reload.start(ctx)
	if err != nil {
		return err
	}
	if err := prepareDatabase(ctx, out, c.DatabaseURL); err != nil {
		return err
	}

	pool := emulator.NewPool(program, concurrency, functionTimeout)
	defer pool.Close()
	front, err := emulator.NewFront(payload, pool.Invoke)
	if err != nil {
		return err
	}
	front.Authorize = access.authorize()
	front.Logger = slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: c.LogLevel}))
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		reload.watch(watching, pool.Swap)
	}()
	defer func() { stop(); <-watched }() // no swap once the pool is closed
	return listenAndServe(ctx, out, c.Addr, &http.Server{
		Handler:           front,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      90 * time.Second,
		IdleTimeout:       2 * time.Minute,
	},
		[]string{"auth    " + access.how,
			fmt.Sprintf("gateway payload %s (%s); sandboxes: up to %d", payload, kind, concurrency)})
}

// lambdaConfig reads the configuration, and returns with it the variables that the function reads. Without
// DATABASE_URL it starts the development MySQL.
func lambdaConfig(ctx context.Context, root string) (c config.Config, env map[string]string, err error) {
	env = map[string]string{}
	c, err = config.Load(func(name string) string {
		env[name] = os.Getenv(name)
		return env[name]
	})
	if err == nil {
		err = checkLambda(c)
	}
	if err == nil && c.DatabaseURL == "" {
		c.DatabaseURL, err = startMySQL(ctx, root)
		env["DATABASE_URL"] = c.DatabaseURL
	}
	if err == nil {
		err = checkDatabase(c)
	}
	return c, env, err
}

// authorize is access as the gateway takes it.
func (a access) authorize() func(*http.Request) (map[string]any, error) {
	if a.tokens == nil {
		return nil
	}
	return func(r *http.Request) (map[string]any, error) {
		claims, err := a.tokens.Verify(r)
		if err == nil && claims == nil {
			err = errors.New("the request has no token")
		}
		return claims, err
	}
}

// checkLambda refuses a database that the Lambda binary has no driver for.
func checkLambda(c config.Config) error {
	name, url := "DATABASE_URL", c.DatabaseURL
	if !strings.HasPrefix(url, "sqlite:") {
		name, url = "DATABASE_READER_URL", c.DatabaseReaderURL
	}
	if !strings.HasPrefix(url, "sqlite:") {
		return nil
	}
	return fmt.Errorf("%s is an SQLite file, and the Lambda binary carries no SQLite: unset it, "+
		"or set it to mysql://user:pass@host:3306/db. Without DATABASE_URL a development MySQL is started", name)
}

// checkDatabase says what is wrong with how to reach and to sign in to the
// database before anything is built. It connects to nothing.
func checkDatabase(c config.Config) error {
	to, err := dbenv.Config(c, os.Getenv)
	if err != nil {
		return err
	}
	db, err := database.Open(to, dialects...)
	if err != nil {
		return err
	}
	return db.Close()
}

// findProject returns the folder with the project's code, which is where the command is run.
func findProject() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for _, name := range []string{"go.mod", "functions/api/main.go"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			return "",
				fmt.Errorf("there is no %s here: run the command in the project's folder, whose functions/api it builds", name)
		}
	}
	return root, nil
}

// startMySQL starts the development MySQL, unless it runs, and gives its URL. The
// script says on the standard error what it does.
func startMySQL(ctx context.Context, root string) (string, error) {
	var stdout bytes.Buffer
	cmd := exec.CommandContext(ctx, "bash", "local/mysql.sh", "up")
	cmd.Dir = root
	cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("the development MySQL could not be started (%w): set DATABASE_URL to one that runs", err)
	}
	_, url, found := strings.Cut(strings.TrimSpace(stdout.String()), "export DATABASE_URL=")
	if !found {
		return "", fmt.Errorf("local/mysql.sh does not say where its MySQL is: %q", stdout.String())
	}
	return url, nil
}

// sandboxEnv returns the variables of a sandbox: those of the configuration, and what the AWS SDK reads. A Lambda has
// no profile and no home folder.
func sandboxEnv(configured map[string]string, environ []string) []string {
	var env []string
	for name, value := range configured {
		if value != "" && name != "ADDR" {
			env = append(env, name+"="+value)
		}
	}
	for _, pair := range environ {
		if strings.HasPrefix(pair, "AWS_") && !strings.HasPrefix(pair, "AWS_LAMBDA_") &&
			!strings.HasPrefix(pair, "AWS_PROFILE=") {
			env = append(env, pair)
		}
	}
	return env
}
