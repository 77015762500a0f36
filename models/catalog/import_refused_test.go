package catalog_test

import (
	"errors"
	"io"
	"testing"

	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/store"
)

func TestFilesThatCannotBeImported(t *testing.T) {
	t.Parallel()
	whole := generated(t, openvhs.XML, generate.Options{Courses: 300, Seed: 1})
	for name, c := range map[string]struct {
		file []byte
		key  string
	}{
		"broken at the end": {whole[:len(whole)-200], openvhs.FileBroken},
		"zip":               {[]byte("PK\x03\x04rest of an archive"), openvhs.FileZip},
		"text":              {[]byte("Kursnummer;Titel\n1;Yoga\n"), openvhs.FileUnknown},
		"no courses":        {generated(t, openvhs.XML, generate.Options{}), openvhs.FileNoCourses},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			im := o.run(t, c.file)
			if im.State != catalog.ImportFailed || im.ErrorKey != c.key || im.FinishedAt == nil {
				t.Errorf("import %+v", im)
			}
			if n := o.number(t, "SELECT count(*) FROM courses"); n != 0 {
				t.Errorf("%d courses were imported", n)
			}
			if there, _ := o.bucket.Exists(t.Context(), im.FileKey); there {
				t.Error("the upload stays in the bucket")
			}
		})
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for key, file := range map[string]endless{openvhs.FileTooLarge: 200 << 20, openvhs.FileEmpty: 0} {
		_, err := catalog.StartImport(t.Context(), o.Store, o.bucket, "x.xml", &file)
		var v *store.ValidationError
		if !errors.As(err, &v) || v.Fields[0].Field != "file" || v.Fields[0].Key != key {
			t.Errorf("%s: %v", key, err)
		}
	}
	if o.number(t, "SELECT count(*) FROM imports") != 0 || o.number(t, "SELECT count(*) FROM river_job") != 0 {
		t.Error("an import was begun")
	}
	if _, err := o.bucket.List(nil).Next(t.Context()); err == nil {
		t.Error("something stays in the bucket")
	}
}

// endless is a file of so many bytes.
type endless int

func (e *endless) Read(p []byte) (int, error) {
	n := min(len(p), int(*e))
	*e -= endless(n)
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
