package configuration_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/configuration"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func exec(t *testing.T, w *modeltest.World, sql string, args ...any) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(sql, args...).Exec(ctx)
		return err
	})
}

// furnished is a world in which everything that can be configured is.
func furnished(t *testing.T) *modeltest.World {
	t.Helper()
	w := modeltest.New(t)
	p, err := catalog.LoadProvider(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	s := catalog.SettingsOf(p)
	s.Profile.Name, s.Profile.Kind, s.Profile.Email = "VHS „Müller“ & <Söhne>", catalog.AdultEducation, "info@vhs.example.org"
	s.Profile.Phone, s.Profile.Street, s.Profile.Zip, s.Profile.Town = "0731 1", "Am Markt 1", "89073", "Ulm"
	s.Legal.ImprintURL, s.Legal.PrivacyURL = "https://vhs.example.org/impressum", "https://vhs.example.org/datenschutz"
	s.Legal.TermsURL, s.Legal.WithdrawalURL = "https://vhs.example.org/agb", "https://vhs.example.org/widerruf"
	s.Languages.Languages, s.Languages.DefaultLanguage, s.Languages.TimeZone = []string{"en"}, "en", "Europe/Vienna"
	s.Mail.SenderName, s.Mail.SenderEmail, s.Mail.ReplyTo = "Kursbüro", "kurse@vhs.example.org", catalog.ReplyToProvider
	s.Mail.SignatureDe, s.Mail.SignatureEn, s.Mail.DKIMSelectors = "Freundliche Grüße\n\nIhre VHS", "Regards", "s1, s2"
	s.Booking.HoldMinutes, s.Booking.HoldSharePercent, s.Booking.CancellationDays, s.Booking.VATNote = "90", "40", "14", "umsatzsteuerfrei"
	s.Prices.Prices = []catalog.DefaultPriceInput{{Name: "Normalpreis"}, {Name: "Ermäßigt", Amount: "12,50", Note: "mit Nachweis"}}
	for _, in := range []catalog.SettingsInput{s.Profile, s.Legal, s.Languages, s.Mail, s.Booking, s.Prices} {
		if err := catalog.SaveSettings(t.Context(), w.Store, in); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []catalog.CategoryInput{{Code: "4", Name: "Sprachen", Position: "4"}, {Code: "10", Name: "Gesundheit", Position: "1"}, {Code: "Ä", Name: "Ältere"}} {
		if _, err := catalog.SaveCategory(t.Context(), w.Store, 0, c); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, w, "DELETE FROM roles WHERE key = 'bookkeeping'")
	exec(t, w, "UPDATE roles SET name = 'Anmeldung', description = 'Am Tresen', position = 9 WHERE key = 'front_desk'")
	exec(t, w, "DELETE FROM role_permissions WHERE permission = 'outbox.write'")
	exec(t, w, "INSERT INTO roles (name, reach, second_factor, position, created_at, updated_at) VALUES ('Sprachleitung', 'categories', true, 3, now(), now())")
	exec(t, w, "INSERT INTO role_permissions SELECT id, unnest(ARRAY['courses.read', 'courses.write']) FROM roles WHERE name = 'Sprachleitung'")
	exec(t, w, "INSERT INTO role_categories SELECT r.id, c.id FROM roles r, categories c WHERE r.name = 'Sprachleitung' AND c.code IN ('4', 'Ä')")
	return w
}

func export(t *testing.T, w *modeltest.World) []byte {
	t.Helper()
	b, err := configuration.Export(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func parse(t *testing.T, b []byte) *configuration.File {
	t.Helper()
	f, err := configuration.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func preview(t *testing.T, w *modeltest.World, f *configuration.File) *configuration.Plan {
	t.Helper()
	p, err := configuration.Preview(t.Context(), w, f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What is exported from one system makes an equal one of an empty one, byte by byte, and of itself nothing new.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	from, to := furnished(t), modeltest.New(t)
	want := export(t, from)
	f := parse(t, want)
	if p := preview(t, from, f); !p.Empty() || len(p.Changes) != 0 {
		t.Errorf("a system differs from its own file: %+v", p.Changes)
	}
	before := export(t, to)
	p := preview(t, to, f)
	if !bytes.Equal(before, export(t, to)) {
		t.Error("a preview changes something")
	}
	if _, err := configuration.Import(t.Context(), to.Store, f, p.Base); err != nil {
		t.Fatal(err)
	}
	if got := export(t, to); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if p := preview(t, to, f); len(p.Changes) != 0 {
		t.Errorf("a second import would change %+v", p.Changes)
	}
	for _, secret := range []string{"password", "hash", "users", "licensed", "token", "created_at", "\"id\""} {
		if bytes.Contains(want, []byte(secret)) {
			t.Errorf("the file holds %q", secret)
		}
	}
}

// The preview names every field with what was and what comes, and each thing gets its audit entry.
func TestPreviewAndAudit(t *testing.T) {
	t.Parallel()
	from, to := furnished(t), modeltest.New(t)
	f := parse(t, export(t, from))
	p := preview(t, to, f)
	find := func(subject, what, name string) configuration.Change {
		for _, c := range p.Changes {
			if c.Subject == subject && c.What == what && (c.Name == name || c.Key == name) {
				return c
			}
		}
		t.Fatalf("%s %q is not %s: %+v", subject, name, what, p.Changes)
		return configuration.Change{}
	}
	provider := find("provider", configuration.Changed, "VHS „Müller“ & <Söhne>")
	if !slices.Contains(provider.Fields, audit.Change{Field: "hold_minutes", Old: "60", New: "90"}) ||
		!slices.Contains(provider.Fields, audit.Change{Field: "languages", Old: "de, en", New: "en"}) {
		t.Errorf("%+v", provider.Fields)
	}
	find("category", configuration.Added, "Sprachen")
	find("role", configuration.Added, "Sprachleitung")
	find("role", configuration.Removed, "bookkeeping")
	if desk := find("role", configuration.Changed, "front_desk"); !slices.Contains(desk.Fields, audit.Change{Field: "permission", Old: "outbox.write"}) {
		t.Errorf("%+v", desk.Fields)
	}
	user := to.MustCreateUser(t, "Erika Beispiel")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: user.ID})
	if _, err := configuration.Import(ctx, to.Store, f, p.Base); err != nil {
		t.Fatal(err)
	}
	var actions []string
	if err := to.NewRaw("SELECT DISTINCT action FROM audit_entries WHERE actor_id = ? ORDER BY action", user.ID).Scan(ctx, &actions); err != nil {
		t.Fatal(err)
	}
	if want := []string{"category.created", "provider.imported", "role.changed", "role.created", "role.deleted"}; !slices.Equal(actions, want) {
		t.Errorf("entries: %q, want %q", actions, want)
	}
}

// What is in use stays, whatever the file says; what the file does not speak of is left alone.
func TestWhatIsInUseStays(t *testing.T) {
	t.Parallel()
	w := furnished(t)
	user := w.MustCreateUser(t, "Erika Beispiel", "planning")
	course := w.MustCreateCourse(t)
	exec(t, w, "UPDATE course_types SET category_id = (SELECT id FROM categories WHERE code = '10') WHERE id = ?", course.CourseTypeID)
	f := parse(t, []byte(`{"format": "kurso-configuration", "version": 1, "categories": [{"code": "4", "name": "Sprachen", "position": 4}], "roles": []}`))
	p := preview(t, w, f)
	what := map[string]string{}
	for _, c := range p.Changes {
		what[c.Key+c.Name] = c.What
	}
	for name, want := range map[string]string{"Gesundheit": configuration.Kept, "Ältere": configuration.Removed, "planning": configuration.Kept,
		"administration": configuration.Kept, "Sprachleitung": configuration.Removed, "instructor": configuration.Removed} {
		if what[name] != want {
			t.Errorf("%s: %q, want %q", name, what[name], want)
		}
	}
	if _, err := configuration.Import(t.Context(), w.Store, f, p.Base); err != nil {
		t.Fatal(err)
	}
	if g, err := accounts.LoadGrants(t.Context(), w, user.ID); err != nil || !g.May(accounts.CoursesWrite) {
		t.Errorf("a person lost their role: %v", err)
	}
	one := parse(t, []byte(`{"format": "kurso-configuration", "version": 1, "provider": {"hold_minutes": 30}}`))
	p = preview(t, w, one)
	if len(p.Changes) != 1 || len(p.Changes[0].Fields) != 1 {
		t.Errorf("a file with one field changes %+v", p.Changes)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const head = `{"format": "kurso-configuration", "version": 1, `
	for name, c := range map[string]struct{ file, key, says string }{
		"empty":         {" \n", "config.file.empty", ""},
		"not json":      {"{\n\"format\":\n oops", "config.file.not_json", "3"},
		"cut off":       {head + `"provider": {"name": "A`, "config.file.not_json", "1"},
		"a list":        {"[]", "config.file.format", ""},
		"another":       {`{"format": "package", "version": 1}`, "config.file.format", ""},
		"newer":         {`{"format": "kurso-configuration", "version": 2, "portals": []}`, "config.file.version", "2"},
		"no version":    {`{"format": "kurso-configuration"}`, "config.file.version", ""},
		"unknown":       {head + `"portals": []}`, "config.file.unknown", "portals"},
		"unknown below": {head + `"roles": [{"name": "A"}, {"name": "B", "salary": 1}]}`, "config.file.unknown", "roles.1.salary"},
		"wrong kind":    {head + `"provider": {"hold_minutes": "sixty"}}`, "config.file.kind", "provider.hold_minutes"},
		"wrong section": {head + `"categories": {"code": "4"}}`, "config.file.kind", "categories"},
		"too large":     {head + `"provider": {"name": "` + strings.Repeat("x", configuration.MaxSize) + `"}}`, "config.file.too_large", ""},
	} {
		_, err := configuration.Parse([]byte(c.file))
		var v *store.ValidationError
		if !errors.As(err, &v) || v.Fields[0].Key != c.key {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := locales.T(t.Context(), c.key, v.Fields[0].Args...); !strings.Contains(text, c.says) || strings.Contains(text, "no value") || text == c.key {
			t.Errorf("%s says %q", name, text)
		}
	}
	if _, err := configuration.Parse([]byte("\xef\xbb\xbf" + head + `"roles": []}`)); err != nil {
		t.Errorf("a byte order mark: %v", err)
	}
}

// Values that cannot be taken over are named with the way to them, all at once, and nothing is changed.
func TestWrongValuesNameTheirField(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	f := parse(t, []byte(`{"format": "kurso-configuration", "version": 1,
		"provider": {"name": "", "hold_minutes": 1, "time_zone": "Mars/Olympus", "languages": ["fr"], "prices": [{"name": "", "amount_cents": -5, "note": ""}]},
		"categories": [{"code": "", "name": "A", "position": 0}, {"code": "4", "name": "", "position": -1}, {"code": "4", "name": "B", "position": 0}],
		"roles": [{"key": "chief", "name": "", "reach": "all"}, {"name": "", "reach": "everywhere"}, {"name": "A\u0000", "reach": "all", "permissions": ["moon.fly"], "categories": ["99"]},
			{"key": "administration", "reach": "own"}, {"name": "B", "reach": "own", "position": -1}, {"name": "b", "reach": "own"}]}`))
	_, err := configuration.Preview(t.Context(), w, f)
	var v *store.ValidationError
	if !errors.As(err, &v) {
		t.Fatal(err)
	}
	var got []string
	for _, e := range v.Fields {
		got = append(got, e.Field)
		if text := locales.T(t.Context(), e.Key, e.Args...); text == e.Key || strings.Contains(text, "no value") {
			t.Errorf("%s: %s says %q", e.Field, e.Key, text)
		}
	}
	for _, want := range []string{"provider.name", "provider.hold_minutes", "provider.time_zone", "provider.languages", "provider.prices.0.name", "provider.prices.0.amount",
		"categories.0.code", "categories.1.name", "categories.1.position", "categories.2.code", "roles.0.key", "roles.1.name", "roles.1.reach", "roles.2.name",
		"roles.2.permissions", "roles.2.categories", "roles.3.reach", "roles.4.position", "roles.5.name"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not named: %q", want, got)
		}
	}
	before := export(t, w)
	if _, err := configuration.Import(t.Context(), w.Store, f, ""); !errors.As(err, &v) || !bytes.Equal(before, export(t, w)) {
		t.Errorf("imported all the same: %v", err)
	}
}

// Who looked at other differences than there are now is asked to look again.
func TestAnImportIsOfWhatWasLookedAt(t *testing.T) {
	t.Parallel()
	from, to := furnished(t), modeltest.New(t)
	f := parse(t, export(t, from))
	p := preview(t, to, f)
	exec(t, to, "UPDATE provider SET hold_minutes = 33")
	before := export(t, to)
	if _, err := configuration.Import(t.Context(), to.Store, f, p.Base); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if !bytes.Equal(before, export(t, to)) {
		t.Error("something was changed")
	}
}

// Nobody gives themselves rights by a file.
func TestRolesTakeEveryRight(t *testing.T) {
	t.Parallel()
	from, to := furnished(t), modeltest.New(t)
	f := parse(t, export(t, from))
	exec(t, to, "INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Einstellungen', 'all', now(), now())")
	exec(t, to, "INSERT INTO role_permissions SELECT id, unnest(ARRAY['settings.read', 'settings.write', 'roles.write', 'catalogue.write']) FROM roles WHERE name = 'Einstellungen'")
	user := to.MustCreateUser(t, "Erika Beispiel")
	exec(t, to, "INSERT INTO user_roles SELECT ?, id FROM roles WHERE name = 'Einstellungen'", user.ID)
	grants, err := accounts.LoadGrants(t.Context(), to, user.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := accounts.WithGrants(t.Context(), grants)
	var rule *store.RuleError
	if _, err := configuration.Preview(ctx, to, f); !errors.As(err, &rule) || rule.Key != "config.roles_forbidden" {
		t.Errorf("got %v", err)
	}
	base := preview(t, to, f).Base
	if _, err := configuration.Import(ctx, to.Store, f, base); !errors.As(err, &rule) {
		t.Errorf("got %v", err)
	}
	f.Roles = nil
	if _, err := configuration.Preview(ctx, to, f); err != nil {
		t.Errorf("without roles: %v", err)
	}
}
