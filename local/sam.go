package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"sync"

	"github.com/spf13/cobra"
)

// newSamEnvCommand returns a hidden command. Only local/sam.sh uses it.
func newSamEnvCommand() *cobra.Command {
	var network, hostname, from, to string
	cmd := &cobra.Command{
		Use:    "sam-env",
		Hidden: true,
		Short: "Migrate the database, write the variables of the function for sam local, and forward its database " +
			"connections to this machine",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			defaults, err := os.ReadFile(from)
			if err != nil {
				return err
			}
			reach := reach{host: hostname}
			if network != "" {
				if reach.network, err = netip.ParsePrefix(network); err != nil {
					return fmt.Errorf("--network: %w", err)
				}
			}
			if err := prepareDatabase(cmd.Context(), cmd.OutOrStdout(), os.Getenv("DATABASE_URL")); err != nil {
				return err
			}
			defer reach.close()
			text, err := reach.environment(defaults, os.Getenv)
			if err != nil {
				return err
			}
			// Rename is atomic: local/sam.sh, which waits for the file, never reads a part. It may contain a password.
			if err := os.WriteFile(to+".part", text, 0o600); err != nil {
				return err
			}
			if err := os.Rename(to+".part", to); err != nil {
				return err
			}
			if len(reach.listeners) > 0 {
				reach.forward(cmd.Context())
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&hostname, "host", "", "the address of this machine in containers, such as "+
		"host.docker.internal or the address of Docker's bridge")
	cmd.Flags().StringVar(&network, "network", "", "the containers' network, such as 172.17.0.0/16: connections from "+
		"there to --host are forwarded to a database on loopback")
	cmd.Flags().StringVar(&from, "from", "local/env.json", "the variables and their defaults")
	cmd.Flags().StringVar(&to, "to", "", "the file to write")
	return cmd
}

// reach describes how a container connects to a server on this machine's loopback.
type reach struct {
	// host is the address of this machine in containers.
	host string
	// network is the network of the containers. Without it nothing is forwarded: host itself reaches loopback, as
	// host.docker.internal does.
	network netip.Prefix

	listeners []forwarder
}

// forwarder accepts connections for one address on loopback.
type forwarder struct {
	net.Listener
	to string
}

// environment returns the JSON file for sam's --env-vars. It takes the variables of each function from defaults,
// replaces their values with those of the environment, and rewrites URLs of databases on loopback for containers.
func (r *reach) environment(defaults []byte, getenv func(string) string) ([]byte, error) {
	var functions map[string]map[string]string
	if err := json.Unmarshal(defaults, &functions); err != nil {
		return nil, fmt.Errorf("the variables for sam local: %w", err)
	}
	for _, variables := range functions {
		for name := range variables {
			if value := getenv(name); value != "" {
				variables[name] = value
			}
			if value := variables[name]; value != "" && (name == "DATABASE_URL" || name == "DATABASE_READER_URL") {
				reached, err := r.url(value)
				if err != nil {
					return nil, fmt.Errorf("%s %w", name, err)
				}
				variables[name] = reached
			}
		}
	}
	return json.MarshalIndent(functions, "", "  ")
}

// url returns the URL of a database as a container reaches it. Errors do not contain the URL, because it may contain a
// password.
func (r *reach) url(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "mysql" {
		return "", errors.New("is invalid for a function in a container: set it to mysql://user:pass@host:3306/db")
	}
	if !onThisMachine(raw) {
		return raw, nil
	}
	port := u.Port()
	if port == "" {
		port = "3306"
	}
	if r.network.IsValid() {
		listener, err := net.Listen("tcp", net.JoinHostPort(r.host, "0"))
		if err != nil {
			return "", fmt.Errorf("cannot be reached by containers: %w (rootless Docker, and Docker in a virtual machine, "+
				"need a database that does not listen on loopback only)", err)
		}
		r.listeners = append(r.listeners, forwarder{listener, net.JoinHostPort(u.Hostname(), port)})
		_, port, _ = net.SplitHostPort(listener.Addr().String())
	}
	u.Host = net.JoinHostPort(r.host, port)
	return u.String(), nil
}

// forward forwards incoming connections to the addresses on loopback, until ctx ends.
func (r *reach) forward(ctx context.Context) {
	var all sync.WaitGroup
	for _, c := range r.listeners {
		all.Go(func() {
			for {
				connection, err := c.Accept()
				if err != nil {
					return // closed
				}
				if !r.fromContainer(connection.RemoteAddr()) {
					connection.Close()
					continue
				}
				all.Go(func() { forwardOne(ctx, connection, c.to) })
			}
		})
	}
	<-ctx.Done()
	r.close()
	all.Wait()
}

// fromContainer reports whether remote is in the network of the containers, which includes this machine. Other hosts
// in the local network can send to the address of the bridge, too.
func (r *reach) fromContainer(remote net.Addr) bool {
	address, err := netip.ParseAddrPort(remote.String())
	return err == nil && r.network.Contains(address.Addr().Unmap())
}

func (r *reach) close() {
	for _, c := range r.listeners {
		c.Close()
	}
}

// forwardOne forwards one connection in both directions, until either side closes it or ctx ends.
func forwardOne(ctx context.Context, connection net.Conn, to string) {
	defer connection.Close()
	var dialer net.Dialer
	database, err := dialer.DialContext(ctx, "tcp", to)
	if err != nil {
		return // the function sees a closed connection and reports an unreachable database
	}
	defer database.Close()
	stop := context.AfterFunc(ctx, func() { connection.Close(); database.Close() })
	defer stop()
	done := make(chan struct{}, 2)
	oneWay := func(dst io.Writer, src io.Reader) {
		_, _ = io.Copy(dst, src) // an error and EOF both end the connection
		done <- struct{}{}
	}
	go oneWay(database, connection)
	go oneWay(connection, database)
	<-done
	connection.Close()
	database.Close()
	<-done
}
