package blog

import "time"

// Note is a row of notes.
type Note struct {
	ID        int64     `json:"id" gorm:"primaryKey" rule:"readonly"`
	Title     string    `json:"title" gorm:"size:200;not null"`
	Content   string    `json:"content" gorm:"not null;default:''"`
	CreatedAt time.Time `json:"created_at" gorm:"not null;precision:6" rule:"readonly"`
	UpdatedAt time.Time `json:"updated_at" gorm:"not null;precision:6" rule:"readonly"`
}
