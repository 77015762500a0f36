package mail

import (
	"context"
	"strconv"

	"kurso/locales"
	"kurso/models/exports"
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
	return s.aboutSchedule(ctx, "letter.export_ready.", "/admin/exports/"+strconv.FormatInt(s.mail.SubjectID, 10))
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
