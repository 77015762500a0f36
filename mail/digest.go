package mail

import (
	"context"

	"kurso/locales"
	"kurso/models/notify"
	"kurso/models/outbox"
	templates "kurso/templates/mail"
)

func aboutDigest(ctx context.Context, s *subject) (err error) {
	s.digest, err = notify.LoadDigest(ctx, s.Store, s.mail.SubjectID)
	return err
}

// staffDigest tells a member of staff what they chose to hear of once a day, course by course.
func staffDigest(ctx context.Context, s *subject) *templates.Content {
	d := s.digest
	c := &templates.Content{
		Subject:  locales.N(ctx, "letter.staff_digest.subject", d.Events(), "Day", locales.Date(ctx, d.Day)),
		Heading:  locales.T(ctx, "letter.staff_digest.heading", "Day", locales.Day(ctx, d.Day)),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_office"), URL: s.link(ctx, "/admin")},
	}
	c.Say(locales.T(ctx, "letter.staff_digest.intro"))
	for _, course := range d.Courses {
		g := templates.Group{Link: templates.Link{Label: numbered(course.Name, course.Number), URL: s.link(ctx, coursePath(course.ID))}}
		for _, k := range notify.Kinds {
			if n := course.Counts[k.Event]; n > 0 {
				g.Lines = append(g.Lines, locales.N(ctx, "letter.staff_digest."+string(k.Event), n))
			}
		}
		c.Groups = append(c.Groups, g)
	}
	if d.Mails > 0 {
		c.Groups = append(c.Groups, templates.Group{
			Link:  templates.Link{Label: locales.T(ctx, "letter.staff_digest.mails"), URL: s.link(ctx, "/admin/outbox?state="+outbox.Failed)},
			Lines: []string{locales.N(ctx, "letter.staff_digest.mail_failed", d.Mails)},
		})
	}
	for _, im := range d.Imports {
		c.Groups = append(c.Groups, templates.Group{
			Link:  templates.Link{Label: line(im.FileName), URL: s.link(ctx, importPath(im.ID))},
			Lines: []string{locales.T(ctx, "letter.staff_import."+im.State+".heading")},
		})
	}
	for _, e := range d.Exports {
		c.Groups = append(c.Groups, templates.Group{
			Link:  templates.Link{Label: locales.T(ctx, "list."+e.List), URL: s.link(ctx, exportPath(e.ID))},
			Lines: []string{locales.T(ctx, "letter.staff_export."+e.State+".heading")},
		})
	}
	return c
}
