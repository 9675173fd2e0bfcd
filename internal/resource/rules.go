package resource

import (
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/shopspring/decimal"
)

// Rule is a rule that an application adds to a table. A method of the row's struct returns
// the rules. Each has a pointer to its field, so that the compiler checks the field and its
// type:
//
//	func (u *User) Rules() []resource.Rule {
//		return []resource.Rule{resource.Email(&u.Email)}
//	}
//
// [Of] calls the method once, on an empty row.
type Rule struct {
	apply func(t *Table, row reflect.Value) error
}

// The types of fields that a rule can have.
type (
	textField   interface{ string | *string }
	numberField interface {
		int64 | float64 | uint64 | decimal.Decimal | *int64 | *float64 | *uint64 | *decimal.Decimal
	}
	limit interface {
		int | int64 | float64 | decimal.Decimal
	}
)

// Email is the rule that a text must be an e-mail address.
func Email[T textField](field *T) Rule {
	return fieldRule("Email", field, func(f *Field) error {
		f.Format = "email"
		return nil
	})
}

// Min is the rule that a number must not be less than the limit. A float64 as the limit of a
// decimal has the value of its shortest decimal representation.
func Min[T numberField, L limit](field *T, least L) Rule {
	return fieldRule("Min", field, func(f *Field) error {
		exact, x, err := limitOf(least)
		switch {
		case err != nil:
			return err
		case f.Type == Decimal:
			if f.Least == nil || f.Least.LessThan(exact) {
				f.Least = &exact
			}
		case f.Min == nil || *f.Min < x:
			f.Min = &x
		}
		return f.checkLimits()
	})
}

// Max is the rule that a number must not be greater than the limit. A float64 as the limit
// of a decimal has the value of its shortest decimal representation.
func Max[T numberField, L limit](field *T, most L) Rule {
	return fieldRule("Max", field, func(f *Field) error {
		exact, x, err := limitOf(most)
		switch {
		case err != nil:
			return err
		case f.Type == Decimal:
			if f.Most == nil || f.Most.GreaterThan(exact) {
				f.Most = &exact
			}
		case f.Max == nil || *f.Max > x:
			f.Max = &x
		}
		return f.checkLimits()
	})
}

// limitOf returns a limit for decimals and one for other numbers, or an error if the limit
// is not finite.
func limitOf[L limit](l L) (exact decimal.Decimal, x float64, err error) {
	switch v := any(l).(type) {
	case int:
		return decimal.NewFromInt(int64(v)), float64(v), nil
	case int64:
		return decimal.NewFromInt(v), float64(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return exact, v, errors.New("the limit is not a finite number")
		}
		return decimal.NewFromFloat(v), v, nil
	case decimal.Decimal:
		return v, v.InexactFloat64(), nil
	}
	return exact, x, nil // impossible
}

// checkLimits returns an error if the minimum exceeds the maximum.
func (f *Field) checkLimits() error {
	switch {
	case f.Min != nil && f.Max != nil && *f.Min > *f.Max:
		return fmt.Errorf("the minimum %v exceeds the maximum %v", *f.Min, *f.Max)
	case f.Least != nil && f.Most != nil && f.Least.GreaterThan(*f.Most):
		return fmt.Errorf("the minimum %v exceeds the maximum %v", f.Least, f.Most)
	}
	return nil
}

// ReadOnly is the rule that the server sets a field and ignores its value in a body.
func ReadOnly[T any](field *T) Rule {
	return fieldRule("ReadOnly", field, func(f *Field) error {
		f.ReadOnly = true
		return nil
	})
}

// Computed is the rule that the database computes a column, for example with a trigger. The
// store reads a row again after it writes it.
func Computed[T any](field *T) Rule {
	return fieldRule("Computed", field, func(f *Field) error {
		f.Computed, f.storage.verbatim = true, false
		return nil
	})
}

// RelationNames is the rule that renames the relation of a foreign key, which begins with the
// field: name is the member of the row with the field, inverse the member of the row that it
// references. An empty string does not change the name.
func RelationNames[T any](field *T, name, inverse string) Rule {
	return Rule{func(t *Table, row reflect.Value) error {
		f, err := t.fieldAt("RelationNames", row, field)
		if err != nil {
			return err
		}
		for i := range t.links {
			if l := &t.links[i]; l.key.Fields[0] == f {
				if name != "" {
					l.name = name
				}
				if inverse != "" {
					l.inverse, l.renamed = inverse, true
				}
				return nil
			}
		}
		return fmt.Errorf("RelationNames: %s is not a foreign key to a table of the API", f.Name)
	}}
}

// fieldRule returns a rule that changes one field. The name is the name of the rule, for errors.
func fieldRule(name string, pointer any, apply func(*Field) error) Rule {
	return Rule{func(t *Table, row reflect.Value) error {
		f, err := t.fieldAt(name, row, pointer)
		if err != nil {
			return err
		}
		if err := apply(f); err != nil {
			return fmt.Errorf("%s: %s: %w", name, f.Name, err)
		}
		return nil
	}}
}

// fieldAt returns the field of a row that a pointer points to.
func (t *Table) fieldAt(rule string, row reflect.Value, pointer any) (*Field, error) {
	for _, f := range t.Fields {
		if row.Field(f.index).Addr().Interface() == pointer {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%s: its pointer does not point to a column of the row: "+
		"write func (r *%s) Rules(), and &r.Field for a column", rule, t.row.Name())
}

// addRules applies the rules to the fields. The row is the one that Rules was called on.
func (t *Table) addRules(row reflect.Value, rules []Rule) error {
	for i, rule := range rules {
		if rule.apply == nil {
			return fmt.Errorf("rule %d is empty: create rules with the functions of package resource", i+1)
		}
		if err := rule.apply(t, row); err != nil {
			return err
		}
	}
	return nil
}
