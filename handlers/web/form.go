package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-playground/form/v4"
	"github.com/labstack/echo/v4"

	"kurso/locales"
	"kurso/models/store"
	"kurso/templates/ui"
)

var decoder = func() *form.Decoder {
	d := form.NewDecoder()
	d.SetMode(form.ModeImplicit)
	d.SetTagName("form")
	d.SetMaxArraySize(250)
	return d
}()

// index is a number among the parts of a field's name, such as participants.0.last_name.
var index = regexp.MustCompile(`\.([0-9]{1,3})\b`)

// Bind reads a posted form into dst, a pointer to a struct of strings, bools and slices with `form` tags.
// A name such as participants.0.last_name is a field of the first of a slice, as in a ValidationError.
// Numbers and dates are strings there, as typed, so that a wrong one is shown again: the use case
// parses them. Text is trimmed of NUL and invalid UTF-8, which no database column takes.
func Bind(c echo.Context, dst any) error {
	values, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	return decode(values, dst)
}

// BindQuery reads the query string in the same way.
func BindQuery(c echo.Context, dst any) error { return decode(c.QueryParams(), dst) }

// BindValues reads values that a form sent earlier in the same way.
func BindValues(values url.Values, dst any) error { return decode(values, dst) }

func decode(values url.Values, dst any) error {
	clean := make(url.Values, len(values))
	for name, list := range values {
		// the decoder panics on half a bracket
		if strings.ContainsAny(name, "[]") {
			continue
		}
		key := index.ReplaceAllString(name, "[$1]")
		for _, v := range list {
			clean[key] = append(clean[key], Clean(v))
		}
	}
	if err := decoder.Decode(dst, clean); err != nil {
		var invalid form.DecodeErrors
		if errors.As(err, &invalid) {
			return echo.NewHTTPError(http.StatusBadRequest).SetInternal(errors.New("form values of a wrong kind"))
		}
		return err
	}
	return nil
}

// Clean drops what no text column takes and normalises line ends.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "")
	}
	s = strings.ReplaceAll(s, "\x00", "")
	return strings.ReplaceAll(s, "\r\n", "\n")
}

// FormErrors translates what a use case found wrong with an input, one sentence a field. It returns false
// when err is something else, which the caller returns as it is.
func FormErrors(ctx context.Context, err error) (ui.Errors, bool) {
	var v *store.ValidationError
	if errors.As(err, &v) {
		var out ui.Errors
		for _, f := range v.Fields {
			if f.Field == "" || out.Of(f.Field) == "" {
				out = append(out, ui.FieldError{Name: f.Field, Message: locales.T(ctx, f.Key, f.Args...)})
			}
		}
		return out, true
	}
	var r *store.RuleError
	if errors.As(err, &r) {
		return ui.Errors{{Message: locales.T(ctx, r.Key, r.Args...)}}, true
	}
	return nil, false
}

// Refusal is what a form says of an error, and with which status; nil for an error that is not about it.
func Refusal(ctx context.Context, err error) (ui.Errors, int) {
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		return ui.Errors{{Message: locales.T(ctx, "error.status.429")}}, http.StatusTooManyRequests
	}
	errs, _ := FormErrors(ctx, err)
	return errs, http.StatusUnprocessableEntity
}
