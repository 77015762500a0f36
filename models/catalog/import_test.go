package catalog_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// office is a world with a bucket for uploads.
type office struct {
	*modeltest.World
	bucket *blob.Bucket
}

func newOffice(t *testing.T) *office {
	t.Helper()
	bucket, err := fileblob.OpenBucket(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	return &office{modeltest.New(t), bucket}
}

func (o *office) start(t *testing.T, file []byte) *catalog.Import {
	t.Helper()
	im, err := catalog.StartImport(t.Context(), o.Store, o.bucket, `C:\Daten\kurse.xml`, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// run imports a file to its end.
func (o *office) run(t *testing.T, file []byte) *catalog.Import {
	t.Helper()
	im := o.start(t, file)
	if err := catalog.RunImport(t.Context(), o.Store, o.bucket, im.ID, nil); err != nil {
		t.Fatal(err)
	}
	return o.load(t, im.ID)
}

func (o *office) load(t *testing.T, id int64) *catalog.Import {
	t.Helper()
	im, err := catalog.LoadImport(t.Context(), o.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// report is an import's lines, as "record number severity key args".
func (o *office) report(t *testing.T, id int64) []string {
	t.Helper()
	var list []*catalog.ImportProblem
	if err := o.NewSelect().Model(&list).Where("import_id = ?", id).OrderExpr("record_no, id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range list {
		args, err := json.Marshal(p.Args)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%d %s %s %s %s", p.RecordNo, p.CourseNumber, p.Severity, strings.TrimPrefix(p.Key, "import.problem."), args))
	}
	return lines
}

func (o *office) course(t *testing.T, guid string) *catalog.Course {
	t.Helper()
	c := &catalog.Course{}
	err := o.NewSelect().Model(c).Relation("CourseType").Relation("CourseType.Category").Relation("Location").Relation("Instructors").
		Relation("Instructors.Instructor").Where("c.id = (SELECT course_id FROM course_imports WHERE guid = ?)", guid).Scan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := o.NewSelect().Model(&c.Sessions).Relation("Room").Relation("Room.Location").Where("course_id = ?", c.ID).OrderExpr("starts_at").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := o.NewSelect().Model(&c.PriceTiers).Where("course_id = ?", c.ID).OrderExpr("archived, position").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// number is a figure that a statement finds.
func (o *office) number(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := o.NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (o *office) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
}

// stock is everything that imports write, without what differs between two imports of the same file.
func (o *office) stock(t *testing.T) string {
	t.Helper()
	h := md5.New()
	for _, query := range []string{
		"SELECT c::text FROM courses c ORDER BY id", "SELECT s::text FROM course_sessions s ORDER BY id", "SELECT p::text FROM price_tiers p ORDER BY id",
		"SELECT i::text FROM course_instructors i ORDER BY 1", "SELECT l::text FROM locations l ORDER BY id", "SELECT r::text FROM rooms r ORDER BY id",
		"SELECT i::text FROM instructors i ORDER BY id", "SELECT t::text FROM course_types t ORDER BY id", "SELECT c::text FROM categories c ORDER BY id",
		"SELECT concat(course_id, guid, imported) FROM course_imports ORDER BY guid",
	} {
		var rows []string
		if err := o.NewRaw(query).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintln(h, len(rows), strings.Join(rows, "\n"))
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("openvhs/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func generated(t *testing.T, format openvhs.Format, o generate.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if o.Start.IsZero() {
		o.Start = modeltest.Start
	}
	write := generate.XML
	if format == openvhs.JSON {
		write = generate.JSON
	}
	if err := write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func counts(im *catalog.Import) string {
	return fmt.Sprintf("%s %d/%d: %d created, %d updated, %d unchanged, %d skipped", im.State, im.RecordsDone, im.RecordsTotal,
		im.CreatedCount, im.UpdatedCount, im.UnchangedCount, im.SkippedCount)
}

func wantCounts(t *testing.T, im *catalog.Import, want string) {
	t.Helper()
	if got := counts(im); got != want {
		t.Fatalf("the import is %q, want %q (%s %v)", got, want, im.ErrorKey, im.ErrorArgs)
	}
}

func wantLines(t *testing.T, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("report:\n%s\n\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSampleOfOpenvhsIsImported(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	im := o.run(t, sample(t, "openvhs-1.2-sample.xml"))
	wantCounts(t, im, "finished 4/4: 4 created, 0 updated, 0 unchanged, 0 skipped")
	if im.FileName != "kurse.xml" || im.Format != "xml" || im.FinishedAt == nil {
		t.Errorf("import: %+v", im)
	}
	wantLines(t, o.report(t, im.ID), []string{
		`1 VG5010105 warning html_removed {"Field":"text","Removed":"script"}`,
		`1 VG5010105 warning session_without_time {"Count":1,"Sessions":"2027-03-03"}`,
		`1 VG5010105 note free_but_price {"Price":"82.8"}`,
		`2 Nk-F550c warning session_without_time {"Count":1,"Sessions":"2027-04-13"}`,
		`2 Nk-F550c note sessions_cover_part {"Begin":"2027-04-12","End":"2027-04-16","First":"2027-04-12","Last":"2027-04-13"}`,
		`3 T58130 warning missing_max_places {}`,
		`3 T58130 warning end_before_begin {"Begin":"2027-02-06","End":"2027-01-31"}`,
		`3 T58130 warning no_sessions {}`,
		`3 T58130 warning weekday_differs {"Count":1,"Sessions":"2027-02-06","Weekday":"Freitag"}`,
		`4 T58130 note duplicate_number {"First":3,"Number":"T58130"}`,
		`4 T58130 warning missing_max_places {}`,
		`4 T58130 warning no_sessions {}`,
		`4 T58130 warning missing_price {}`,
	})

	c := o.course(t, "0F48F5A8-C22C-4AFF-B891-77095CD84029")
	berlin, _ := time.LoadLocation("Europe/Berlin")
	got := []any{
		c.Number, c.Name, c.Subtitle, c.State, c.Delivery, c.Level, c.TargetGroups, c.Keywords, c.Certificate,
		c.StartDate.Format(time.DateOnly), c.EndDate.Format(time.DateOnly), *c.MinPlaces, *c.MaxPlaces, c.PlacesTakenElsewhere, *c.TeachingUnits,
		c.CourseType.Name, c.CourseType.Category.Name, c.Location.Name, c.Location.Street, c.Location.District, *c.Location.Accessible,
		c.WebsiteURL, c.Description, len(c.Sessions),
		c.Sessions[0].StartsAt.In(berlin).Format("2006-01-02 15:04 -0700"), c.Sessions[0].EndsAt.In(berlin).Format("15:04"), c.Sessions[0].AllDay,
		c.Sessions[4].StartsAt.In(berlin).Format("2006-01-02 15:04"), c.Sessions[4].EndsAt.Sub(c.Sessions[4].StartsAt), c.Sessions[4].AllDay,
		len(c.PriceTiers), c.PriceTiers[0].Name, c.PriceTiers[0].AmountCents, c.PriceTiers[0].Note, c.PriceTiers[1].Name, c.PriceTiers[1].AmountCents,
	}
	want := []any{
		"VG5010105", "Windows und Internet - Basiswissen Teil 1", "Windows und Internet · Basiswissen Teil 1", "planned", "online", "Einsteiger",
		[]string{"Lehrer/innen", "Erzieher/innen"}, []string{"Betriebssystem", "Internet"}, "TS59.P33B – Xpert Starter",
		"2027-02-03", "2027-03-03", 6, 12, 9, 1500,
		"Windows und Internet - Basiswissen Teil 1", "Arbeit, Beruf, IT", "Eduard-Stieler-Campus", "Brüder-Grimm-Str. 5", "Innenstadt", false,
		"http://vhs-fulda.example/index.php?id=22&knr=VG5010105",
		`<p>Aufbau eines typischen PC-Systems &amp; Bedienung.</p><ul><li><a href="http://www.vhs-fulda.example/VG5010105/Ablaufplan.pdf" rel="nofollow noopener">Ablaufplan</a></li></ul>`,
		5, "2027-02-03 18:30 +0100", "21:00", false, "2027-03-03 00:00", 24 * time.Hour, true,
		2, "Normalpreis", int64(8280), "zzgl. ca. 5 € für Unterrichtsmaterial", "ermäßigt", int64(4700),
	}
	for i := range want {
		if fmt.Sprint(got[i]) != fmt.Sprint(want[i]) {
			t.Errorf("value %d is %v, want %v", i, got[i], want[i])
		}
	}

	bare := o.course(t, "T58129")
	if bare.MaxPlaces != nil || bare.PlacesTakenElsewhere != -1 || bare.LocationID != nil || len(bare.PriceTiers) != 0 || bare.CourseType.Category != nil {
		t.Errorf("a course that says nothing: %+v, prices %v", bare, bare.PriceTiers)
	}
	for table, n := range map[string]int{"courses": 4, "course_types": 4, "categories": 2, "locations": 2, "rooms": 0, "instructors": 0, "course_sessions": 7,
		"price_tiers": 4, "course_imports": 4} {
		if got := o.number(t, "SELECT count(*) FROM "+table); got != n {
			t.Errorf("%s has %d rows, want %d", table, got, n)
		}
	}
	if n := o.number(t, "SELECT count(*) FROM audit_entries WHERE action = 'course.imported'"); n != 4 {
		t.Errorf("%d audit entries of courses", n)
	}
	if n := o.number(t, "SELECT count(*) FROM audit_entries WHERE action = 'import.finished' AND changes @> '[{\"field\":\"created\",\"new\":\"4\"}]'"); n != 1 {
		t.Errorf("%d audit entries of the import", n)
	}
	if there, _ := o.bucket.Exists(t.Context(), im.FileKey); there {
		t.Error("the upload stays in the bucket")
	}
}

func TestSampleOfBerlinIsImported(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	im := o.run(t, sample(t, "berlin-dialect-sample.json"))
	wantCounts(t, im, "finished 2/2: 2 created, 0 updated, 0 unchanged, 0 skipped")
	wantLines(t, o.report(t, im.ID), []string{
		`1 Mi302-121H note misspelt_boolean {"Field":"behindertenzugang","Meant":"false","Value":"fasle"}`,
		`2 TS507.041F note sessions_cover_part {"Begin":"2027-05-10","End":"2027-05-14","First":"2027-05-10","Last":"2027-05-10"}`,
		`2 TS507.041F note misspelt_boolean {"Field":"rabatt_moeglich","Meant":"false","Value":"fasle"}`,
		`2 TS507.041F note reduced_without_discount {"Reduced":"65,60"}`,
		`2 TS507.041F note empty_instructor {"Count":1}`,
	})
	c := o.course(t, "789304")
	if c.PlacesTakenElsewhere != 1 || c.Location.Name != "VHS Berlin Mitte" || c.Location.District != "Mitte" || *c.Location.Latitude != 52.528086 {
		t.Errorf("course %+v at %+v", c, c.Location)
	}
	if a, b := c.Sessions[0].Room, c.Sessions[2].Room; a.Name != "Raum 4.09 (Gymnastik)" || b.Name != "Raum 202" || b.Location.Name != "VHS" || a.LocationID != *c.LocationID {
		t.Errorf("rooms %+v, %+v", a, b)
	}
	if i := c.Instructors[0].Instructor; len(c.Instructors) != 1 || i.FirstName != "Anna" || i.LastName != "Beispiel" || i.Published {
		t.Errorf("instructors %+v", i)
	}
	if c := o.course(t, "531327"); !slices.Equal(c.Keywords, []string{"ARBEIT-BERUF-EDV", "Bildungsurlaub"}) || c.Instructors[0].Instructor.Title != "Dr." {
		t.Errorf("keywords %q, instructor %+v", c.Keywords, c.Instructors[0].Instructor)
	}
}

func TestSecondImportChangesNothing(t *testing.T) {
	t.Parallel()
	for _, format := range []openvhs.Format{openvhs.XML, openvhs.JSON} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			file := generated(t, format, generate.Options{Courses: 300, Seed: 1, Oddities: 0.4})
			first := o.run(t, file)
			if first.CreatedCount == 0 || first.SkippedCount == 0 || first.CreatedCount+first.SkippedCount != 300 {
				t.Fatal(counts(first))
			}
			if n := o.number(t, "SELECT count(*) FROM courses"); n != first.CreatedCount {
				t.Fatalf("%d courses from %s", n, counts(first))
			}
			if n := o.number(t, "SELECT count(*) FROM import_problems WHERE key = ?", catalog.ImportNotStored); n != 0 {
				t.Errorf("the database refused %d courses", n)
			}
			before := o.stock(t)
			o.Clock.Advance(24 * time.Hour)
			second := o.run(t, file)
			wantCounts(t, second, fmt.Sprintf("finished 300/300: 0 created, 0 updated, %d unchanged, %d skipped", first.CreatedCount, first.SkippedCount))
			if o.stock(t) != before {
				t.Error("the second import changed rows")
			}
			wantLines(t, o.report(t, second.ID), o.report(t, first.ID))
		})
	}
}

func TestAnotherTermUpdatesByGUID(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run(t, generated(t, openvhs.XML, generate.Options{Courses: 60, Seed: 3}))
	o.Clock.Advance(time.Hour)
	later := generated(t, openvhs.XML, generate.Options{Courses: 60, Seed: 3, Start: modeltest.Start.AddDate(0, 0, 21)})
	im := o.run(t, later)
	if im.CreatedCount != 0 || im.UpdatedCount == 0 {
		t.Fatal(counts(im))
	}
	fresh := newOffice(t)
	fresh.run(t, later)
	const what = `SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (
		SELECT concat_ws(' ', i.guid, c.name, c.start_date, c.end_date, c.description, c.max_places, s.starts_at, s.ends_at, s.all_day, s.note, p.name, p.amount_cents) AS x
		FROM courses c JOIN course_imports i ON i.course_id = c.id LEFT JOIN course_sessions s ON s.course_id = c.id LEFT JOIN price_tiers p ON p.course_id = c.id) t`
	var got, want string
	if err := o.NewRaw(what).Scan(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if err := fresh.NewRaw(what).Scan(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Error("updated courses differ from those of a first import")
	}
}

// Staff who save a form without touching a text must not seem to have changed it.
func TestFormsTakeImportedTextsAsTheyAre(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run(t, sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, sample(t, "berlin-dialect-sample.json"))
	o.run(t, generated(t, openvhs.XML, generate.Options{Courses: 150, Seed: 6, Oddities: 0.3}))
	var courses []*catalog.Course
	if err := o.NewSelect().Model(&courses).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range courses {
		if again, _ := openvhs.SafeHTML(c.Description); again != c.Description {
			t.Errorf("saved again, %q becomes %q", c.Description, again)
		}
		for _, words := range [][]string{c.Keywords, c.TargetGroups} {
			for _, word := range words {
				if strings.ContainsAny(word, ",;") {
					t.Errorf("a form makes several words of %q", word)
				}
			}
		}
	}
}
