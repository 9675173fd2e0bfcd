package resource

import (
	"errors"
	"fmt"
	"math"
	"reflect"
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
		int64 | float64 | *int64 | *float64
	}
)

// Email is the rule that a text must be an e-mail address.
func Email[T textField](field *T) Rule {
	return fieldRule("Email", field, func(f *Field) error {
		f.Format = "email"
		return nil
	})
}

// Min is the rule that a number must not be less than the limit.
func Min[T numberField](field *T, limit float64) Rule {
	return fieldRule("Min", field, func(f *Field) error {
		if f.Min == nil || *f.Min < limit {
			f.Min = &limit
		}
		return f.checkLimits(limit)
	})
}

// Max is the rule that a number must not be greater than the limit.
func Max[T numberField](field *T, limit float64) Rule {
	return fieldRule("Max", field, func(f *Field) error {
		if f.Max == nil || *f.Max > limit {
			f.Max = &limit
		}
		return f.checkLimits(limit)
	})
}

// checkLimits returns an error if the limit is not finite, or if Min exceeds Max.
func (f *Field) checkLimits(limit float64) error {
	switch {
	case math.IsNaN(limit) || math.IsInf(limit, 0):
		return errors.New("the limit is not a finite number")
	case f.Min != nil && f.Max != nil && *f.Min > *f.Max:
		return fmt.Errorf("the minimum %v exceeds the maximum %v", *f.Min, *f.Max)
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
					l.inverse = inverse
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
