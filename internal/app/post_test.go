package app_test

import (
	"testing"

	"slipway/internal/app"
)

// TestPostAuthor checks the relation between posts and users, in both directions.
func TestPostAuthor(t *testing.T) {
	t.Parallel()
	users, posts := app.Tables[0], app.Tables[1]
	author, inverse := posts.Relation("author"), users.Relation("posts")
	if author == nil || author.Many || author.Table != users || author.Key.Fields[0] != posts.Field("user_id") {
		t.Errorf("the author of a post: %+v", author)
	}
	if inverse == nil || !inverse.Many || inverse.Table != posts || inverse.Key.Fields[0] != posts.Field("user_id") {
		t.Errorf("the posts of a user: %+v", inverse)
	}
}
