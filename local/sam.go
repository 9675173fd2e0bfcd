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

// newSamEnvCommand is for local/sam.sh alone: nobody types it, so that no help
// lists it.
func newSamEnvCommand() *cobra.Command {
	var network, hostname, from, to string
	cmd := &cobra.Command{
		Use:    "sam-env",
		Hidden: true,
		Short: "Migrate the database, write the variables of the function for sam local, and carry its connections to " +
			"this machine",
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
			// Written elsewhere and moved, so that whoever waits for it finds all of it. It may hold a password.
			if err := os.WriteFile(to+".part", text, 0o600); err != nil {
				return err
			}
			if err := os.Rename(to+".part", to); err != nil {
				return err
			}
			if len(reach.listeners) > 0 {
				reach.carry(cmd.Context())
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&hostname, "host", "", "what containers call this machine, such as host.docker.internal or "+
		"the address of Docker's bridge")
	cmd.Flags().StringVar(&network, "network", "", "the containers' network, such as 172.17.0.0/16: connections from "+
		"there to --host are carried to a database on loopback")
	cmd.Flags().StringVar(&from, "from", "local/env.json", "the variables and their defaults")
	cmd.Flags().StringVar(&to, "to", "", "the file to write")
	return cmd
}

// reach is how a container comes to what listens on this machine's loopback.
type reach struct {
	// host is what containers call this machine.
	host string
	// network is where containers are. Without it nothing is carried: host is
	// known to reach loopback by itself, as host.docker.internal does.
	network netip.Prefix

	listeners []carrier
}

// carrier takes connections for one address of loopback.
type carrier struct {
	net.Listener
	to string
}

// environment returns the file for sam's --env-vars: the variables of the defaults, each function's, with the values
// that the environment has for them, and URLs of databases on loopback as containers reach them.
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

// url returns a database's URL as a container reaches it. The error does not repeat it: it may hold a password.
func (r *reach) url(raw string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "mysql" {
		return "", errors.New("is none that the function in a container can use: it reads mysql://user:pass@host:3306/db")
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
			return "", fmt.Errorf("cannot be reached by containers: %w (rootless Docker, and Docker in a machine of its own, "+
				"take a database that does not listen on loopback alone)", err)
		}
		r.listeners = append(r.listeners, carrier{listener, net.JoinHostPort(u.Hostname(), port)})
		_, port, _ = net.SplitHostPort(listener.Addr().String())
	}
	u.Host = net.JoinHostPort(r.host, port)
	return u.String(), nil
}

// carry connects what comes in to the addresses on loopback, until ctx ends.
func (r *reach) carry(ctx context.Context) {
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
				all.Go(func() { carryOne(ctx, connection, c.to) })
			}
		})
	}
	<-ctx.Done()
	r.close()
	all.Wait()
}

// fromContainer says whether somebody is in the containers' network, or is this
// machine: a neighbour in the local network may send to the bridge's address, too.
func (r *reach) fromContainer(somebody net.Addr) bool {
	address, err := netip.ParseAddrPort(somebody.String())
	return err == nil && r.network.Contains(address.Addr().Unmap())
}

func (r *reach) close() {
	for _, c := range r.listeners {
		c.Close()
	}
}

// carryOne carries one connection, both ways, until either side or ctx ends it.
func carryOne(ctx context.Context, connection net.Conn, to string) {
	defer connection.Close()
	var dialer net.Dialer
	database, err := dialer.DialContext(ctx, "tcp", to)
	if err != nil {
		return // the function sees it end, and says that its database is away
	}
	defer database.Close()
	stop := context.AfterFunc(ctx, func() { connection.Close(); database.Close() })
	defer stop()
	done := make(chan struct{}, 2)
	oneWay := func(dst io.Writer, src io.Reader) {
		_, _ = io.Copy(dst, src) // an end is an end
		done <- struct{}{}
	}
	go oneWay(database, connection)
	go oneWay(connection, database)
	<-done
	connection.Close()
	database.Close()
	<-done
}
