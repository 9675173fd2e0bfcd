package plan

import (
	"errors"
	"strings"
)

// maxSlug keeps file names readable in a listing, and within the column of the
// table of versions that holds them.
const maxSlug = 60

// slugify turns a message into the part of a file name that says what the
// migration does: "Add bio to users" → "add_bio_to_users". The result has only
// a-z, 0-9 and single underscores between them; a message that has none of those
// letters is an error.
func slugify(message string) (string, error) {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(message) {
		if r < 'a' || r > 'z' {
			if r < '0' || r > '9' {
				gap = true
				continue
			}
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	slug := b.String()
	if slug == "" {
		return "", errors.New(`missing message: say in a few words what changes, as in -m "add bio to users" (letters a-z ` +
			`and digits name the file)`)
	}
	if len(slug) > maxSlug {
		slug = slug[:maxSlug]
		// Not in the middle of a word, where there is more than one.
		if i := strings.LastIndexByte(slug, '_'); i > 0 {
			slug = slug[:i]
		}
	}
	return slug, nil
}
