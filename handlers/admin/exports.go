package admin

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// t translates a sentence into the request's language.
func t(c echo.Context, key string, args ...any) string {
	return locales.T(c.Request().Context(), key, args...)
}

// exportForm is what asks for an export, keeps a field choice, or repeats an export.
type exportForm struct {
	List    string         `form:"list"`
	Query   string         `form:"query"`
	Columns []string       `form:"columns"`
	Format  listing.Format `form:"format"`
	Raw     bool           `form:"raw"`
	Preset  string         `form:"preset"`
	Name    string         `form:"name"`
	Shared  bool           `form:"shared"`
	Cadence string         `form:"cadence"`
	Do      string         `form:"do"`
	// Selection says that only the selected rows are meant.
	Selection bool     `form:"selection"`
	Select    []string `form:"select"`
}

// input reads the form; a preset replaces fields and format.
func (h *Handlers) exportInput(c echo.Context) (f exportForm, in exports.Input, err error) {
	if err := web.Bind(c, &f); err != nil {
		return f, in, err
	}
	ctx := c.Request().Context()
	if id, err := strconv.ParseInt(f.Preset, 10, 64); err == nil {
		p, err := exports.LoadPreset(ctx, h.St, id)
		if err != nil {
			return f, in, err
		}
		f.List, f.Columns, f.Format, f.Raw = p.List, p.Columns, p.Format, p.Raw
	}
	in = exports.Input{List: f.List, Query: exports.Values(f.Query), Format: f.Format, Raw: f.Raw, Locale: locales.Of(ctx)}
	if len(f.Columns) > 0 {
		in.Query["columns"] = f.Columns
	}
	if f.Selection {
		in.Query["select"] = f.Select
		in.Selected = true
	}
	return f, in, nil
}

// StartExport answers with the file when it is small, else with the page of the job that writes it. It also
// keeps the choice of fields, or a schedule, when the form's button says so.
func (h *Handlers) StartExport(c echo.Context) error {
	ctx := c.Request().Context()
	f, in, err := h.exportInput(c)
	if err != nil {
		return err
	}
	switch f.Do {
	case "preset":
		p, err := exports.SavePreset(ctx, h.St, exports.PresetInput{List: f.List, Name: f.Name, Columns: f.Columns, Format: f.Format, Raw: f.Raw, Shared: f.Shared})
		if errs, ok := web.FormErrors(ctx, err); ok {
			return h.chooseFields(c, http.StatusUnprocessableEntity, admin.NewExportView{Form: h.fieldForm(f), Errors: errs}, in)
		}
		if err != nil {
			return err
		}
		web.Flash(c, t(c, "export.preset.saved", "Name", p.Name))
		return web.SeeOther(c, listAddress(f.List, exports.Values(f.Query)))
	case "schedule":
		s, err := exports.AddSchedule(ctx, h.St, exports.ScheduleInput{Input: in, Name: f.Name, Cadence: f.Cadence})
		if errs, ok := web.FormErrors(ctx, err); ok {
			return h.chooseFields(c, http.StatusUnprocessableEntity, admin.NewExportView{Form: h.fieldForm(f), Errors: errs}, in)
		}
		if err != nil {
			return err
		}
		web.Flash(c, t(c, "export.schedule.saved", "Name", s.Name))
		return web.SeeOther(c, admin.ExportsPath)
	}
	e, atOnce, err := exports.Start(ctx, h.St, in)
	if errs, ok := web.FormErrors(ctx, err); ok {
		return h.chooseFields(c, http.StatusUnprocessableEntity, admin.NewExportView{Form: h.fieldForm(f), Errors: errs}, in)
	}
	if err != nil {
		return err
	}
	if !atOnce {
		return web.SeeOther(c, exportPath(e.ID))
	}
	// written whole before the first byte, so that an error inside is still an error page
	var file bytes.Buffer
	if err := exports.Write(ctx, h.St, e, locales.Translator, &file); err != nil {
		return err
	}
	attach(c, e)
	return c.Blob(http.StatusOK, e.Format.ContentType(), file.Bytes())
}

func attach(c echo.Context, e *exports.Export) {
	c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="`+e.FileName()+`"`)
	c.Response().Header().Set("Cache-Control", "no-store")
}

func exportPath(id int64) string { return admin.ExportsPath + "/" + strconv.FormatInt(id, 10) }

// NewExport chooses the fields of an export: ?list= and ?query= say of what.
func (h *Handlers) NewExport(c echo.Context) error {
	f := exportForm{List: c.QueryParam("list"), Query: c.QueryParam("query"), Format: listing.GermanCSV}
	if id := c.QueryParam("preset"); id != "" {
		n, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return echo.NewHTTPError(http.StatusUnprocessableEntity)
		}
		p, err := exports.LoadPreset(c.Request().Context(), h.St, n)
		if err != nil {
			return err
		}
		f.List, f.Columns, f.Format, f.Raw, f.Name, f.Shared = p.List, p.Columns, p.Format, p.Raw, p.Name, p.Shared
	}
	in := exports.Input{List: f.List, Query: exports.Values(f.Query)}
	if len(f.Columns) > 0 {
		in.Query["columns"] = f.Columns
	}
	return h.chooseFields(c, http.StatusOK, admin.NewExportView{Form: h.fieldForm(f)}, in)
}

func (h *Handlers) fieldForm(f exportForm) admin.ExportForm {
	return admin.ExportForm{Query: f.Query, Format: f.Format, Raw: f.Raw, Name: f.Name, Shared: f.Shared, Cadence: f.Cadence}
}

func (h *Handlers) chooseFields(c echo.Context, status int, v admin.NewExportView, in exports.Input) error {
	ctx := c.Request().Context()
	v.List = exports.List(in.List)
	if v.List == nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	if !exports.May(ctx, v.List) {
		return echo.NewHTTPError(http.StatusForbidden)
	}
	q, err := exports.Parse(ctx, v.List, in.Query)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors, status = append(v.Errors, errs...), http.StatusUnprocessableEntity
		if q, err = exports.Parse(ctx, v.List, url.Values{}); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	v.Query, v.Raw = q, web.May(c, accounts.ExportsRaw)
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	if v.Rows, err = q.Count(ctx, h.St, provider.Zone()); err != nil {
		return err
	}
	if v.Page, err = h.page(c, t(c, "export.new"), ""); err != nil {
		return err
	}
	return web.Render(c, status, admin.NewExport(v))
}

// Exports lists one's own exports and what repeats them.
func (h *Handlers) Exports(c echo.Context) error {
	ctx := c.Request().Context()
	var kept admin.KeptExports
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	kept.Zone = provider.Zone()
	if kept.Schedules, err = exports.Schedules(ctx, h.St); err != nil {
		return err
	}
	for _, l := range exports.Lists {
		presets, err := exports.Presets(ctx, h.St, l.Name)
		if err != nil {
			return err
		}
		kept.Presets = append(kept.Presets, slices.DeleteFunc(presets, func(p *exports.Preset) bool { return p.UserID != web.User(c).ID })...)
	}
	return h.showList(c, listPage{list: exports.Mine, header: ui.PageHeader{Title: t(c, "export.mine")}, below: admin.KeptForExports(kept),
		empty: &admin.EmptyList{Icon: "folder-down", Title: t(c, "export.empty"), Text: t(c, "export.empty.text")}})
}

// Export shows how far an export is, and its link when it is done.
func (h *Handlers) Export(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	v := admin.ExportView{Now: h.St.Now()}
	if v.Export, err = exports.Load(ctx, h.St, id); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.ExportRegion(v))
	}
	if v.Page, err = h.page(c, t(c, "export.one"), ""); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Export(v))
}

// CancelExport stops an export of one's own.
func (h *Handlers) CancelExport(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := exports.Cancel(c.Request().Context(), h.St, id); err != nil {
		return err
	}
	return web.SeeOther(c, exportPath(id))
}

// ExportFile answers with the file of a finished export.
func (h *Handlers) ExportFile(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	e, err := exports.Download(ctx, h.St, id)
	if err != nil {
		return err
	}
	r, err := h.Bucket.NewReader(ctx, e.FileKey, nil)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	attach(c, e)
	c.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(r.Size(), 10))
	return c.Stream(http.StatusOK, e.Format.ContentType(), r)
}

// DeletePreset deletes a choice of fields of one's own.
func (h *Handlers) DeletePreset(c echo.Context) error {
	return h.changeKept(c, exports.DeletePreset, "export.preset.deleted")
}

// ResumeSchedule starts a schedule of one's own again.
func (h *Handlers) ResumeSchedule(c echo.Context) error {
	return h.changeKept(c, exports.ResumeSchedule, "export.schedule.resumed")
}

// DeleteSchedule deletes a schedule of one's own.
func (h *Handlers) DeleteSchedule(c echo.Context) error {
	return h.changeKept(c, exports.DeleteSchedule, "export.schedule.deleted")
}

func (h *Handlers) changeKept(c echo.Context, change func(context.Context, *store.Store, int64) error, done string) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := change(c.Request().Context(), h.St, id); err != nil {
		return err
	}
	web.Flash(c, t(c, done))
	return web.SeeOther(c, admin.ExportsPath)
}
