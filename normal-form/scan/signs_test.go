//go:build linux

package scan

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	signs := []pattern{{regexp.MustCompile("^[0-9]+\tWARN\tUnsupported os\t")}, {regexp.MustCompile(`^[0-9]+` + "\tversion error \\([^)]{0,5}")}}
	const unsupported = "1\tWARN\tUnsupported os\t"
	for name, c := range map[string]struct{ said, kept string }{
		"nothing":                     {"", ""},
		"no line end":                 {"abc", "abc"},
		"the end of what is long":     {strings.Repeat("x", 20) + "0123456789", "0123456789"},
		"a sign, without its line":    {unsupported + "family=\"x\"\n" + strings.Repeat("y", 10), unsupported + "\n" + strings.Repeat("y", 10)},
		"a sign once":                 {strings.Repeat(unsupported+"\n", 3) + strings.Repeat("y", 10), unsupported + "\n" + strings.Repeat("y", 10)},
		"the first of its kind":       {"1\tversion error (abcdefg)\n2\tversion error (x)\n" + strings.Repeat("y", 10), "1\tversion error (abcde\n" + strings.Repeat("y", 10)},
		"in the order of the signs":   {"1\tversion error (a)\n" + unsupported + "\n" + strings.Repeat("y", 10), unsupported + "\n1\tversion error (a\n" + strings.Repeat("y", 10)},
		"a sign behind a long line":   {strings.Repeat("z", 3*longestSign) + "\n" + unsupported + "\n" + strings.Repeat("y", 10), unsupported + "\n" + strings.Repeat("y", 10)},
		"no sign within a long line":  {strings.Repeat("z", longestSign) + unsupported + strings.Repeat("y", 10), strings.Repeat("y", 10)},
		"no sign in the middle":       {"x" + unsupported + strings.Repeat("y", 10), strings.Repeat("y", 10)},
		"a sign among bytes, no text": {"\x00\xff\n" + unsupported + "\xff\n" + strings.Repeat("y", 10), unsupported + "\n" + strings.Repeat("y", 10)},
		"a sign in the end, twice":    {unsupported, unsupported + "\n" + unsupported[len(unsupported)-10:]},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "errors")
			os.WriteFile(file, []byte(c.said), 0o666)
			kept, err := excerpt(file, signs, 10)
			if err != nil || string(kept) != c.kept {
				t.Fatalf("%v %q", err, kept)
			}
		})
	}
}
