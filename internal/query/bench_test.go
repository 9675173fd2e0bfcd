package query_test

import (
	"testing"
	"time"
)

func BenchmarkParse(b *testing.B) {
	for _, raw := range []string{"", "per_page=50", "title[contains]=milk&sort=-created_at,title&per_page=50"} {
		b.Run(raw, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := things.ParseList(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	next := things.Cursor(newest, []any{time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC), int64(7)})
	b.Run("cursor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := things.ParseList("cursor=" + next); err != nil {
				b.Fatal(err)
			}
		}
	})
}
