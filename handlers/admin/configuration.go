package admin

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/configuration"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Configuration shows how the configuration leaves and comes.
func (h *Handlers) Configuration(c echo.Context) error {
	return h.showConfiguration(c, http.StatusOK, admin.ConfigurationView{})
}

func (h *Handlers) showConfiguration(c echo.Context, status int, v admin.ConfigurationView) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), h.St)
	if err != nil {
		return err
	}
	if err := h.settingsFrame(c, &v.SettingsView, admin.TopicConfiguration, provider); err != nil {
		return err
	}
	return web.Render(c, status, admin.Configuration(v))
}

// ConfigurationFile is the configuration, to keep or to carry elsewhere.
func (h *Handlers) ConfigurationFile(c echo.Context) error {
	b, err := configuration.Export(c.Request().Context(), h.St)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentDisposition, `attachment; filename="kurso-configuration.json"`)
	header.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "application/json; charset=utf-8", b)
}

// PreviewConfiguration shows what an uploaded file would change. It changes nothing.
func (h *Handlers) PreviewConfiguration(c echo.Context) error {
	file, err := upload(c.Request())
	if err != nil {
		return err
	}
	if file == nil {
		message := locales.T(c.Request().Context(), "config.file.none")
		return h.showConfiguration(c, http.StatusUnprocessableEntity, admin.ConfigurationView{Wrong: ui.Errors{{Name: "file", Message: message}}})
	}
	text, err := io.ReadAll(io.LimitReader(file, configuration.MaxSize+1))
	var tooLarge *http.MaxBytesError
	if err != nil && !errors.As(err, &tooLarge) {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	return h.compare(c, http.StatusOK, string(text), "")
}

// ApplyConfiguration takes over the file that was looked at, if the differences are still those.
func (h *Handlers) ApplyConfiguration(c echo.Context) error {
	ctx := c.Request().Context()
	text := c.FormValue("file")
	f, err := configuration.Parse([]byte(text))
	if err == nil {
		_, err = configuration.Import(ctx, h.St, f, c.FormValue("base"))
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return h.compare(c, http.StatusConflict, text, locales.T(ctx, "config.moved"))
	case err != nil:
		return h.refuseConfiguration(c, err)
	}
	web.Flash(c, locales.T(ctx, "config.applied"))
	return web.SeeOther(c, admin.SettingsPath(admin.TopicConfiguration))
}

// compare shows the differences between a file and what is set.
func (h *Handlers) compare(c echo.Context, status int, text, notice string) error {
	f, err := configuration.Parse([]byte(text))
	if err != nil {
		return h.refuseConfiguration(c, err)
	}
	plan, err := configuration.Preview(c.Request().Context(), h.St, f)
	if err != nil {
		return h.refuseConfiguration(c, err)
	}
	return h.showConfiguration(c, status, admin.ConfigurationView{File: text, Plan: plan, Notice: notice})
}

// refuseConfiguration says what is wrong with a file, and where in it.
func (h *Handlers) refuseConfiguration(c echo.Context, err error) error {
	var v admin.ConfigurationView
	ctx := c.Request().Context()
	errs, ok := web.FormErrors(ctx, err)
	if !ok {
		return err
	}
	for _, e := range errs {
		if e.Name != "file" && e.Name != "" {
			e = ui.FieldError{Message: locales.T(ctx, "error.of_field", "Field", e.Name, "Message", e.Message)}
		}
		v.Wrong = append(v.Wrong, e)
	}
	return h.showConfiguration(c, http.StatusUnprocessableEntity, v)
}
