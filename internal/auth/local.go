package auth

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// LocalIssuer is the iss and the aud of the tokens that a [Key] signs.
const LocalIssuer = "slipway-local"

// Key is the key of a machine. Its tokens are valid on this machine only.
type Key struct {
	private *ecdsa.PrivateKey
	id      string
}

// LoadKey reads the key in the file at path (PEM, PKCS #8). If the file is missing, it creates a key that only this
// user may read. Concurrent processes get the same key. The error names the file.
func LoadKey(path string) (*Key, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key for local tokens: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("the key for local tokens: %s contains no PEM block: delete it to create a new key", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	private, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || private.Curve != elliptic.P256() {
		return nil, fmt.Errorf("the key for local tokens: %s contains no P-256 key: delete it to create a new key", path)
	}
	public, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("the key for local tokens: %w", err)
	}
	sum := sha256.Sum256(public)
	return &Key{private, base64.RawURLEncoding.EncodeToString(sum[:12])}, nil
}

// makeKey atomically writes a new key and returns the content of the file. If another process was first, that is the
// key of the other process.
func makeKey(path string) ([]byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(folder, ".auth-*") // with mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Sign returns a token for subject (sub) with the scopes in scope, separated by spaces. It expires after expires.
func (k *Key) Sign(subject, scope string, expires time.Duration) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}},
		(&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	now := time.Now()
	return jwt.Signed(signer).Claims(jwt.Claims{
		Issuer: LocalIssuer, Audience: jwt.Audience{LocalIssuer}, Subject: subject,
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(expires)),
	}).Claims(map[string]any{"scope": scope}).Serialize()
}

// NewLocal returns a Verifier for the tokens that k signs.
func NewLocal(k *Key) *Verifier {
	return &Verifier{
		issuer: LocalIssuer, audience: []string{LocalIssuer},
		algorithms: []jose.SignatureAlgorithm{jose.ES256},
		key: func(_ context.Context, id string) (crypto.PublicKey, error) {
			if id != k.id {
				return nil, &TokenError{"The token is signed with the key of another machine, or with a deleted key (kid)"}
			}
			return &k.private.PublicKey, nil
		},
	}
}
