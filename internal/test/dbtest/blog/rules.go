package blog

import "slipway/internal/resource"

// Rules of a user.
func (u *User) Rules() []resource.Rule {
	return []resource.Rule{resource.Email(&u.Email)}
}

// Rules of a post: it has an author, and a user has posts.
func (p *Post) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&p.UserID, "author", "posts")}
}
