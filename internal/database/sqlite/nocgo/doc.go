// Package sqlite3 stands in for github.com/mattn/go-sqlite3, which
// gorm.io/driver/sqlite imports for its default driver only. slipway names
// another driver, modernc.org/sqlite, so the C library would be compiled (more
// than a minute on two cores) and never called. go.mod replaces it with this
// package, which holds nothing.
package sqlite3
