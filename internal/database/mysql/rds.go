package mysql

import (
	"crypto/x509"
	_ "embed"
	"strings"
)

// bundle are the roots of RDS, each under a line that says which it is.
//
//go:embed rds.pem
var bundle string

// rdsRoots returns the certificates to trust for the database of a host: those of the system, and those of RDS for
// the region in the host's name, which sign for instances and clusters there and stand in no system's store. (RDS
// Proxy's are signed by Amazon Trust Services, which is in every store.) For the host of anybody else it gives nil,
// which is the system's alone, and looks at nothing.
//
// The system's are read here and not with the first connection, which takes as
// long: while a sandbox starts it has more of a processor.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
func rdsRoots(host, bundle string) *x509.CertPool {
	region := rdsRegion(host)
	if region == "" {
		return nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without any: RDS has its own
	}
	for {
		// Three of eighty are the region's: the others are not parsed.
		_, rest, found := strings.Cut(bundle, "\n# Amazon RDS "+region+" Root CA ")
		if !found {
			return roots
		}
		certificate, _, _ := strings.Cut(rest, "\n#")
		roots.AppendCertsFromPEM([]byte(certificate))
		bundle = rest
	}
}

// rdsRegion returns the region in the name of a host of RDS, such as
// app.cluster-c0ffee.eu-central-1.rds.amazonaws.com, and "" for any other name.
func rdsRegion(host string) string {
	host = strings.ToLower(host)
	for _, suffix := range []string{".rds.amazonaws.com", ".rds.amazonaws.com.cn"} {
		if name, ours := strings.CutSuffix(host, suffix); ours {
			return name[strings.LastIndex(name, ".")+1:]
		}
	}
	return ""
}
