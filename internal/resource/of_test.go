package resource_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"slipway/internal/resource"
)

// TestOfRefuses checks that Of panics for an invalid struct.
func TestOfRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		of         func()
	}{
		{"a nullable key", "Name: the key is nullable", func() {
			resource.Of[struct {
				Name *string `json:"name" gorm:"primaryKey"`
			}]("x")
		}},
		{"a place in the key that is no number", "Name: key: ", func() {
			resource.Of[struct {
				Name string `json:"name" gorm:"primaryKey" key:"first"`
			}]("x")
		}},
		{"no json tag", "Name: requires a json tag with the name of the column", func() {
			resource.Of[struct {
				ID   int64 `json:"id"`
				Name string
			}]("x")
		}},
		{"another type", "has an unsupported type", func() {
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
		{"a bad relation", "Author: its foreignKey is not a field of the struct", func() {
			resource.Of[struct {
				ID     int64 `json:"id"`
				Author *city `gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"a relation without a name", "Author: requires a json tag with the name of the relation", func() {
			resource.Of[struct {
				ID     int64 `json:"id"`
				UserID int64 `json:"user_id"`
				Author *city `gorm:"foreignKey:UserID"`
			}]("x")
		}},
		{"an unknown rule", "unknown rule tag \"lowercase\"", func() {
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
		{"an empty range", "the rules of emptyRange: Max: stars: the minimum 2 exceeds the maximum 1",
			func() { resource.Of[emptyRange]("x") }},
		{"a range without an end", "the rules of endless: Max: stars: the limit is not a finite number",
			func() { resource.Of[endless]("x") }},
		{"a rule of another row",
			"the rules of stray: Email: its pointer does not point to a column of the row: write func (r *stray) Rules()",
			func() { resource.Of[stray]("x") }},
		{"rules of a copy", "the rules of copied: Min: its pointer does not point to a column of the row",
			func() { resource.Of[copied]("x") }},
		{"a rule of a relation's row", "the rules of beyond: Email: its pointer does not point to a column",
			func() { resource.Of[beyond]("x") }},
		{"an empty rule", "the rules of hollow: rule 1 is empty", func() { resource.Of[hollow]("x") }},
		{"names for no relation", "the rules of unrelated: RelationNames: stars is not a foreign key",
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

// Rows with invalid rules.
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
