package migration

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/schema"

	"slipway/internal/migration/ddl"
)

// renames recognises the statements that a way down begins with where something
// was renamed. A table that SQLite built anew takes its name in another one.
var renames = regexp.MustCompile("(?i)^(RENAME TABLE |ALTER TABLE `[^`]+` RENAME (COLUMN|TO) )")

// mendDown looks at the files that come after others now. What SQLite builds a
// table anew with names all of the table's columns: such a way down, written
// before the others were there, would lose theirs, so it is planned anew. What it
// wrote anew it gives by path. A way up like that it cannot mend: the error says
// how to write it anew.
func mendDown(ctx context.Context, d dialect, dir *migrate.MemDir, settled map[string]bool, wanted []byte) (map[string]string, error) {
	declared, err := d.parse(schemaFile, wanted)
	if err != nil {
		return nil, err
	}
	files, err := d.readFiles(dir)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.folder(), err)
	}
	state, err := ddl.New(d.name)
	if err != nil {
		return nil, err
	}
	mended := map[string]string{}
	for _, s := range files.steps {
		before, path := state.Clone(), d.folder()+"/"+s.file.Name()
		for i, statement := range s.statements {
			if _, err := state.Apply(statement); err != nil {
				return nil, fmt.Errorf("%s: statement %d cannot be followed: %w", path, i+1, err)
			}
		}
		if text := string(s.file.Bytes()); settled[path] || !strings.Contains(text, "CREATE TABLE `new_") {
			continue
		}
		if lost := lostColumn(before.Schema(), state.Schema(), declared); lost != "" {
			return nil, fmt.Errorf("%s was written before %s was there, and would lose it: delete the files of this "+
				"migration and their snapshot, restore atlas.sum from the base, and let db migrate write it again", path, lost)
		}
		text := string(s.file.Bytes())
		down, err := d.downAnew(ctx, text, before, state)
		if err != nil {
			return nil, fmt.Errorf("%s: its way down: %w", path, err)
		}
		if down != "" && down != text {
			mended[path] = down
		}
	}
	return mended, nil
}

// lostColumn names a column that a file drops although it is wanted; "" for none.
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

// downAnew gives the text of a file with a way down that leads from after to
// before; "" when the one it has does, or when it has none.
func (d dialect) downAnew(ctx context.Context, text string, before, after *ddl.State) (string, error) {
	way, stated, err := d.parseDown(text)
	if err != nil || !stated || way.Irreversible != "" || d.leadsBack(way.Statements, before, after) {
		return "", err
	}
	// What was renamed is renamed back; the rest is planned.
	var kept []*migrate.Change
	from := after.Clone()
	for _, statement := range way.Statements {
		if !renames.MatchString(statement) {
			break
		}
		if _, err := from.Apply(statement); err != nil {
			return "", err
		}
		kept = append(kept, &migrate.Change{Cmd: strings.TrimSuffix(statement, ";")})
	}
	changes, err := ddl.Diff(d.name, from.Schema(), before.Schema())
	if err != nil {
		return "", err
	}
	fills := filler{dialect: d}
	if changes, err = fills.expand(changes, fills.valueDown); err != nil {
		return "", err
	}
	planned, err := d.plan(ctx, changes)
	if err != nil {
		return "", err
	}
	text = text[:downStart(text)] + formatDown(append(kept, withoutPragmas(planned)...), "")
	if way, _, err = d.parseDown(text); err != nil || !d.leadsBack(way.Statements, before, after) {
		return "", errors.Join(errors.New("it does not lead back, and neither does what would be planned: write it by hand"), err)
	}
	return text, nil
}

// leadsBack says that statements lead from one schema to another.
func (d dialect) leadsBack(statements []string, before, after *ddl.State) bool {
	from := after.Clone()
	for _, statement := range statements {
		if _, err := from.Apply(statement); err != nil {
			return false
		}
	}
	left, err := ddl.Diff(d.name, from.Schema(), before.Schema())
	return err == nil && len(left) == 0
}

// downStart is where the way down begins in a file.
func downStart(text string) int {
	start, at := len(text), 0
	for _, line := range slices.Collect(strings.Lines(text)) {
		if rest, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), downMarker); ok && (rest == "" || rest[0] == ' ') {
			start = at
		}
		at += len(line)
	}
	return start
}
