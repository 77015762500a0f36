package admin

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

const problemsPerPage = 100

// Imports lists the imports, with the form for another one.
func (h *Handlers) Imports(c echo.Context) error { return h.imports(c, 0, nil) }

func (h *Handlers) imports(c echo.Context, status int, wrong ui.Errors) error {
	return h.showList(c, listPage{list: catalog.Imports, active: "imports", status: status, above: admin.ImportUpload(wrong),
		empty: &admin.EmptyList{Icon: "file-up", Title: t(c, "import.empty"), Text: t(c, "import.empty.text")}})
}

// ImportReports lists the problems of all imports, or of the one that the address names.
func (h *Handlers) ImportReports(c echo.Context) error {
	return h.showList(c, listPage{list: catalog.ImportReports, active: "imports"})
}

// StartImport takes an upload. It reads even a refused one to its end: a browser that is cut off in the
// middle shows no answer.
func (h *Handlers) StartImport(c echo.Context) error {
	ctx := c.Request().Context()
	body := c.Request().Body
	file, err := upload(c.Request())
	if err != nil {
		return err
	}
	var im *catalog.Import
	if file == nil {
		v := &store.ValidationError{}
		v.Add("file", "import.upload.none")
		err = v
	} else {
		im, err = catalog.StartImport(ctx, h.St, h.Bucket, file.FileName(), file)
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, io.ErrUnexpectedEOF) {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	if wrong, ok := web.FormErrors(ctx, err); ok {
		_, _ = io.Copy(io.Discard, body)
		return h.imports(c, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, admin.ImportPath(im.ID))
}

// upload finds the file in a form; nil if none was chosen.
func upload(r *http.Request) (*multipart.Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, nil //nolint:nilerr // a form without a file
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
		}
		if part.FormName() == "file" && part.FileName() != "" {
			return part, nil
		}
	}
}

// Import shows how far an import is, and its report.
func (h *Handlers) Import(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	v := admin.ImportView{Severity: c.QueryParam("severity"), Later: c.QueryParam("after") != ""}
	if v.Import, err = catalog.LoadImport(ctx, h.St, id); err != nil {
		return err
	}
	if !slices.Contains(catalog.Severities, v.Severity) {
		v.Severity = ""
	}
	f := catalog.ImportProblemFilter{ImportID: id, Severity: v.Severity, After: c.QueryParam("after")}
	if v.Problems, v.Next, err = catalog.ImportProblems(ctx, h.St, f, problemsPerPage); err != nil {
		return err
	}
	if v.Counts, err = catalog.CountImportProblems(ctx, h.St, id); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.History, err = h.history(c, catalog.SubjectImport, id, v.Zone); err != nil {
		return err
	}
	if web.IsFragment(c) {
		if strings.HasSuffix(c.Request().Header.Get("HX-Target"), "#problems") {
			return web.Render(c, http.StatusOK, admin.ImportProblems(v))
		}
		if !v.Import.Open() {
			// not morphed: the element that asks again and again goes
			c.Response().Header().Set("HX-Reswap", "outerHTML")
		}
		return web.Render(c, http.StatusOK, admin.ImportRegion(v))
	}
	if v.Page, err = web.Office(c, h.St, v.Import.FileName, "imports"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Import(v))
}

// CancelImport stops an import.
func (h *Handlers) CancelImport(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := catalog.CancelImport(c.Request().Context(), h.St, id); err != nil {
		return err
	}
	return web.SeeOther(c, admin.ImportPath(id))
}
