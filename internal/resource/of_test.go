package resource_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// TestOfRefuses: a struct that cannot be served is found at the first start.
func TestOfRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		of         func()
	}{
		{"no id", "needs ID int64 `json:\"id\"`", func() {
			resource.Of[struct {
				Name string `json:"name"`
			}]("x")
		}},
		{"a text id", "`json:\"id\"`", func() {
			resource.Of[struct {
				ID string `json:"id"`
			}]("x")
		}},
		{"no json tag", "Name: needs a json tag with the column's name", func() {
			resource.Of[struct {
				ID   int64 `json:"id"`
				Name string
			}]("x")
		}},
		{"another type", "has a type that is not served", func() {
			resource.Of[struct {
				ID   int64    `json:"id"`
				Name []string `json:"name"`
			}]("x")
		}},
		{"a bad size", "size: ", func() {
			resource.Of[struct {
				ID   int64  `json:"id"`
				Name string `json:"name" gorm:"size:many"`
			}]("x")
		}},
		{"a bad default", "default: ", func() {
			resource.Of[struct {
				ID int64 `json:"id"`
				N  int64 `json:"n" gorm:"default:many"`
			}]("x")
		}},
		{"a bad relation", "Author: its foreignKey names no field", func() {
			resource.Of[struct {
				ID     int64 `json:"id"`
				Author *city `gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"a relation without a name", "Author: needs a json tag with the relation's name", func() {
			resource.Of[struct {
				ID     int64 `json:"id"`
				UserID int64 `json:"user_id"`
				Author *city `gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"a relation by a text", "its foreignKey user_id is no int64", func() {
			resource.Of[struct {
				ID     int64  `json:"id"`
				UserID string `json:"user_id"`
				Author *city  `json:"author" gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"two relations by one field", "Editor: another relation has the foreignKey user_id", func() {
			resource.Of[struct {
				ID     int64 `json:"id"`
				UserID int64 `json:"user_id"`
				Author *city `json:"author" gorm:"foreignKey:UserID"`
				Editor *city `json:"editor" gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"an unknown rule", "the tag rule \"lowercase\" is not known", func() {
			resource.Of[struct {
				ID   int64  `json:"id"`
				Name string `json:"name" rule:"lowercase"`
			}]("x")
		}},
		{"a time that is none", "default: parsing time", func() {
			resource.Of[struct {
				ID int64     `json:"id"`
				At time.Time `json:"at" gorm:"default:'0000-00-00 00:00:00'"`
			}]("x")
		}},
		{"an empty range", "the rules of emptyRange: Max: stars: no number is at least 2 and at most 1",
			func() { resource.Of[emptyRange]("x") }},
		{"a range without an end", "the rules of endless: Max: stars: the limit is no number",
			func() { resource.Of[endless]("x") }},
		{"a rule of another row",
			"the rules of stray: Email: its pointer is to no column of the row: write func (r *stray) Rules()",
			func() { resource.Of[stray]("x") }},
		{"rules of a copy", "the rules of copied: Min: its pointer is to no column of the row",
			func() { resource.Of[copied]("x") }},
		{"a rule of a relation's row", "the rules of beyond: Email: its pointer is to no column",
			func() { resource.Of[beyond]("x") }},
		{"an empty rule", "the rules of hollow: rule 1 is empty", func() { resource.Of[hollow]("x") }},
		{"names for no relation", "the rules of unrelated: RelationNames: stars is no foreign key",
			func() { resource.Of[unrelated]("x") }},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("%s: %s, want %s", c.name, got, c.want)
				}
			}()
			c.of()
		}()
	}
}

// Rows whose rules are wrong.
type (
	starred struct {
		ID    int64 `json:"id"`
		Stars int64 `json:"stars"`
	}
	emptyRange starred
	endless    starred
	copied     starred
	hollow     starred
	unrelated  starred
	stray      struct {
		ID   int64  `json:"id"`
		Mail string `json:"mail"`
	}
	beyond struct {
		ID     int64  `json:"id"`
		UserID int64  `json:"user_id"`
		User   *stray `json:"user" gorm:"foreignKey:UserID"`
	}
)

func (r *emptyRange) Rules() []resource.Rule {
	return []resource.Rule{resource.Min(&r.Stars, 2), resource.Max(&r.Stars, 1)}
}

func (r *endless) Rules() []resource.Rule {
	return []resource.Rule{resource.Max(&r.Stars, math.Inf(1))}
}

func (r copied) Rules() []resource.Rule { return []resource.Rule{resource.Min(&r.Stars, 1)} }

func (r *hollow) Rules() []resource.Rule { return []resource.Rule{{}} }

func (r *unrelated) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&r.Stars, "a", "b")}
}

func (r *stray) Rules() []resource.Rule { return []resource.Rule{resource.Email(&new(stray).Mail)} }

func (r *beyond) Rules() []resource.Rule { return []resource.Rule{resource.Email(&new(stray).Mail)} }
