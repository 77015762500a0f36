package desk

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
	"kurso/models/throttle"
)

// KeptFor is how long a draft waits for its author.
const KeptFor = 30 * 24 * time.Hour

// MaxDraft is how many bytes a form may send to be kept; the longest course takes a third of it.
const MaxDraft = 256 << 10

// MaxDrafts is how many drafts a user has at most; a further one takes the place of the oldest.
const MaxDrafts = 50

// Draft is what a user typed into the form of a record and has not saved.
type Draft struct {
	bun.BaseModel `bun:"table:drafts,alias:d"`
	UserID        int64  `bun:",pk"`
	Subject       string `bun:",pk"`
	SubjectID     int64  `bun:",pk"`
	// Values are the form's fields by name.
	Values url.Values `bun:"type:jsonb,nullzero:false"`
	// BaseVersion is the version of the record that the form was filled from; empty for a new one.
	BaseVersion string
	UpdatedAt   time.Time
}

// secret are names of fields that a draft never holds.
var secret = regexp.MustCompile(`(?i)passw|secret|token|otp|recovery`)

// Keep replaces the user's draft of a record. Fields that are secrets are left out. It returns a
// *store.ThrottledError to a page that sends more often than somebody types.
func Keep(ctx context.Context, st *store.Store, userID int64, rec Record, values url.Values) (*Draft, error) {
	limit := throttle.Limit{Key: "draft:" + strconv.FormatInt(userID, 10), Every: time.Second, Burst: 60}
	if err := throttle.Take(ctx, st, limit); err != nil {
		return nil, err
	}
	d := &Draft{UserID: userID, Subject: rec.Subject, SubjectID: rec.ID, Values: url.Values{}, BaseVersion: values.Get("version")}
	for name, list := range values {
		if !secret.MatchString(name) {
			d.Values[name] = list
		}
	}
	return d, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		d.UpdatedAt = tx.Now()
		_, err := tx.NewInsert().Model(d).On("CONFLICT (user_id, subject, subject_id) DO UPDATE").
			Set("values = excluded.values, base_version = excluded.base_version, updated_at = excluded.updated_at").Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`DELETE FROM drafts WHERE user_id = ?0 AND (subject, subject_id) IN (
			SELECT subject, subject_id FROM drafts WHERE user_id = ?0 ORDER BY updated_at DESC, subject, subject_id OFFSET ?1)`,
			userID, MaxDrafts).Exec(ctx)
		return err
	})
}

// LoadDraft reads the user's draft of a record; nil when there is none.
func LoadDraft(ctx context.Context, r store.Reader, now time.Time, userID int64, rec Record) (*Draft, error) {
	d := &Draft{}
	err := r.NewSelect().Model(d).Where("user_id = ? AND subject = ? AND subject_id = ? AND updated_at > ?",
		userID, rec.Subject, rec.ID, now.Add(-KeptFor)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return d, err
}

// Drop forgets the user's draft of a record: it was saved, or is not wanted.
func Drop(ctx context.Context, st *store.Store, userID int64, rec Record) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("DELETE FROM drafts WHERE user_id = ? AND subject = ? AND subject_id = ?", userID, rec.Subject, rec.ID).Exec(ctx)
		return err
	})
}

// ForgetRecord forgets everybody's drafts of a record that is deleted. It looks through all drafts, which are few.
func ForgetRecord(ctx context.Context, tx *store.Tx, rec Record) error {
	_, err := tx.NewRaw("DELETE FROM drafts WHERE subject = ? AND subject_id = ?", rec.Subject, rec.ID).Exec(ctx)
	return err
}

// ForgetUser forgets the drafts of somebody who leaves: they are nobody else's to read.
func ForgetUser(ctx context.Context, tx *store.Tx, userID int64) error {
	_, err := tx.NewRaw("DELETE FROM drafts WHERE user_id = ?", userID).Exec(ctx)
	return err
}
