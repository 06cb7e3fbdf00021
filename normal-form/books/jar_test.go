package books

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
)

var log4j = pom("org.apache.logging.log4j", "log4j-core", "2.14.1")

const realJar = "org.slf4j:slf4j-nop@1.7.32"

const isLog4j = "org.apache.logging.log4j:log4j-core@2.14.1"

func TestMavenCoordinates(t *testing.T) {
	for name, text := range map[string]string{
		"plain":               "#Created by Maven\nversion=1.0\ngroupId=g\nartifactId=a\n",
		"colons and blanks":   "  version : 1.0\n\tgroupId  g\nartifactId = a",
		"escapes":             "v\\u0065rsion=1\\.0\n\\groupId=g\nartifactId=\\u0061\n",
		"continued":           "version=1\\\n   .0\r\ngroupId=g\rartifactId=a",
		"the last one counts": "version=9\nversion=1.0\ngroupId=g\nartifactId=a",
		"a line of 70 KB":     "x=" + strings.Repeat("y", 70_000) + "\nversion=1.0\ngroupId=g\nartifactId=a",
	} {
		t.Run(name, func(t *testing.T) {
			if g, a, v := mavenCoordinates([]byte(text)); g != "g" || a != "a" || v != "1.0" {
				t.Errorf("%q %q %q", g, a, v)
			}
		})
	}
}

func TestJars(t *testing.T) {
	class := entry{"a/B.class", "\xca\xfe\xba\xbe"}
	manifest := func(lines ...string) entry {
		return entry{"META-INF/MANIFEST.MF", "Manifest-Version: 1.0\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\nName: x\r\nImplementation-Title: y\r\n"}
	}
	inner := zipped(t, log4j, class)
	longLine := entry{"META-INF/maven/x/y/pom.properties", "x=" + strings.Repeat("y", 70_000)}
	elf := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 5000)
	for name, c := range map[string]struct {
		tree files
		want []string
	}{
		"whatever its name":        {files{"opt/x.bin": inner}, []string{"opt/x.bin jar " + isLog4j}},
		"behind a program":         {files{"opt/run": elf + inner}, []string{"opt/run jar " + isLog4j}},
		"behind a script":          {files{"opt/run": "#!/bin/sh\nexec java -jar $0\n" + inner}, []string{"opt/run jar " + isLog4j}},
		"nested":                   {files{"a.jar": zipped(t, class, entry{"BOOT-INF/lib/l.jar", inner})}, []string{"a.jar jar unread", "a.jar/BOOT-INF/lib/l.jar jar " + isLog4j}},
		"nested and stored":        {files{"a.jar": packed(t, zip.Store, entry{"BOOT-INF/lib/l.jar", inner})}, []string{"a.jar/BOOT-INF/lib/l.jar jar " + isLog4j}},
		"nested and renamed":       {files{"a.jar": zipped(t, entry{"data/l.txt", inner})}, []string{"a.jar/data/l.txt jar " + isLog4j}},
		"nested and stored, as .x": {files{"a.jar": packed(t, zip.Store, entry{"l.x", inner})}, []string{"a.jar/l.x jar " + isLog4j}},
		"a name that leads out":    {files{"a.jar": zipped(t, entry{"../../l.jar", inner})}, []string{"a.jar/../../l.jar jar " + isLog4j}},
		"one long line hides none": {files{"a.jar": zipped(t, longLine, entry{"l.jar", inner})}, []string{"a.jar jar broken", "a.jar/l.jar jar " + isLog4j}},
		"a manifest":               {files{"a.jar": zipped(t, manifest("Implementation-Vendor-Id: org.g", "Implementation-Title: a", "Implementation-Version: 1."+"\r\n 2"))}, []string{"a.jar jar org.g:a@1.2 weak"}},
		"a bundle":                 {files{"a.jar": zipped(t, manifest("Bundle-SymbolicName: org.g.a", "Bundle-Name: a", "Bundle-Version: 1"))}, []string{"a.jar jar org.g:a@1 weak"}},
		"a variable":               {files{"a.jar": zipped(t, manifest("Bundle-SymbolicName: org.g.a", "Bundle-Name: %name", "Bundle-Version: 1"))}, []string{"a.jar jar unread"}},
		"a bare manifest":          {files{"a.jar": zipped(t, manifest())}, []string{"a.jar jar unread"}},
		"a file name":              {files{"log4j-1.2.17.jar": zipped(t, class)}, []string{"log4j-1.2.17.jar jar log4j@1.2.17 weak"}},
		"a manifest of 70 KB":      {files{"a.jar": zipped(t, manifest("X: "+strings.Repeat("y", 70_000)))}, []string{"a.jar jar broken"}},
		"a module for jlink":       {files{"j.jmod": "JM\x01\x00" + zipped(t, entry{"classes/A.class", ""})}, []string{"j.jmod jar nameless"}},
		"a jar as such a module":   {files{"j.jmod": "JM\x01\x00" + zipped(t, entry{"classes/A.class", ""}, log4j)}, []string{"j.jmod jar " + isLog4j}},
		"classes in Web archives":  {files{"a.war": zipped(t, entry{"WEB-INF/classes/A.class", ""})}, []string{"a.war jar unread"}},
		"nothing of Java":          {files{"a.zip": zipped(t, entry{"readme.txt", "hello"})}, nil},
		"text about archives":      {files{"a.txt": "PK\x05\x06 ends an archive of .class files, PK\x01\x02 lists them"}, nil},
	} {
		t.Run(name, func(t *testing.T) { expect(t, c.tree, c.want...) })
	}
}

func TestBrokenJars(t *testing.T) {
	good := zipped(t, log4j, entry{"a/B.class", "\xca\xfe\xba\xbe"})
	end := strings.LastIndex(good, string(endOfZip))
	corrupt := func(change func(b []byte)) string {
		b := []byte(good)
		change(b)
		return string(b)
	}
	expect(t, files{
		"checksum.jar": corrupt(func(b []byte) { // java does not look at it, neither in the directory nor behind the data
			for i := 0; i < len(b)-4; i++ {
				switch string(b[i : i+4]) {
				case "PK\x01\x02":
					b[i+16]++
				case "PK\x07\x08":
					b[i+4]++
				}
			}
		}),
		"directory.jar": corrupt(func(b []byte) { binary.LittleEndian.PutUint16(b[end+10:], 9) }),
		"method.jar": corrupt(func(b []byte) {
			b[bytes.Index(b, []byte("PK\x01\x02"))+10] = 14
		}),
		"two-ends.jar": good[:end] + "PK\x05\x06" + strings.Repeat("\x00", 16) + string([]byte{22, 0}) + good[end:],
		"behind.jar":   good + "PK\x05\x06" + strings.Repeat("\x00", 18) + " ",
	},
		"behind.jar jar broken",
		"checksum.jar jar "+isLog4j,
		"directory.jar jar broken",
		"method.jar jar broken",
		"two-ends.jar jar broken",
	)
}

func TestArchivesWithoutEnd(t *testing.T) {
	deep := zipped(t, log4j)
	for range 12 {
		deep = zipped(t, entry{"l.jar", deep})
	}
	expect(t, files{"deep.jar": deep}, "deep.jar"+strings.Repeat("/l.jar", deepest+1)+" jar broken")

	longName := strings.Repeat("n", 4000) + ".jar"
	bomb := zipped(t, entry{"l.jar", strings.Repeat("\x00", 1<<20)}, log4j)
	enough := budget{image: 1 << 30, file: 1 << 30, packed: 1 << 30, entries: 1000, texts: 1 << 20}
	for what, c := range map[string]struct {
		content string
		bound   func(b *budget)
		want    string
	}{
		"unzipped":        {bomb, func(b *budget) { b.image = 1 << 20 }, "a jar " + isLog4j + "\na/l.jar jar broken"},
		"unzipped a file": {bomb, func(b *budget) { b.file = 1 << 20 }, "a jar " + isLog4j + "\na/l.jar jar broken"},
		"entries":         {bomb, func(b *budget) { b.entries = 1 }, "a jar broken"},
		"texts":           {bomb, func(b *budget) { b.texts = 10 }, "a jar broken"},
		"packed":          {zipped(t, entry{"l.bin", zipped(t, log4j)}), func(b *budget) { b.packed = 10 }, "a jar broken"},
		"packed, stored":  {packed(t, zip.Store, entry{"l.bin", zipped(t, log4j)}), func(b *budget) { b.packed = 10 }, "a jar broken"},
		"names":           {packed(t, zip.Store, entry{longName, zipped(t, log4j)}), func(b *budget) { b.file = 2*leastOfArchive + 1<<10 }, "a/" + longName + " jar broken"},
		"archives":        {packed(t, zip.Store, entry{"1.jar", zipped(t, log4j)}, entry{"2.jar", zipped(t, log4j)}), func(b *budget) { b.file = 3 * leastOfArchive }, "a/1.jar jar " + isLog4j + "\na/2.jar jar broken"},
	} {
		l := &lister{tree: files{}, budget: enough}
		c.bound(&l.budget)
		l.listArchive(archive{path: "a", from: strings.NewReader(c.content), size: int64(len(c.content))})
		if got := summary(l.declarations); got != c.want {
			t.Errorf("%s: %s\nwant %s", what, got, c.want)
		}
		for _, d := range l.declarations {
			if strings.Contains(d.Broken, errTooMuch.Error()) && !strings.HasSuffix(d.Broken, "or keep less in it") {
				t.Errorf("%s: %s", what, d.Broken)
			}
		}
	}
}

// A real jar, as Maven makes it.
func TestRealJar(t *testing.T) {
	jar, err := os.ReadFile("testdata/real.jar")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, files{"a.jar": string(jar)}, "a.jar jar "+realJar)
}

func FuzzMavenCoordinates(f *testing.F) {
	f.Add([]byte("groupId=a\\\n b\nversion:\\u12"))
	f.Fuzz(func(t *testing.T, text []byte) { mavenCoordinates(text) })
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("Manifest-Version: 1.0\r\nBundle-Name: a\r\n b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) { namedByManifest(text); hasLongLine(text) })
}

func FuzzArchive(f *testing.F) {
	f.Add([]byte(zipped(f, log4j, entry{"l.jar", zipped(f, log4j)}, entry{"EGG-INFO/PKG-INFO", "Name: a"})))
	f.Add([]byte("#!" + packed(f, zip.Store, entry{"a.class", ""}, entry{"META-INF/MANIFEST.MF", "a: b"}, entry{"x.bin", zipped(f, log4j)})))
	f.Fuzz(func(t *testing.T, text []byte) {
		l := &lister{tree: files{}, budget: wholeBudget(), tallies: map[string]*tally{}}
		l.budget.file = mostOfFile
		l.listArchive(archive{path: "a.jar", from: bytes.NewReader(text), size: int64(len(text))})
		for _, d := range l.declarations {
			if d.Kind == "" || len(d.Packages) == 0 && d.Nameless+d.Unread+d.Broken == "" {
				t.Error(fmt.Sprint(d))
			}
		}
	})
}
