// Command echo is the function that lambdatest tests itself with: it does what its event says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do  string `json:"do"`
	Env string `json:"env"`
}

func main() {
	if os.Getenv("EXIT") != "" {
		fmt.Println("no way to start")
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
		}
		fmt.Println("echo", string(payload))
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{"event": payload, "id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn,
			"deadline": deadline.UnixMilli(), "env": os.Getenv(e.Env)}, nil
	})
}
