package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"slipway/internal/resource"
)

// seedTable is a table of the file with its rows, in the order of the file.
type seedTable struct {
	table *resource.Table
	rows  []seedRow
}

// seedRow is a row of the file.
type seedRow struct {
	// where locates the row in messages: seed.json:12: row 3 of users.
	where string
	text  []byte
	refs  []seedRef
}

// seedRef is a foreign key whose value in the file is an object with values of the
// parent row, not its id.
type seedRef struct {
	key *resource.ForeignKey // of one column
	by  []resource.Value
}

// readSeed reads a file of example rows for the known tables, and validates what needs
// no database. The error contains the line.
func readSeed(path string, known []*resource.Table) ([]seedTable, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing: run this command in the project's folder, or name a file with --file", path)
	}
	if err != nil {
		return nil, err
	}
	return parseSeed(path, text, known)
}

// parseSeed does the work of [readSeed] for the text of a file.
func parseSeed(name string, text []byte, known []*resource.Table) ([]seedTable, error) {
	file := seedFile{name: name, text: text, known: known, line: 1}
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("%s is not UTF-8", name)
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		at := len(text)
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = min(int(syntax.Offset), len(text))
		}
		return nil, fmt.Errorf("%s is not JSON: %w", file.at(max(at-1, 0)), err)
	}
	var tables []seedTable
	err := file.members(func(key string, value []byte, at int) error {
		t, err := file.table(key)
		if err != nil {
			return fmt.Errorf("%s: %w", file.at(at), err)
		}
		for _, other := range tables {
			if other.table == t {
				return fmt.Errorf("%s: duplicate table %s: put all its rows into one array", file.at(at), key)
			}
		}
		rows, err := file.rows(t, value, at)
		tables = append(tables, seedTable{t, rows})
		return err
	})
	if err == nil && len(tables) == 0 {
		err = fmt.Errorf("%s contains no table: it must be {\"TABLE\": [{…}, …], …}", name)
	}
	return tables, err
}

// seedFile is the text of a file with valid JSON.
type seedFile struct {
	name string
	text []byte
	// known are the tables that the file may contain.
	known []*resource.Table
	// line is the line of the byte at offset seen. Calls of at must be in order.
	line, seen int
}

// at returns the file and the line of a byte: seed.json:12.
func (f *seedFile) at(offset int) string {
	f.line += bytes.Count(f.text[f.seen:offset], []byte("\n"))
	f.seen = offset
	return fmt.Sprintf("%s:%d", f.name, f.line)
}

// members calls visit for each member of the object in the file. It stops at the first
// error.
func (f *seedFile) members(visit func(key string, value []byte, at int) error) error {
	d := json.NewDecoder(bytes.NewReader(f.text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("%s must be an object of tables: {\"TABLE\": [{…}, …], …}", f.name)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return err
		}
		if err := visit(fmt.Sprint(key), value, int(d.InputOffset())-len(value)); err != nil {
			return err
		}
	}
	return nil
}

// rows reads the array of a table, which starts at offset at.
func (f *seedFile) rows(t *resource.Table, array []byte, at int) ([]seedRow, error) {
	d := json.NewDecoder(bytes.NewReader(array))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil, fmt.Errorf("%s: %s must be an array of rows: [{…}, …]", f.at(at), t.Name)
	}
	var rows []seedRow
	for d.More() {
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			return nil, err
		}
		begins := at + int(d.InputOffset()) - len(text)
		row := seedRow{where: fmt.Sprintf("%s: row %d of %s", f.at(begins), len(rows)+1, t.Name), text: text}
		if err := row.check(t); err != nil {
			return nil, fmt.Errorf("%s: %w", row.where, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// check validates the row like the body of a request. References get no value.
func (r *seedRow) check(t *resource.Table) error {
	if r.text[0] != '{' {
		return errors.New("a row must be an object: {…}")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(r.text, &members); err != nil {
		return err
	}
	for _, k := range t.ForeignKeys {
		f := k.Fields[0]
		raw := members[f.Name]
		if len(k.Fields) > 1 || f.ReadOnly || len(raw) == 0 || raw[0] != '{' || r.refers(f) {
			continue
		}
		ref := seedRef{key: k}
		var err error
		if ref.by, err = k.Table.DecodeFilter(raw); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if len(ref.by) == 0 {
			return fmt.Errorf("%s: name at least one value of the row of %s", f.Name, k.Table.Name)
		}
		r.refs = append(r.refs, ref)
	}
	_, err := r.decode(t, make([]any, len(r.refs)))
	return err
}

// refers reports whether a field of the row already has a reference.
func (r *seedRow) refers(f *resource.Field) bool {
	return slices.ContainsFunc(r.refs, func(ref seedRef) bool { return ref.key.Fields[0] == f })
}

// decode returns the row with the given values instead of its references.
func (r *seedRow) decode(t *resource.Table, values []any) (*resource.Rows, error) {
	fixed := make([]resource.Value, len(values))
	for i, value := range values {
		fixed[i] = resource.Value{Field: r.refs[i].key.Fields[0], Value: value}
	}
	rows, _, err := t.DecodeRows(r.text, fixed...)
	return rows, err
}

// table returns the known table of that name, or an error with the known names.
func (f *seedFile) table(name string) (*resource.Table, error) {
	names := make([]string, len(f.known))
	for i, t := range f.known {
		if t.Name == name {
			return t, nil
		}
		names[i] = t.Name
	}
	return nil, fmt.Errorf("unknown table %q: use one of %s", headline(name), strings.Join(names, ", "))
}
