package books

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"slices"
	"testing"
)

// rpmFixture is a database that rpm 4.18 wrote and lists (SQLite), or that db_load of Berkeley DB 5.3 made of the same packages and rpm lists.
func rpmFixture(t testing.TB, name string) string {
	t.Helper()
	file, err := os.Open("testdata/rpm/" + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// ndbOf the packages that another database has: slots, then blocks of 16 bytes.
func ndbOf(t testing.TB, database string) string {
	t.Helper()
	le := binary.LittleEndian
	slots := bytes.Repeat([]byte("Slot\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), ndbPage/ndbUnit)
	copy(slots, "RpmP\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00")
	clear(slots[16:32])
	var blocks []byte
	number := uint32(0)
	err := headersOf(fileOf(database), func(header []byte) error {
		number++
		slot := slots[(number+1)*ndbUnit:]
		le.PutUint32(slot[4:], number)
		le.PutUint32(slot[8:], uint32(len(slots)+len(blocks))/ndbUnit)
		start := append([]byte("BlbS"), make([]byte, 12)...)
		le.PutUint32(start[4:], number)
		le.PutUint32(start[12:], uint32(len(header)))
		blocks = append(append(blocks, start...), header...)
		blocks = append(blocks, make([]byte, ndbUnit+(ndbUnit-len(blocks)%ndbUnit)%ndbUnit)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(append(slots, blocks...))
}

func fileOf(content string) File {
	return File{Path: "file", Size: int64(len(content)), ReaderAt: bytes.NewReader([]byte(content))}
}

func TestRpmListsWhatRpmDoes(t *testing.T) {
	sqlite := rpmFixture(t, "sqlite")
	three := []string{"epel-tool 0.1-1.el9", "openssl-libs 1:3.0.7-27.el9", "python3-foo 1.2-3.el9"}
	// The name of a package within its header, changed in place.
	decoy := string(bytes.ReplaceAll([]byte(sqlite), []byte("Red Hat, Inc."), []byte("Someone else.")))
	noTable := string(bytes.ReplaceAll([]byte(sqlite), []byte("CREATE TABLE 'Packages' (hnum"), []byte("CREATE TABLE 'Packages' (hmun")))
	for _, c := range []struct {
		name string
		tree systemTree
		want []string
	}{
		{"of SQLite", systemTree{"var/lib/rpm/rpmdb.sqlite": sqlite, "var/lib/rpm/rpmdb.sqlite-wal": ""}, three},
		{"of Berkeley DB", systemTree{"var/lib/rpm/Packages": rpmFixture(t, "berkeley"), "var/lib/rpm/__db.001": "x"}, three},
		{"of Berkeley DB, in pages without a chain", systemTree{"var/lib/rpm/Packages": rpmFixture(t, "berkeley-within-a-page")}, three[1:]},
		{"of ndb", systemTree{"usr/lib/sysimage/rpm/Packages.db": ndbOf(t, sqlite)}, three},
		{"by content, not by name", systemTree{"var/lib/rpm/Packages": sqlite}, three},
		{"of one file at two places", systemTree{"var/lib/rpm": "-> ../../usr/lib/sysimage/rpm", "usr/lib/sysimage/rpm/rpmdb.sqlite": sqlite}, three},
		{"of two files that say the same", systemTree{"var/lib/rpm/rpmdb.sqlite": sqlite, "var/lib/rpm/Packages": rpmFixture(t, "berkeley-within-a-page")},
			slices.Concat(three, three[1:])},
		{"of a manifest", systemTree{rpmManifest: "glibc\t2.38-3.azl3\t1\t1\tMicrosoft Corporation\t(none)\t1\tx86_64\t0\tglibc-2.38-3.azl3.src.rpm\n" +
			"openssl\t3.3-1\t1\t1\tM\t(none)\t1\tx86_64\t1\topenssl-3.3-1.src.rpm\n"}, []string{"glibc 2.38-3.azl3", "openssl 1:3.3-1"}},

		{"nothing with a log that is not written back", systemTree{"var/lib/rpm/rpmdb.sqlite": sqlite, "var/lib/rpm/rpmdb.sqlite-wal": "x"}, []string{"! not written back"}},
		{"nothing with a log beside the real file", systemTree{"var/lib/rpm/rpmdb.sqlite": "-> /opt/a.sqlite", "opt/a.sqlite": sqlite, "opt/a.sqlite-journal": "x"}, []string{"! not written back"}},
		{"nothing where two files contradict each other", systemTree{"usr/lib/sysimage/rpm/rpmdb.sqlite": sqlite, "var/lib/rpm/rpmdb.sqlite": decoy}, append(slices.Clone(three), "! by chance")},
		{"nothing of another table", systemTree{"var/lib/rpm/rpmdb.sqlite": noTable}, []string{"! not as rpm makes it"}},
		{"nothing of half a file", systemTree{"var/lib/rpm/rpmdb.sqlite": sqlite[:len(sqlite)/2]}, []string{"! damaged"}},
		{"nothing of half a hash", systemTree{"var/lib/rpm/Packages": rpmFixture(t, "berkeley")[:20480]}, []string{"! damaged"}},
		{"nothing of another format", systemTree{"var/lib/rpm/Packages": "something else than a database"}, []string{"! neither SQLite"}},
		{"nothing of an empty file", systemTree{"var/lib/rpm/Packages": ""}, []string{"! shorter"}},
		{"nothing of a manifest of another form", systemTree{rpmManifest: "glibc\n"}, []string{"! line 1"}},
	} {
		t.Run(c.name, func(t *testing.T) { checkListed(t, SystemPackages(c.tree), c.want) })
	}
}
