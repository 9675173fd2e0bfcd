package store

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"gorm.io/gorm"

	"slipway/internal/database"
	"slipway/internal/resource"
)

// The lifetimes of keys.
const (
	// KeyLife is how long a response is stored for its key.
	KeyLife = 24 * time.Hour
	// ownerLife is the time after which a key without a response is free again. It is longer than any request, so the
	// process of the first request must have died.
	ownerLife = time.Minute
	// One of sweepEvery creates with a key deletes expired keys, at most sweepRows. The first create of a process does,
	// too.
	sweepEvery, sweepRows = 16, 256
)

// IdempotencyKey identifies a request, to detect a retry.
type IdempotencyKey struct {
	// ID is a hash of the key, Request a hash of the request. Both have at most 64 characters.
	ID, Request string
}

// StoredResponse is the body of the response to the first request with a key.
type StoredResponse string

// idempotencyKey is a row of idempotency_keys.
type idempotencyKey struct {
	ID        string `gorm:"primaryKey;size:64"`
	Request   string `gorm:"size:64;not null"`
	Owner     string `gorm:"size:32;not null"`
	Answer    *string
	Location  string    `gorm:"size:255;not null"` // empty: older builds stored the Location of the response
	CreatedAt time.Time `gorm:"precision:6;not null"`
}

// CreateIdempotent is Create for a request with a key. describe returns the response after the rows are written; it is
// stored in the same transaction. If the key already has a response, CreateIdempotent writes nothing and returns the
// stored response and true. If the create fails, the key is free again.
//
// The error is of kind [KeyReused] if the key belongs to a different request, of kind [KeyBusy] while the first request
// runs, and of kind [NoKeyTable] if the table of keys is missing.
func (t *Table) CreateIdempotent(
	ctx context.Context, key IdempotencyKey, rows *resource.Rows, describe func() StoredResponse,
) (response StoredResponse, replayed bool, err error) {
	db := t.write(ctx)
	t.sweep(db)
	// The key is committed before the rows are written, so that a second request fails immediately instead of waiting.
	mine := idempotencyKey{ID: key.ID, Request: key.Request, Owner: rand.Text(), CreatedAt: db.NowFunc()}
	if earlier, err := t.take(ctx, db, &mine); err != nil || earlier != nil {
		if err != nil {
			return "", false, t.error(ctx, err)
		}
		return StoredResponse(*earlier.Answer), true, nil
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := t.insert(tx, rows); err != nil {
			return err
		}
		response = describe()
		res := tx.Model(&idempotencyKey{}).Where("id = ? AND owner = ?", mine.ID, mine.Owner).
			Update("answer", string(response))
		if res.Error == nil && res.RowsAffected == 0 {
			return &Error{Kind: KeyBusy} // ownerLife is over, and another request owns the key
		}
		return res.Error
	})
	if err != nil {
		t.release(ctx, mine)
		return "", false, t.notCreated(ctx, err, rows)
	}
	return response, false, nil
}

// take inserts the key, or takes it over if its owner has died or its response has expired. If the key already has a
// response to the same request, take returns the stored key.
func (t *Table) take(ctx context.Context, db *gorm.DB, mine *idempotencyKey) (earlier *idempotencyKey, err error) {
	// Another process may delete the key between the insert and the select: try again.
	for range 3 {
		err = db.Create(mine).Error
		var cause *database.Error
		if errors.As(t.db.Error(ctx, err), &cause) && cause.Kind == Schema {
			return nil, &Error{Kind: NoKeyTable, Err: cause}
		}
		if cause == nil || cause.Kind != Duplicate {
			return nil, err
		}
		var found idempotencyKey
		res := db.Where("id = ?", mine.ID).Limit(1).Find(&found)
		if res.Error != nil {
			return nil, res.Error
		}
		if res.RowsAffected == 0 {
			continue
		}
		life := KeyLife
		if found.Answer == nil {
			life = ownerLife
		}
		switch {
		case mine.CreatedAt.Sub(found.CreatedAt) > life:
			res := db.Model(&idempotencyKey{}).Where("id = ? AND owner = ?", found.ID, found.Owner).
				Updates(
					map[string]any{"request": mine.Request, "owner": mine.Owner, "answer": nil, "location": "",
						"created_at": mine.CreatedAt})
			if res.Error != nil || res.RowsAffected == 1 {
				return nil, res.Error
			}
		case found.Request != mine.Request:
			return nil, &Error{Kind: KeyReused}
		case found.Answer == nil:
			return nil, &Error{Kind: KeyBusy}
		default:
			return &found, nil
		}
	}
	return nil, &Error{Kind: KeyBusy}
}

// release deletes the key of a create that failed. It does not use the cancellation of ctx, which may be the cause of
// the failure. It keeps a key with a response: the commit succeeded although it returned an error. If the delete fails,
// the key is free after ownerLife.
func (t *Table) release(ctx context.Context, mine idempotencyKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	t.db.Write.WithContext(ctx).Where("id = ? AND owner = ? AND answer IS NULL", mine.ID, mine.Owner).
		Delete(&idempotencyKey{})
}

// sweep deletes some expired keys in one of sweepEvery calls, so that the table does not grow and no scheduled job is
// needed. It ignores errors, because a later call tries again.
func (t *Table) sweep(db *gorm.DB) {
	if t.keyed.Add(1)%sweepEvery != 1 {
		return
	}
	var ids []string
	expired := db.NowFunc().Add(-KeyLife)
	if db.Model(&idempotencyKey{}).Where("created_at < ?", expired).Order("created_at").Limit(sweepRows).
		Pluck("id", &ids).Error != nil || len(ids) == 0 {
		return
	}
	db.Where("id IN ? AND created_at < ?", ids, expired).Delete(&idempotencyKey{})
}
