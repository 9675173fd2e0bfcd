package plan

import (
	"errors"
	"strings"
)

// maxSlug limits the length of file names, which are also stored in the revision table.
const maxSlug = 60

// slugify converts a message to a part of a file name: "Add bio to users" becomes
// "add_bio_to_users". The result contains only a-z, 0-9 and single underscores. It returns an
// error for a message without letters a-z and digits.
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
		return "", errors.New(`missing message: describe the change in a few words with letters a-z or digits, for example ` +
			`-m "add bio to users"`)
	}
	if len(slug) > maxSlug {
		slug = slug[:maxSlug]
		// Cut at the end of a word, if there is more than one.
		if i := strings.LastIndexByte(slug, '_'); i > 0 {
			slug = slug[:i]
		}
	}
	return slug, nil
}
