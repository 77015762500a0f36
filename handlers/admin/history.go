package admin

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/system"
	"kurso/templates/admin"
)

// recentHistory is how much of what happened a record's page shows.
const recentHistory = 30

// subject is a kind of record that audit entries are about.
type subject struct {
	name string
	// path is where one is shown, below its list; alone: there is one only, shown at path itself.
	path  string
	alone bool
	// needs is what it takes to go there.
	needs accounts.Permission
	// names reads what records are called, by id; nil with alone.
	names func(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error)
}

// subjects are all there are. A new kind of record gets its line here, and a name below "audit.subject.".
var subjects = []subject{
	{name: booking.Subject, path: "/admin/bookings", needs: accounts.BookingsRead, names: booking.Names},
	{name: booking.SubjectBulk, path: "/admin/booking-cancellations", needs: accounts.BookingsWrite, names: booking.BulkNames},
	{name: catalog.SubjectCourse, path: "/admin/courses", needs: accounts.CoursesRead, names: inCatalogue(catalog.SubjectCourse)},
	{name: catalog.SubjectCourseType, path: "/admin/course-types", needs: accounts.CatalogueRead, names: inCatalogue(catalog.SubjectCourseType)},
	{name: catalog.SubjectCategory, path: "/admin/categories", needs: accounts.CatalogueRead, names: inCatalogue(catalog.SubjectCategory)},
	{name: catalog.SubjectLocation, path: "/admin/locations", needs: accounts.CatalogueRead, names: inCatalogue(catalog.SubjectLocation)},
	{name: catalog.SubjectInstructor, path: "/admin/instructors", needs: accounts.CatalogueRead, names: inCatalogue(catalog.SubjectInstructor)},
	{name: catalog.SubjectImport, path: "/admin/imports", needs: accounts.ImportsRead, names: inCatalogue(catalog.SubjectImport)},
	{name: outbox.SubjectMail, path: "/admin/outbox", needs: accounts.OutboxRead, names: outbox.Letters},
	{name: accounts.Subject, path: "/admin/users", needs: accounts.AccountsRead, names: accounts.Names},
	{name: accounts.SubjectRole, path: "/admin/roles", needs: accounts.RolesWrite, names: roleNames},
	{name: notify.Subject, names: accounts.Names},
	{name: catalog.SubjectProvider, path: "/admin/settings", needs: accounts.SettingsRead, alone: true},
	{name: system.Subject, alone: true},
	{name: exports.Subject, names: byNumber},
	{name: exports.SubjectSchedule, names: byNumber},
	{name: exports.SubjectView, names: byNumber},
	{name: exports.SubjectPreset, names: byNumber},
}

// byNumber is for records that belong to one person and are known to others by their numbers only.
func byNumber(context.Context, store.Reader, []int64) (map[int64]string, error) { return nil, nil }

// roleNames are what roles are called, ready ones included.
func roleNames(ctx context.Context, r store.Reader, _ []int64) (map[int64]string, error) {
	roles, err := accounts.Roles(ctx, r)
	names := map[int64]string{}
	for _, role := range roles {
		names[role.ID] = admin.RoleName(ctx, role)
	}
	return names, err
}

func inCatalogue(subject string) func(context.Context, store.Reader, []int64) (map[int64]string, error) {
	return func(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
		return catalog.Names(ctx, r, subject, ids)
	}
}

// referring are the fields of changes that hold other records by their ids.
var referring = map[string]func(context.Context, store.Reader, []int64) (map[int64]string, error){
	"instructors": inCatalogue(catalog.SubjectInstructor),
	"staff":       accounts.Names,
	"account":     accounts.Names,
	"categories":  inCatalogue(catalog.SubjectCategory),
}

// history reads what was done to a record, for its page.
func (h *Handlers) history(c echo.Context, subject string, id int64, zone *time.Location) (v admin.HistoryView, err error) {
	ctx := c.Request().Context()
	v.Subject, v.Zone = subject, zone
	if v.Entries, err = audit.History(ctx, h.St, subject, id, recentHistory); err != nil {
		return v, err
	}
	if web.May(c, accounts.AuditRead) {
		v.All = admin.AuditOf(audit.Record{Type: subject, ID: id})
	}
	v.Names, err = h.namesIn(ctx, v.Entries)
	return v, err
}

// namesIn are the records that changes name by id. What is not there any more is left out.
func (h *Handlers) namesIn(ctx context.Context, entries []*audit.Entry) (admin.Names, error) {
	ids := map[string][]int64{}
	for _, e := range entries {
		for _, change := range e.Changes {
			if referring[change.Field] == nil {
				continue
			}
			for _, s := range strings.Split(change.Old+", "+change.New, ", ") {
				if id, err := strconv.ParseInt(s, 10, 64); err == nil {
					ids[change.Field] = append(ids[change.Field], id)
				}
			}
		}
	}
	names := admin.Names{}
	for field, list := range ids {
		found, err := referring[field](ctx, h.St, list)
		if err != nil {
			return nil, err
		}
		for id, name := range found {
			names[field+" "+strconv.FormatInt(id, 10)] = name
		}
	}
	return names, nil
}

// records are what entries are about, with their names and where they are shown.
func (h *Handlers) records(ctx context.Context, about []audit.Record) (admin.Records, error) {
	out := admin.Records{}
	grants := accounts.GrantsOf(ctx)
	for _, s := range subjects {
		if !grants.May(s.needs) {
			s.path = ""
		}
		var ids []int64
		for _, rec := range about {
			switch {
			case rec.Type != s.name:
			case s.alone:
				out[rec] = admin.Named{Href: s.path}
			default:
				ids = append(ids, rec.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		names, err := s.names(ctx, h.St, ids)
		if err != nil {
			return nil, err
		}
		for id, name := range names {
			n := admin.Named{Name: name}
			if s.path != "" {
				n.Href = s.path + "/" + strconv.FormatInt(id, 10)
			}
			out[audit.Record{Type: s.name, ID: id}] = n
		}
	}
	return out, nil
}
