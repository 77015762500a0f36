package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
)

func TestImportGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	file := generated(t, openvhs.JSON, generate.Options{Courses: 900, Seed: 2, Oddities: 0.3})
	through := newOffice(t)
	want := through.run(t, file)

	o := newOffice(t)
	im := o.start(t, file)
	kills := 0
	for {
		ctx, kill := context.WithCancel(t.Context())
		err := catalog.RunImport(ctx, o.Store, o.bucket, im.ID, func(now *catalog.Import) {
			if now.RecordsDone > kills*200 {
				kill()
			}
		})
		kill()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if kills++; kills > 10 {
			t.Fatal("it never ends")
		}
	}
	if kills < 3 {
		t.Fatalf("it was killed %d times only", kills)
	}
	got := o.load(t, im.ID)
	wantCounts(t, got, counts(want))
	wantLines(t, o.report(t, got.ID), through.report(t, want.ID))
	if o.stock(t) != through.stock(t) {
		t.Error("the stock differs from that of an import in one go")
	}
}

func TestCancelledImportStopsAndKeepsWhatItDid(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	im := o.start(t, generated(t, openvhs.XML, generate.Options{Courses: 900, Seed: 2}))
	err := catalog.RunImport(t.Context(), o.Store, o.bucket, im.ID, func(now *catalog.Import) {
		if now.RecordsDone == 400 && now.Open() {
			if err := catalog.CancelImport(t.Context(), o.Store, im.ID); err != nil {
				t.Error(err)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	wantCounts(t, o.load(t, im.ID), "cancelled 400/900: 400 created, 0 updated, 0 unchanged, 0 skipped")
	if n := o.number(t, "SELECT count(*) FROM courses"); n != 400 {
		t.Errorf("%d courses", n)
	}
	if err := catalog.CancelImport(t.Context(), o.Store, im.ID); err != nil {
		t.Errorf("cancelling twice: %v", err)
	}
}

func TestImportsRunOneAfterTheOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := generated(t, openvhs.XML, generate.Options{Courses: 450, Seed: 4})
	first, second := o.start(t, file), o.start(t, file)
	if err := catalog.RunImport(t.Context(), o.Store, o.bucket, second.ID, nil); !errors.Is(err, catalog.ErrImportBusy) {
		t.Fatalf("the second is worked on before the first: %v", err)
	}
	// two processes, each trying both
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for _, id := range []int64{first.ID, second.ID} {
				for {
					err := catalog.RunImport(t.Context(), o.Store, o.bucket, id, nil)
					if err == nil {
						break
					}
					if !errors.Is(err, catalog.ErrImportBusy) {
						t.Error(err)
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	wantCounts(t, o.load(t, first.ID), "finished 450/450: 450 created, 0 updated, 0 unchanged, 0 skipped")
	wantCounts(t, o.load(t, second.ID), "finished 450/450: 0 created, 0 updated, 450 unchanged, 0 skipped")
	if n := o.number(t, "SELECT count(*) FROM audit_entries WHERE action = 'import.finished'"); n != 2 {
		t.Errorf("%d imports were finished", n)
	}
}

func TestOneCourseThatTheDatabaseRefusesStopsNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := generated(t, openvhs.XML, generate.Options{Courses: 250, Seed: 5})
	var names []string
	_, err := openvhs.Read(bytes.NewReader(file), func(r openvhs.Record) error {
		names = append(names, r.GUID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.AsOwner(t, fmt.Sprintf("ALTER TABLE course_imports ADD CHECK (guid NOT IN ('%s', '%s'))", names[30], names[240]))
	im := o.run(t, file)
	wantCounts(t, im, "finished 250/250: 248 created, 0 updated, 0 unchanged, 2 skipped")
	var nos []int
	if err := o.NewRaw("SELECT record_no FROM import_problems WHERE import_id = ? AND key = ? AND severity = 'error' ORDER BY 1", im.ID, catalog.ImportNotStored).Scan(t.Context(), &nos); err != nil {
		t.Fatal(err)
	}
	if len(nos) != 2 || nos[0] != 31 || nos[1] != 241 {
		t.Errorf("refused: %v", nos)
	}
}

func TestLostUploadEndsTheImport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	im := o.start(t, sample(t, "openvhs-1.2-sample.xml"))
	if err := o.bucket.Delete(t.Context(), im.FileKey); err != nil {
		t.Fatal(err)
	}
	if err := catalog.RunImport(t.Context(), o.Store, o.bucket, im.ID, nil); err != nil {
		t.Fatal(err)
	}
	if im = o.load(t, im.ID); im.State != catalog.ImportFailed || im.ErrorKey != catalog.ImportFileMissing {
		t.Errorf("import %+v", im)
	}
}
