package resource_test

import (
	"fmt"
	"testing"

	"slipway/internal/resource"
)

// narrow has a column of each of six types. Wide has ten of each.
type (
	narrow struct {
		C00 int64         `json:"c00" gorm:"primaryKey;autoIncrement:false"`
		C01 float64       `json:"c01"`
		C02 bool          `json:"c02"`
		C03 string        `json:"c03" gorm:"size:80"`
		C04 resource.Date `json:"c04" gorm:"type:date"`
		C05 resource.JSON `json:"c05" gorm:"type:json"`
	}
	wide struct {
		C00 int64         `json:"c00" gorm:"primaryKey;autoIncrement:false"`
		C01 float64       `json:"c01"`
		C02 bool          `json:"c02"`
		C03 string        `json:"c03" gorm:"size:80"`
		C04 resource.Date `json:"c04" gorm:"type:date"`
		C05 resource.JSON `json:"c05" gorm:"type:json"`
		C06 int64         `json:"c06"`
		C07 float64       `json:"c07"`
		C08 bool          `json:"c08"`
		C09 string        `json:"c09" gorm:"size:80"`
		C10 resource.Date `json:"c10" gorm:"type:date"`
		C11 resource.JSON `json:"c11" gorm:"type:json"`
		C12 int64         `json:"c12"`
		C13 float64       `json:"c13"`
		C14 bool          `json:"c14"`
		C15 string        `json:"c15" gorm:"size:80"`
		C16 resource.Date `json:"c16" gorm:"type:date"`
		C17 resource.JSON `json:"c17" gorm:"type:json"`
		C18 int64         `json:"c18"`
		C19 float64       `json:"c19"`
		C20 bool          `json:"c20"`
		C21 string        `json:"c21" gorm:"size:80"`
		C22 resource.Date `json:"c22" gorm:"type:date"`
		C23 resource.JSON `json:"c23" gorm:"type:json"`
		C24 int64         `json:"c24"`
		C25 float64       `json:"c25"`
		C26 bool          `json:"c26"`
		C27 string        `json:"c27" gorm:"size:80"`
		C28 resource.Date `json:"c28" gorm:"type:date"`
		C29 resource.JSON `json:"c29" gorm:"type:json"`
		C30 int64         `json:"c30"`
		C31 float64       `json:"c31"`
		C32 bool          `json:"c32"`
		C33 string        `json:"c33" gorm:"size:80"`
		C34 resource.Date `json:"c34" gorm:"type:date"`
		C35 resource.JSON `json:"c35" gorm:"type:json"`
		C36 int64         `json:"c36"`
		C37 float64       `json:"c37"`
		C38 bool          `json:"c38"`
		C39 string        `json:"c39" gorm:"size:80"`
		C40 resource.Date `json:"c40" gorm:"type:date"`
		C41 resource.JSON `json:"c41" gorm:"type:json"`
		C42 int64         `json:"c42"`
		C43 float64       `json:"c43"`
		C44 bool          `json:"c44"`
		C45 string        `json:"c45" gorm:"size:80"`
		C46 resource.Date `json:"c46" gorm:"type:date"`
		C47 resource.JSON `json:"c47" gorm:"type:json"`
		C48 int64         `json:"c48"`
		C49 float64       `json:"c49"`
		C50 bool          `json:"c50"`
		C51 string        `json:"c51" gorm:"size:80"`
		C52 resource.Date `json:"c52" gorm:"type:date"`
		C53 resource.JSON `json:"c53" gorm:"type:json"`
		C54 int64         `json:"c54"`
		C55 float64       `json:"c55"`
		C56 bool          `json:"c56"`
		C57 string        `json:"c57" gorm:"size:80"`
		C58 resource.Date `json:"c58" gorm:"type:date"`
		C59 resource.JSON `json:"c59" gorm:"type:json"`
	}
)

// BenchmarkColumns decodes and encodes 20 rows of 6 and of 60 columns. The metric ns/value is the time for one column
// of a row. It must not grow with the number of columns; compare with
//
//	go test -run=- -bench=Columns ./internal/resource
func BenchmarkColumns(b *testing.B) {
	const rows = 20
	values := []string{"12345", "2.5", "true", `"a few words"`, `"2026-01-31"`, `{"a":[1,2]}`}
	for _, t := range []*resource.Table{resource.Of[narrow]("narrow"), resource.Of[wide]("wide")} {
		body := []byte("[")
		for i := range rows {
			for j, f := range t.Fields {
				start := []string{",{", ","}[min(j, 1)]
				body = fmt.Appendf(body, "%s%q:%s", start, f.Name, values[j%len(values)])
			}
			body = append(body, '}')
			if i == 0 {
				body = append(body[:1], body[2:]...)
			}
		}
		body = append(body, ']')
		decoded, _, err := t.DecodeRows(body)
		if err != nil {
			b.Fatal(err)
		}
		perValue := func(b *testing.B) {
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows*len(t.Fields)), "ns/value")
		}
		b.Run(fmt.Sprintf("decode %d", len(t.Fields)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := t.DecodeRows(body); err != nil {
					b.Fatal(err)
				}
			}
			perValue(b)
		})
		view, buf := t.View(nil), make([]byte, 0, 1<<16)
		b.Run(fmt.Sprintf("encode %d", len(t.Fields)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				buf = view.AppendAll(buf[:0], decoded)
			}
			perValue(b)
		})
	}
}
