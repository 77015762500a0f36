package mail

import (
	"context"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
	templates "kurso/templates/mail"
)

// aboutLink loads a link and whose it is.
func aboutLink(ctx context.Context, s *subject) (err error) {
	if s.mail.Subject != accounts.SubjectToken {
		return store.ErrNotFound
	}
	if s.token, err = accounts.LoadToken(ctx, s.Store, s.mail.SubjectID); err != nil {
		return err
	}
	s.user, err = accounts.Find(ctx, s.Store, s.token.UserID)
	return err
}

// aboutSupport loads an access of support, with the link that sets a password if there is none yet.
func aboutSupport(ctx context.Context, s *subject) (err error) {
	if s.mail.Subject != accounts.SubjectSupport {
		return store.ErrNotFound
	}
	if s.access, err = accounts.LoadSupportAccess(ctx, s.Store, s.mail.SubjectID); err != nil {
		return err
	}
	if s.user, err = accounts.Find(ctx, s.Store, s.access.UserID); err != nil || s.user.PasswordHash != "" {
		return err
	}
	s.token, err = accounts.OpenInvitation(ctx, s.Store, s.user.ID)
	return err
}

// accountInvitation asks somebody to set a password. It goes to an address that nobody has shown to be
// theirs, and says who invites.
func accountInvitation(ctx context.Context, s *subject) *templates.Content {
	c := s.toUser(ctx, "letter.account_invitation.")
	c.Say(locales.T(ctx, "letter.account_invitation.intro", "Provider", line(s.provider.Name)))
	c.Link = s.setPassword(ctx)
	c.Note(locales.T(ctx, "letter.link_until", "Until", locales.DateTime(ctx, s.token.ExpiresAt.In(s.provider.Zone()))))
	c.Note(locales.T(ctx, "letter.account_invitation.not_you", "Provider", line(s.provider.Name)))
	return c
}

// supportAccess tells somebody from support until when they may help, and with what.
func supportAccess(ctx context.Context, s *subject) *templates.Content {
	c := s.toUser(ctx, "letter.support_access.")
	c.Say(locales.T(ctx, "letter.support_access.intro", "Provider", line(s.provider.Name)))
	c.Tell(locales.T(ctx, "letter.fact.until"), locales.DateTime(ctx, s.access.EndsAt.In(s.provider.Zone())))
	c.Tell(locales.T(ctx, "letter.fact.reason"), lines(s.access.Reason)...)
	c.Tell(locales.T(ctx, "letter.fact.granted_by"), line(s.access.GrantedByName))
	if s.token == nil {
		c.Link = templates.Link{Label: locales.T(ctx, "letter.sign_in"), URL: s.link(ctx, "/admin/session")}
	} else {
		c.Link = s.setPassword(ctx)
	}
	c.Note(locales.T(ctx, "letter.support_access.seen"))
	return c
}

func (s *subject) toUser(ctx context.Context, keys string) *templates.Content {
	return &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "Provider", line(s.provider.Name)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting_name", "Name", line(s.user.Name)),
	}
}

func (s *subject) setPassword(ctx context.Context) templates.Link {
	return templates.Link{Label: locales.T(ctx, "letter.set_password"), URL: s.link(ctx, "/invitations/"+s.token.Secret(s.Keys))}
}
