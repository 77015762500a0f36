// Package configuration writes how a provider has set the system up to one file, and takes such a file over.
// It holds no courses, no persons, no accounts and no secrets. docs/configuration-file.md describes the file.
package configuration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"kurso/models/store"
)

// What a file says that it is. Version rises when what a file of today says would mean something else.
const (
	Format  = "kurso-configuration"
	Version = 1
)

// MaxSize is how many bytes a file may have.
const MaxSize = 1 << 20

// File is a configuration. A section that is missing, and a missing field of the provider, is left as it is;
// a list that is there is the whole list.
type File struct {
	Format     string      `json:"format"`
	Version    int         `json:"version"`
	Provider   *Provider   `json:"provider,omitempty"`
	Categories *[]Category `json:"categories,omitempty"`
	Roles      *[]Role     `json:"roles,omitempty"`
}

// Provider are the provider's settings.
type Provider struct {
	Name             *string   `json:"name,omitempty"`
	Kind             *string   `json:"kind,omitempty"`
	Email            *string   `json:"email,omitempty"`
	Phone            *string   `json:"phone,omitempty"`
	Street           *string   `json:"street,omitempty"`
	Zip              *string   `json:"zip,omitempty"`
	Town             *string   `json:"town,omitempty"`
	ImprintURL       *string   `json:"imprint_url,omitempty"`
	PrivacyURL       *string   `json:"privacy_url,omitempty"`
	TermsURL         *string   `json:"terms_url,omitempty"`
	WithdrawalURL    *string   `json:"withdrawal_url,omitempty"`
	Languages        *[]string `json:"languages,omitempty"`
	DefaultLanguage  *string   `json:"default_language,omitempty"`
	TimeZone         *string   `json:"time_zone,omitempty"`
	SenderName       *string   `json:"sender_name,omitempty"`
	SenderEmail      *string   `json:"sender_email,omitempty"`
	ReplyTo          *string   `json:"reply_to,omitempty"`
	SignatureDe      *string   `json:"signature_de,omitempty"`
	SignatureEn      *string   `json:"signature_en,omitempty"`
	DKIMSelectors    *[]string `json:"dkim_selectors,omitempty"`
	HoldMinutes      *int      `json:"hold_minutes,omitempty"`
	HoldSharePercent *int      `json:"hold_share_percent,omitempty"`
	CancellationDays *int      `json:"cancellation_days,omitempty"`
	VATNote          *string   `json:"vat_note,omitempty"`
	Prices           *[]Price  `json:"prices,omitempty"`
}

// Price is a price tier that new courses begin with.
type Price struct {
	Name string `json:"name"`
	// AmountCents is null when it differs from course to course.
	AmountCents *int64 `json:"amount_cents"`
	Note        string `json:"note"`
}

// Category is known by its code.
type Category struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Position int    `json:"position"`
}

// Role is known by its key when it is a ready one, else by its name. Categories are codes.
type Role struct {
	Key          string   `json:"key,omitempty"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	Reach        string   `json:"reach"`
	SecondFactor bool     `json:"second_factor"`
	Position     int      `json:"position"`
	Permissions  []string `json:"permissions"`
	Categories   []string `json:"categories"`
}

// bytes is the file as it is written: the same configuration always gives the same bytes.
func (f *File) bytes() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(f)
	return b.Bytes(), err
}

// refusal is a complaint about the file as a whole.
func refusal(key string, args ...any) error {
	v := &store.ValidationError{}
	v.Add("file", key, args...)
	return v
}

// Parse reads a file. It returns a *store.ValidationError that says what is wrong and where; whether the
// values can be taken over, Preview tells.
func Parse(data []byte) (*File, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(data) > MaxSize {
		return nil, refusal("config.file.too_large", "Kilobytes", MaxSize>>10)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, refusal("config.file.empty")
	}
	var raw any
	if err := json.Unmarshal(data, &raw); err != nil {
		var syntax *json.SyntaxError
		line := 1
		if errors.As(err, &syntax) {
			line += bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		}
		return nil, refusal("config.file.not_json", "Line", line)
	}
	top, ok := raw.(map[string]any)
	if !ok || top["format"] != Format {
		return nil, refusal("config.file.format")
	}
	if v, ok := top["version"].(float64); !ok || v != Version {
		return nil, refusal("config.file.version", "Version", fmt.Sprint(top["version"]), "Known", Version)
	}
	if field := unknown(raw, reflect.TypeFor[File](), ""); field != "" {
		return nil, refusal("config.file.unknown", "Field", field)
	}
	f := &File{}
	if err := json.Unmarshal(data, f); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return nil, refusal("config.file.kind", "Field", kind.Field)
		}
		return nil, refusal("config.file.not_json", "Line", 1)
	}
	return f, nil
}

// unknown is the first field that a value has and its type does not, with the way to it; or "".
func unknown(value any, t reflect.Type, at string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := value.(type) {
	case []any:
		if t.Kind() == reflect.Slice {
			for i, v := range value {
				if field := unknown(v, t.Elem(), fmt.Sprintf("%s.%d", at, i)); field != "" {
					return field
				}
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return ""
		}
		known := map[string]reflect.Type{}
		for f := range t.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			known[name] = f.Type
		}
		for _, name := range sortedKeys(value) {
			path := strings.TrimPrefix(at+"."+name, ".")
			of, ok := known[name]
			if !ok {
				return path
			}
			if field := unknown(value[name], of, path); field != "" {
				return field
			}
		}
	}
	return ""
}
