package blog

import "time"

// Post is a row of posts: what a user wrote.
type Post struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Title     string    `json:"title" gorm:"size:200;not null"`
	Body      *string   `json:"body"`
	UserID    int64     `json:"user_id" gorm:"not null"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`

	Author *User `json:"author" gorm:"foreignKey:UserID;constraint:posts_user_id,OnDelete:CASCADE" inverse:"posts"`
}
