// Audit writes a million entries, every tenth with two personal values, and measures how fast they are sealed, how
// long it takes to verify them all, and the slowest of the searches. Each figure is one JSON line.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"kurso/models/audit"
	"kurso/models/store"
	"kurso/postgres"
)

func main() {
	entries := flag.Int("entries", 1_000_000, "how many")
	flag.Parse()
	if err := run(context.Background(), *entries); err != nil {
		fmt.Fprintln(os.Stderr, "bench/audit:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, entries int) error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join("var", "bench"), Log: quiet})
	if err != nil {
		return err
	}
	defer func() { _ = cluster.Stop() }()
	name := "bench_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if err := cluster.CreateDatabase(ctx, name); err != nil {
		return err
	}
	if err := store.Migrate(ctx, cluster.URL(name), quiet); err != nil {
		return err
	}
	st, err := store.Open(ctx, store.Options{DatabaseURL: cluster.URL(name), SecretKey: []byte("the secret key of a benchmark, only"), Log: quiet})
	if err != nil {
		return err
	}
	defer func() {
		st.Close()
		drop(ctx, cluster, name)
	}()
	if err := fill(ctx, st, entries); err != nil {
		return err
	}
	began := time.Now()
	for sealed := 0; sealed < entries; {
		n, err := audit.Seal(ctx, st, 5000)
		if err != nil || n == 0 {
			return fmt.Errorf("%d of %d entries are sealed: %w", sealed, entries, err)
		}
		sealed += n
	}
	report("audit_seal_rate", float64(entries)/time.Since(began).Seconds(), "entries/s")

	began = time.Now()
	r, err := audit.Verify(ctx, st, nil)
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	if r.Sealed != entries || r.FaultCount != 0 || r.Values != entries/10*2 {
		return fmt.Errorf("verified %+v", r)
	}
	report("audit_verify_entries", float64(r.Sealed), "entries")
	report("audit_verify_seconds", took, "s")
	report("audit_verify_rate", float64(r.Sealed)/took, "entries/s")
	return search(ctx, st)
}

// search measures the page, its count included, of the office's searches, each at its best of three.
func search(ctx context.Context, st *store.Store) error {
	month := time.Now().AddDate(0, -6, 0).Format(time.DateOnly) + ".." + time.Now().AddDate(0, -5, 0).Format(time.DateOnly)
	var slowest time.Duration
	for _, address := range []string{
		"", "at=" + month, "who=7", "by=system", "subject=course", "action=booking.confirmed", "who=7&subject=course", "subject=course&record=333",
		"request=unknown", "who=7&action=instructor.changed&at=" + month, "at=" + month + "&action=booking.confirmed",
	} {
		values, err := url.ParseQuery(address)
		if err != nil {
			return err
		}
		q, err := audit.Entries.Parse(values, func(string) bool { return true })
		if err != nil {
			return err
		}
		best := time.Hour
		for range 3 {
			began := time.Now()
			if _, err := q.Read(ctx, st, time.UTC); err != nil {
				return err
			}
			best = min(best, time.Since(began))
		}
		slowest = max(slowest, best)
	}
	report("audit_search_slowest_ms", float64(slowest.Microseconds())/1000, "ms")
	return nil
}

// fill writes entries like those of a busy year: most about bookings, by applicants, the system and 40 users.
func fill(ctx context.Context, st *store.Store, entries int) error {
	for _, sql := range []string{
		"CREATE FUNCTION salt() RETURNS bytea LANGUAGE sql IMMUTABLE RETURN '\\x00112233445566778899aabbccddeeff'::bytea",
		"CREATE FUNCTION seal(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN encode(sha256(salt() || convert_to($1, 'UTF8')), 'base64')",
		`INSERT INTO users (email, name, password_hash, created_at) SELECT 'u' || i || '@example.org', 'User ' || i, '-', now() FROM generate_series(1, 40) i`,
		fmt.Sprintf(`
			WITH made AS (
				INSERT INTO audit_entries (at, actor_kind, actor_id, subject_type, subject_id, action, changes, request_id)
				SELECT now() - interval '1 year' + i * interval '1 year' / %d,
				       CASE WHEN i %% 10 < 6 THEN 'applicant' WHEN i %% 10 < 8 THEN 'system' ELSE 'user' END,
				       CASE WHEN i %% 10 >= 8 THEN (SELECT min(id) FROM users) + i / 10 %% 40 END,
				       kind, i / 3, kind || '.' || (ARRAY['requested', 'confirmed', 'changed'])[1 + i %% 3],
				       CASE WHEN i %% 10 = 8 THEN jsonb_build_array(
				           jsonb_build_object('field', 'first_name', 'secret', jsonb_build_object('old', seal('Erika'), 'new', seal('Anna'))),
				           jsonb_build_object('field', 'last_name', 'secret', jsonb_build_object('old', seal('Mustermann'), 'new', seal('Musterfrau'))))
				       ELSE '[{"field": "state", "old": "REQUESTED", "new": "CONFIRMED"}]' END,
				       CASE WHEN i %% 10 IN (6, 7) THEN '' ELSE left(encode(sha256(i::text::bytea), 'base64'), 22) END
				FROM (SELECT i, CASE WHEN i %% 20 < 16 THEN 'booking' WHEN i %% 20 < 19 THEN 'instructor' ELSE 'course' END AS kind
				      FROM generate_series(1, %[1]d) i) numbers ORDER BY i
				RETURNING id, changes
			)
			INSERT INTO audit_values (entry_id, position, old, old_salt, new, new_salt)
			SELECT made.id, position, old, salt(), new, salt() FROM made, (VALUES (0, 'Erika', 'Anna'), (1, 'Mustermann', 'Musterfrau')) v (position, old, new)
			WHERE made.changes->0 ? 'secret'`, entries),
		"VACUUM ANALYZE",
	} {
		if _, err := st.Pool().Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// drop frees the half gigabyte that a run takes.
func drop(ctx context.Context, cluster *postgres.Cluster, name string) {
	conn, err := pgx.Connect(ctx, cluster.URL("postgres"))
	if err != nil {
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	_, _ = conn.Exec(ctx, "DROP DATABASE "+name)
}

func report(name string, value float64, unit string) {
	line, _ := json.Marshal(map[string]any{"name": name, "value": float64(int(value*1000+.5)) / 1000, "unit": unit})
	fmt.Println(string(line))
}
