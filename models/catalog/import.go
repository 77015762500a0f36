package catalog

import (
	"context"
	"fmt"
	"strconv"
	"strings"
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
	// ImportKeptField: staff changed a field, so it keeps their value. Field: below "field.course.";
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

// ImportProblemKeys lists the keys that a problem can have.
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

// NextImport is the id of the import whose turn it is, or 0.
func NextImport(ctx context.Context, r store.Reader) (id int64, err error) {
	err = r.NewRaw("SELECT coalesce(min(id), 0) FROM imports WHERE state IN ('queued', 'running')").Scan(ctx, &id)
	return id, err
}

func withUser(q *bun.SelectQuery) *bun.SelectQuery {
	return q.ColumnExpr("im.*").ColumnExpr("coalesce(u.name, '') AS user_name").Join("LEFT JOIN users u ON u.id = im.user_id")
}

// ImportProblemFilter narrows a report.
type ImportProblemFilter struct {
	ImportID int64
	Severity string // empty: all
	// After is the cursor of the last line seen; empty: from the beginning.
	After string
}

// ImportProblems is a part of an import's report, in the order of the file; next is the cursor of what
// follows, empty at the end.
func ImportProblems(ctx context.Context, r store.Reader, f ImportProblemFilter, limit int) (list []*ImportProblem, next string, err error) {
	q := r.NewSelect().Model(&list).Where("ip.import_id = ?", f.ImportID).OrderExpr("ip.record_no, ip.id").Limit(int64(limit + 1))
	if f.Severity != "" {
		q.Where("ip.severity = ?", f.Severity)
	}
	if record, id, ok := strings.Cut(f.After, "."); ok {
		no, _ := strconv.ParseInt(record, 10, 32)
		last, _ := strconv.ParseInt(id, 10, 64)
		q.Where("(ip.record_no, ip.id) > (?, ?)", no, last)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	if len(list) > limit {
		list = list[:limit]
		last := list[limit-1]
		next = fmt.Sprintf("%d.%d", last.RecordNo, last.ID)
	}
	return list, next, nil
}

// CountImportProblems counts a report's lines by severity.
func CountImportProblems(ctx context.Context, r store.Reader, importID int64) (map[string]int, error) {
	var rows []struct {
		Severity string
		Count    int
	}
	err := r.NewSelect().Table("import_problems").Column("severity").ColumnExpr("count(*) AS count").
		Where("import_id = ?", importID).Group("severity").Scan(ctx, &rows)
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.Severity] = row.Count
	}
	return counts, err
}
