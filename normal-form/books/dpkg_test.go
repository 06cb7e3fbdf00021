package books

import (
	"strings"
	"testing"
)

// stanzaOf a package that is installed.
func stanzaOf(name, version string, more ...string) string {
	return "Package: " + name + "\nStatus: install ok installed\nArchitecture: amd64\nVersion: " + version + "\n" + strings.Join(append(more, ""), "\n")
}

// listed is each package as "name version", and what is broken as "! path: why".
func listed(declared []Declaration) []string {
	var all []string
	for _, d := range declared {
		if d.Broken != "" {
			all = append(all, "! "+d.Path+": "+d.Broken)
		}
		for _, p := range d.Packages {
			all = append(all, p.Name+" "+p.Version)
		}
	}
	return all
}

// checkListed compares; of what is broken, the wanted text is a part.
func checkListed(t *testing.T, got []Declaration, want []string) {
	t.Helper()
	lines := listed(got)
	if len(lines) != len(want) {
		t.Fatalf("got %q, want %q", lines, want)
	}
	for n, l := range lines {
		if l != want[n] && !(strings.HasPrefix(want[n], "! ") && strings.HasPrefix(l, "! ") && strings.Contains(l, want[n][2:])) {
			t.Errorf("got %q, want %q", l, want[n])
		}
	}
}

func TestDpkgListsWhatDpkgDoes(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for _, c := range []struct {
		name string
		tree systemTree
		want []string
	}{
		{"nothing where there is no database", systemTree{"etc/passwd": ""}, nil},
		{"an epoch, but none that is zero", systemTree{dpkgStatus: stanzaOf("a", "1:2.3-1") + "\n" + stanzaOf("b", "0:1")}, []string{"a 1:2.3-1", "b 1"}},
		{"what is installed, though it is to be removed", systemTree{dpkgStatus: "Package: a\nStatus: deinstall ok installed\nVersion: 1\n"}, []string{"a 1"}},
		{"not what has left its configuration", systemTree{dpkgStatus: "Package: a\nStatus: deinstall ok config-files\nVersion: 1\n"}, nil},
		{"what is unpacked or half installed", systemTree{dpkgStatus: "Package: a\nStatus: install ok unpacked\nVersion: 1\n\n" +
			"Package: b\nStatus: install reinstreq half-installed\nVersion: 2\n"}, []string{"a 1", "b 2"}},
		{"fields in any case, folded, with blanks around", systemTree{dpkgStatus: "PACKAGE : Abc\nstatus: INSTALL ok\n  Installed\nVersion:\t1 \n"}, []string{"abc 1"}},
		{"a stanza of any length", systemTree{dpkgStatus: stanzaOf("a", "1", "Depends: "+long, "Description: d\n "+strings.Repeat("x\n ", 100<<10)) + "\n" + stanzaOf("b", "2")},
			[]string{"a 1", "b 2"}},
		{"a line of blanks does not end a stanza", systemTree{dpkgStatus: "Package: a\nDescription: d\n \n more\nVersion: 1\nStatus: install ok installed\n"}, []string{"a 1"}},
		{"a package behind two end-of-file signs of DOS", systemTree{dpkgStatus: stanzaOf("a", "1", "Description: d\x1a\x1a"+stanzaOf("evil", "1"))},
			[]string{"a 1", "evil 1"}},
		{"one of two architectures", systemTree{dpkgStatus: stanzaOf("a", "1") + "\n" + strings.ReplaceAll(stanzaOf("a", "1"), "amd64", "i386")}, []string{"a 1"}},
		{"the last of two stanzas", systemTree{dpkgStatus: stanzaOf("a", "1") + "\n" + stanzaOf("a", "2")}, []string{"a 2"}},
		{"what the journal replaces", systemTree{dpkgStatus: stanzaOf("a", "1") + "\n" + stanzaOf("b", "1"), dpkgJournal + "/0000": stanzaOf("a", "2"),
			dpkgJournal + "/0001": stanzaOf("a", "3"), dpkgJournal + "/tmp.i": "garbage"}, []string{"a 3", "b 1"}},
		{"distroless packages, which have no status", systemTree{dpkgParts + "/base": "Package: base-files\nVersion: 12.4\n", dpkgParts + "/base.md5sums": "garbage",
			dpkgParts + "/tz": "Package: tzdata\nVersion: 2024a-0\n"}, []string{"base-files 12.4", "tzdata 2024a-0"}},
		{"a database behind links", systemTree{"var/lib/dpkg": "-> ../../opt/db", "opt/db/status": "-> real", "opt/db/real": stanzaOf("a", "1")}, []string{"a 1"}},
		{"the same packages at two places", systemTree{dpkgStatus: stanzaOf("a", "1"), dpkgParts + "/a": stanzaOf("a", "1")}, []string{"a 1", "a 1"}},

		{"no link that leads out", systemTree{dpkgStatus: "-> /proc/self/cwd/opt/db", "opt/db": stanzaOf("a", "1")}, []string{"! \"var/lib/dpkg/status\" is not a file of the image"}},
		{"no folder that leads out behind another", systemTree{"var": "-> mnt/var", "mnt/var/lib/dpkg": "-> /proc/self/cwd/opt", "opt/status": stanzaOf("a", "1")}, []string{"! \"mnt/var/lib/dpkg\" is not a file of the image"}},
		{"no journal that leads out", systemTree{dpkgStatus: stanzaOf("a", "1"), dpkgJournal: "-> /proc/self/cwd/opt", "opt/0000": stanzaOf("b", "1")}, []string{"! \"var/lib/dpkg/updates\" leads to nothing"}},
		{"nothing of a folder without a database behind a link", systemTree{"var/lib": "-> ../usr/lib", "usr/lib/x": ""}, nil},
		{"no folder that leads out", systemTree{"var/lib/dpkg": "-> /proc/self/cwd/opt"}, []string{"! \"var/lib/dpkg\" is not a file of the image"}},
		{"nothing where two places contradict each other", systemTree{dpkgStatus: stanzaOf("a", "1"), dpkgParts + "/a": stanzaOf("a", "1", "Source: decoy")},
			[]string{"a 1", "! by chance"}},
		{"nothing behind a byte that is zero, where a value ends for dpkg", systemTree{dpkgStatus: strings.Replace(stanzaOf("a", "1"), "installed\n", "installed\x00\n", 1)},
			[]string{"! line 2 has a byte that is zero"}},
		{"nothing in a state that dpkg does not have", systemTree{dpkgStatus: "Package: a\nStatus: install ok installed~\nVersion: 1\n"},
			[]string{"! \"installed~\", which is no state of dpkg"}},
		{"nothing of what is no field", systemTree{dpkgStatus: stanzaOf("a", "1") + "garbage\n"}, []string{"! line 5 is not a field"}},
		{"nothing of a field that is there twice", systemTree{dpkgStatus: stanzaOf("a", "1", "Version: 2")}, []string{"! for the second time"}},
		{"nothing of a version in two fields", systemTree{dpkgStatus: stanzaOf("a", "1", "Package_Revision: 2")}, []string{"! only dpkg takes for a part of the version"}},
		{"nothing without a version", systemTree{dpkgStatus: "Package: a\nStatus: install ok installed\n"}, []string{"! no version"}},
		{"nothing of a version without end", systemTree{dpkgStatus: stanzaOf("a", long)}, []string{"! more than 64 KiB"}},
		{"nothing of a value with many lines", systemTree{dpkgStatus: stanzaOf("a", "1"+strings.Repeat("\n 1", 100))}, []string{"! more than 16 lines"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkListed(t, SystemPackages(c.tree), c.want) })
	}
}
