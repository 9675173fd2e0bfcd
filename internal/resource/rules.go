package resource

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// Rule is one rule that an application adds to a table by hand. The rules of a row
// are a method of its struct, in which each names its field by a pointer; the
// compiler checks that there is such a field, and that the rule is one for its type:
//
//	func (u *User) Rules() []resource.Rule {
//		return []resource.Rule{resource.Email(&u.Email)}
//	}
//
// [Of] calls the method once, on an empty row.
type Rule struct {
	apply func(t *Table, row reflect.Value) error
}

// The fields that a rule may be for.
type (
	textField   interface{ string | *string }
	numberField interface {
		int64 | float64 | *int64 | *float64
	}
	keyField interface{ int64 | *int64 }
)

// Email is the rule that a text has the shape of an e-mail address.
func Email[T textField](field *T) Rule {
	return fieldRule("Email", field, func(f *Field) error {
		f.Format = "email"
		return nil
	})
}

// Min is the rule that a number is not less than a limit.
func Min[T numberField](field *T, limit float64) Rule {
	return fieldRule("Min", field, func(f *Field) error {
		if f.Min == nil || *f.Min < limit {
			f.Min = &limit
		}
		return f.checkLimits(limit)
	})
}

// Max is the rule that a number is not greater than a limit.
func Max[T numberField](field *T, limit float64) Rule {
	return fieldRule("Max", field, func(f *Field) error {
		if f.Max == nil || *f.Max > limit {
			f.Max = &limit
		}
		return f.checkLimits(limit)
	})
}

// checkLimits returns an error for a limit that is no number, or that leaves no
// value to take.
func (f *Field) checkLimits(limit float64) error {
	switch {
	case math.IsNaN(limit) || math.IsInf(limit, 0):
		return errors.New("the limit is no number")
	case f.Min != nil && f.Max != nil && *f.Min > *f.Max:
		return fmt.Errorf("no number is at least %v and at most %v", *f.Min, *f.Max)
	}
	return nil
}

// ReadOnly is the rule that a field is the server's own: a body's value is ignored.
func ReadOnly[T any](field *T) Rule {
	return fieldRule("ReadOnly", field, func(f *Field) error {
		f.ReadOnly = true
		return nil
	})
}

// Computed is the rule that the database has the last word: a trigger sets the
// column. A row that was written is read again.
func Computed[T any](field *T) Rule {
	return fieldRule("Computed", field, func(f *Field) error {
		f.Computed, f.storage.verbatim = true, false
		return nil
	})
}

// RelationNames is the rule that names the relation of a foreign key: name is the member
// of the row that the field is in, inverse that of the row that it refers to. An
// empty one stays as the row's type has it.
func RelationNames[T keyField](field *T, name, inverse string) Rule {
	return Rule{func(t *Table, row reflect.Value) error {
		f, err := t.fieldAt("RelationNames", row, field)
		if err != nil {
			return err
		}
		for i := range t.links {
			if l := &t.links[i]; l.field == f {
				if name != "" {
					l.name = name
				}
				if inverse != "" {
					l.inverse = inverse
				}
				return nil
			}
		}
		return fmt.Errorf("RelationNames: %s is no foreign key to a table that is served", f.Name)
	}}
}

// fieldRule returns a rule that changes one field. The name is that of the rule, for errors.
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
	return nil, fmt.Errorf("%s: its pointer is to no column of the row: "+
		"write func (r *%s) Rules(), and &r.Field for a column", rule, t.row.Name())
}

// addRules applies the rules of an empty row.
func (t *Table) addRules(row reflect.Value, rules []Rule) error {
	for i, rule := range rules {
		if rule.apply == nil {
			return fmt.Errorf("rule %d is empty: use one that a function of package resource returns", i+1)
		}
		if err := rule.apply(t, row); err != nil {
			return err
		}
	}
	return nil
}
