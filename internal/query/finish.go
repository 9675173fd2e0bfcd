package query

import "slices"

// finishList completes the sort order, and decodes the cursor, which depends on it.
func (p *parser) finishList() {
	p.finishSort()
	p.list.Count = p.list.Count || p.list.Page > 0
	cursor, sent := p.value("cursor")
	if p.table.NoKey {
		p.list.Page = max(p.list.Page, 1)
		p.list.Count = true
		if sent {
			p.fail("cursor", "conflict", "%s has no key, and therefore no cursor: use page", p.table.Name)
		}
		return
	}
	if !sent {
		return
	}
	if _, page := p.value("page"); page && p.kind == list {
		p.fail("page", "conflict", "page and cursor cannot be combined: send one of them")
	}
	if p.failed("sort") || p.failed("cursor") {
		return
	}
	var ok bool
	if p.list.After, ok = p.table.after(p.list.Sort, cursor); !ok {
		p.fail("cursor", "cursor", "cursor is invalid for this list and sort order: copy it unchanged from the Link header, "+
			"and send the same sort")
	}
}

// finishSort makes the order total: it adds the key in the direction of the first field. The
// default is newest first.
func (p *parser) finishSort() {
	if len(p.list.Sort) == 0 {
		p.list.Sort = p.table.newestFirst()
		return
	}
	// Fields after the whole key have no effect.
	missing := slices.Clone(p.table.Key)
	for i, o := range p.list.Sort {
		if missing = slices.DeleteFunc(missing, func(name string) bool { return name == o.Field }); len(missing) == 0 {
			p.list.Sort = p.list.Sort[:i+1]
			return
		}
	}
	desc := p.list.Sort[0].Desc
	for _, name := range missing {
		p.list.Sort = append(p.list.Sort, Order{name, desc})
	}
}

// newestFirst returns the default order.
func (t *Table) newestFirst() (order []Order) {
	if t.field("created_at") != nil {
		order = append(order, Order{"created_at", true})
	}
	for _, name := range t.Key {
		if name != "created_at" || len(order) == 0 {
			order = append(order, Order{name, true})
		}
	}
	return order
}

// finishBulk refuses page, per_page, cursor, and a bulk write without a filter.
func (p *parser) finishBulk() {
	// A bulk write that ignored them would change rows outside of the page.
	for _, name := range []string{"cursor", "page", "per_page"} {
		if _, sent := p.value(name); sent {
			p.fail(name, "conflict", "%s is not supported here, because the request writes every row that matches: use "+
				"max_affected to limit it", name)
		}
	}
	// An invalid filter counts as a filter: it already has a problem of its own.
	if !slices.ContainsFunc(p.params, func(x param) bool {
		return !slices.Contains(reserved, x.name) || x.name == "all" && (x.value != "false" || p.failed("all"))
	}) {
		p.fail("all", "required", "This request requires a filter, such as id[in]=1,2: send one, or all=true to select "+
			"every row")
	}
}
