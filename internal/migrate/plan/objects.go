package plan

import (
	"context"
	"fmt"

	"ariga.io/atlas/sql/schema"
)

// Object is an object of a database that slipway does not manage: a view, a trigger, a
// routine or an event.
type Object struct {
	// Kind is view, trigger, procedure, function or event.
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Table is that of a trigger.
	Table string `json:"table,omitempty"`
	// SQL is the statement that creates the object, or its body; "" if the server does not
	// show it.
	SQL string `json:"-"`
}

func (o Object) String() string {
	if o.Table != "" {
		return o.Kind + " " + o.Name + " of " + o.Table
	}
	return o.Kind + " " + o.Name
}

// objects has the query for the kind, name, table and text of unmanaged objects.
var objects = map[string]string{
	SQLite: "SELECT type, name, CASE type WHEN 'trigger' THEN tbl_name ELSE '' END, sql FROM sqlite_master" +
		" WHERE type IN ('view', 'trigger') ORDER BY type DESC, name",
	MySQL: "SELECT 'view' AS kind, table_name AS name, '' AS parent, view_definition AS text" +
		" FROM information_schema.views WHERE table_schema = DATABASE()" +
		" UNION ALL SELECT 'trigger', trigger_name, event_object_table, action_statement FROM information_schema.triggers" +
		" WHERE trigger_schema = DATABASE()" +
		" UNION ALL SELECT LOWER(routine_type), routine_name, '', routine_definition FROM information_schema.routines" +
		" WHERE routine_schema = DATABASE()" +
		" UNION ALL SELECT 'event', event_name, '', event_definition FROM information_schema.events" +
		" WHERE event_schema = DATABASE() ORDER BY kind DESC, name",
}

// Objects lists the objects of the database that slipway does not manage.
func (d Dialect) Objects(ctx context.Context, conn schema.ExecQuerier) (all []Object, err error) {
	rows, err := conn.QueryContext(ctx, objects[d.Name])
	if err != nil {
		return nil, fmt.Errorf("list views and triggers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var o Object
		var text *string
		if err := rows.Scan(&o.Kind, &o.Name, &o.Table, &text); err != nil {
			return nil, fmt.Errorf("list views and triggers: %w", err)
		}
		if text != nil {
			o.SQL = *text
		}
		all = append(all, o)
	}
	return all, rows.Err()
}
