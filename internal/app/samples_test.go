package app_test

import "time"

// samples declares tables with columns of every kind, and with foreign keys to
// another table, twice, and to itself.
const samples = `
variable "dialect" { type = string }
variable "db" { type = string }
locals { mysql = var.dialect == "mysql" }
schema "app" { name = var.db }
table "boxes" {
  schema = schema.app
  column "id" {
    type = local.mysql ? sql("bigint unsigned") : sql("integer")
    auto_increment = true
  }
  column "small" { type = local.mysql ? sql("smallint") : sql("integer") }
  column "medium" { type = int }
  column "price" { type = local.mysql ? sql("decimal(10,2)") : sql("real") }
  column "ratio" { type = local.mysql ? sql("float") : sql("real") }
  column "code" { type = local.mysql ? sql("char(5)") : sql("text") }
  column "words" { type = text }
  column "shape" {
    type = local.mysql ? sql("enum('round','flat')") : sql("text")
    default = "flat"
  }
  column "label" {
    type = varchar(20)
    default = "none"
  }
  column "data" { type = local.mysql ? sql("json") : sql("text") }
  column "bytes" { type = blob }
  column "year" { type = local.mysql ? sql("year") : sql("integer") }
  column "day" { type = date }
  column "clock" { type = local.mysql ? sql("time") : sql("text") }
  column "seen_at" {
    type = local.mysql ? sql("timestamp") : sql("datetime")
    null = true
  }
  column "due_at" {
    type = datetime
    null = true
  }
  column "made_at" { type = local.mysql ? sql("datetime(6)") : sql("datetime") }
  primary_key { columns = [column.id] }
  index "boxes_label" {
    columns = [column.label, column.code]
    unique = true
  }
}
table "moves" {
  schema = schema.app
  column "id" {
    type = local.mysql ? sql("bigint") : sql("integer")
    auto_increment = true
  }
  column "from_id" { type = local.mysql ? sql("bigint unsigned") : sql("integer") }
  column "to_id" {
    type = local.mysql ? sql("bigint unsigned") : sql("integer")
    null = true
  }
  column "after_id" {
    type = local.mysql ? sql("bigint") : sql("integer")
    null = true
  }
  primary_key { columns = [column.id] }
  foreign_key "moves_from_id" {
    columns = [column.from_id]
    ref_columns = [table.boxes.column.id]
    on_delete = RESTRICT
  }
  foreign_key "moves_to_id" {
    columns = [column.to_id]
    ref_columns = [table.boxes.column.id]
    on_delete = SET_NULL
  }
  foreign_key "moves_after_id" {
    columns = [column.after_id]
    ref_columns = [column.id]
  }
}
`

type (
	// Box and Move are the row types of samples.
	Box struct {
		ID     int64      `json:"id" gorm:"primaryKey;type:bigint unsigned" rule:"readonly"`
		Small  int64      `json:"small" gorm:"not null;size:16"`
		Medium int64      `json:"medium" gorm:"not null;type:int"`
		Price  float64    `json:"price" gorm:"not null;precision:10;scale:2"`
		Ratio  float64    `json:"ratio" gorm:"not null;type:float"`
		Code   string     `json:"code" gorm:"not null;type:char(5);size:5;uniqueIndex:boxes_label,priority:2"`
		Words  string     `json:"words" gorm:"not null;type:text"`
		Shape  string     `json:"shape" gorm:"not null;type:enum('round','flat');default:'flat'"`
		Label  string     `json:"label" gorm:"not null;size:20;default:none;uniqueIndex:boxes_label,priority:1"`
		Data   string     `json:"data" gorm:"not null;type:json"`
		Bytes  string     `json:"bytes" gorm:"not null;type:blob"`
		Year   int64      `json:"year" gorm:"not null;type:year"`
		Day    time.Time  `json:"day" gorm:"not null;type:date"`
		Clock  string     `json:"clock" gorm:"not null;type:time"`
		SeenAt *time.Time `json:"seen_at" gorm:"type:timestamp"`
		DueAt  *time.Time `json:"due_at" gorm:"precision:0"`
		MadeAt time.Time  `json:"made_at" gorm:"not null;precision:6"`
	}
	Move struct {
		ID      int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		FromID  int64  `json:"from_id" gorm:"not null;type:bigint unsigned"`
		ToID    *int64 `json:"to_id" gorm:"type:bigint unsigned"`
		AfterID *int64 `json:"after_id"`

		From  *Box  `json:"from" gorm:"foreignKey:FromID;constraint:moves_from_id,OnDelete:RESTRICT" inverse:"departures"`
		To    *Box  `json:"to" gorm:"foreignKey:ToID;constraint:moves_to_id,OnDelete:SET NULL" inverse:"arrivals"`
		After *Move `json:"after" gorm:"foreignKey:AfterID;constraint:moves_after_id" inverse:"next"`
	}
	// wrongBox and wrongMove have a mistake in each field.
	wrongBox struct {
		ID     int64      `json:"id" gorm:"primaryKey" rule:"readonly"`
		Small  *int64     `json:"small" gorm:"size:16"`
		Medium int64      `json:"medium" gorm:"not null"`
		Price  float64    `json:"price" gorm:"not null"`
		Ratio  string     `json:"ratio" gorm:"not null"`
		Code   string     `json:"code" gorm:"not null;type:char(5)"`
		Words  string     `json:"words" gorm:"not null"`
		Shape  string     `json:"shape" gorm:"not null;type:enum('round');default:round"`
		Label  string     `json:"label" gorm:"not null;size:10;default:none;uniqueIndex:boxes_name"`
		Data   string     `json:"data" gorm:"not null;default:5"`
		Colour string     `json:"colour" gorm:"not null"`
		Age    int64      `json:"year" gorm:"not null;type:year"`
		SeenAt *time.Time `json:"seen_at"`
		DueAt  *time.Time `json:"due_at"`
		MadeAt time.Time  `json:"made_at" gorm:"not null;precision:3"`
	}
	wrongMove struct {
		ID     int64  `json:"id" gorm:"primaryKey" rule:"readonly"`
		FromID int64  `json:"from_id" gorm:"not null;type:bigint unsigned"`
		ToID   *int64 `json:"to_id" gorm:"type:bigint unsigned"`
		From   *Box   `json:"-" gorm:"foreignKey:FromID;constraint:moves_from,OnDelete:CASCADE"`
	}
)

func (wrongBox) TableName() string { return "boxes" }
