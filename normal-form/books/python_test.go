package books

import (
	"os"
	"strings"
	"testing"
)

func TestDeclarePython(t *testing.T) {
	const at = "usr/lib/python3/site-packages/Django-1.2.dist-info/METADATA"
	for name, c := range map[string]struct{ text, want string }{
		"plain":                      {"Metadata-Version: 2.1\nName: Django\nVersion: 1.2\n\nA text.\nVersion: 9\n", "Django@1.2"},
		"names in any case":          {"NAME: Django\nversion:1.2\n", "Django@1.2"},
		"lines of Windows":           {"Name: Django\r\nVersion: 1.2\r\n\r\n", "Django@1.2"},
		"lines of an old Mac":        {"Name: Django\rVersion: 1.2\r", "Django@1.2"},
		"a leading space":            {" Metadata-Version: 2.1\nName: Django\nVersion: 1.2\n", "Django@1.2"},
		"a line of 70 KB":            {"Summary: " + strings.Repeat("a", 70_000) + "\nName: Django\nVersion: 1.2\n", "Django@1.2"},
		"a line of a mailbox":        {"From me\nName: Django\nVersion: 1.2\n", "Django@1.2"},
		"the same twice":             {"Name: Django\nName: Django\nVersion: 1.2\n", "Django@1.2"},
		"two versions":               {"Name: Django\nVersion: 9.9\nVersion: 1.2\n", "broken"},
		"a name over two lines":      {"Name: Dja\n ngo\nVersion: 1.2\n", "broken"},
		"a blank line first":         {"\nName: Django\nVersion: 1.2\n", "broken"},
		"a byte-order mark":          {"\xef\xbb\xbfName: Django\nVersion: 1.2\n", "broken"},
		"a line that is no header":   {"Name: Django\nno header\nVersion: 1.2\n", "broken"},
		"a blank before the colon":   {"Name : Django\nVersion: 1.2\n", "broken"},
		"no version":                 {"Name: Django\n\n", "nameless"},
		"empty":                      {"", "nameless"},
		"folded in another header":   {"Description: a\n  Name: b\nName: Django\nVersion: 1.2\n", "Django@1.2"},
		"continued before a mailbox": {"Name: Django\nFrom x\n  folded\nVersion: 1.2\n", "Django@1.2"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, files{at: c.text}, at+" python-pkg "+c.want) })
	}
}

func TestPythonMetadata(t *testing.T) {
	const text = "Name: a\nVersion: 1\n"
	expect(t, files{
		"a/A.DIST-INFO/METADATA":     text,
		"a/a.dist-info/PKG-INFO":     text,
		"a/a.egg/EGG-INFO/PKG-INFO":  text,
		"a/a.egg-info":               text,
		"a/b.egg-info/METADATA":      text,
		"a/b.egg-info/PKG-INFO":      text, // METADATA comes first
		"a/c.egg-info/METADATA":      "",
		"a/c.egg-info/PKG-INFO":      text,
		"a/d.dist-info/RECORD":       text,
		"a/METADATA":                 text,
		"a/d.dist-info/sub/METADATA": text,
	},
		"a/A.DIST-INFO/METADATA python-pkg a@1",
		"a/a.dist-info/PKG-INFO python-pkg a@1",
		"a/a.egg-info python-pkg a@1",
		"a/a.egg/EGG-INFO/PKG-INFO python-pkg a@1",
		"a/b.egg-info/METADATA python-pkg a@1",
		"a/c.egg-info/METADATA python-pkg nameless",
		"a/c.egg-info/PKG-INFO python-pkg a@1",
	)
}

func TestPythonArchives(t *testing.T) {
	const text = "Name: a\nVersion: 1\n"
	wheel := zipped(t, entry{"a-1.dist-info/METADATA", text}, entry{"a/__init__.py", ""})
	egg := zipped(t, entry{"EGG-INFO/PKG-INFO", text}, entry{"a.py", ""})
	expect(t, files{
		"usr/lib/python3.12/ensurepip/_bundled/a-1-py3-none-any.whl": wheel,
		"app/a.egg":      egg,
		"app/two.egg":    zipped(t, entry{"EGG-INFO/PKG-INFO", "Name: b\nVersion: 2\n"}, entry{"a-1.dist-info/METADATA", text}),
		"app/hidden.bin": egg,
		"app/full.egg":   zipped(t, entry{"b-2.dist-info/METADATA", "Name: b\nVersion: 2\n"}, entry{"EGG-INFO/PKG-INFO", text}),
		"app/twice.egg":  zipped(t, entry{"EGG-INFO/PKG-INFO", text}, entry{"EGG-INFO/METADATA", "Name: b\nVersion: 2\n"}, entry{"EGG-INFO/PKG-INFO", "Name: c\nVersion: 3\n"}),
		"app/run.pyz":    "#!/usr/bin/python3\n" + zipped(t, entry{"__main__.py", ""}, entry{"site-packages/a-1.dist-info/METADATA", text}),
		"app/run.pex":    zipped(t, entry{"__main__.py", ""}, entry{".deps/a-1.whl", wheel}),
	},
		"app/a.egg python-pkg a@1",
		"app/full.egg python-pkg a@1",
		"app/full.egg python-pkg b@2 unread",
		"app/hidden.bin python-pkg a@1",
		"app/run.pex python-pkg nameless",
		"app/run.pex/.deps/a-1.whl python-pkg a@1 unread",
		"app/run.pyz python-pkg a@1 unread",
		"app/twice.egg python-pkg a@1 b@2 c@3",
		"app/two.egg python-pkg b@2",
		"app/two.egg python-pkg a@1 unread",
		"usr/lib/python3.12/ensurepip/_bundled/a-1-py3-none-any.whl python-pkg a@1 unread",
	)
}

// A real wheel, as pip downloads it.
func TestRealWheel(t *testing.T) {
	wheel, err := os.ReadFile("testdata/real.whl")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, files{"six.whl": string(wheel)}, "six.whl python-pkg six@1.16.0 unread")
}

func FuzzDeclarePython(f *testing.F) {
	f.Add([]byte("Name: a\nVersion: 1\n\nbody"))
	f.Add([]byte(" x\r\n:\rFrom y\nName: a\n b\n"))
	f.Fuzz(func(t *testing.T, text []byte) { declareSomething(t, declarePython, text) })
}
