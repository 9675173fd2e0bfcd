package resource_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
	"slipway/internal/test/dbtest/blog"
)

func BenchmarkDecodeRows(b *testing.B) {
	note, user := `{"title": "Buy milk", "content": "two litres"}`, `{"username": "ada", "email": "ada@example.com", `+
		`"score": 1.5}`
	for _, c := range []struct {
		name, body string
		table      *resource.Table
	}{
		{"note", note, blog.Notes},
		{"user", user, blog.Users},
		{"1000 notes", "[" + strings.TrimSuffix(strings.Repeat(note+",", 1000), ",") + "]", blog.Notes},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			body := []byte(c.body)
			for b.Loop() {
				if _, _, err := c.table.DecodeRows(body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDecodeRefused decodes invalid bodies of the maximum size that are expensive.
func BenchmarkDecodeRefused(b *testing.B) {
	var names strings.Builder
	for i := range 1 << 16 {
		fmt.Fprintf(&names, `"name%d":0,`, i)
	}
	const size = 1 << 20
	for name, body := range map[string]string{
		"brackets":   strings.Repeat("[", size),
		"names":      `{` + strings.TrimSuffix(names.String(), ",") + `}`,
		"one name":   `{"title":1` + strings.Repeat(`,"title":1`, size/10) + `}`,
		"elements":   `[1` + strings.Repeat(`,1`, size/2) + `]`,
		"empty rows": `[{}` + strings.Repeat(`,{}`, size/3) + `]`,
		"quotes":     `{"` + strings.Repeat(`\"`, size/2) + `":0}`,
	} {
		b.Run(name, func(b *testing.B) {
			text := []byte(body)
			for b.Loop() {
				if _, _, err := blog.Notes.DecodeRows(text); err == nil {
					b.Fatal("no error")
				}
			}
		})
	}
}

// BenchmarkEncode encodes 20 rows, and compares with encoding/json.
func BenchmarkEncode(b *testing.B) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	for _, table := range blog.Tables {
		rows := table.NewRows(20)
		for i := range 20 {
			rows.Append()
			switch row := rows.Row(i).(type) {
			case *blog.Note:
				*row = blog.Note{ID: int64(i), Title: "Buy milk",
					Content: "a few words of the usual length, as a note may have them", CreatedAt: at, UpdatedAt: at}
			case *blog.User:
				*row = blog.User{ID: int64(i), Username: "ada", Email: "ada@example.com", Bio: new("wrote the first program"),
					IsActive: true, Score: 9.5, CreatedAt: at, UpdatedAt: at}
			case *blog.Post:
				*row = blog.Post{ID: int64(i), Title: "Hello",
					Body: new("a few words of the usual length, as a post may have them"), UserID: 7, CreatedAt: at, UpdatedAt: at}
			}
		}
		view, buf := table.View(nil), make([]byte, 0, 1<<14)
		b.Run(table.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf = view.AppendAll(buf[:0], rows)
			}
		})
		b.Run(table.Name+" by encoding/json", func(b *testing.B) {
			b.ReportAllocs()
			w := bytes.NewBuffer(buf)
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			for b.Loop() {
				w.Reset()
				if err := e.Encode(rows.Pointer()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkScanJSON scans a document in the form of MySQL: with spaces, and names sorted by
// length.
func BenchmarkScanJSON(b *testing.B) {
	const object = `{"id": 12345, "name": "a name of the usual length", "tags": ["a", "b"], "ratio": 1.25, ` +
		`"active": true, "created_at": "2026-01-31T12:00:00Z"}, `
	text := []byte(`[` + strings.TrimSuffix(strings.Repeat(object, 20), ", ") + `]`)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var j resource.JSON
		if err := j.Scan(text); err != nil {
			b.Fatal(err)
		}
	}
}
