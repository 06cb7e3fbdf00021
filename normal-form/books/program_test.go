package books

import (
	"bytes"
	"encoding/binary"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// itself is a real Go program: the one that runs these tests.
func itself(t testing.TB) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGoProgram(t *testing.T) {
	program := itself(t)
	mark := strings.Index(program, string(goMark)+"\x08")
	for at := mark; at >= 0 && at%16 != 0; { // the one that the linker wrote
		next := strings.Index(program[at+1:], string(goMark))
		at, mark = at+1+next, at+1+next
	}
	// Another program that only looks for the mark, and one whose header is changed so that the kernel alone can read it.
	broken := []byte(program)
	binary.LittleEndian.PutUint16(broken[58:], 1) // the size of a section's entry

	found := LanguagePackages(files{
		"bin/app":     program,
		"bin/app.txt": program + zipped(t, log4j),
		"bin/broken":  string(broken),
		"bin/looks":   "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 57) + " \xff Go buildinf:\x00 is what is looked for",
	})
	want := []string{"bin/app gobinary", "bin/app.txt gobinary", "bin/app.txt jar", "bin/broken gobinary"}
	if len(found) != len(want) {
		t.Fatalf("%d declarations, not %d: %s", len(found), len(want), summary(found))
	}
	for i, d := range found {
		if d.Path+" "+string(d.Kind) != want[i] {
			t.Errorf("%s %s, not %s", d.Path, d.Kind, want[i])
		}
	}
	if p := found[0].Packages[0]; p.Name != "stdlib" || p.Version != standardLibrary(runtime.Version()) {
		t.Error(p)
	}
	if found[3].Broken == "" {
		t.Error("a Go program with a broken header is not broken")
	}
}

func TestModulesOf(t *testing.T) {
	got := modulesOf(&debug.BuildInfo{
		GoVersion: "go1.26.0-X:nodwarf5",
		Main:      debug.Module{Path: "example.com/app", Version: "v0.0.0-20240102030405-abcdef012345"},
		Deps: []*debug.Module{
			{Path: "", Version: "(devel)"},
			{Path: "a", Version: "v1.0.0"},
			{Path: "b", Version: "v1.0.0", Replace: &debug.Module{Path: "c", Version: "v2.0.0"}},
			{Path: "d", Version: "v1.0.0", Replace: &debug.Module{Path: "./d", Version: "(devel)"}},
		},
	})
	if s := summary([]Declaration{{Path: "p", Packages: got}}); s != "p  stdlib@v1.26.0 a@v1.0.0 c@v2.0.0 ./d@ example.com/app@" {
		t.Error(s)
	}
	for version, want := range map[string]string{"go1.22.3 X:boringcrypto": "v1.22.3", "go1.21": "v1.21", "devel go1.27-abc": "vdevel go1.27-abc"} {
		if got := standardLibrary(version); got != want {
			t.Errorf("%s: %s, not %s", version, got, want)
		}
	}
}

func TestRustProgram(t *testing.T) {
	text, err := os.ReadFile("testdata/crates.elf") // with a section as cargo auditable writes it
	if err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(text, []byte("\x78\x9c"))
	broken := bytes.Clone(text)
	copy(broken[start:], "no zlib")
	expect(t, files{"bin/app": string(text), "bin/broken": string(broken)},
		"bin/app rustbinary app@0.1.0 openssl-sys@0.9.60", "bin/broken rustbinary broken")
}

func TestModest(t *testing.T) {
	text, err := os.ReadFile("testdata/crates.elf")
	if err != nil {
		t.Fatal(err)
	}
	table := binary.LittleEndian.Uint64(text[40:])
	names := table + 64*uint64(binary.LittleEndian.Uint16(text[62:]))
	for what, change := range map[string]func(b []byte){
		"many sections":    func(b []byte) { binary.LittleEndian.PutUint16(b[60:], 0) },
		"compressed names": func(b []byte) { b[names+9] |= 0x08 },
		"long names":       func(b []byte) { binary.LittleEndian.PutUint64(b[names+32:], 1<<40) },
	} {
		b := bytes.Clone(text)
		change(b)
		if modest(files{"a": string(b)}.file("a")) == nil {
			t.Error(what)
		}
	}
	if err := modest(files{"a": string(text)}.file("a")); err != nil {
		t.Error(err)
	}
}

func TestBundleOfDotNet(t *testing.T) {
	elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 2<<20)
	expect(t, files{
		"app":  elf + "\x10\x20\x00\x00\x00\x00\x00\x00" + string(bundleMark),
		"host": elf + "\x00\x00\x00\x00\x00\x00\x00\x00" + string(bundleMark),
	}, "app dotnet-core unread")
}

func FuzzProgram(f *testing.F) {
	text, err := os.ReadFile("testdata/crates.elf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("MZ" + strings.Repeat("\x00", 100) + "\xff Go buildinf:\x08\x02" + strings.Repeat("\x00", 100)))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := &lister{tree: files{}, budget: wholeBudget()}
		l.listProgram(files{"a": string(text)}.file("a"))
		for _, d := range l.declarations {
			if d.Kind == "" || len(d.Packages) == 0 && d.Nameless+d.Unread+d.Broken == "" {
				t.Error(d)
			}
		}
	})
}
