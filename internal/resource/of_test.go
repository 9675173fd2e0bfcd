package resource_test

import (
	"fmt"
	"strings"
	"testing"

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
		{"an unknown rule", "rule \"lowercase\" is not known", func() {
			resource.Of[struct {
				ID   int64  `json:"id"`
				Name string `json:"name" rule:"readonly,lowercase"`
			}]("x")
		}},
		{"email of a number", "rule email: it is for text", func() {
			resource.Of[struct {
				ID   int64 `json:"id"`
				Mail int64 `json:"mail" rule:"email"`
			}]("x")
		}},
		{"a range of a text", "rule min: it is for numbers", func() {
			resource.Of[struct {
				ID   int64  `json:"id"`
				Name string `json:"name" rule:"min=0"`
			}]("x")
		}},
		{"a range that is no number", "rule max: \"many\" is no number", func() {
			resource.Of[struct {
				ID    int64 `json:"id"`
				Stars int64 `json:"stars" rule:"max=many"`
			}]("x")
		}},
		{"a range without an end", "rule max: \"inf\" is no number", func() {
			resource.Of[struct {
				ID    int64 `json:"id"`
				Stars int64 `json:"stars" rule:"max=inf"`
			}]("x")
		}},
		{"an empty range", "rule min is more than rule max", func() {
			resource.Of[struct {
				ID    int64 `json:"id"`
				Stars int64 `json:"stars" rule:"min=2,max=1"`
			}]("x")
		}},
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
