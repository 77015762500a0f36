// Package locales holds every sentence a person reads, in German and English, and writes dates, times,
// numbers and amounts the way each language does. German is the default.
package locales

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// German and English are the languages there are, German first.
const (
	German  = "de"
	English = "en"
)

// Supported lists the languages in the order they are offered.
var Supported = []string{German, English}

//go:embed *.toml
var files embed.FS

var localizers = load()

func load() map[string]*i18n.Localizer {
	bundle := i18n.NewBundle(language.German)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	out := map[string]*i18n.Localizer{}
	for _, lang := range Supported {
		if _, err := bundle.LoadMessageFileFS(files, lang+".toml"); err != nil {
			panic(fmt.Sprintf("locales: %v", err))
		}
	}
	for _, lang := range Supported {
		out[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return out
}

type localeKey struct{}

// With says in which language ctx speaks; anything but a supported one means German.
func With(ctx context.Context, lang string) context.Context {
	if _, ok := localizers[lang]; !ok {
		lang = German
	}
	return context.WithValue(ctx, localeKey{}, lang)
}

// Of is the language of ctx.
func Of(ctx context.Context) string {
	if lang, ok := ctx.Value(localeKey{}).(string); ok {
		return lang
	}
	return German
}

// Name is a language in itself.
func Name(lang string) string {
	if lang == English {
		return "English"
	}
	return "Deutsch"
}

// Match picks one of the languages offered for an Accept-Language header, or else fallback.
func Match(acceptLanguage string, offered []string, fallback string) string {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 || len(offered) == 0 {
		return fallback
	}
	tags := make([]language.Tag, len(offered))
	for i, lang := range offered {
		tags[i] = language.Make(lang)
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return fallback
	}
	return offered[i]
}

// T is the sentence of key. args alternate name and value: T(ctx, "course.full", "Name", c.Name). Without any, a
// sentence that has arguments says "…" in their places.
func T(ctx context.Context, key string, args ...any) string {
	if len(args) == 0 {
		return strings.ReplaceAll(localize(ctx, &i18n.LocalizeConfig{MessageID: key}), "<no value>", "…")
	}
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, TemplateData: data(args)})
}

// Stored is the sentence of a key that was kept with its arguments, such as a problem of an import. Days in ISO
// form and numbers are written as the language does; Value quotes, and stays as it is.
func Stored(ctx context.Context, key string, args map[string]any) string {
	d := make(map[string]any, len(args))
	for name, value := range args {
		switch value := value.(type) {
		case int:
			d[name] = Number(ctx, int64(value))
		case float64: // what JSON makes of an int
			d[name] = Number(ctx, int64(value))
		case string:
			d[name] = value
			if name != "Value" {
				d[name] = isoDay.ReplaceAllStringFunc(value, func(day string) string {
					t, err := time.Parse(time.DateOnly, day)
					if err != nil {
						return day
					}
					return Date(ctx, t)
				})
			}
		default:
			d[name] = value
		}
	}
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, TemplateData: d})
}

var isoDay = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)

// N is the sentence of key in the plural form of count, which the text names as {{.Count}}.
func N(ctx context.Context, key string, count int, args ...any) string {
	d := data(args)
	d["Count"] = Number(ctx, int64(count))
	return localize(ctx, &i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: d})
}

// Has reports whether there is a sentence for key.
func Has(key string) bool {
	_, err := localizers[German].Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: 2})
	if err == nil {
		return true
	}
	_, err = localizers[German].Localize(&i18n.LocalizeConfig{MessageID: key})
	return err == nil
}

func localize(ctx context.Context, c *i18n.LocalizeConfig) string {
	text, err := localizers[Of(ctx)].Localize(c)
	if err != nil {
		slog.WarnContext(ctx, "sentence missing", "key", c.MessageID, "locale", Of(ctx))
		if text == "" {
			return c.MessageID
		}
	}
	return text
}

func data(args []any) map[string]any {
	d := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		d[strings.TrimSpace(fmt.Sprint(args[i]))] = args[i+1]
	}
	return d
}

// Translator translates message keys into a language, for files and others that no request asks for.
func Translator(lang string) func(key string) string {
	ctx := With(context.Background(), lang)
	return func(key string) string { return T(ctx, key) }
}
