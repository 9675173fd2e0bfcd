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

// loadAll writes the rows of all tables, if there are none yet, and says so in the
// report.
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
	ids := make([]int64, len(row.refs))
	for i, ref := range row.refs {
		var err error
		if ids[i], err = s.Table(ref.parent).Find(ctx, ref.by); err != nil {
			return unfound(ref, err)
		}
	}
	rows, err := row.decode(t, ids)
	if err != nil {
		return err
	}
	return refused(s.Table(t).Create(ctx, rows), rows)
}

// unfound says why a reference leads nowhere.
func unfound(ref seedRef, err error) error {
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
		return fmt.Errorf("%s: no row of %s has %s, of those before this one", ref.field.Name, ref.parent.Name,
			strings.Join(by, " and "))
	case store.TooMany:
		return fmt.Errorf("%s: more than one row of %s has %s: name a value that only one has", ref.field.Name,
			ref.parent.Name, strings.Join(by, " and "))
	}
	return err
}

// refused says why the database did not take a row, by its fields where they are
// known.
func refused(err error, rows *resource.Rows) error {
	known, ok := errors.AsType[*store.Error](err)
	if !ok || len(known.Fields) == 0 {
		return err
	}
	what := map[store.Kind]string{
		store.Duplicate:     "is another row's already",
		store.MissingParent: "is the id of no row",
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

// shown is a value as it stands in the file, or its beginning.
func shown(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return fmt.Sprint(value)
	}
	return headline(b.String())
}
