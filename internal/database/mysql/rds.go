package mysql

import (
	"crypto/x509"
	_ "embed"
	"strings"
)

// bundle contains the root certificates of RDS, each after a comment with its name.
//
//go:embed rds.pem
var bundle string

// rdsRoots returns the root certificates for a host: those of the system, and those of RDS for the region in the host
// name. Certificates of RDS instances and clusters are signed by roots that no system trusts by default. (Those of RDS
// Proxy are signed by Amazon Trust Services, which systems trust.) For any other host it returns nil, which means those
// of the system.
//
// It loads the certificates of the system at the start, not with the first connection: a sandbox has more CPU while it
// starts.
//
// https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
func rdsRoots(host, bundle string) *x509.CertPool {
	region := rdsRegion(host)
	if region == "" {
		return nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without certificates
	}
	for {
		// Parse only the certificates of the region: 3 of about 80.
		_, rest, found := strings.Cut(bundle, "\n# Amazon RDS "+region+" Root CA ")
		if !found {
			return roots
		}
		certificate, _, _ := strings.Cut(rest, "\n#")
		roots.AppendCertsFromPEM([]byte(certificate))
		bundle = rest
	}
}

// rdsRegion returns the region in a host name of RDS, such as app.cluster-c0ffee.eu-central-1.rds.amazonaws.com, or ""
// for any other name.
func rdsRegion(host string) string {
	host = strings.ToLower(host)
	for _, suffix := range []string{".rds.amazonaws.com", ".rds.amazonaws.com.cn"} {
		if name, ours := strings.CutSuffix(host, suffix); ours {
			return name[strings.LastIndex(name, ".")+1:]
		}
	}
	return ""
}
