package catalog

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/store"
)

// Name is how an instructor is named: "Dr. Anna Muster".
func (i *Instructor) Name() string {
	return strings.Join(strings.Fields(i.Title+" "+i.FirstName+" "+i.LastName), " ")
}

// InstructorInput is an instructor's form, as typed.
type InstructorInput struct {
	Version   string `form:"version"`
	Title     string `form:"title"`
	FirstName string `form:"first_name"`
	LastName  string `form:"last_name"`
	Email     string `form:"email"`
	// Account is the id of the instructor's account; empty: none.
	Account   string `form:"account"`
	Published bool   `form:"published"`
}

// FindInstructors lists instructors whose name or e-mail hold all words, by last name.
func FindInstructors(ctx context.Context, r store.Reader, query string, limit int) ([]*Instructor, error) {
	var out []*Instructor
	q := r.NewSelect().Model(&out).Order("ins.last_name", "ins.first_name", "ins.id").Limit(int64(limit))
	for _, word := range searchWords(query) {
		q.Where("fold(ins.first_name || ' ' || ins.last_name || ' ' || ins.email) LIKE '%' || fold(?) || '%'", word)
	}
	return out, q.Scan(ctx)
}

// LoadInstructor reads one; store.ErrNotFound.
func LoadInstructor(ctx context.Context, r store.Reader, id int64) (*Instructor, error) {
	i := &Instructor{}
	return i, found(r.NewSelect().Model(i).Where("ins.id = ?", id).Scan(ctx))
}

// InstructorInputOf is the form of an instructor as they are.
func InstructorInputOf(i *Instructor) InstructorInput {
	in := InstructorInput{Version: strconv.Itoa(i.Version), Title: i.Title, FirstName: i.FirstName, LastName: i.LastName,
		Email: i.Email, Published: i.Published}
	if i.UserID != nil {
		in.Account = strconv.FormatInt(*i.UserID, 10)
	}
	return in
}

// SaveInstructor adds an instructor (id 0) or changes one, and returns the id. It returns store.ErrNotFound,
// store.ErrConflict, a *store.ValidationError, or a *store.RuleError for a link to an account that is not the
// actor's to make.
func SaveInstructor(ctx context.Context, st *store.Store, id int64, in InstructorInput) (int64, error) {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		i := &Instructor{}
		if id != 0 {
			if err := lock(ctx, tx, toChange, i, id, &i.Version, in.Version); err != nil {
				return err
			}
		} else {
			i.CreatedAt = tx.Now()
		}
		t, d := &typed{}, diff{}
		d.private("title", &i.Title, t.line("title", in.Title, 50))
		d.private("first_name", &i.FirstName, t.line("first_name", in.FirstName, 100))
		d.private("last_name", &i.LastName, t.name("last_name", in.LastName, 100))
		d.private("email", &i.Email, t.email("email", in.Email))
		link := diff{}
		if err := i.linkAccount(ctx, tx, t, &link, in.Account); err != nil {
			return err
		}
		d.changes = append(d.changes, link.changes...)
		if i.Published != in.Published {
			d.note("published", strconv.FormatBool(i.Published), strconv.FormatBool(in.Published))
			i.Published = in.Published
		}
		if err := t.OrNil(); err != nil {
			return err
		}
		i.UpdatedAt = tx.Now()
		created := id == 0
		var err error
		if id, err = save(ctx, tx, i, &i.ID, &i.Version, d, SubjectInstructor); err != nil || !created || link.empty() {
			return err
		}
		return link.write(ctx, tx, SubjectInstructor, id, "instructor.changed")
	})
	return id, saving(err, "instructors_user_id_key", "account")
}

// linkAccount takes over whose account the instructor's is, as typed, and notes it by the accounts' ids. The
// account that it was before may be in any state.
func (i *Instructor) linkAccount(ctx context.Context, tx *store.Tx, t *typed, d *diff, s string) error {
	account, err := t.reference(ctx, tx, "account", s, "users")
	if err != nil || account == nil && s != "" {
		return err
	}
	before := i.UserID
	if change(d, "account", &i.UserID, account, func(id int64) string { return strconv.FormatInt(id, 10) }); d.empty() {
		return nil
	}
	if before != nil {
		if _, err := accounts.LockForLink(ctx, tx, *before); err != nil {
			return err
		}
	}
	if account == nil {
		return nil
	}
	u, err := accounts.LockForLink(ctx, tx, *account)
	if err != nil {
		return err
	}
	if !u.Active || u.Kind != accounts.Staff {
		t.Add("account", "invalid.choice")
	}
	other, err := InstructorOf(ctx, tx, u.ID)
	if err == nil && other != nil {
		t.Add("account", "instructor.account.taken", "Name", other.Name())
	}
	return err
}

// AccountsFor lists the accounts that an instructor (id 0: a new one) can have, by name: those of staff which
// are in use or invited and no other instructor's, and in any state the present one and the one that was chosen.
func AccountsFor(ctx context.Context, r store.Reader, id int64, chosen string) ([]*accounts.User, error) {
	var users []*accounts.User
	err := r.NewSelect().Model(&users).Join("LEFT JOIN instructors ins ON ins.user_id = u.id").
		Where("ins.id = ? OR u.id::text = ? OR ins.id IS NULL AND u.active AND u.kind = ?", id, chosen, accounts.Staff).OrderExpr("fold(u.name), u.id").Scan(ctx)
	return users, err
}

// DeleteInstructor deletes an instructor who teaches no course; otherwise a *store.RuleError.
func DeleteInstructor(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		i := &Instructor{}
		if err := lock(ctx, tx, toDelete, i, id, &i.Version, formVersion); err != nil {
			return err
		}
		if err := refused(ctx, tx, "instructor.delete.used", `SELECT count(*) FROM course_instructors WHERE instructor_id = ?`, id); err != nil {
			return err
		}
		return remove(ctx, tx, i, SubjectInstructor, id, audit.Personal("name", i.Name(), ""))
	})
}

// InstructorOf is the instructor whose account it is, or nil.
func InstructorOf(ctx context.Context, r store.Reader, userID int64) (*Instructor, error) {
	i := &Instructor{}
	err := found(r.NewSelect().Model(i).Where("ins.user_id = ?", userID).Scan(ctx))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return i, err
}
