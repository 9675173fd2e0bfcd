package mysql

import (
	"testing"
	"time"
)

// TestParse: a URL in the format of Atlas is converted to the driver's configuration. The URL cannot override the
// settings that slipway needs.
func TestParse(t *testing.T) {
	t.Parallel()
	type want struct{ user, password, network, address, name string }
	for url, w := range map[string]want{
		"mysql://root:pass@localhost:3306/app":               {"root", "pass", "tcp", "localhost:3306", "app"},
		"mysql://root@db.example.com/app":                    {"root", "", "tcp", "db.example.com:3306", "app"},
		"mysql://u:a%40b%2Fc%3Ad%23e%25@[::1]:3307/app":      {"u", "a@b/c:d#e%", "tcp", "[::1]:3307", "app"},
		"mysql://u:p@h/app?charset=utf8&parseTime=false":     {"u", "p", "tcp", "h:3306", "app"},
		"mysql://u:p@h/app?loc=Local&interpolateParams=0":    {"u", "p", "tcp", "h:3306", "app"},
		"mysql://u:p@h/app?clientFoundRows=false":            {"u", "p", "tcp", "h:3306", "app"},
		"mysql://u:p@h/app?multiStatements=true":             {"u", "p", "tcp", "h:3306", "app"},
		"mysql+unix://u:p@/run/mysqld/x.sock?database=app":   {"u", "p", "unix", "/run/mysqld/x.sock", "app"},
		"mysql://u:p@h:3306/app?tls=true&timeout=2s":         {"u", "p", "tcp", "h:3306", "app"},
		"mysql://u:p@h:3306/app?innodb_lock_wait_timeout=10": {"u", "p", "tcp", "h:3306", "app"},
	} {
		c, err := parse(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got := (want{c.User, c.Passwd, c.Net, c.Addr, c.DBName}); got != w {
			t.Errorf("%s: %+v, want %+v", url, got, w)
		}
		if !c.ParseTime || c.Loc != time.UTC || !c.InterpolateParams || !c.ClientFoundRows || c.MultiStatements ||
			c.Timeout == 0 {
			t.Errorf("%s: %+v", url, c)
		}
		if len(c.Params) > 0 && c.Params["innodb_lock_wait_timeout"] != "10" {
			t.Errorf("%s: every connection would begin by setting %v", url, c.Params)
		}
	}
}

// TestTLS: the certificate must have the host name of the URL.
func TestTLS(t *testing.T) {
	t.Parallel()
	c, err := parse("mysql://u:p@db.example.com/app?tls=true")
	if err != nil {
		t.Fatal(err)
	}
	// Without a server name, the connector uses that of the address.
	if c.TLS == nil || c.TLS.ServerName != "" || c.TLS.InsecureSkipVerify || c.AllowFallbackToPlaintext {
		t.Errorf("%+v", c.TLS)
	}
}
