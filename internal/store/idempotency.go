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

// How long keys live.
const (
	// KeyLife is how long an answer is kept for its key.
	KeyLife = 24 * time.Hour
	// ownerLife is how long the work under a key may be under way: longer than any request may take. After that its
	// process has died.
	ownerLife = time.Minute
	// Of every sweepEvery creates under a key one sweeps, the first of a process among them, at most sweepRows expired
	// keys: more than can have come since.
	sweepEvery, sweepRows = 16, 256
)

// IdempotencyKey identifies a request, so that a repetition is recognized.
type IdempotencyKey struct {
	// ID and Request are hashes, at most 64 characters: of the key, and of all that makes the request what it is.
	ID, Request string
}

// StoredResponse is the response to the first request with a key.
type StoredResponse struct{ Body, Location string }

// idempotencyKey is a row of idempotency_keys.
type idempotencyKey struct {
	ID        string `gorm:"primaryKey;size:64"`
	Request   string `gorm:"size:64;not null"`
	Owner     string `gorm:"size:32;not null"`
	Answer    *string
	Location  string    `gorm:"size:255;not null"`
	CreatedAt time.Time `gorm:"precision:6;not null"`
}

// CreateIdempotent is Create for a request with a key: the response, which describe makes of the rows as they were
// written, is stored in the same transaction as the rows. With the key of an earlier request it writes nothing and
// returns that request's response, replayed. The error is of kind [KeyReused] where that was another request, of
// [KeyBusy] while that one runs, and of [NoKeyTable] where the database has no table for keys. A create that fails
// releases the key.
func (t *Table) CreateIdempotent(
	ctx context.Context, key IdempotencyKey, rows *resource.Rows, describe func() StoredResponse,
) (response StoredResponse, replayed bool, err error) {
	db := t.write(ctx)
	t.sweep(db)
	// The key is taken first, and seen by everybody: whoever comes second is told at once, and does not wait for a lock.
	mine := idempotencyKey{ID: key.ID, Request: key.Request, Owner: rand.Text(), CreatedAt: db.NowFunc()}
	if earlier, err := t.take(ctx, db, &mine); err != nil || earlier != nil {
		if err != nil {
			return StoredResponse{}, false, t.error(ctx, err)
		}
		return StoredResponse{*earlier.Answer, earlier.Location}, true, nil
	}
	err = db.Transaction(func(tx *gorm.DB) error {
		if err := t.insert(tx, rows); err != nil {
			return err
		}
		response = describe()
		res := tx.Model(&idempotencyKey{}).Where("id = ? AND owner = ?", mine.ID, mine.Owner).
			Updates(map[string]any{"answer": response.Body, "location": response.Location})
		if res.Error == nil && res.RowsAffected == 0 {
			return &Error{Kind: KeyBusy} // it took too long, and another took over
		}
		return res.Error
	})
	if err != nil {
		t.release(ctx, mine)
		return StoredResponse{}, false, t.notCreated(ctx, err, rows)
	}
	return response, false, nil
}

// take writes the key, or takes it over from an owner that has died or from an answer that has expired. Otherwise it
// gives the key as it is, answered.
func (t *Table) take(ctx context.Context, db *gorm.DB, mine *idempotencyKey) (earlier *idempotencyKey, err error) {
	// Once more where the other one is gone by the time it is looked at.
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

// release returns the key of a create that failed free. It is not the request's context: that may be what ended. A
// commit whose answer was lost has recorded its own answer, which stays. Where the key cannot be released now, it is
// free once its owner's life is over.
func (t *Table) release(ctx context.Context, mine idempotencyKey) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	t.db.Write.WithContext(ctx).Where("id = ? AND owner = ? AND answer IS NULL", mine.ID, mine.Owner).
		Delete(&idempotencyKey{})
}

// sweep deletes some of the expired keys now and then, so that the table does not grow and nobody has to be
// scheduled. It is no part of the request: what fails here is met again by the next.
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
