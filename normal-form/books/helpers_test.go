package books

import (
	"archive/zip"
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// files are a tree in memory, by path.
type files map[string]string

func (t files) file(name string) File {
	return File{Path: name, Size: int64(len(t[name])), Layer: 1, ReaderAt: strings.NewReader(t[name])}
}

func (t files) Files(yield func(File) bool) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if !yield(t.file(name)) {
			return
		}
	}
}

func (t files) Links(func(string) bool) {}

func (t files) Link(string) (string, bool) { return "", false }

func (t files) Resolve(name string) (File, bool) {
	_, found := t[name]
	return t.file(name), found
}

func (t files) Names(folder string) (names []string) {
	for name := range t {
		if path.Dir(name) == folder {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names
}

type entry struct{ name, content string }

func zipped(t testing.TB, entries ...entry) string {
	return packed(t, zip.Deflate, entries...)
}

func packed(t testing.TB, method uint16, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(e.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func pom(group, artifact, version string) entry {
	return entry{"META-INF/maven/" + group + "/" + artifact + "/pom.properties",
		"groupId=" + group + "\nartifactId=" + artifact + "\nversion=" + version + "\n"}
}

// summary of declarations, a line each: path, kind, packages or the first words of why there are none.
func summary(ds []Declaration) string {
	var lines []string
	for _, d := range ds {
		line := d.Path + " " + string(d.Kind)
		for _, p := range d.Packages {
			line += " " + p.Name + "@" + p.Version
		}
		if d.Weak {
			line += " weak"
		}
		for _, reason := range []struct{ what, why string }{{"nameless", d.Nameless}, {"unread", d.Unread}, {"broken", d.Broken}} {
			if reason.why != "" {
				line += " " + reason.what
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, tree files, want ...string) {
	t.Helper()
	if got := summary(LanguagePackages(tree)); got != strings.Join(want, "\n") {
		t.Errorf("declared:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}
