package blog

import "slipway/internal/resource"

// Rules returns the rules of users.
func (u *User) Rules() []resource.Rule {
	return []resource.Rule{resource.Email(&u.Email)}
}

// Rules returns the rules of posts: a post has an author, and a user has posts.
func (p *Post) Rules() []resource.Rule {
	return []resource.Rule{resource.RelationNames(&p.UserID, "author", "posts")}
}
