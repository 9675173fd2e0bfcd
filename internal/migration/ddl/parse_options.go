package ddl

import (
	"slices"
	"strconv"
	"strings"
)

// tableOptions are the words that options of a table of MySQL begin with.
var tableOptions = []string{"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "ENGINE", "TYPE", "COMMENT", "AUTO_INCREMENT",
	"ROW_FORMAT", "KEY_BLOCK_SIZE", "AVG_ROW_LENGTH", "CHECKSUM", "COMPRESSION", "CONNECTION", "DATA", "INDEX", "DELAY_KEY_WRITE",
	"ENCRYPTION", "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE", "INSERT_METHOD", "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PASSWORD",
	"STATS_AUTO_RECALC", "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "AUTOEXTEND_SIZE", "SECONDARY_ENGINE", "UNION"}

// tableOption takes one option of a table, if one is next.
func (p *parser) tableOption(o *options) (ok bool, err error) {
	if p.dialect == SQLite {
		switch {
		case p.accept("WITHOUT", "ROWID"):
			o.withoutRowID = true
		case p.accept("STRICT"):
			o.strict = true
		default:
			return false, nil
		}
		return true, nil
	}
	if !p.oneOf(tableOptions...) {
		return false, nil
	}
	p.accept("DEFAULT")
	switch {
	case p.accept("CHARACTER", "SET"), p.accept("CHARSET"):
		p.accept("=")
		o.charset, err = p.name("the name of a character set")
		o.charset = canonicalCharset(o.charset)
	case p.accept("COLLATE"):
		p.accept("=")
		o.collate, err = p.name("the name of a collation")
		o.collate = fold(o.collate)
	case p.accept("COMMENT"):
		p.accept("=")
		var comment string
		comment, err = p.stringValue()
		o.comment = &comment
	case p.accept("AUTO_INCREMENT"):
		p.accept("=")
		n, failed := strconv.ParseInt(p.peek(0).value, 10, 64)
		if failed != nil {
			return false, p.unexpected("a number")
		}
		p.at++
		o.autoIncrement = &n
	case p.acceptOne("ENGINE", "TYPE"):
		p.accept("=")
		o.engine, err = p.name("the name of an engine")
	default:
		t := p.take()
		p.acceptOne("DIRECTORY")
		p.accept("=")
		value := p.peek(0)
		if value.is("(") {
			_, err = p.skipParens()
		} else {
			p.at = min(p.at+1, len(p.all)-1)
		}
		if slices.Contains(tableOptions, strings.ToUpper(t.value)) && t.kind == word {
			o.others = append(o.others, strings.ToLower(t.value)+"="+value.value)
		}
	}
	return true, err
}
