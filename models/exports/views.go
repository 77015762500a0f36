package exports

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/listing"
	"kurso/models/store"
)

// Subjects of audit entries.
const (
	SubjectView   = "saved_view"
	SubjectPreset = "export_preset"
)

// View is a list's address under a name, one's own or shared.
type View struct {
	bun.BaseModel `bun:"table:saved_views,alias:sv"`
	ID            int64 `bun:",pk,autoincrement"`
	List          string
	UserID        int64
	Name          string
	Query         string
	Shared        bool
	CreatedAt     time.Time

	// Default: the list opens with it for ctx's user. Owner is whose it is.
	Default bool   `bun:",scanonly"`
	Owner   string `bun:",scanonly"`
}

// Preset is a choice of fields and a format under a name, one's own or shared.
type Preset struct {
	bun.BaseModel `bun:"table:export_presets,alias:ep"`
	ID            int64 `bun:",pk,autoincrement"`
	List          string
	UserID        int64
	Name          string
	Columns       []string `bun:",array"`
	Format        listing.Format
	Raw           bool
	Shared        bool
	CreatedAt     time.Time

	Owner string `bun:",scanonly"`
}

// Views lists what ctx's user may open a list with: their own views and shared ones, by name.
func Views(ctx context.Context, r store.Reader, list string) ([]*View, error) {
	var out []*View
	user := store.ActorOf(ctx).UserID
	err := r.NewSelect().Model(&out).ColumnExpr("sv.*").ColumnExpr("u.name AS owner").ColumnExpr("dv.view_id IS NOT NULL AS default").
		Join("JOIN users u ON u.id = sv.user_id").
		Join("LEFT JOIN default_views dv ON dv.view_id = sv.id AND dv.user_id = ?", user).
		Where("sv.list = ? AND (sv.user_id = ? OR sv.shared)", list, user).OrderExpr("lower(sv.name), sv.id").Limit(200).Scan(ctx)
	return out, err
}

// DefaultView is the address with which a list opens for ctx's user; nil if they chose none.
func DefaultView(ctx context.Context, r store.Reader, list string) (url.Values, error) {
	var queries []string
	err := r.NewRaw("SELECT sv.query FROM default_views dv JOIN saved_views sv ON sv.id = dv.view_id WHERE dv.user_id = ? AND dv.list = ?",
		store.ActorOf(ctx).UserID, list).Scan(ctx, &queries)
	if err != nil || len(queries) == 0 {
		return nil, err
	}
	return Values(queries[0]), nil
}

// ViewInput is the form that keeps a list's address. A name that the user has already is replaced.
type ViewInput struct {
	List    string     `form:"list"`
	Query   url.Values `form:"-"`
	Name    string     `form:"name"`
	Shared  bool       `form:"shared"`
	Default bool       `form:"default"`
}

// SaveView keeps a view of ctx's user. Errors: store.ErrForbidden, store.ErrNotFound for an unknown list, or a
// *store.ValidationError.
func SaveView(ctx context.Context, st *store.Store, in ViewInput) (*View, error) {
	name, err := named(in.Name)
	if err != nil {
		return nil, err
	}
	q, err := (&Export{List: in.List, Query: in.Query.Encode()}).query(ctx)
	if err != nil {
		return nil, err
	}
	v := &View{List: in.List, UserID: store.ActorOf(ctx).UserID, Name: name, Query: q.Address().Encode(), Shared: in.Shared}
	return v, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		v.CreatedAt = tx.Now()
		_, err := tx.NewInsert().Model(v).On("CONFLICT (user_id, list, lower(name)) DO UPDATE").
			Set("query = excluded.query").Set("shared = excluded.shared").Set("name = excluded.name").Returning("id").Exec(ctx)
		if err != nil {
			return err
		}
		if err := openWith(ctx, tx, v, in.Default); err != nil {
			return err
		}
		return audit.Write(ctx, tx, SubjectView, v.ID, "saved_view.saved", audit.Change{Field: "list", New: v.List}, audit.Change{Field: "name", New: v.Name})
	})
}

// openWith makes a view the one with which its list opens for ctx's user, or no longer.
func openWith(ctx context.Context, tx *store.Tx, v *View, yes bool) (err error) {
	user := store.ActorOf(ctx).UserID
	if yes {
		_, err = tx.NewRaw("INSERT INTO default_views VALUES (?, ?, ?) ON CONFLICT (user_id, list) DO UPDATE SET view_id = excluded.view_id", user, v.List, v.ID).Exec(ctx)
	} else {
		_, err = tx.NewRaw("DELETE FROM default_views WHERE user_id = ? AND view_id = ?", user, v.ID).Exec(ctx)
	}
	return err
}

// DeleteView deletes a view of ctx's user; another's is store.ErrNotFound.
func DeleteView(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return deleteOwn(ctx, tx, (*View)(nil), SubjectView, "saved_view.deleted", id)
	})
}

// Presets lists the field choices that ctx's user may run on a list, by name.
func Presets(ctx context.Context, r store.Reader, list string) ([]*Preset, error) {
	var out []*Preset
	user := store.ActorOf(ctx).UserID
	err := r.NewSelect().Model(&out).ColumnExpr("ep.*").ColumnExpr("u.name AS owner").Join("JOIN users u ON u.id = ep.user_id").
		Where("ep.list = ? AND (ep.user_id = ? OR ep.shared)", list, user).OrderExpr("lower(ep.name), ep.id").Limit(200).Scan(ctx)
	return out, err
}

// LoadPreset reads a preset that ctx's user may run, or store.ErrNotFound.
func LoadPreset(ctx context.Context, r store.Reader, id int64) (*Preset, error) {
	var found []*Preset
	err := r.NewSelect().Model(&found).Where("ep.id = ? AND (ep.user_id = ? OR ep.shared)", id, store.ActorOf(ctx).UserID).Scan(ctx)
	if err == nil && len(found) == 0 {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// PresetInput is the form that keeps a field choice. A name that the user has already is replaced.
type PresetInput struct {
	List    string
	Name    string
	Columns []string
	Format  listing.Format
	Raw     bool
	Shared  bool
}

// SavePreset keeps a field choice of ctx's user. Errors as for SaveView.
func SavePreset(ctx context.Context, st *store.Store, in PresetInput) (*Preset, error) {
	name, err := named(in.Name)
	if err != nil {
		return nil, err
	}
	q, err := (&Export{List: in.List, Query: url.Values{"columns": in.Columns}.Encode(), Raw: in.Raw}).query(ctx)
	if err != nil {
		return nil, err
	}
	v := &store.ValidationError{}
	if len(q.Columns) == 0 {
		v.Add("columns", "error.export.columns")
	}
	if in.Format != listing.GermanCSV && in.Format != listing.CSV && in.Format != listing.XLSX {
		v.Add("format", "error.export.format")
	}
	if err := v.OrNil(); err != nil {
		return nil, err
	}
	p := &Preset{List: in.List, UserID: store.ActorOf(ctx).UserID, Name: name, Columns: q.Columns, Format: in.Format, Raw: in.Raw, Shared: in.Shared}
	return p, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p.CreatedAt = tx.Now()
		_, err := tx.NewInsert().Model(p).On("CONFLICT (user_id, list, lower(name)) DO UPDATE").Set("columns = excluded.columns").
			Set("format = excluded.format").Set("raw = excluded.raw").Set("shared = excluded.shared").Set("name = excluded.name").Returning("id").Exec(ctx)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, SubjectPreset, p.ID, "export_preset.saved", audit.Change{Field: "list", New: p.List}, audit.Change{Field: "name", New: p.Name},
			audit.Change{Field: "columns", New: strings.Join(p.Columns, ", ")})
	})
}

// DeletePreset deletes a field choice of ctx's user; another's is store.ErrNotFound.
func DeletePreset(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return deleteOwn(ctx, tx, (*Preset)(nil), SubjectPreset, "export_preset.deleted", id)
	})
}

func deleteOwn(ctx context.Context, tx *store.Tx, model any, subject, action string, id int64) error {
	res, err := tx.NewDelete().Model(model).Where("id = ? AND user_id = ?", id, store.ActorOf(ctx).UserID).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return store.ErrNotFound
	}
	return audit.Write(ctx, tx, subject, id, action)
}

// named cleans the name of something kept.
func named(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || len([]rune(name)) > 100 {
		v := &store.ValidationError{}
		v.Add("name", "error.export.name")
		return "", v
	}
	return name, nil
}

// may is listing's question about permissions, answered by ctx's grants.
func may(ctx context.Context) func(string) bool {
	grants := accounts.GrantsOf(ctx)
	return func(p string) bool { return grants.May(accounts.Permission(p)) }
}

// Parse reads the address of a list as ctx's user; errors as listing.List.Parse.
func Parse(ctx context.Context, l *listing.List, values url.Values) (listing.Query, error) {
	return l.Parse(values, may(ctx))
}
