//go:build !race

package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// hand is the reference: hand-written code for this one table on net/http and database/sql. It does the same work: the
// same statements on the same pools (prepared if that needs no round trip), a request ID, a deadline, a body limit,
// input checks, the same responses, and the same log line.
type hand struct {
	write, read *sql.DB
	prepared    bool
	log         *slog.Logger
}

type note struct {
	ID        int64     `json:"id"`
	Title     string    `json:"title"`
	Content   string    `json:"content"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

const (
	selectNote = "SELECT id, title, content, created_at, updated_at FROM notes"
	getNote    = selectNote + " WHERE id = ? LIMIT 1"
	listNotes  = selectNote + " ORDER BY created_at DESC, id DESC LIMIT ?"
	insertNote = "INSERT INTO notes (title, content, created_at, updated_at) VALUES (?, ?, ?, ?)"
)

type statements struct {
	get, list, insert interface {
		query(ctx context.Context, args ...any) (*sql.Rows, error)
		exec(ctx context.Context, args ...any) (sql.Result, error)
	}
}

type direct struct {
	db   *sql.DB
	text string
}

func (d direct) query(ctx context.Context, args ...any) (*sql.Rows, error) {
	return d.db.QueryContext(ctx, d.text, args...)
}
func (d direct) exec(ctx context.Context, args ...any) (sql.Result, error) {
	return d.db.ExecContext(ctx, d.text, args...)
}

type stmt struct{ *sql.Stmt }

func (s stmt) query(ctx context.Context, args ...any) (*sql.Rows, error) {
	return s.QueryContext(ctx, args...)
}
func (s stmt) exec(ctx context.Context, args ...any) (sql.Result, error) {
	return s.ExecContext(ctx, args...)
}

func (h hand) handler() (http.Handler, error) {
	s := statements{direct{h.read, getNote}, direct{h.read, listNotes}, direct{h.write, insertNote}}
	if h.prepared {
		get, err := h.read.Prepare(getNote)
		if err != nil {
			return nil, err
		}
		list, err := h.read.Prepare(listNotes)
		if err != nil {
			return nil, err
		}
		insert, err := h.write.Prepare(insertNote)
		if err != nil {
			return nil, err
		}
		s = statements{stmt{get}, stmt{list}, stmt{insert}}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /notes/{id}", func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			http.Error(w, "not found", http.StatusNotFound)
			return
		}
		rows, err := s.get.query(r.Context(), id)
		notes, err := scan(rows, err)
		switch {
		case err != nil:
			http.Error(w, "internal error", http.StatusInternalServerError)
		case len(notes) == 0:
			http.Error(w, "not found", http.StatusNotFound)
		default:
			reply(w, http.StatusOK, notes[0])
		}
	})
	mux.HandleFunc("GET /notes", func(w http.ResponseWriter, r *http.Request) {
		rows, err := s.list.query(r.Context(), 20)
		notes, err := scan(rows, err)
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		reply(w, http.StatusOK, notes)
	})
	mux.HandleFunc("POST /notes", func(w http.ResponseWriter, r *http.Request) {
		var n note
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || !utf8.Valid(body) || json.Unmarshal(body, &n) != nil {
			http.Error(w, "not JSON", http.StatusBadRequest)
			return
		}
		if n.Title == "" || utf8.RuneCountInString(n.Title) > 200 || strings.ContainsRune(n.Title, 0) ||
			strings.ContainsRune(n.Content, 0) {
			http.Error(w, "Title is required", http.StatusUnprocessableEntity)
			return
		}
		n.CreatedAt = time.Now().UTC().Truncate(time.Microsecond)
		n.UpdatedAt = n.CreatedAt
		res, err := s.insert.exec(r.Context(), n.Title, n.Content, n.CreatedAt, n.UpdatedAt)
		if err == nil {
			n.ID, err = res.LastInsertId()
		}
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Location", "/notes/"+strconv.FormatInt(n.ID, 10))
		reply(w, http.StatusCreated, n)
	})
	h.addWide(mux)
	return h.observe(mux), nil
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// observe is the middleware: request ID, deadline, and log.
func (h hand) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		id := rand.Text()
		w.Header().Set("X-Request-Id", id)
		ctx, cancel := context.WithTimeout(r.Context(), 29*time.Second)
		defer cancel()
		rec := &recorder{w, http.StatusOK}
		next.ServeHTTP(rec, r.WithContext(ctx))
		client, _, _ := net.SplitHostPort(r.RemoteAddr)
		h.log.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("request_id", id), slog.String("gateway_request_id", ""), slog.String("method", r.Method),
			slog.String("path", r.URL.Path), slog.Int("status", rec.status),
			slog.Float64("duration_ms", float64(time.Since(start).Microseconds())/1000), slog.String("client_ip", client))
	})
}

func scan(rows *sql.Rows, err error) ([]note, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	notes := make([]note, 0, 20)
	for rows.Next() {
		var n note
		if err := rows.Scan(&n.ID, &n.Title, &n.Content, &n.CreatedAt, &n.UpdatedAt); err != nil {
			return nil, err
		}
		notes = append(notes, n)
	}
	return notes, rows.Err()
}

func reply(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
