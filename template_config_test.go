package slipway_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSAMConfig: what samconfig.toml gives in each environment is what the template
// takes. Who may call is left to say, and nothing else.
func TestSAMConfig(t *testing.T) {
	t.Parallel()
	template, err := readTemplate([]byte(theTemplate(t)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	header := regexp.MustCompile(`(?m)^\[(\w+)\.deploy\.parameters\]\n`)
	var environments []string
	for _, at := range header.FindAllSubmatchIndex(text, -1) {
		environment := string(text[at[2]:at[3]])
		environments = append(environments, environment)
		inside, _, _ := strings.Cut(string(text[at[1]:]), "\n[")
		given := map[string]string{"AllowAnonymous": "true"}
		for _, pair := range regexp.MustCompile(`"(\w+)=([^"]*)"`).FindAllStringSubmatch(inside, -1) {
			name, value := pair[1], pair[2]
			parameter, known := section(template, "Parameters")[name].(object)
			if allowed := texts(parameter["AllowedValues"]); !known || len(allowed) > 0 && !slices.Contains(allowed, value) {
				t.Errorf("%s: the template does not take %s=%s", environment, name, value)
			}
			if name == "AllowAnonymous" {
				t.Errorf("%s lets in everyone", environment)
			}
			given[name] = value
		}
		if refused := newStack(template, given).refusals(); len(refused) > 0 {
			t.Errorf("%s: %q", environment, refused)
		}
		if !strings.Contains(string(text), "["+environment+".global.parameters]\nstack_name = \"slipway") {
			t.Errorf("%s names no stack", environment)
		}
	}
	if want := []string{"default", "dev", "staging", "prod"}; !slices.Equal(environments, want) {
		t.Errorf("the environments are %q, want %q", environments, want)
	}
}

// TestCertificates: who signs for RDS is one who may, and will do so for a while.
func TestCertificates(t *testing.T) {
	t.Parallel()
	rest, err := os.ReadFile("functions/rds-ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	regions := map[string]bool{}
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		name := c.Subject.CommonName
		if block.Type != "CERTIFICATE" || !c.IsCA || !bytes.Equal(c.RawSubject, c.RawIssuer) || c.CheckSignatureFrom(c) != nil ||
			!strings.HasPrefix(name, "Amazon RDS ") || !slices.Equal(c.Subject.Organization, []string{"Amazon Web Services, Inc."}) {
			t.Errorf("%s is no authority of RDS's", c.Subject)
		}
		if c.NotAfter.Before(time.Now().AddDate(1, 0, 0)) {
			t.Errorf("%s is good until %s only: fetch the bundle anew, see docs/credentials.md", name, c.NotAfter.Format(time.DateOnly))
		}
		if region, _, ok := strings.Cut(strings.TrimPrefix(name, "Amazon RDS "), " Root CA RSA2048 G1"); ok {
			regions[region] = true
		}
	}
	if len(bytes.TrimSpace(rest)) > 0 || len(regions) < 25 || !regions["eu-central-1"] || !regions["us-east-1"] {
		t.Errorf("the regions are %v, and %d bytes are left", regions, len(rest))
	}
}
