package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slipway/internal/resource"
	"slipway/internal/store"
)

// loadAll writes the rows of all tables if all tables are empty. It records the numbers
// of rows in the report.
func loadAll(ctx context.Context, s *store.Store, report *seedReport) error {
	for _, st := range report.tables {
		n, err := s.Table(st.table).Count(ctx, nil)
		if err != nil {
			return err
		}
		if n > 0 {
			report.Found[st.table.Name] = n
		}
	}
	if len(report.Found) > 0 {
		return nil
	}
	for _, st := range report.tables {
		for _, row := range st.rows {
			if err := load(ctx, s, st.table, row); err != nil {
				return fmt.Errorf("%s: %w; nothing was loaded", row.where, err)
			}
		}
		report.Loaded[st.table.Name] = int64(len(st.rows))
	}
	return nil
}

// load writes one row.
func load(ctx context.Context, s *store.Store, t *resource.Table, row seedRow) error {
	values := make([]any, len(row.refs))
	for i, ref := range row.refs {
		found, err := s.Table(ref.key.Table).Find(ctx, ref.by)
		if err != nil {
			return referenceError(ref, err)
		}
		values[i] = ref.key.Refs[0].Of(found.Row(0))
	}
	rows, err := row.decode(t, values)
	if err != nil {
		return err
	}
	return createError(s.Table(t).Create(ctx, rows), rows)
}

// referenceError returns an error that names the reference and its values, if err means
// that no row or more than one row matches. Otherwise it returns err.
func referenceError(ref seedRef, err error) error {
	known, ok := errors.AsType[*store.Error](err)
	if !ok {
		return err
	}
	by := make([]string, len(ref.by))
	for i, v := range ref.by {
		by[i] = fmt.Sprintf("%s %s", v.Field.Name, shown(v.Value))
	}
	switch known.Kind {
	case store.NotFound:
		return fmt.Errorf("%s: no row of %s in the database or earlier in the file has %s", ref.key.Fields[0].Name,
			ref.key.Table.Name, strings.Join(by, " and "))
	case store.TooMany:
		return fmt.Errorf("%s: more than one row of %s has %s: add a value that only one row has", ref.key.Fields[0].Name,
			ref.key.Table.Name, strings.Join(by, " and "))
	}
	return err
}

// createError returns an error that names the fields and values of a duplicate or a
// missing parent. Otherwise it returns err.
func createError(err error, rows *resource.Rows) error {
	known, ok := errors.AsType[*store.Error](err)
	if !ok || len(known.Fields) == 0 {
		return err
	}
	what := map[store.Kind]string{
		store.Duplicate:     "is already taken",
		store.MissingParent: "refers to a missing row",
	}[known.Kind]
	if what == "" {
		return err
	}
	all := make([]string, len(known.Fields))
	for i, f := range known.Fields {
		all[i] = fmt.Sprintf("%s %s %s", f.Name, shown(f.Of(rows.Row(0))), what)
	}
	return errors.New(strings.Join(all, "; "))
}

// shown returns a value as JSON, truncated by [headline].
func shown(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return fmt.Sprint(value)
	}
	return headline(b.String())
}
