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
		Short: "Serve the Lambda binary on ADDR behind a local API Gateway",
		Long: `Serve the Lambda binary on ADDR (default 127.0.0.1:3000) behind a local API
Gateway. It does not need Docker.

It builds functions/api for this machine and runs it in sandboxes. A sandbox is a
process with its own Lambda Runtime API; it handles one request at a time. The
local gateway behaves as an HTTP API (--payload 2.0) or as a REST API with a custom
domain (--payload 1.0). It has the same events, headers, limits, and errors:

  request line and headers   10,240 bytes     431
  body                       10 MB            413
  event                      6 MB             413
  function                   29 s             500, REST API 502
  gateway                    30 s, REST 29 s  503, REST API 504
  all sandboxes busy                          503, REST API 500

It starts one sandbox per concurrent request, up to --concurrency. The log of the
function goes to standard error.

If a token is required (see serve), the gateway verifies it, as the JWT authorizer
does in AWS. Every request needs a token, except OPTIONS (CORS preflight). The
function reads the claims of the token.

When a source file of the function changes, the function is built again. New
requests go to the new code; requests in progress finish on the old code. If the
build fails, the compiler's errors are printed and the old code stays in use. A
rebuild does not apply migrations: run "go run ./local db upgrade".

The Lambda binary does not contain SQLite, so DATABASE_URL must name a MySQL
database. Without DATABASE_URL, the development MySQL of local/mysql.sh is started;
it keeps running afterwards. Pending migrations are applied as with serve. The
sandboxes get the variables in docs/configuration.md and those that begin with AWS_.

Ctrl-C stops the server after it has finished the requests in progress.`,
		Example: `  go run ./local lambda
  go run ./local lambda --payload 1.0 --concurrency 2
  DATABASE_URL=mysql://root@127.0.0.1:3306/app go run ./local lambda`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lambda(cmd.Context(), cmd.OutOrStdout(), payload, concurrency)
		},
	}
	cmd.Flags().StringVar(&payload, "payload", "2.0", "payload version: 2.0 for an HTTP API, 1.0 for a REST API")
	cmd.Flags().IntVar(&concurrency, "concurrency", 10, "maximum number of sandboxes, 1 to 1000")
	return cmd
}

// lambda runs until ctx ends.
func lambda(ctx context.Context, out io.Writer, payload string, concurrency int) (err error) {
	kind, known := map[string]string{"2.0": "HTTP API", "1.0": "REST API"}[payload]
	if !known {
		return fmt.Errorf("--payload is %q: it must be 2.0 (an HTTP API) or 1.0 (a REST API)", payload)
	}
	if concurrency < 1 || concurrency > 1000 {
		return fmt.Errorf("--concurrency is %d: it must be 1 to 1000", concurrency)
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
	defer os.RemoveAll(dir) // runs after pool.Close, when no process uses the folder
	reload := &reloader{root: root, dir: dir, out: out, env: sandboxEnv(env, os.Environ())}
	if err := prepareDatabase(ctx, out, c.DatabaseURL); err != nil { // before the build, which takes longer
		return err
	}
	program, err := reload.start(ctx)
	if err != nil {
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
	defer func() { stop(); <-watched }() // no swap after the pool is closed
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

// lambdaConfig reads the configuration. It also returns the environment variables for the function. Without
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

// authorize returns the authorizer of the gateway, or nil if no token is required.
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

// checkLambda returns an error for an SQLite database, for which the Lambda binary has no driver.
func checkLambda(c config.Config) error {
	name, url := "DATABASE_URL", c.DatabaseURL
	if !strings.HasPrefix(url, "sqlite:") {
		name, url = "DATABASE_READER_URL", c.DatabaseReaderURL
	}
	if !strings.HasPrefix(url, "sqlite:") {
		return nil
	}
	return fmt.Errorf("%s is an SQLite file, but the Lambda binary does not contain SQLite: unset it, "+
		"or set it to mysql://user:pass@host:3306/db. Without DATABASE_URL a development MySQL is started", name)
}

// checkDatabase returns an error if the database URL or the credentials are invalid. It does not connect. It runs
// before the build, so that the error appears at once.
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

// findProject returns the current folder, or an error if it is not the project's folder.
func findProject() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for _, name := range []string{"go.mod", "functions/api/main.go"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			return "",
				fmt.Errorf("missing %s: run the command in the project's folder, because it builds functions/api", name)
		}
	}
	return root, nil
}

// startMySQL starts the development MySQL, if it does not run yet, and returns its URL. The script reports its
// progress on standard error.
func startMySQL(ctx context.Context, root string) (string, error) {
	var stdout bytes.Buffer
	cmd := exec.CommandContext(ctx, "bash", "local/mysql.sh", "up")
	cmd.Dir = root
	cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("cannot start the development MySQL (%w): set DATABASE_URL to a running server", err)
	}
	_, url, found := strings.Cut(strings.TrimSpace(stdout.String()), "export DATABASE_URL=")
	if !found {
		return "", fmt.Errorf("local/mysql.sh printed no URL: %q", stdout.String())
	}
	return url, nil
}

// sandboxEnv returns the environment of a sandbox: the configuration and the variables of the AWS SDK. It omits
// AWS_PROFILE, because a Lambda function has no profile and no home folder.
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
