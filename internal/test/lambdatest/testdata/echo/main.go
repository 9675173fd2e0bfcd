// Command echo is a function for tests. Its events contain instructions.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Env  string `json:"env"`
	File string `json:"file"`
	Size int    `json:"size"`
}

func main() {
	if os.Getenv("EXIT") != "" {
		fmt.Println("cannot start")
		os.Exit(3)
	}
	lambda.Start(func(ctx context.Context, payload json.RawMessage) (any, error) {
		var e event
		if err := json.Unmarshal(payload, &e); err != nil {
			return nil, err
		}
		switch e.Do {
		case "fail":
			return nil, errors.New("as told")
		case "panic":
			panic("as told")
		case "exit":
			os.Exit(4)
		case "sleep":
			time.Sleep(time.Hour)
		case "hold": // creates the file, and returns when it is deleted
			if err := os.WriteFile(e.File, []byte(fmt.Sprint(os.Getpid())), 0o600); err != nil {
				return nil, err
			}
			for err := error(nil); err == nil; _, err = os.Stat(e.File) {
				time.Sleep(5 * time.Millisecond)
			}
		case "spawn": // leaves a child process
			child := exec.Command("sleep", "3600")
			if err := child.Start(); err != nil {
				return nil, err
			}
			return child.Process.Pid, nil
		case "large":
			return strings.Repeat("x", e.Size), nil
		}
		fmt.Println("echo", string(payload))
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{"event": payload, "id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn,
			"deadline": deadline.UnixMilli(), "env": os.Getenv(e.Env), "pid": os.Getpid()}, nil
	})
}
