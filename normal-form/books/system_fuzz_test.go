package books

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"testing"
)

// Whatever is in the files, the parsers end, do not panic, and list nothing that they call broken.
func fuzzPackages(t *testing.T, tree systemTree) {
	for _, d := range SystemPackages(tree) {
		if d.Broken != "" && len(d.Packages) > 0 {
			t.Errorf("%s is broken and has packages", d.Path)
		}
		for _, p := range d.Packages {
			if p.Name == "" || p.Version == "" {
				t.Errorf("%s lists %+v", d.Path, p)
			}
		}
	}
}

func FuzzDpkg(f *testing.F) {
	f.Add(stanzaOf("a", "1", "Source: b (2)"), stanzaOf("a", "2"), md5Of("x")+"  usr/x\n")
	f.Fuzz(func(t *testing.T, status, update, sums string) {
		tree := systemTree{dpkgStatus: status, dpkgJournal + "/0001": update, dpkgFolder + "/info/a.md5sums": sums, "usr/x": "x"}
		fuzzPackages(t, tree)
		OwnersOf(tree, []string{"usr/x"})
	})
}

func FuzzApk(f *testing.F) {
	f.Add(apkTwo)
	f.Add("P:a\nV:1\nF:usr\nR:x\nZ:" + q1Of("x") + "\n")
	f.Fuzz(func(t *testing.T, installed string) {
		tree := systemTree{"lib/apk/db/installed": installed, "usr/x": "x"}
		fuzzPackages(t, tree)
		OwnersOf(tree, []string{"usr/x"})
	})
}

// fuzzRpm puts bytes into a real database, since few others come past its first page.
func fuzzRpm(f *testing.F, database string) {
	f.Add(uint32(0), []byte{}, uint32(0))
	f.Add(uint32(100), []byte{0x0d}, uint32(0))
	f.Add(uint32(len(database)-4096), []byte{0xff, 0xff}, uint32(100))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut uint32) {
		content := []byte(database)
		copy(content[int(at)%len(content):], patch)
		content = content[:len(content)-int(cut)%len(content)]
		tree := systemTree{"var/lib/rpm/Packages": string(content), "usr/lib/openssl-libs/METADATA": "x"}
		fuzzPackages(t, tree)
		OwnersOf(tree, []string{"usr/lib/openssl-libs/METADATA"})
	})
}

func FuzzSqlite(f *testing.F)   { fuzzRpm(f, rpmFixture(f, "sqlite")) }
func FuzzBerkeley(f *testing.F) { fuzzRpm(f, rpmFixture(f, "berkeley")) }
func FuzzNdb(f *testing.F)      { fuzzRpm(f, ndbOf(f, rpmFixture(f, "sqlite"))) }

func FuzzHeader(f *testing.F) {
	if err := headersOf(fileOf(rpmFixture(f, "sqlite")), func(header []byte) error { f.Add(bytes.Clone(header)); return nil }); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, blob []byte) {
		if h, _, err := readRpmPackage(blob); err == nil {
			_ = h.files(func(listedFile) {})
		}
	})
}

// FuzzAdvisories also makes the sum of the first page right again.
func FuzzAdvisories(f *testing.F) {
	database := advisoriesOf(f, map[string][]string{"debian 12": {"openssl"}})
	f.Add(uint32(0), []byte{})
	f.Add(uint32(16+16), []byte{9})
	f.Fuzz(func(_ *testing.T, at uint32, patch []byte) {
		content := bytes.Clone(database)
		copy(content[int(at)%len(content):], patch)
		sum := fnv.New64a()
		sum.Write(content[16:72])
		binary.LittleEndian.PutUint64(content[72:], sum.Sum64())
		if a, err := OpenAdvisories(bytes.NewReader(content), int64(len(content))); err == nil {
			a.Knows("debian 12", "openssl")
			a.Knows("debian 12", "other-500")
		}
	})
}

func FuzzRelease(f *testing.F) {
	f.Add("ID=alpine\nVERSION_ID=3.19\n", "3.19.1\n", "Rocky Linux release 9\n", `{"content_sets":["a"]}`)
	f.Fuzz(func(_ *testing.T, os, version, redhat, manifest string) {
		tree := systemTree{"etc/os-release": os, "etc/debian_version": version, "etc/alpine-release": version, "etc/lsb-release": os, "etc/system-release": redhat,
			"etc/redhat-release": redhat, "etc/fedora-release": redhat, "etc/apk/repositories": os, esmStatus: manifest, rpmManifest: version, "root/buildinfo/content_manifests/a.json": manifest,
			"root/buildinfo/content_manifests/b.json": os}
		Undecided(tree)
	})
}
