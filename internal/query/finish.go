package query

import "slices"

// finishList does what takes more than one parameter: it makes the order total,
// and finds where the list goes on.
func (p *parser) finishList() {
	p.finishSort()
	p.list.Count = p.list.Count || p.list.Page > 0
	cursor, sent := p.value("cursor")
	if !sent {
		return
	}
	if _, page := p.value("page"); page && p.kind == list {
		p.fail("page", "conflict", "page and cursor exclude each other: send one of them")
	}
	if p.failed("sort") || p.failed("cursor") {
		return
	}
	var ok bool
	if p.list.After, ok = p.table.after(p.list.Sort, cursor); !ok {
		p.fail("cursor", "cursor", "cursor is none that this list has given in this order: take it from the Link header as "+
			"it is, with the same sort")
	}
}

// finishSort makes the order total: newest first unless told, and rows that tie
// follow the id in the direction of the first key.
func (p *parser) finishSort() {
	if len(p.list.Sort) == 0 {
		p.list.Sort = p.table.newestFirst()
		return
	}
	// Behind the id nothing ties.
	if i := slices.IndexFunc(p.list.Sort, func(o Order) bool { return o.Field == "id" }); i >= 0 {
		p.list.Sort = p.list.Sort[:i+1]
		return
	}
	p.list.Sort = append(p.list.Sort, Order{"id", p.list.Sort[0].Desc})
}

func (t *Table) newestFirst() []Order {
	if t.field("created_at") == nil {
		return []Order{{"id", true}}
	}
	return []Order{{"created_at", true}, {"id", true}}
}

// finishBulk refuses what a write to many rows must not have, and the write that
// has no filter.
func (p *parser) finishBulk() {
	// A write that silently went further than the page it names would be a loss.
	for _, name := range []string{"cursor", "page", "per_page"} {
		if _, sent := p.value(name); sent {
			p.fail(name, "conflict", "%s does not go with a write, which concerns every row that matches: use max_affected to "+
				"bound it", name)
		}
	}
	// A filter with a fault is one that was meant.
	if !slices.ContainsFunc(p.params, func(x param) bool {
		return !slices.Contains(reserved, x.name) || x.name == "all" && (x.value != "false" || p.failed("all"))
	}) {
		p.fail("all", "required", "A write to many rows needs a filter, such as id[in]=1,2: send one, or all=true for "+
			"every row")
	}
}
