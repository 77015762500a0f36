package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"golang.org/x/sync/errgroup"

	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// seal seals all that waits, and returns how many entries that were.
func seal(t testing.TB, w *modeltest.World) (sealed int) {
	t.Helper()
	for {
		n, err := audit.Seal(t.Context(), w.Store, 3)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return sealed
		}
		sealed += n
	}
}

// faults verifies the log and says what is wrong: "kind entry seal-last count head", zeros left out.
func faults(t testing.TB, w *modeltest.World, heads ...audit.Head) (string, *audit.Report) {
	t.Helper()
	r, err := audit.Verify(t.Context(), w.Store, heads)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range r.Faults {
		s := f.Kind
		for _, part := range []struct {
			name  string
			value int64
		}{{"entry", f.EntryID}, {"seal", f.Seq}, {"to", f.LastSeq}, {"count", int64(f.Count)}} {
			if part.value != 0 {
				s += fmt.Sprintf(" %s %d", part.name, part.value)
			}
		}
		out = append(out, strings.TrimSpace(s+" "+f.Head))
	}
	return strings.Join(out, "; "), r
}

// verified fails unless the whole log is sealed and in order.
func verified(t testing.TB, w *modeltest.World, heads ...audit.Head) *audit.Report {
	t.Helper()
	wrong, r := faults(t, w, heads...)
	want(t, "faults", wrong, "")
	want(t, "sealed entries", r.Sealed, number(t, w, "SELECT count(*) FROM audit_entries"))
	want(t, "head", r.Head.Seq, int64(r.Sealed))
	return r
}

// written is a world with n sealed entries, of which every second has a personal value.
func written(t testing.TB, n int) *modeltest.World {
	t.Helper()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID, RequestID: "request"})
	for i := range n {
		if i%2 == 1 {
			ctx = t.Context()
		}
		err := w.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			changes := []audit.Change{{Field: "name", Old: "Größe „a“", New: "b"}}
			if i%2 == 0 {
				changes = append(changes, audit.Personal("email", "", fmt.Sprint(i, "@example.org")))
			}
			return audit.Write(ctx, tx, "course", int64(i+1), "course.changed", changes...)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(t, "sealed", seal(t, w), n)
	return w
}

// tamper does as owner what no trigger and no constraint stops any more.
func tamper(t testing.TB, w *modeltest.World, sql ...string) {
	t.Helper()
	open := []string{"ALTER TABLE audit_entries DISABLE TRIGGER ALL", "ALTER TABLE audit_seals DISABLE TRIGGER ALL", "ALTER TABLE audit_values DISABLE TRIGGER ALL"}
	w.AsOwner(t, append(open, sql...)...)
}

func TestEveryChangeOfTheLogIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, sql, want string }{
		{"nothing", "", ""},
		{"time", "UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"kind of actor", "UPDATE audit_entries SET actor_kind = 'applicant' WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"actor", "UPDATE audit_entries SET actor_kind = 'system', actor_id = NULL WHERE id = 1", "entry_changed entry 1 seal 1"},
		{"kind of subject", "UPDATE audit_entries SET subject_type = 'coursf' WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"subject", "UPDATE audit_entries SET subject_id = 5 WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"action", "UPDATE audit_entries SET action = 'course.changee' WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"one byte of a value", `UPDATE audit_entries SET changes = replace(changes::text, '"b"', '"c"')::jsonb WHERE id = 4`, "entry_changed entry 4 seal 4"},
		{"a commitment", `UPDATE audit_entries SET changes = jsonb_set(changes, '{1,secret,new}', '"AAAA"') WHERE id = 5`, "entry_changed entry 5 seal 5; value_changed entry 5"},
		{"an unknown key", `UPDATE audit_entries SET changes = jsonb_set(changes, '{0,note}', '"x"') WHERE id = 4`, "entry_changed entry 4 seal 4"},
		{"request", "UPDATE audit_entries SET request_id = 'x' WHERE id = 4", "entry_changed entry 4 seal 4"},
		{"two neighbours", "UPDATE audit_entries SET subject_id = 99 WHERE id IN (4, 5)", "either_changed entry 4 seal 4; entry_changed entry 5 seal 5"},
		{"two apart", "UPDATE audit_entries SET subject_id = 99 WHERE id IN (2, 7)", "entry_changed entry 2 seal 2; entry_changed entry 7 seal 7"},
		{"the last", "UPDATE audit_entries SET subject_id = 99 WHERE id = 9", "either_changed entry 9 seal 9"},
		{"one row removed", "DELETE FROM audit_entries WHERE id = 4", "entry_missing entry 4 seal 4"},
		{"one row with a personal value removed", "DELETE FROM audit_entries WHERE id = 5", "entry_missing entry 5 seal 5; value_stray entry 5"},
		{"an entry and its seal removed", "DELETE FROM audit_entries WHERE id = 4; DELETE FROM audit_seals WHERE seq = 4", "seal_missing seal 4 to 4"},
		{"the first", "DELETE FROM audit_entries WHERE id < 3; DELETE FROM audit_seals WHERE seq < 3", "seal_missing seal 1 to 2; value_stray entry 1"},
		{"a seal removed", "DELETE FROM audit_seals WHERE seq = 4", "seal_missing seal 4 to 4; not_sealed entry 4"},
		{"one byte of a hash", "UPDATE audit_seals SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 4", "seal_changed entry 4 seal 4"},
		{"the first hash", "UPDATE audit_seals SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1) WHERE seq = 1", "seal_changed entry 1 seal 1"},
		{"the last hash", "UPDATE audit_seals SET hash = set_byte(hash, 0, get_byte(hash, 0) # 1) WHERE seq = 9", "either_changed entry 9 seal 9"},
		{"an entry put in", "INSERT INTO audit_entries (at, actor_kind, subject_type, subject_id, action) VALUES ('2026-11-01', 'system', 'course', 1, 'course.changed')", "not_sealed entry 10"},
		{"an entry that waited", "INSERT INTO audit_unsealed VALUES (77)", "vanished entry 77"},
		{"a personal value", "UPDATE audit_values SET new = 'someone@example.org' WHERE entry_id = 5", "value_changed entry 5"},
		{"a salt", "UPDATE audit_values SET new_salt = old_salt WHERE entry_id = 5", "value_changed entry 5"},
		{"a value put in", "INSERT INTO audit_values SELECT 4, 0, old, old_salt, new, new_salt FROM audit_values WHERE entry_id = 5", "value_stray entry 4"},
		{"values erased", "DELETE FROM audit_values", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := written(t, 9)
			tamper(t, w, c.sql)
			w.Clock.Advance(2 * time.Minute)
			got, _ := faults(t, w)
			want(t, "faults", got, c.want)
		})
	}
}

// Entries wait for their seal for a moment, and no longer.
func TestEntriesThatAreNotSealed(t *testing.T) {
	t.Parallel()
	w := written(t, 2)
	write(t, w, "course", 1, "course.changed", audit.Personal("email", "", "x"))
	write(t, w, "course", 1, "course.changed")
	got, r := faults(t, w)
	want(t, "at once", got, "")
	want(t, "waiting", r.Waiting, 2)
	want(t, "values, also of those that wait", r.Values, 2)
	w.Clock.Advance(audit.SealedWithin + time.Second)
	got, _ = faults(t, w)
	want(t, "later", got, "stuck entry 3 count 2")
	seal(t, w)
	verified(t, w)
	w.AsOwner(t, "UPDATE provider SET id = id") // an owner's ordinary work is none of the log's business
	verified(t, w)
}

func TestManyFaultsAreCountedAndTheFirstNamed(t *testing.T) {
	t.Parallel()
	w := written(t, 30)
	tamper(t, w, "DELETE FROM audit_entries WHERE id > 4")
	got, r := faults(t, w)
	want(t, "named", len(r.Faults), audit.MaxFaults)
	want(t, "counted", r.FaultCount, 26+13) // and the values of every second
	want(t, "the first", strings.HasPrefix(got, "entry_missing entry 5 seal 5; entry_missing entry 6 seal 6"), true)
}

// A transaction that draws its entry's id early and commits late is sealed behind later ones.
func TestAnEntryThatIsCommittedLateIsSealed(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if err := audit.Write(ctx, tx, "course", 1, "course.changed"); err != nil {
			return err
		}
		write(t, w, "course", 2, "course.changed")
		want(t, "sealed meanwhile", seal(t, w), 1)
		write(t, w, "course", 3, "course.changed")
		return nil
	})
	want(t, "sealed afterwards", seal(t, w), 2)
	var order []int64
	if err := w.NewRaw("SELECT entry_id FROM audit_seals ORDER BY seq").Scan(t.Context(), &order); err != nil {
		t.Fatal(err)
	}
	want(t, "order", fmt.Sprint(order), "[2 1 3]")
	verified(t, w)
}

// Any number may seal at once while others write, and seal nothing twice.
func TestSealersSideBySide(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	const entries = 120
	done := make(chan struct{})
	var work errgroup.Group
	var mu sync.Mutex
	sealed := 0
	for range 3 {
		work.Go(func() error {
			for {
				n, err := audit.Seal(t.Context(), w.Store, 7)
				mu.Lock()
				sealed += n
				all := sealed == entries
				mu.Unlock()
				if err != nil || all {
					return err
				}
				select {
				case <-t.Context().Done():
					return t.Context().Err()
				default:
				}
			}
		})
	}
	for i := range 4 {
		work.Go(func() error {
			for j := range entries / 4 {
				write(t, w, "course", int64(i*100+j), "course.changed")
			}
			return nil
		})
	}
	go func() { _ = work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%d of %d are sealed", sealed, entries)
	}
	verified(t, w)
}

// A sealer that is killed between its statements leaves nothing behind; while one holds the lock another has
// nothing to do.
func TestASealerThatIsKilled(t *testing.T) {
	t.Parallel()
	w := written(t, 2)
	for range 5 {
		write(t, w, "course", 1, "course.changed")
	}
	ctx, kill := context.WithCancel(t.Context())
	err := w.InTx(ctx, func(_ context.Context, tx *store.Tx) error {
		if err := audit.SealIn(ctx, tx, 4); err != nil {
			return err
		}
		n, err := audit.Seal(t.Context(), w.Store, 4)
		want(t, "sealed beside it", n, 0)
		kill()
		return err
	})
	if err == nil {
		t.Fatal("what was killed has committed")
	}
	want(t, "seals", number(t, w, "SELECT count(*) FROM audit_seals"), 2)
	sealSoon(t, w, 5)
	verified(t, w)
}

func TestOneBackendThatIsKilledWhileItSeals(t *testing.T) {
	t.Parallel()
	w := written(t, 1)
	write(t, w, "course", 1, "course.changed")
	err := w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		var backend int
		if err := tx.NewRaw("SELECT pg_backend_pid()").Scan(ctx, &backend); err != nil {
			return err
		}
		if err := audit.SealIn(ctx, tx, 4); err != nil {
			return err
		}
		w.AsOwner(t, fmt.Sprintf("SELECT pg_terminate_backend(%d)", backend))
		return nil
	})
	if err == nil {
		t.Fatal("what was killed has committed")
	}
	sealSoon(t, w, 1)
	verified(t, w)
}

// sealSoon seals n entries as soon as Postgres has noticed that the one who held the lock is gone.
func sealSoon(t testing.TB, w *modeltest.World, n int) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); n > 0; time.Sleep(5 * time.Millisecond) {
		if n -= seal(t, w); time.Now().After(end) {
			t.Fatalf("%d entries are not sealed", n)
		}
	}
}

func keep(t testing.TB, w *modeltest.World, bucket *blob.Bucket) []audit.Head {
	t.Helper()
	if err := audit.KeepHead(t.Context(), w.Store, bucket); err != nil {
		t.Fatal(err)
	}
	heads, err := audit.Heads(t.Context(), bucket)
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

// Who cuts the end off, or writes the chain anew, is found by the heads that were kept elsewhere.
func TestTheHeadsThatWereKept(t *testing.T) {
	t.Parallel()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	w := modeltest.New(t)
	want(t, "without an entry", len(keep(t, w, bucket)), 0)
	write(t, w, "course", 1, "course.changed")
	want(t, "without a seal", len(keep(t, w, bucket)), 0)
	for range 3 {
		write(t, w, "course", 1, "course.changed")
		seal(t, w)
		want(t, "once a day", len(keep(t, w, bucket)), 1)
	}
	w.Clock.Advance(24 * time.Hour)
	heads := keep(t, w, bucket)
	want(t, "the next day", len(heads), 2)
	want(t, "first", fmt.Sprint(heads[0].Name, " ", heads[0].Seq), "2026-11-23.json 2")
	want(t, "second", fmt.Sprint(heads[1].Name, " ", heads[1].Seq, heads[1].EntryID), "2026-11-24.json 4 4")
	r := verified(t, w, heads...)
	want(t, "heads", r.Heads, 2)
	want(t, "head", heads[1].Hash, r.Head.Hash)

	if err := bucket.WriteAll(t.Context(), "audit/heads/2026-11-22.json", []byte("{}"), nil); err != nil {
		t.Fatal(err)
	}
	broken := keep(t, w, bucket)
	got, _ := faults(t, w, broken...)
	want(t, "not a head", got, "head_unreadable 2026-11-22.json")

	tamper(t, w, "DELETE FROM audit_seals WHERE seq = 4", "DELETE FROM audit_entries WHERE id = 4")
	got, _ = faults(t, w, heads...)
	want(t, "cut", got, "head_cut seal 4 to 3 2026-11-24.json")
	got, _ = faults(t, w)
	want(t, "cut, without heads nobody sees it", got, "")

	// somebody who can do everything in the database writes the chain anew
	tamper(t, w, "UPDATE audit_entries SET subject_id = 99 WHERE id = 1", "DELETE FROM audit_seals", "INSERT INTO audit_unsealed SELECT id FROM audit_entries")
	write(t, w, "course", 1, "course.changed")
	w.AsOwner(t, "ALTER TABLE audit_entries ENABLE TRIGGER ALL", "INSERT INTO audit_unsealed SELECT max(id) FROM audit_entries")
	seal(t, w)
	verified(t, w)
	got, _ = faults(t, w, heads...)
	want(t, "written anew", got, "head_differs seal 2 2026-11-23.json; head_differs seal 4 2026-11-24.json")
}

// Every column of an entry is in its link: whoever adds one must add it to the hash.
func TestTheChainCoversEveryColumn(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var columns string
	err := w.NewRaw("SELECT string_agg(column_name, ' ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = 'audit_entries'").Scan(t.Context(), &columns)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "columns", columns, "id at actor_kind actor_id subject_type subject_id action changes request_id")
}

// The bytes that are hashed never change, or old chains would not hold.
func TestTheHashIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.AsOwner(t, `INSERT INTO users (id, email, name, password_hash, created_at) OVERRIDING SYSTEM VALUE VALUES (7, 'a@example.org', 'A', '-', now())`,
		`INSERT INTO audit_entries (at, actor_kind, actor_id, subject_type, subject_id, action, changes, request_id)
			VALUES ('2026-11-23 11:00:00.123456+00', 'user', 7, 'course', 12, 'course.changed', '[{"field": "name", "old": "Größe"}]', 'abc')`,
		`INSERT INTO audit_entries (at, actor_kind, subject_type, subject_id, action) VALUES ('1999-12-31 23:59:59.999999+00', 'system', 'booking', 1, 'booking.expired')`)
	seal(t, w)
	want(t, "head", verified(t, w).Head.Hash.String(), "b0d7649954460732bc7a4c04632c8388943c5bcf441b5251a07bc297b52c1120")
}
