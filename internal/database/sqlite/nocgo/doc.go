// Package sqlite3 replaces github.com/mattn/go-sqlite3 in go.mod. gorm.io/driver/sqlite imports that package for its
// default driver, but slipway uses modernc.org/sqlite. This empty package avoids compiling the unused C library, which
// takes more than a minute.
package sqlite3
