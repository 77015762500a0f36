package accounts

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
	"kurso/models/throttle"
)

// Passkey is a key that a device or a password manager keeps for a user.
type Passkey struct {
	bun.BaseModel `bun:"table:passkeys,alias:pk"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Name          string
	CredentialID  []byte
	Credential    webauthn.Credential `bun:"type:jsonb"`
	CreatedAt     time.Time
	LastUsedAt    *time.Time
}

// passkeyTime is how long a question to a passkey may stay open.
const passkeyTime = 5 * time.Minute

// ErrPasskey says that a passkey's answer does not fit.
var ErrPasskey = &store.RuleError{Key: "error.passkey"}

// RelyingParty is this system as passkeys know it: they belong to the host of the public address and work
// nowhere else.
func RelyingParty(host, origin string) (*webauthn.WebAuthn, error) {
	yes := true
	return webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: "Kurso", RPOrigins: []string{origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &yes, UserVerification: protocol.VerificationRequired,
		},
		AttestationPreference: protocol.PreferNoAttestation,
	})
}

// PasskeyQuestion is what the browser asks a passkey. State comes back with the answer.
type PasskeyQuestion struct{ Options, State string }

// PasskeyAnswer is what a form brings back: the state of the question and the browser's answer.
type PasskeyAnswer struct {
	State  string `form:"state"`
	Answer string `form:"answer"`
}

// Empty: no passkey was asked.
func (a PasskeyAnswer) Empty() bool { return a.Answer == "" }

// question is what State holds. UserID is 0 when the passkey tells whose it is.
type question struct {
	Purpose   string
	UserID    int64
	ExpiresAt time.Time
	Session   webauthn.SessionData
}

// Purposes of a question to a passkey.
const (
	passkeyAdd  = "add"
	passkeyShow = "show"
)

func (q question) ask(st *store.Store, options any) (*PasskeyQuestion, error) {
	q.ExpiresAt = st.Now().Add(passkeyTime)
	shown, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	return &PasskeyQuestion{Options: string(shown), State: st.Sign("passkey", string(state))}, nil
}

// open is the question that an answer is for. It counts once.
func (a PasskeyAnswer) open(ctx context.Context, st *store.Store, purpose string, userID int64) (*question, error) {
	payload, ok := st.Unsign("passkey", a.State)
	q := &question{}
	if !ok || json.Unmarshal([]byte(payload), q) != nil || q.Purpose != purpose || q.UserID != userID || !st.Now().Before(q.ExpiresAt) {
		return nil, ErrPasskey
	}
	if throttle.Take(ctx, st, throttle.Limit{Key: "passkey " + q.Session.Challenge, Every: 2 * passkeyTime, Burst: 1}) != nil {
		return nil, ErrPasskey
	}
	return q, nil
}

// holder is a user as passkeys know them.
type holder struct {
	user     *User
	handle   []byte
	passkeys []*Passkey
}

func (h *holder) WebAuthnID() []byte          { return h.handle }
func (h *holder) WebAuthnName() string        { return h.user.Email }
func (h *holder) WebAuthnDisplayName() string { return h.user.Name }
func (h *holder) WebAuthnCredentials() (out []webauthn.Credential) {
	for _, p := range h.passkeys {
		out = append(out, p.Credential)
	}
	return out
}

func (h *holder) descriptors() (out []protocol.CredentialDescriptor) {
	for _, p := range h.passkeys {
		out = append(out, p.Credential.Descriptor())
	}
	return out
}

// loadHolder reads an active user with their passkeys.
func loadHolder(ctx context.Context, r store.Reader, userID int64) (*holder, error) {
	u, err := Load(ctx, r, userID)
	if err != nil {
		return nil, err
	}
	h := &holder{user: u}
	if err := r.NewRaw("SELECT uuid_send(handle) FROM users WHERE id = ?", userID).Scan(ctx, &h.handle); err != nil {
		return nil, err
	}
	h.passkeys, err = Passkeys(ctx, r, userID)
	return h, err
}

// Passkeys lists a user's passkeys, oldest first.
func Passkeys(ctx context.Context, r store.Reader, userID int64) ([]*Passkey, error) {
	var keys []*Passkey
	err := r.NewSelect().Model(&keys).Where("user_id = ?", userID).Order("id").Scan(ctx)
	return keys, err
}

// AskNewPasskey asks the browser to make a passkey for a user.
func AskNewPasskey(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, userID int64) (*PasskeyQuestion, error) {
	h, err := loadHolder(ctx, st, userID)
	if err != nil {
		return nil, err
	}
	options, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(h.descriptors()))
	if err != nil {
		return nil, err
	}
	return question{Purpose: passkeyAdd, UserID: userID, Session: *session}.ask(st, options.Response)
}

// AskPasskey asks the browser for a passkey: of a user, or with userID 0 of whoever signs in. It is nil for a
// user who has none.
func AskPasskey(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, userID int64) (*PasskeyQuestion, error) {
	if userID == 0 {
		options, session, err := rp.BeginDiscoverableLogin()
		if err != nil {
			return nil, err
		}
		return question{Purpose: passkeyShow, Session: *session}.ask(st, options.Response)
	}
	h, err := loadHolder(ctx, st, userID)
	if err != nil {
		return nil, err
	}
	if len(h.passkeys) == 0 {
		return nil, nil
	}
	options, session, err := rp.BeginLogin(h)
	if err != nil {
		return nil, err
	}
	return question{Purpose: passkeyShow, UserID: userID, Session: *session}.ask(st, options.Response)
}

// AddPasskey keeps the passkey that the browser made, under a name. It returns recovery codes if the user
// had no second factor before. Errors: *store.ValidationError, ErrPasskey.
func AddPasskey(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, userID int64, name string, a PasskeyAnswer) (codes []string, err error) {
	name = words(name)
	if name == "" {
		v := &store.ValidationError{}
		v.Add("name", "error.passkey_name")
		return nil, v
	}
	q, err := a.open(ctx, st, passkeyAdd, userID)
	if err != nil {
		return nil, err
	}
	h, err := loadHolder(ctx, st, userID)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(a.Answer))
	if err != nil {
		return nil, ErrPasskey
	}
	credential, err := rp.CreateCredential(h, q.Session, parsed)
	if err != nil {
		return nil, ErrPasskey
	}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		if codes, err = firstRecoveryCodes(ctx, tx, userID); err != nil {
			return err
		}
		p := &Passkey{UserID: userID, Name: name, CredentialID: credential.ID, Credential: *credential, CreatedAt: tx.Now()}
		if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
			return err
		}
		return u.changedSecondFactor(ctx, tx, "user.passkey_added", audit.Change{Field: "name", New: name})
	})
	if store.IsUnique(err, "passkeys_credential_id_key") {
		return nil, ErrPasskey
	}
	return codes, err
}

// RemovePasskey removes a passkey of a user. Errors: store.ErrNotFound, ErrSecondFactorNeeded.
func RemovePasskey(ctx context.Context, st *store.Store, userID, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		var name string
		err = tx.NewRaw("DELETE FROM passkeys WHERE id = ? AND user_id = ? RETURNING name", id, userID).Scan(ctx, &name)
		if isNone(err) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		return u.lostSecondFactor(ctx, tx, "user.passkey_removed", audit.Change{Field: "name", Old: name})
	})
}

// AuthenticatePasskey finds whose passkey answered to AskPasskey for nobody in particular. It shows both
// factors: that somebody has it, and that they know or are what it asks. Errors: ErrPasskey.
func AuthenticatePasskey(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, a PasskeyAnswer) (*User, error) {
	return a.check(ctx, st, rp, 0)
}

// check finds whose passkey answered; with a userID it must be theirs.
func (a PasskeyAnswer) check(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, userID int64) (*User, error) {
	if rp == nil {
		return nil, ErrPasskey
	}
	q, err := a.open(ctx, st, passkeyShow, userID)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(a.Answer))
	if err != nil {
		return nil, ErrPasskey
	}
	p := &Passkey{}
	err = st.NewSelect().Model(p).Where("credential_id = ?", parsed.RawID).Scan(ctx)
	if isNone(err) || err == nil && userID != 0 && p.UserID != userID {
		return nil, ErrPasskey
	}
	if err != nil {
		return nil, err
	}
	h, err := loadHolder(ctx, st, p.UserID)
	if isGone(err) {
		return nil, ErrPasskey
	}
	if err != nil {
		return nil, err
	}
	var used *webauthn.Credential
	if userID == 0 {
		used, err = rp.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			if string(handle) != string(h.handle) {
				return nil, ErrPasskey
			}
			return h, nil
		}, q.Session, parsed)
	} else {
		used, err = rp.ValidateLogin(h, q.Session, parsed)
	}
	// a counter that goes back tells of a copy
	if err != nil || used.Authenticator.CloneWarning || h.user.over(st.Now()) {
		return nil, ErrPasskey
	}
	return h.user, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p.Credential = *used
		now := tx.Now()
		p.LastUsedAt = &now
		_, err := tx.NewUpdate().Model(p).Column("credential", "last_used_at").WherePK().Exec(ctx)
		return err
	})
}

// PasskeyName is what a new passkey is called unless its owner chooses another name: the device it was
// made on.
func PasskeyName(from Client) string {
	_, browser, system := from.device()
	return strings.Join(slices.DeleteFunc([]string{browser, system}, func(s string) bool { return s == "" }), ", ")
}
