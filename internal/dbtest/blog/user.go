package blog

import "time"

// User is a row of users. Deleting one deletes that user's posts.
type User struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Username  string    `json:"username" gorm:"size:80;not null;uniqueIndex:users_username"`
	Email     string    `json:"email" gorm:"size:120;not null;uniqueIndex:users_email" rule:"email"`
	Bio       *string   `json:"bio"`
	IsActive  bool      `json:"is_active" gorm:"not null;default:true"`
	Score     float64   `json:"score" gorm:"not null;default:0"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
}
