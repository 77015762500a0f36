package catalog

import (
	"kurso/models/accounts"
	"kurso/models/catalog/openvhs"
	"kurso/models/listing"
)

// ImportStates are those of an import, in their order.
var ImportStates = []string{ImportQueued, ImportRunning, ImportFinished, ImportFailed, ImportCancelled}

// Severities of problems, the gravest first.
var Severities = []string{string(openvhs.Error), string(openvhs.Warning), string(openvhs.Note)}

// Imports lists the imports, newest first.
var Imports = &listing.List{
	Name: "imports", Path: "/admin/imports", From: "imports AS im", ID: "im.id", Sort: "-created_at", Search: "fold(im.file_name)", Permission: string(accounts.ImportsRead),
	Joins: []listing.Join{{Alias: "u", SQL: "LEFT JOIN users u ON u.id = im.user_id"}},
	Columns: []listing.Column{
		{Key: "file", Kind: listing.Text, SQL: "im.file_name", Shown: true, Sort: []string{"fold(im.file_name)"}},
		{Key: "state", Kind: listing.Choice, SQL: "im.state", Codes: ImportStates, Words: "import.state.", Shown: true},
		{Key: "courses", Kind: listing.Number, SQL: "nullif(im.records_total, 0)::bigint", Shown: true},
		{Key: "created", Kind: listing.Number, SQL: counted("im.created_count"), Shown: true},
		{Key: "updated", Kind: listing.Number, SQL: counted("im.updated_count"), Shown: true},
		{Key: "unchanged", Kind: listing.Number, SQL: counted("im.unchanged_count"), Shown: true},
		{Key: "skipped", Kind: listing.Number, SQL: counted("im.skipped_count"), Shown: true},
		{Key: "created_at", Kind: listing.Moment, SQL: "im.created_at", Shown: true, Sort: []string{"im.created_at"}, Index: true},
		{Key: "user", Kind: listing.Text, SQL: "u.name", Needs: "u", Shown: true},
		{Key: "format", Kind: listing.Choice, SQL: "nullif(im.format, '')", Codes: []string{string(openvhs.XML), string(openvhs.JSON)}, Words: "import.format."},
		{Key: "size", Kind: listing.Number, SQL: "im.size_bytes", Sort: []string{"im.size_bytes"}},
		{Key: "finished_at", Kind: listing.Moment, SQL: "im.finished_at"},
	},
	Filters: []listing.Filter{
		{Key: "state", Kind: listing.Choice, SQL: "im.state", Values: ImportStates, Words: "import.state.", Bar: true},
		{Key: "uploaded", Kind: listing.Moment, SQL: "im.created_at", Bar: true},
		{Key: "user", Kind: listing.Record, Records: "users", SQL: "im.user_id"},
	},
}

// counted is a count of an import, once its file was read.
func counted(column string) string {
	return "(CASE WHEN im.records_total > 0 THEN " + column + " END)::bigint"
}

// ImportReports lists what is odd about the courses of imports, in the order of their files.
var ImportReports = &listing.List{
	Name: "import_problems", Path: "/admin/import-problems", From: "import_problems AS ip", ID: "ip.id", Sort: "record", Permission: string(accounts.ImportsRead),
	Joins: []listing.Join{
		{Alias: "im", SQL: "JOIN imports im ON im.id = ip.import_id"},
		{Alias: "said", SQL: "LEFT JOIN LATERAL (SELECT string_agg(value, '; ' ORDER BY key) AS values FROM jsonb_each_text(ip.args)) said ON true"},
	},
	Columns: []listing.Column{
		{Key: "import", Kind: listing.Text, SQL: "im.file_name", Needs: "im", Href: "/admin/imports/%d", HrefID: "ip.import_id", Shown: true},
		{Key: "record", Kind: listing.Number, SQL: "nullif(ip.record_no, 0)::bigint", Plain: true, Shown: true, Sort: []string{"ip.import_id", "ip.record_no"}, Index: true},
		{Key: "course_number", Kind: listing.Text, SQL: "ip.course_number", Shown: true},
		{Key: "course", Kind: listing.Text, SQL: "ip.course_name", Href: "/admin/courses/%d", HrefID: "ip.course_id", HrefPermission: string(accounts.CoursesRead), Shown: true},
		{Key: "severity", Kind: listing.Choice, SQL: "ip.severity", Codes: Severities, Words: "import.severity.", Shown: true},
		{Key: "problem", Kind: listing.Choice, SQL: "ip.key", Codes: ImportProblemKeys(), Shown: true},
		{Key: "values", Kind: listing.Text, SQL: "said.values", Needs: "said", Shown: true},
	},
	Filters: []listing.Filter{
		{Key: "severity", Kind: listing.Choice, SQL: "ip.severity", Values: Severities, Words: "import.severity.", Bar: true},
		{Key: "problem", Kind: listing.Choice, SQL: "ip.key", Values: ImportProblemKeys(), Bar: true},
		{Key: "import", Kind: listing.Record, Records: "imports", SQL: "ip.import_id"},
		{Key: "course", Kind: listing.Text, SQL: "ip.course_number || ' ' || ip.course_name"},
	},
}
