package books

import (
	"errors"
	"strings"
	"testing"
)

// oddTree has one file, which is not read as others are.
type oddTree struct {
	files
	readAt func() (int, error)
}

func (t oddTree) ReadAt([]byte, int64) (int, error) { return t.readAt() }

func (t oddTree) Files(yield func(File) bool) {
	if yield(File{Path: "a/package.json", Size: 10, ReaderAt: t}) {
		t.files.Files(yield)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for what, readAt := range map[string]func() (int, error){
		"its reader fails":  func() (int, error) { panic("made for that") },
		"it cannot be read": func() (int, error) { return 0, errors.New("no disk") },
	} {
		found := LanguagePackages(oddTree{files{"b/package.json": `{` + minimist + `}`}, readAt})
		if len(found) != 2 || !strings.HasPrefix(found[0].Broken, what) || len(found[1].Packages) != 1 {
			t.Errorf("%s: %+v", what, found)
		}
	}
}

func TestLargeTexts(t *testing.T) {
	found := LanguagePackages(files{"a/package.json": `{` + minimist + `,"x":"` + strings.Repeat("x", mostOfText) + `"}`})
	if len(found) != 1 || found[0].Kind != Node || !strings.Contains(found[0].Broken, "more than is read") || found[0].Nameless != "" {
		t.Errorf("%+v", found)
	}
}

func TestAFileIsEverythingThatItIs(t *testing.T) {
	expect(t, files{"a/package.json": `{` + minimist + `}` + zipped(t, log4j, entry{"EGG-INFO/PKG-INFO", "Name: a\nVersion: 1\n"})},
		"a/package.json jar "+isLog4j, "a/package.json node-pkg minimist@0.0.8", "a/package.json python-pkg a@1")
}
