package resource_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"slipway/internal/resource"
)

type contact struct {
	ID   int64  `json:"id" rule:"readonly"`
	Mail string `json:"mail"`
}

// Rules returns the rules of a contact.
func (c *contact) Rules() []resource.Rule { return []resource.Rule{resource.Email(&c.Mail)} }

func TestEmail(t *testing.T) {
	t.Parallel()
	contacts := resource.Of[contact]("contacts")
	if format := contacts.Field("mail").Format; format != "email" {
		t.Errorf("the format is %q", format)
	}
	for address, want := range map[string]bool{
		"ada@example.com": true, "ADA@EXAMPLE.COM": true, "a@b": true, "1@2": true, "a.b+c/d=e@x-y.example": true,
		"!#$%&'*+/=?^_`{|}~-.@x.org": true, "..@x.org": true, "a@" + strings.Repeat("x", 63) + ".org": true,
		"jürgen@müller.example": true, "用户@例子.广告": true, "उपयोगकर्ता@उदाहरण.कॉम": true, "a@xn--mller-kva.example": true,
		"ada": false, "@": false, "@x.org": false, "ada@": false, "ada@.org": false, "ada@x.": false, "ada@x..org": false,
		"a b@x.org": false, " a@x.org": false, "a@x.org ": false, "a@x.org\n": false, "a@b@c": false, `"a"@x.org`: false,
		"(a)@x.org": false, "a@x_y.org": false,
		"a@-x.org": false, "a@x-.org": false, "a@x.-org": false, "a@[127.0.0.1]": false, "a,b@x.org": false,
		"a@x.org,b@x.org":                       false,
		"a@" + strings.Repeat("x", 64) + ".org": false, "a\u200b@x.org": false, "a\u00a0@x.org": false, "😀@x.org": false,
		"a@x\ufffd.org": false,
	} {
		_, err := contacts.DecodeChanges(
			[]byte(`{"mail":"`+strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(address)+`"}`), nil)
		var invalid *resource.InvalidError
		switch {
		case want && err != nil:
			t.Errorf("%q: %v", address, err)
		case !want && (!errors.As(err, &invalid) || invalid.Faults[0].Code != "email"):
			t.Errorf("%q: %v, want the code email", address, err)
		}
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	show := func(x *float64) string {
		if x == nil {
			return "none"
		}
		return fmt.Sprint(*x)
	}
	for name, want := range map[string]string{"stars": "0 10", "degree": "-273.15 none", "share": "none 1",
		"number": "none none"} {
		f := samples.Field(name)
		if got := show(f.Min) + " " + show(f.Max); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// serial has a field that the server sets.
type serial struct {
	ID     int64  `json:"id" rule:"readonly"`
	Number string `json:"number"`
}

// Rules returns the rules of a serial.
func (s *serial) Rules() []resource.Rule { return []resource.Rule{resource.ReadOnly(&s.Number)} }

// TestReadOnly checks that a body without a read-only member is valid, and that its value is ignored.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	table := resource.Of[serial]("serials")
	for _, body := range []string{`{}`, `{"number":"7"}`} {
		rows, _, err := table.DecodeRows([]byte(body))
		if err != nil || rows.Row(0).(*serial).Number != "" {
			t.Errorf("%s: %+v, %v", body, rows, err)
		}
	}
}
