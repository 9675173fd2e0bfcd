package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migrate/lazyregexp"
	declared "slipway/internal/migrate/schema"
)

// renames matches the renames at the start of down statements. A rebuild on SQLite also
// contains a rename.
var renames = lazyregexp.New("(?i)^(RENAME TABLE |ALTER TABLE `[^`]+` RENAME (COLUMN|TO) )")

// replanDown plans the down statements of renumbered files again if they would drop columns
// of the other branch: a rebuild on SQLite lists all columns that the table had when the file
// was written. It returns the new texts of these files by path. It returns an error if the up
// statements of a file would drop such a column.
func replanDown(
	ctx context.Context, d Dialect, dir *migrate.MemDir, scratch Scratch, settled map[string]bool, wanted []byte,
) (replanned map[string]string, err error) {
	replanned = map[string]string{}
	if d.Name != SQLite {
		return replanned, nil
	}
	files, err := d.ReadFiles(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.folder(), err)
	}
	tables, err := d.Parse(SchemaFile, wanted)
	if err != nil {
		return nil, err
	}
	h := &History{Files: files, Scratch: scratch}
	defer func() { err = errors.Join(err, h.Close()) }()
	for i, s := range files.List {
		path, text := files.Name(s), string(s.Bytes())
		if settled[path] || !strings.Contains(text, "CREATE TABLE `new_") {
			continue
		}
		before, _, err := h.At(ctx, Point{File: i})
		if err != nil {
			return nil, err
		}
		after, _, err := h.At(ctx, Point{File: i + 1})
		if err != nil {
			return nil, err
		}
		if lost := lostColumn(before, after, tables); lost != "" {
			return nil, fmt.Errorf("%s would drop %s, which the other branch added: delete the files of this migration "+
				"and their snapshot, restore atlas.sum from the base, and run db migrate again", path, lost)
		}
		again, err := h.downAgain(ctx, i, before, wanted)
		if err != nil {
			return nil, fmt.Errorf("%s: down statements: %w", path, err)
		}
		if again != "" {
			replanned[path] = again
		}
	}
	return replanned, nil
}

// lostColumn returns a wanted column that a file drops; "" for none.
func lostColumn(before, after, wanted *schema.Schema) string {
	for _, t := range before.Tables {
		kept, want := namesOfColumns(after, t.Name), namesOfColumns(wanted, t.Name)
		for _, c := range t.Columns {
			if want[c.Name] && len(kept) > 0 && !kept[c.Name] {
				return t.Name + "." + c.Name
			}
		}
	}
	return ""
}

// downAgain returns the text of a file with new down statements, which restore the schema
// before it; "" if its down statements do so already, or if it has none.
func (h *History) downAgain(ctx context.Context, file int, before *schema.Schema, wanted []byte) (string, error) {
	text := string(h.List[file].Bytes())
	down, stated, err := h.Dialect.ParseDown(text)
	if err != nil || !stated || down.Irreversible != "" {
		return "", err
	}
	if left, err := h.after(ctx, file, down.Statements, before); err != nil || len(left) == 0 {
		return "", err
	}
	// Keep the renames; plan the other statements again.
	var kept []*migrate.Change
	var renamed []string
	for _, statement := range down.Statements {
		if !renames.MatchString(statement) {
			break
		}
		renamed = append(renamed, statement)
		kept = append(kept, &migrate.Change{Cmd: strings.TrimSuffix(statement, ";")})
	}
	changes, err := h.after(ctx, file, renamed, before)
	if err != nil {
		return "", err
	}
	fills := filler{Dialect: h.Dialect}
	fills.declare = func() (*schema.Schema, error) { return declared.MySQL(SchemaFile, wanted) }
	if changes, err = fills.expand(changes, fills.valueDown); err != nil {
		return "", err
	}
	planned, err := h.Dialect.plan(ctx, changes)
	if err != nil {
		return "", err
	}
	again := text[:downStart(text)] + formatDown(append(kept, withoutPragmas(planned)...), "")
	if down, _, err = h.Dialect.ParseDown(again); err != nil {
		return "", err
	}
	if left, err := h.after(ctx, file, down.Statements, before); err != nil || len(left) > 0 {
		return "",
			errors.Join(errors.New("they do not restore the schema before the file, and cannot be planned again: write "+
				"them by hand"), err)
	}
	return again, nil
}

// after runs statements after a file, and returns the changes from the resulting schema to
// the schema to.
func (h *History) after(
	ctx context.Context, file int, statements []string, to *schema.Schema,
) (changes []schema.Change, err error) {
	r, err := h.replayTo(ctx, Point{File: file + 1})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if err := r.run(ctx, statements...); err != nil {
		return nil, err
	}
	made, err := r.inspect(ctx)
	if err != nil {
		return nil, err
	}
	return h.Dialect.Compare(made, to)
}

// downStart returns the offset of the down section in a file.
func downStart(text string) int {
	start, at := len(text), 0
	for _, line := range slices.Collect(strings.Lines(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), DownMarker); ok && (rest == "" || rest[0] == ' ') {
			start = at
		}
		at += len(line)
	}
	return start
}
