package resource

import (
	"errors"
	"fmt"
	"math"

	"github.com/shopspring/decimal"
)

// flag scans a boolean: database/sql accepts neither the bytes of MySQL's bit(1) nor a
// number other than 0 and 1.
type flag struct{ into any } // a *bool or a **bool

// Scan implements sql.Scanner.
func (f *flag) Scan(value any) error {
	is := false
	switch v := value.(type) {
	case nil:
		if into, ok := f.into.(**bool); ok {
			*into = nil
			return nil
		}
		return errors.New("resource: a boolean is NULL")
	case bool:
		is = v
	case int64:
		is = v != 0
	case float64:
		is = v != 0
	case []byte:
		is = len(v) > 0 && v[len(v)-1] != 0 && string(v) != "0"
	case string:
		is = v != "" && v[len(v)-1] != 0 && v != "0"
	default:
		return fmt.Errorf("resource: %T is not a boolean", value)
	}
	if into, ok := f.into.(*bool); ok {
		*into = is
		return nil
	}
	*f.into.(**bool) = &is
	return nil
}

// amount scans a decimal: [decimal.Decimal.Scan] panics for an infinity, and a large exponent, such as 1e999999999,
// needs as much memory when it is written with all its digits. SQLite can have both.
type amount struct{ into any } // a *decimal.Decimal or a **decimal.Decimal

// Scan implements sql.Scanner.
func (a *amount) Scan(value any) error {
	var d decimal.Decimal
	switch v := value.(type) {
	case nil:
		if into, ok := a.into.(**decimal.Decimal); ok {
			*into = nil
			return nil
		}
		return errors.New("resource: a decimal is NULL")
	case int64:
		d = decimal.NewFromInt(v)
	case float64:
		if math.Abs(v) < 1e65 { // false for NaN
			d = decimal.NewFromFloat(v)
			break
		}
		return fmt.Errorf("resource: %v is not a decimal", v)
	default:
		var s string
		if err := scanText(value, &s); err != nil {
			return err
		}
		const longest = 2 * maxDigits
		if _, digits, exponent := splitNumber(s); !isNumber(s) || len(digits) > longest || exponent > longest ||
			exponent < -longest {
			return fmt.Errorf("resource: %.40q is not a decimal", s)
		}
		d, _ = decimal.NewFromString(s) // never fails for a number
	}
	if into, ok := a.into.(*decimal.Decimal); ok {
		*into = d
		return nil
	}
	*a.into.(**decimal.Decimal) = &d
	return nil
}
