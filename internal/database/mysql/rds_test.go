package mysql

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"slipway/internal/database"
)

var newBundle = flag.String("bundle", "", "the file of AWS with the certificates of RDS, to make rds.pem of")

// TestRDSBundle: each certificate is a self-signed root of Amazon, occurs once after a comment with its name, and is
// valid for at least a year. With -bundle, the test writes the file first.
func TestRDSBundle(t *testing.T) {
	t.Parallel()
	text := bundle
	if *newBundle != "" {
		all, err := os.ReadFile(*newBundle)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := strings.Cut(bundle, "#")
		text = head + current(t, all)
		if err := os.WriteFile("rds.pem", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]int{}
	for rest := []byte(text); ; {
		block, tail := pem.Decode(rest)
		if block == nil {
			break
		}
		rest = tail
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := c.Subject.CommonName
		if seen[name]++; seen[name] > 1 {
			t.Errorf("%s is there twice", name)
		}
		if !strings.Contains(text, title(c)) {
			t.Errorf("%s does not stand under the line %q", name, title(c))
		}
		if !root(c) {
			t.Errorf("%s is not a root of Amazon's that it signed itself", name)
		}
		if time.Now().AddDate(1, 0, 0).After(c.NotAfter) {
			t.Errorf("%s ends at %s: update rds.pem as its first lines say", name, c.NotAfter.Format(time.DateOnly))
		}
	}
	if n := strings.Count(text, "\n# Amazon RDS "); n < 81 || n != len(seen) {
		t.Errorf("%d certificates under %d lines, want 81 or more, and as many", len(seen), n)
	}
}

// title returns the comment before a certificate.
func title(c *x509.Certificate) string {
	return fmt.Sprintf("\n# %s, until %s\n-----BEGIN", c.Subject.CommonName, c.NotAfter.Format(time.DateOnly))
}

func root(c *x509.Certificate) bool {
	return c.IsCA && bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignatureFrom(c) == nil &&
		slices.Equal(c.Subject.Organization, []string{"Amazon Web Services, Inc."}) &&
		strings.HasPrefix(c.Subject.CommonName, "Amazon RDS ")
}

// current returns the sorted root certificates that are valid for at least a year, without those of RDS's beta and
// preview, which have other host names.
func current(t *testing.T, all []byte) string {
	t.Helper()
	var found []string
	for {
		block, rest := pem.Decode(all)
		if block == nil {
			slices.Sort(found)
			return strings.Join(slices.Compact(found), "")
		}
		all = rest
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := c.Subject.CommonName
		if root(c) && time.Now().AddDate(1, 0, 0).Before(c.NotAfter) && !strings.Contains(name, "Beta") &&
			!strings.Contains(name, "Preview") {
			found = append(found,
				strings.TrimPrefix(strings.TrimSuffix(title(c), "-----BEGIN"), "\n")+string(pem.EncodeToMemory(block)))
		}
	}
}

// TestRDSRoots: for a host of RDS with tls=true, there are three roots in addition to those of the system.
func TestRDSRoots(t *testing.T) {
	t.Parallel()
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	const cluster = "mysql://u@app.cluster-c0ffee.eu-central-1.rds.amazonaws.com/app"
	for address, more := range map[string]bool{
		cluster + "?tls=true": true,
		"mysql://u@APP.c0ffee.us-west-2.RDS.amazonaws.com:3307/app?tls=1":       true,
		"mysql://u@proxy.proxy-c0ffee.sa-east-1.rds.amazonaws.com/app?tls=true": true,
		cluster + "?tls=skip-verify":                                            false,
		cluster + "?tls=preferred":                                              false,
		cluster:                                                                 false,
		"mysql://u@db.example/app?tls=true":                                     false,
		"mysql://u@eu-central-1.rds.amazonaws.com.example/app?tls=true":         false,
		"mysql://u@app.eu-central-1.notrds.amazonaws.com/app?tls=true":          false,
		"mysql+unix://u@/run/rds.amazonaws.com/x.sock?database=app&tls=true":    false,
		"mysql://u@app.c0ffee.eu-central-1.rds.amazonaws.com.cn/app?tls=false":  false,
		"mysql://u@app.c0ffee.eu-central-1.rds.amazonaws.com.cn:1/app?tls=true": true,
	} {
		config, err := parse(address)
		if err != nil {
			if more {
				t.Errorf("%s: %v", address, err)
			}
			continue
		}
		roots := (*x509.CertPool)(nil)
		if config.TLS != nil {
			roots = config.TLS.RootCAs
		}
		if (roots != nil) != more || more && roots.Equal(system) {
			t.Errorf("%s: roots of RDS: %v, want %v", address, roots != nil, more)
		}
	}
	if unknown := rdsRoots("app.c0ffee.mars-north-1.rds.amazonaws.com", bundle); !unknown.Equal(system) {
		t.Error("an unknown region has roots in addition to the system's")
	}
}

// TestRDSCertificate signs in to a server with a certificate of a test CA that replaces the CA of RDS: with the correct
// name, with another name, and with another CA.
func TestRDSCertificate(t *testing.T) {
	t.Parallel()
	const (
		host  = "app.cluster-c0ffee.eu-central-1.rds.amazonaws.com"
		other = "app.cluster-decade.eu-central-1.rds.amazonaws.com"
	)
	for _, c := range []struct {
		name, certified, region, err string
	}{
		{"the right host", host, "eu-central-1", ""},
		{"another host", other, "eu-central-1", "not " + host},
		{"another region's CA", host, "eu-west-1", "unknown authority"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := newTokenServer(t, c.certified)
			go func() { _ = server.serve() }()
			config, err := parse("mysql://app:secret@" + host + "/app?tls=true")
			if err != nil {
				t.Fatal(err)
			}
			ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.certificate.Certificate[0]})
			config.TLS.RootCAs = rdsRoots(host, "roots\n# Amazon RDS "+c.region+" Root CA of this test\n"+string(ca))
			config.AllowCleartextPasswords = true
			config.DialFunc = func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, server.Addr().String())
			}
			connector, err := signingIn(config, database.Config{})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			conn, err := connector.Connect(ctx)
			switch {
			case err == nil && c.err == "":
				conn.Close()
			case err == nil || c.err == "" || !strings.Contains(err.Error(), c.err):
				t.Errorf("signing in: %v, want %q", err, c.err)
			}
		})
	}
}

// BenchmarkRDSRoots measures the cost of the roots of RDS in a cold start, without those of the system, which are
// loaded for any use of TLS.
func BenchmarkRDSRoots(b *testing.B) {
	for b.Loop() {
		rdsRoots("app.cluster-c0ffee.eu-central-1.rds.amazonaws.com", bundle)
	}
}
