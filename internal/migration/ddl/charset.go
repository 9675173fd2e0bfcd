package ddl

import (
	"fmt"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/schema"
)

// What a table of MySQL has when nothing is stated: the defaults of MySQL 8 and
// 9. A database with other defaults is one whose tables should state theirs.
const (
	defaultCharset = "utf8mb4"
	defaultCollate = "utf8mb4_0900_ai_ci"
)

// charset is a character set of MySQL: its default collation, and the bytes a
// character can have.
type charset struct {
	collate string
	bytes   int
}

// charsets are those of MySQL 8 and 9.
var charsets = map[string]charset{
	"armscii8": {"armscii8_general_ci", 1}, "ascii": {"ascii_general_ci", 1}, "big5": {"big5_chinese_ci", 2},
	"binary": {"binary", 1}, "cp1250": {"cp1250_general_ci", 1}, "cp1251": {"cp1251_general_ci", 1},
	"cp1256": {"cp1256_general_ci", 1}, "cp1257": {"cp1257_general_ci", 1}, "cp850": {"cp850_general_ci", 1},
	"cp852": {"cp852_general_ci", 1}, "cp866": {"cp866_general_ci", 1}, "cp932": {"cp932_japanese_ci", 2},
	"dec8": {"dec8_swedish_ci", 1}, "eucjpms": {"eucjpms_japanese_ci", 3}, "euckr": {"euckr_korean_ci", 2},
	"gb18030": {"gb18030_chinese_ci", 4}, "gb2312": {"gb2312_chinese_ci", 2}, "gbk": {"gbk_chinese_ci", 2},
	"geostd8": {"geostd8_general_ci", 1}, "greek": {"greek_general_ci", 1}, "hebrew": {"hebrew_general_ci", 1},
	"hp8": {"hp8_english_ci", 1}, "keybcs2": {"keybcs2_general_ci", 1}, "koi8r": {"koi8r_general_ci", 1},
	"koi8u": {"koi8u_general_ci", 1}, "latin1": {"latin1_swedish_ci", 1}, "latin2": {"latin2_general_ci", 1},
	"latin5": {"latin5_turkish_ci", 1}, "latin7": {"latin7_general_ci", 1}, "macce": {"macce_general_ci", 1},
	"macroman": {"macroman_general_ci", 1}, "sjis": {"sjis_japanese_ci", 2}, "swe7": {"swe7_swedish_ci", 1},
	"tis620": {"tis620_thai_ci", 1}, "ucs2": {"ucs2_general_ci", 2}, "ujis": {"ujis_japanese_ci", 3},
	"utf16": {"utf16_general_ci", 4}, "utf16le": {"utf16le_general_ci", 4}, "utf32": {"utf32_general_ci", 4},
	"utf8mb3": {"utf8mb3_general_ci", 3}, "utf8mb4": {"utf8mb4_0900_ai_ci", 4},
}

// canonicalCharset is the name MySQL shows: utf8 is utf8mb3 by now.
func canonicalCharset(name string) string {
	if name = fold(name); name == "utf8" {
		return "utf8mb3"
	}
	return name
}

func canonicalCollate(name string) string {
	name = fold(name)
	if rest, ok := strings.CutPrefix(name, "utf8_"); ok {
		return "utf8mb3_" + rest
	}
	return name
}

// charsetOf is the character set that a collation belongs to: they begin with
// its name.
func charsetOf(collate string) string {
	before, _, _ := strings.Cut(collate, "_")
	return canonicalCharset(before)
}

// complete makes a pair of character set and collation whole, of which either
// may be missing.
func complete(set, collate string) (string, string, error) {
	set, collate = canonicalCharset(set), canonicalCollate(collate)
	switch {
	case set == "" && collate == "":
		return "", "", nil
	case set == "":
		set = charsetOf(collate)
	case collate == "":
		collate = charsets[set].collate
	}
	if _, ok := charsets[set]; !ok {
		return "", "", fmt.Errorf("MySQL has no character set %q", set)
	}
	if charsetOf(collate) != set {
		return "", "", fmt.Errorf("the collation %q is not of the character set %q", collate, set)
	}
	return set, collate, nil
}

// isText says whether a type has a character set.
func isText(t schema.Type) bool {
	switch t.(type) {
	case *schema.StringType, *schema.EnumType, *mysql.SetType:
		return true
	}
	return false
}

// resolveText settles the character set of a column of MySQL, and the type that
// depends on it.
func (d *columnDef) resolveText(t *table) error {
	if !isText(d.typ) {
		if d.bytes > 0 {
			d.setType(sized("blob", d.bytes))
		}
		d.charset, d.collate = "", ""
		return nil
	}
	set, collate := d.charset, d.collate
	var err error
	if set == "" && collate == "" {
		set, collate = t.charset, t.collate
	}
	if d.binary {
		collate = canonicalCharset(set) + "_bin"
	}
	if d.charset, d.collate, err = complete(set, collate); err != nil {
		return fmt.Errorf("column %q: %w", d.name, err)
	}
	if d.bytes > 0 {
		d.setType(sized("text", d.bytes*charsets[d.charset].bytes))
	}
	if d.charset == "binary" {
		// Text of bytes is not text to MySQL.
		replace := strings.NewReplacer("varchar", "varbinary", "char", "binary", "text", "blob")
		d.setType(replace.Replace(d.raw))
		d.charset, d.collate = "", ""
	}
	return nil
}

func (c *column) setType(raw string) {
	if t, err := mysql.ParseType(raw); err == nil {
		c.raw, c.typ = raw, t
	}
}

// sized is the smallest of the text or blob types that holds so many bytes.
func sized(kind string, bytes int) string {
	switch {
	case bytes < 1<<8:
		return "tiny" + kind
	case bytes < 1<<16:
		return kind
	case bytes < 1<<24:
		return "medium" + kind
	}
	return "long" + kind
}

// converted is a column after CONVERT TO CHARACTER SET. A text type grows by a
// step when its characters may take more bytes.
func (c *column) converted(set, collate string) *column {
	if !isText(c.typ) {
		return c
	}
	n := *c
	if charsets[set].bytes > charsets[c.charset].bytes {
		switch c.raw {
		case "tinytext":
			n.setType("text")
		case "text":
			n.setType("mediumtext")
		case "mediumtext":
			n.setType("longtext")
		}
	}
	n.charset, n.collate = set, collate
	return &n
}

// applyOptions puts options of a table of MySQL into it.
func (t *table) applyOptions(o *options) error {
	if o.charset != "" || o.collate != "" {
		set, collate, err := complete(o.charset, o.collate)
		if err != nil {
			return fmt.Errorf("table %q: %w", t.name, err)
		}
		t.charset, t.collate = set, collate
	}
	if o.engine != "" {
		t.engine = o.engine
		if same(o.engine, mysql.EngineInnoDB) {
			t.engine = mysql.EngineInnoDB
		}
	}
	if o.comment != nil {
		t.comment = *o.comment
	}
	if o.autoIncrement != nil {
		t.autoIncrement = *o.autoIncrement
	}
	if len(o.others) > 0 {
		t.options = strings.TrimSpace(t.options + " " + strings.Join(o.others, " "))
	}
	return nil
}
