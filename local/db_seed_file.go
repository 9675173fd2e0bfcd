package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"

	"slipway/internal/resource"
)

// seedTable is one member of the file: a table and its rows, in the file's order.
type seedTable struct {
	table *resource.Table
	rows  []seedRow
}

// seedRow is a row as it stands in the file.
type seedRow struct {
	// where is how a sentence names it: seed.json:12: row 3 of users.
	where string
	text  []byte
	refs  []seedRef
}

// seedRef is a foreign key whose value says what the parent looks like, and not
// which id it has.
type seedRef struct {
	field  *resource.Field
	parent *resource.Table
	by     []resource.Value
}

// readSeed reads a file of example rows and checks all that can be checked
// without a database. It may name the known tables. The error says which line is at
// fault, and why.
func readSeed(path string, known []*resource.Table) ([]seedTable, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s here: run this in the project's folder, or name a file with --file", path)
	}
	if err != nil {
		return nil, err
	}
	return parseSeed(path, text, known)
}

// parseSeed is readSeed for the text of a file.
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
				return fmt.Errorf("%s: %s is here twice: put its rows together", file.at(at), key)
			}
		}
		rows, err := file.rows(t, value, at)
		tables = append(tables, seedTable{t, rows})
		return err
	})
	if err == nil && len(tables) == 0 {
		err = fmt.Errorf("%s names no table: it holds {\"TABLE\": [{…}, …], …}", name)
	}
	return tables, err
}

// seedFile is the text of a file that is known to be JSON.
type seedFile struct {
	name string
	text []byte
	// known are the tables that it may name.
	known []*resource.Table
	// The line that the byte at seen is on. Lines are asked for in order.
	line, seen int
}

// at names the line of a byte: seed.json:12.
func (f *seedFile) at(offset int) string {
	f.line += bytes.Count(f.text[f.seen:offset], []byte("\n"))
	f.seen = offset
	return fmt.Sprintf("%s:%d", f.name, f.line)
}

// members goes through the members of the file's object.
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

// rows reads the array of a table, which stands at a byte of the file.
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
		if err := row.check(t, f.known); err != nil {
			return nil, fmt.Errorf("%s: %w", row.where, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// check reads the row as a request's body would be, with any id for the rows it
// refers to.
func (r *seedRow) check(t *resource.Table, known []*resource.Table) error {
	if r.text[0] != '{' {
		return errors.New("it must be an object: {…}")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(r.text, &members); err != nil {
		return err
	}
	for _, f := range t.Fields {
		raw := members[f.Name]
		if f.Parent() == nil || f.ReadOnly || len(raw) == 0 || raw[0] != '{' {
			continue
		}
		ref := seedRef{field: f, parent: parentOf(f, known)}
		var err error
		if ref.by, err = ref.parent.DecodeChanges(raw); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		if len(ref.by) == 0 {
			return fmt.Errorf("%s has no member to find a row of %s by", f.Name, ref.parent.Name)
		}
		r.refs = append(r.refs, ref)
	}
	_, err := r.decode(t, make([]int64, len(r.refs)))
	return err
}

// decode gives the row with these ids in place of what its references say.
func (r *seedRow) decode(t *resource.Table, ids []int64) (*resource.Rows, error) {
	fixed := make([]resource.Value, len(ids))
	for i, id := range ids {
		fixed[i] = resource.Value{Field: r.refs[i].field, Value: id}
	}
	rows, _, err := t.DecodeRows(r.text, fixed...)
	return rows, err
}

// table returns the known table of that name.
func (f *seedFile) table(name string) (*resource.Table, error) {
	names := make([]string, len(f.known))
	for i, t := range f.known {
		if t.Name == name {
			return t, nil
		}
		names[i] = t.Name
	}
	return nil, fmt.Errorf("there is no table %q: use %s", headline(name), strings.Join(names, ", "))
}

// parentOf returns the table, of those that are known, that a foreign key refers to.
func parentOf(f *resource.Field, known []*resource.Table) *resource.Table {
	row := reflect.TypeOf(f.Parent())
	for _, t := range known {
		if reflect.TypeOf(t.New()) == row {
			return t
		}
	}
	return nil // resource.Link has seen to it that there is one
}
