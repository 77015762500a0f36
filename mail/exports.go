package mail

import (
	"context"
	"database/sql"
	"errors"
	"strconv"

	"kurso/locales"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
	templates "kurso/templates/mail"
)

// aboutExport loads the export and the schedule that made it. A letter that waited until somebody deleted the
// schedule has nothing to tell any more.
func aboutExport(ctx context.Context, s *subject) (err error) {
	s.schedule, err = exports.ScheduleOf(ctx, s.Store, s.mail.SubjectID)
	return err
}

// exportReady says where the file waits. The file itself never travels by mail.
func exportReady(ctx context.Context, s *subject) *templates.Content {
	return s.aboutSchedule(ctx, "letter.export_ready.", exportPath(s.mail.SubjectID))
}

// exportsStopped says that a schedule failed too often.
func exportsStopped(ctx context.Context, s *subject) *templates.Content {
	return s.aboutSchedule(ctx, "letter.exports_stopped.", "/admin/exports")
}

func (s *subject) aboutSchedule(ctx context.Context, keys, path string) *templates.Content {
	c := &templates.Content{
		Subject: locales.T(ctx, keys+"subject", "Name", line(s.schedule.Name)), Heading: locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"), Link: templates.Link{Label: locales.T(ctx, keys+"button"), URL: s.link(ctx, path)},
	}
	c.Say(locales.T(ctx, keys+"intro", "Name", line(s.schedule.Name)))
	return c
}

func aboutOwnExport(ctx context.Context, s *subject) error {
	s.exported = &exports.Export{ID: s.mail.SubjectID}
	err := s.NewSelect().Model(s.exported).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// staffExport tells who started a large export how it ended.
func staffExport(ctx context.Context, s *subject) *templates.Content {
	e, keys := s.exported, "letter.staff_export."+s.exported.State+"."
	list := locales.T(ctx, "list."+e.List)
	c := &templates.Content{
		Subject: locales.T(ctx, keys+"subject", "List", list), Heading: locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"), Link: templates.Link{Label: locales.T(ctx, "letter.open_export"), URL: s.link(ctx, exportPath(e.ID))},
	}
	if e.State == exports.Failed {
		c.Say(locales.T(ctx, keys+"intro", "List", list))
		c.Tell(locales.T(ctx, "letter.fact.reason"), locales.T(ctx, e.ErrorKey, "Max", locales.Number(ctx, listing.MaxXLSX)))
		return c
	}
	c.Say(locales.T(ctx, keys+"intro", "List", list, "Rows", locales.Number(ctx, e.RowsDone)))
	return c
}

func exportPath(id int64) string { return "/admin/exports/" + strconv.FormatInt(id, 10) }
