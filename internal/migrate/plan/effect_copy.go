package plan

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
)

// copyRows matches the statement that copies all rows of a table to another:
// INSERT INTO new_t (a, b) SELECT a, b FROM t.
var copyRows = lazyregexp.New("(?is)^\\s*INSERT\\s+INTO\\s+[`\"\\[]?(.+?)[`\"\\]]?\\s*\\((.*?)\\)\\s*" +
	"SELECT\\s(.*)\\sFROM\\s+[`\"\\[]?([^`\"\\]\\s;]+)[`\"\\]]?\\s*;?\\s*$")

// foldCopies finds the table copies that SQLite needs for changes that its ALTER TABLE does
// not support: a table is created, filled with the rows of another, and renamed to it. It
// moves the changes of all these statements to the first one.
func foldCopies(d Dialect, all []Effect) ([]Effect, error) {
	for i := range all {
		made, ok := onlyChange[*schema.AddTable](all[i].Changes)
		if !ok {
			continue
		}
		filled, table, source := -1, "", map[string]string(nil)
		for j := i + 1; j < len(all) && filled < 0; j++ {
			if m := copyRows.FindStringSubmatch(all[j].Statement); m != nil && m[1] == made.T.Name && all[j].Problem == nil {
				filled, table, source = j, m[4], sources(m[2], m[3])
			}
		}
		if filled < 0 {
			continue
		}
		for j := filled + 1; j < len(all); j++ {
			r, ok := onlyChange[*schema.RenameTable](all[j].Changes)
			if !ok || r.From.Name != made.T.Name || r.To.Name != table {
				continue
			}
			if err := foldCopy(d, all[i:j+1], table, source); err != nil {
				return nil, err
			}
			restoreIndexes(all[j+1:], all[i].Before, table)
			break
		}
	}
	return all, nil
}

// foldCopy moves the changes of all statements of a copy to the first one.
func foldCopy(d Dialect, all []Effect, table string, source map[string]string) error {
	last := len(all) - 1
	changes, err := d.Compare(all[0].Before, all[last].After)
	if err != nil {
		return err
	}
	first := &all[0]
	first.Rebuilds, first.Sources, first.Changes, first.After = table, source, nil, all[last].After
	for _, c := range changes {
		if m, ok := c.(*schema.ModifyTable); ok && m.T.Name == table {
			// The old indexes are dropped with the table and created again after the copy.
			m.Changes = slices.DeleteFunc(m.Changes, isIndexChange)
			first.Changes = append(first.Changes, pairColumns(m, source))
		}
	}
	for i := range all[1:] {
		all[i+1].Copies, all[i+1].Changes = true, nil
		all[i+1].Before, all[i+1].After = first.After, first.After
	}
	return nil
}

func isIndexChange(c schema.Change) bool {
	switch c.(type) {
	case *schema.AddIndex, *schema.DropIndex, *schema.ModifyIndex:
		return true
	}
	return false
}

// restoreIndexes removes the changes of statements that create the same indexes as before a
// copy.
func restoreIndexes(all []Effect, before *schema.Schema, table string) {
	old, ok := before.Table(table)
	if !ok {
		return
	}
	for i := range all {
		m, ok := onlyChange[*schema.ModifyTable](all[i].Changes)
		if !ok || m.T.Name != table {
			continue
		}
		if add, ok := onlyChange[*schema.AddIndex](m.Changes); ok {
			if was, ok := old.Index(add.I.Name); ok && indexText(was) == indexText(add.I) {
				all[i].Changes = nil
			}
		}
	}
}

// alias matches the alias of an expression in a SELECT.
var alias = lazyregexp.New(`(?i)\sAS\s+[^\s()]+\s*$`)

// sources maps each column of a copy to the source of its values: the name of another column,
// or an expression.
func sources(columns, values string) map[string]string {
	all := map[string]string{}
	names, from := strings.Split(columns, ","), splitList(values)
	if len(names) != len(from) {
		return all
	}
	for i := range names {
		all[bareName(names[i])] = bareName(alias.ReplaceAllString(from[i], ""))
	}
	return all
}

// splitList splits a list at the commas outside parentheses and strings.
func splitList(text string) (parts []string) {
	depth, start, quote := 0, 0, rune(0)
	for i, c := range text {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '`' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

func bareName(text string) string { return strings.Trim(text, " \t\r\n`\"[]") }

// onlyChange returns the only change, if it is of type T.
func onlyChange[T schema.Change](changes []schema.Change) (one T, ok bool) {
	if len(changes) != 1 {
		return one, false
	}
	one, ok = changes[0].(T)
	return one, ok
}
