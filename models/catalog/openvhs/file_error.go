package openvhs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Keys of the sentences that say why a whole file was refused.
const (
	FileEmpty         = "import.file.empty"
	FileZip           = "import.file.zip" // also .xlsx, .docx, .ods
	FileGzip          = "import.file.gzip"
	FilePDF           = "import.file.pdf"
	FileBinary        = "import.file.binary"
	FileUnknown       = "import.file.unknown"         // text, but neither XML nor JSON
	FileWrongRoot     = "import.file.wrong_root"      // Root: the XML element found instead of veranstaltungen
	FileWrongJSONRoot = "import.file.wrong_json_root" // JSON without veranstaltungen
	FileBroken        = "import.file.broken"          // Line, Column; Courses: how many were whole before that
	FileEncoding      = "import.file.encoding"        // Line: bytes that are not in the declared encoding (UTF-8 if none)
	FileCharset       = "import.file.charset"         // Charset: declared, but unknown
	FileTooLarge      = "import.file.too_large"       // Megabytes: the limit
	FileCourseTooBig  = "import.file.course_too_big"  // Courses: how many were whole before; Megabytes: the limit
	FileNoCourses     = "import.file.no_courses"
)

// FileKeys lists the keys above, for tests of completeness.
var FileKeys = []string{
	FileEmpty, FileZip, FileGzip, FilePDF, FileBinary, FileUnknown, FileWrongRoot, FileWrongJSONRoot,
	FileBroken, FileEncoding, FileCharset, FileTooLarge, FileCourseTooBig, FileNoCourses,
}

// FileError says why a file as a whole cannot be imported. Key and Args make the sentence for people.
type FileError struct {
	Key  string
	Args map[string]any
}

// Error is for logs.
func (e *FileError) Error() string {
	text := "open-vhs: " + strings.TrimPrefix(e.Key, "import.file.")
	for _, name := range slices.Sorted(maps.Keys(e.Args)) {
		text += fmt.Sprintf(" %s=%v", name, e.Args[name])
	}
	return text
}

// TooLarge is the refusal of a file above MaxBytes, for callers that know the size before they read.
func TooLarge() *FileError {
	return fileError(FileTooLarge, "Megabytes", MaxBytes>>20)
}

func fileError(key string, pairs ...any) *FileError {
	return &FileError{Key: key, Args: arguments(pairs)}
}

// arguments makes a map of name, value, name, value …
func arguments(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return nil
	}
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return args
}
