package catalog

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/catalog/openvhs"
	"kurso/models/store"
)

// States of an import.
const (
	ImportQueued    = "queued"
	ImportRunning   = "running"
	ImportFinished  = "finished"
	ImportFailed    = "failed"
	ImportCancelled = "cancelled"
)

// SubjectImport names imports in audit entries.
const SubjectImport = "import"

// Keys of sentences about a file, beside those of openvhs.FileKeys.
const (
	// ImportFileMissing: the upload is no longer in the bucket.
	ImportFileMissing = "import.file.missing"
	// ImportGivenUp: it failed too often for a reason of ours, which the log tells.
	ImportGivenUp = "import.file.given_up"
)

// Keys of a report's lines, beside those of openvhs.ProblemKeys.
const (
	// ImportKeptField: staff changed a field, so it keeps their value. Field: below "import.field.";
	// Staff, File: the values.
	ImportKeptField = "import.problem.kept_field"
	// ImportNotStored: the database refused the course, which was left out.
	ImportNotStored = "import.problem.not_stored"
	// ImportNotInFile: courses of earlier imports that are not over and that the file no longer has. Count.
	ImportNotInFile = "import.problem.not_in_file"
)

// ImportFileKeys lists the keys that an import's ErrorKey can have, for tests of completeness.
func ImportFileKeys() []string {
	return append([]string{ImportFileMissing, ImportGivenUp}, openvhs.FileKeys...)
}

// ImportProblemKeys lists the keys that a problem can have, for tests of completeness.
func ImportProblemKeys() []string {
	return append([]string{ImportKeptField, ImportNotStored, ImportNotInFile}, openvhs.ProblemKeys()...)
}

// Import is one file that was handed in, and how far it has got.
type Import struct {
	bun.BaseModel `bun:"table:imports,alias:im"`
	ID            int64 `bun:",pk,autoincrement"`
	FileName      string
	// FileKey is where the bucket has the file until the import has ended.
	FileKey   string
	SizeBytes int64
	// Format is a dialect of openvhs; empty until the file was checked.
	Format string
	State  string
	// RecordsDone is the checkpoint: so many courses of the file are dealt with.
	RecordsTotal   int
	RecordsDone    int
	CreatedCount   int
	UpdatedCount   int
	UnchangedCount int
	SkippedCount   int
	// ErrorKey and ErrorArgs say why a failed import could not be done.
	ErrorKey   string
	ErrorArgs  map[string]any `bun:"type:jsonb,nullzero:false"`
	UserID     *int64
	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time

	// UserName is filled by LoadImport and ListImports; empty for the command line.
	UserName string `bun:",scanonly"`
}

// Open reports whether the import is still to be worked on.
func (i *Import) Open() bool { return i.State == ImportQueued || i.State == ImportRunning }

// ImportProblem is a line of an import's report.
type ImportProblem struct {
	bun.BaseModel `bun:"table:import_problems,alias:ip"`
	ID            int64 `bun:",pk,autoincrement"`
	ImportID      int64
	// RecordNo is the course's position in the file, from 1; 0 speaks of the file as a whole.
	RecordNo     int
	CourseNumber string
	CourseName   string
	CourseID     *int64
	// Severity is one of openvhs: note, warning, error.
	Severity string
	Key      string
	Args     map[string]any `bun:"type:jsonb,nullzero:false"`
}

// CourseImport says which course of a file a course is, and what the imports wrote into it: a field that
// differs now was changed by staff.
type CourseImport struct {
	bun.BaseModel `bun:"table:course_imports,alias:cim"`
	CourseID      int64 `bun:",pk"`
	GUID          string
	ImportID      *int64
	Imported      *importValues `bun:"type:jsonb"`
}

// ImportCatalog is the job that works on one import.
type ImportCatalog struct {
	ImportID int64 `json:"import_id"`
}

// Kind names the job.
func (ImportCatalog) Kind() string { return "import_catalog" }

// LoadImport reads one import.
func LoadImport(ctx context.Context, r store.Reader, id int64) (*Import, error) {
	im := &Import{}
	err := withUser(r.NewSelect().Model(im)).Where("im.id = ?", id).Scan(ctx)
	return im, found(err)
}

// ListImports is the imports, newest first; before is the id of the last one seen, 0 for the first page.
func ListImports(ctx context.Context, r store.Reader, before int64, limit int) ([]*Import, error) {
	var list []*Import
	q := withUser(r.NewSelect().Model(&list)).OrderExpr("im.id DESC").Limit(int64(limit))
	if before > 0 {
		q.Where("im.id < ?", before)
	}
	return list, q.Scan(ctx)
}

func withUser(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("im.*").ColumnExpr("coalesce(u.name, '') AS user_name").Join("LEFT JOIN users u ON u.id = im.user_id")
}
