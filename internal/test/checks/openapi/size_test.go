package openapi

import (
	"net/http"
	"testing"
	"time"

	"slipway/internal/httpapi"
	"slipway/internal/resource"
	"slipway/internal/test/apitest"
	"slipway/internal/test/dbtest/blog"
)

// wideRow is a row of 60 columns, of all types, with relations in both directions.
type wideRow struct {
	ID             int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
	CountOfItems   int64      `json:"count_of_items" gorm:"not null"`
	OptionalCount  *int64     `json:"optional_count"`
	Price          float64    `json:"price" gorm:"not null;default:0"`
	NetAmount      *float64   `json:"net_amount" gorm:"type:decimal(12,2)"`
	IsActive       bool       `json:"is_active" gorm:"not null;default:true"`
	IsVerified     *bool      `json:"is_verified"`
	DisplayName    string     `json:"display_name" gorm:"size:200;not null"`
	Description    *string    `json:"description"`
	ContactEmail   string     `json:"contact_email" gorm:"size:120;not null"`
	StartsAt       time.Time  `json:"starts_at" gorm:"not null;precision:6"`
	EndsAt         *time.Time `json:"ends_at" gorm:"precision:6"`
	Percentage     int64      `json:"percentage" gorm:"not null"`
	CountOfItems2  int64      `json:"count_of_items_2" gorm:"not null"`
	OptionalCount2 *int64     `json:"optional_count_2"`
	Price2         float64    `json:"price_2" gorm:"not null;default:0"`
	NetAmount2     *float64   `json:"net_amount_2" gorm:"type:decimal(12,2)"`
	IsActive2      bool       `json:"is_active_2" gorm:"not null;default:true"`
	IsVerified2    *bool      `json:"is_verified_2"`
	DisplayName2   string     `json:"display_name_2" gorm:"size:200;not null"`
	Description2   *string    `json:"description_2"`
	ContactEmail2  string     `json:"contact_email_2" gorm:"size:120;not null"`
	StartsAt2      time.Time  `json:"starts_at_2" gorm:"not null;precision:6"`
	EndsAt2        *time.Time `json:"ends_at_2" gorm:"precision:6"`
	Percentage2    int64      `json:"percentage_2" gorm:"not null"`
	CountOfItems3  int64      `json:"count_of_items_3" gorm:"not null"`
	OptionalCount3 *int64     `json:"optional_count_3"`
	Price3         float64    `json:"price_3" gorm:"not null;default:0"`
	NetAmount3     *float64   `json:"net_amount_3" gorm:"type:decimal(12,2)"`
	IsActive3      bool       `json:"is_active_3" gorm:"not null;default:true"`
	IsVerified3    *bool      `json:"is_verified_3"`
	DisplayName3   string     `json:"display_name_3" gorm:"size:200;not null"`
	Description3   *string    `json:"description_3"`
	ContactEmail3  string     `json:"contact_email_3" gorm:"size:120;not null"`
	StartsAt3      time.Time  `json:"starts_at_3" gorm:"not null;precision:6"`
	EndsAt3        *time.Time `json:"ends_at_3" gorm:"precision:6"`
	Percentage3    int64      `json:"percentage_3" gorm:"not null"`
	CountOfItems4  int64      `json:"count_of_items_4" gorm:"not null"`
	OptionalCount4 *int64     `json:"optional_count_4"`
	Price4         float64    `json:"price_4" gorm:"not null;default:0"`
	NetAmount4     *float64   `json:"net_amount_4" gorm:"type:decimal(12,2)"`
	IsActive4      bool       `json:"is_active_4" gorm:"not null;default:true"`
	IsVerified4    *bool      `json:"is_verified_4"`
	DisplayName4   string     `json:"display_name_4" gorm:"size:200;not null"`
	Description4   *string    `json:"description_4"`
	ContactEmail4  string     `json:"contact_email_4" gorm:"size:120;not null"`
	StartsAt4      time.Time  `json:"starts_at_4" gorm:"not null;precision:6"`
	EndsAt4        *time.Time `json:"ends_at_4" gorm:"precision:6"`
	Percentage4    int64      `json:"percentage_4" gorm:"not null"`
	CountOfItems5  int64      `json:"count_of_items_5" gorm:"not null"`
	OptionalCount5 *int64     `json:"optional_count_5"`
	Price5         float64    `json:"price_5" gorm:"not null;default:0"`
	CreatedAt      time.Time  `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt      time.Time  `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
	OwnerID        int64      `json:"owner_id" gorm:"not null"`
	EditorID       *int64     `json:"editor_id"`
	ReviewerID     *int64     `json:"reviewer_id"`
	ParentID       *int64     `json:"parent_id"`
	NextID         *int64     `json:"next_id"`
	SourceID       int64      `json:"source_id" gorm:"not null"`

	Owner    *wideUser `json:"owner" gorm:"foreignKey:OwnerID" inverse:"owned_rows"`
	Editor   *wideUser `json:"editor" gorm:"foreignKey:EditorID" inverse:"edited_rows"`
	Reviewer *wideUser `json:"reviewer" gorm:"foreignKey:ReviewerID" inverse:"reviewed_rows"`
	Parent   *wideRow  `json:"parent" gorm:"foreignKey:ParentID" inverse:"children"`
	Next     *wideRow  `json:"next" gorm:"foreignKey:NextID" inverse:"previous_rows"`
	Source   *wideRow  `json:"source" gorm:"foreignKey:SourceID" inverse:"copies"`
}

// Rules returns the rules of a wideRow.
func (r *wideRow) Rules() (rules []resource.Rule) {
	for _, email := range []*string{&r.ContactEmail, &r.ContactEmail2, &r.ContactEmail3, &r.ContactEmail4} {
		rules = append(rules, resource.Email(email))
	}
	for _, percentage := range []*int64{&r.Percentage, &r.Percentage2, &r.Percentage3, &r.Percentage4} {
		rules = append(rules, resource.Min(percentage, 0), resource.Max(percentage, 100))
	}
	return rules
}

// wideUser is a row that a wideRow references.
type wideUser struct {
	ID int64 `json:"id" gorm:"primaryKey" rule:"readonly"`
}

// TestOpenAPISize checks that the size of the document is proportional to the number of
// columns, for generators and the page at /docs. With auth it has more responses.
func TestOpenAPISize(t *testing.T) {
	t.Parallel()
	size := func(change func(*httpapi.Options)) int {
		return len(apitest.New(t, blog.SQLite(t), change).Must(http.StatusOK, "GET", "/openapi.json", "").Body)
	}
	const perTable = 25 * 1024
	if n := size(nil) / len(blog.Tables); n > perTable {
		t.Errorf("the document has %d bytes a table, want at most %d", n, perTable)
	}
	if n := size(apitest.RequireCaller) / len(blog.Tables); n > perTable {
		t.Errorf("with auth the document has %d bytes a table, want at most %d", n, perTable)
	}
	narrow := size(func(o *httpapi.Options) { o.Tables = resource.Link(resource.Of[wideUser]("people")) })
	wide := size(func(o *httpapi.Options) {
		o.Tables = resource.Link(resource.Of[wideUser]("people"), resource.Of[wideRow]("rows"))
	})
	if n, most := wide-narrow, 6*1024+60*2560; n > most {
		t.Errorf("a table of 60 columns adds %d bytes, want at most %d", n, most)
	}
}
