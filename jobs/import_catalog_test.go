package jobs

import (
	"bytes"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"kurso/config"
	"kurso/models/catalog"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/modeltest"
)

// upload starts an import of that many courses.
func upload(t *testing.T, w *modeltest.World, courses int) (*blob.Bucket, *catalog.Import) {
	t.Helper()
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	var file bytes.Buffer
	if err := generate.XML(&file, generate.Options{Courses: courses, Start: modeltest.Start}); err != nil {
		t.Fatal(err)
	}
	im, err := catalog.StartImport(t.Context(), w.Store, bucket, "kurse.xml", &file)
	if err != nil {
		t.Fatal(err)
	}
	return bucket, im
}

func load(t *testing.T, w *modeltest.World, id int64) *catalog.Import {
	t.Helper()
	im, err := catalog.LoadImport(t.Context(), w.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestUploadIsImportedByAWorker(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	bucket, im := upload(t, w, 50)
	startWith(t, Deps{Store: w.Store, Bucket: bucket, Log: modeltest.Quiet(), Config: &config.Config{
		PublicURL: "https://kurse.example.org", SMTPConnections: 1, JobRescueAfter: 2 * time.Minute, JobWorkers: 2}})
	eventually(t, "imported", func() bool { return !load(t, w, im.ID).Open() })
	if im = load(t, w, im.ID); im.State != catalog.ImportFinished || im.CreatedCount != 50 {
		t.Errorf("import %+v", im)
	}
}

func TestImportWorksInSlices(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	bucket, im := upload(t, w, 1500)
	worker := &importCatalog{st: w.Store, bucket: bucket, log: modeltest.Quiet(), slice: 800 * time.Millisecond}
	job := &river.Job[catalog.ImportCatalog]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 2}, Args: catalog.ImportCatalog{ImportID: im.ID}}
	n := slices(t, &worker.slice, 200*time.Millisecond, func() error { return worker.Work(t.Context(), job) })
	if im = load(t, w, im.ID); n < 1 || im.State != catalog.ImportFinished || im.CreatedCount != 1500 {
		t.Errorf("after %d slices: %+v", n, im)
	}
}

func TestImportIsGivenUpAtLast(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	bucket, im := upload(t, w, 5)
	if err := bucket.Close(); err != nil {
		t.Fatal(err)
	}
	worker := &importCatalog{st: w.Store, bucket: bucket, log: modeltest.Quiet(), slice: time.Minute}
	job := &river.Job[catalog.ImportCatalog]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 2}, Args: catalog.ImportCatalog{ImportID: im.ID}}
	if err := worker.Work(t.Context(), job); err == nil || !load(t, w, im.ID).Open() {
		t.Fatalf("the first try ends with %v", err)
	}
	job.Attempt = 2
	if err := worker.Work(t.Context(), job); err == nil {
		t.Fatal("the last try reports nothing")
	}
	if im = load(t, w, im.ID); im.State != catalog.ImportFailed || im.ErrorKey != catalog.ImportGivenUp {
		t.Errorf("import %+v", im)
	}
}
