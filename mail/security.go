package mail

import (
	"context"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
	templates "kurso/templates/mail"
)

// aboutSignIn loads a sign-in with its user.
func aboutSignIn(ctx context.Context, s *subject) (err error) {
	if s.mail.Subject != accounts.SubjectSignIn {
		return store.ErrNotFound
	}
	if s.signIn, err = accounts.LoadSignIn(ctx, s.Store, s.mail.SubjectID); err != nil {
		return err
	}
	s.user = s.signIn.User
	return nil
}

// aboutUser loads a user.
func aboutUser(ctx context.Context, s *subject) (err error) {
	if s.mail.Subject != accounts.Subject {
		return store.ErrNotFound
	}
	s.user, err = accounts.Load(ctx, s.Store, s.mail.SubjectID)
	return err
}

// signInReplaced tells that a further sign-in has ended the one on another device.
func signInReplaced(ctx context.Context, s *subject) *templates.Content {
	return s.aboutDevice(ctx, "letter.sign_in_replaced.")
}

// signInNewDevice tells of a sign-in on a device that was never used before.
func signInNewDevice(ctx context.Context, s *subject) *templates.Content {
	return s.aboutDevice(ctx, "letter.sign_in_new_device.")
}

func (s *subject) aboutDevice(ctx context.Context, keys string) *templates.Content {
	c := s.toUser(ctx, keys)
	c.Link = templates.Link{Label: locales.T(ctx, "letter.open_account"), URL: s.link(ctx, "/admin/account")}
	in := s.signIn
	c.Say(locales.T(ctx, keys+"intro."+in.Device))
	c.Tell(locales.T(ctx, "letter.fact.when"), locales.DateTime(ctx, in.StartedAt.In(s.provider.Zone())))
	c.Tell(locales.T(ctx, "letter.fact.device"), locales.T(ctx, "device."+in.Device), line(in.Browser), line(in.System))
	c.Tell(locales.T(ctx, "letter.fact.network"), line(in.Network))
	c.Note(locales.T(ctx, "letter.security.not_you"))
	return c
}

// passwordReset carries the link to a new password. Whoever did not ask for it need not do anything.
func passwordReset(ctx context.Context, s *subject) *templates.Content {
	c := s.toUser(ctx, "letter.password_reset.")
	c.Link = templates.Link{Label: locales.T(ctx, "letter.password_reset.button"), URL: s.link(ctx, "/admin/session/password/"+s.token.Secret(s.Keys))}
	c.Say(locales.T(ctx, "letter.password_reset.intro"))
	c.Note(locales.T(ctx, "letter.password_reset.until", "Until", locales.DateTime(ctx, s.token.ExpiresAt.In(s.provider.Zone()))))
	c.Note(locales.T(ctx, "letter.password_reset.not_you"))
	return c
}

// passwordChanged tells the owner that the password is another one now.
func passwordChanged(ctx context.Context, s *subject) *templates.Content {
	c := s.toUser(ctx, "letter.password_changed.")
	c.Link = templates.Link{Label: locales.T(ctx, "letter.password_changed.button"), URL: s.link(ctx, "/admin/session/password")}
	c.Say(locales.T(ctx, "letter.password_changed.intro"))
	c.Tell(locales.T(ctx, "letter.fact.when"), locales.DateTime(ctx, s.mail.CreatedAt.In(s.provider.Zone())))
	c.Note(locales.T(ctx, "letter.password_changed.not_you"))
	return c
}

// secondFactorChanged tells the owner that something about the second factor is different now.
func secondFactorChanged(ctx context.Context, s *subject) *templates.Content {
	c := s.toUser(ctx, "letter.second_factor_changed.")
	c.Link = templates.Link{Label: locales.T(ctx, "letter.open_account"), URL: s.link(ctx, "/admin/account")}
	c.Say(locales.T(ctx, "letter.second_factor_changed.intro"))
	c.Tell(locales.T(ctx, "letter.fact.when"), locales.DateTime(ctx, s.mail.CreatedAt.In(s.provider.Zone())))
	c.Note(locales.T(ctx, "letter.security.not_you"))
	return c
}

// emailOld and emailNew ask the two addresses of a change to confirm it. The new one is nobody's yet that we
// know: so the letter says little.
func emailOld(ctx context.Context, s *subject) *templates.Content {
	c := s.confirmEmail(ctx, "letter.email_old.")
	c.Tell(locales.T(ctx, "letter.fact.new_email"), line(s.token.Email))
	c.Note(locales.T(ctx, "letter.email_old.not_you"))
	return c
}

func emailNew(ctx context.Context, s *subject) *templates.Content {
	c := s.confirmEmail(ctx, "letter.email_new.")
	c.Note(locales.T(ctx, "letter.email_new.not_you"))
	return c
}

func (s *subject) confirmEmail(ctx context.Context, keys string) *templates.Content {
	c := s.toUser(ctx, keys)
	c.Link = templates.Link{Label: locales.T(ctx, "letter.email.button"), URL: s.link(ctx, "/admin/session/email/"+s.token.Secret(s.Keys))}
	c.Say(locales.T(ctx, keys+"intro"))
	c.Note(locales.T(ctx, "letter.email.until", "Until", locales.DateTime(ctx, s.token.ExpiresAt.In(s.provider.Zone()))))
	return c
}
