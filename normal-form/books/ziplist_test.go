package books

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// jarParts: an archive, where its end begins, and what its end says of the list of entries.
func jarParts(t *testing.T) (jar string, end int, length, offset uint64) {
	t.Helper()
	jar = zipped(t, log4j)
	end = strings.LastIndex(jar, string(endOfZip))
	record := []byte(jar[end:])
	return jar, end, uint64(binary.LittleEndian.Uint32(record[12:])), uint64(binary.LittleEndian.Uint32(record[16:]))
}

// largerEndAt is a larger record of the end, with its locator, for an archive with one entry.
func largerEndAt(at int, length, offset uint64) string {
	var record bytes.Buffer
	record.WriteString("PK\x06\x06")
	write(&record, uint64(44), uint32(0), uint64(0), uint64(1), uint64(1), length, offset)
	record.Write(locatorOfZip)
	write(&record, uint32(0), uint64(at), uint32(1))
	return record.String()
}

// Java 17 runs each of these, and Go's reader finds none of the entries, or others.
func TestArchivesThatReadersReadDifferently(t *testing.T) {
	jar, end, length, offset := jarParts(t)

	decoy := zipped(t, entry{"a", ""})
	decoyEnd := strings.LastIndex(decoy, string(endOfZip))
	decoyOffset := binary.LittleEndian.Uint32([]byte(decoy[decoyEnd+16:]))
	front := strings.Repeat("\n", int(offset)) + decoy[:decoyEnd]
	twoLists := []byte(front + jar)
	binary.LittleEndian.PutUint32(twoLists[len(front)+end+16:], uint32(offset)+decoyOffset)

	entries := []entry{log4j}
	for n := range 80 {
		entries = append(entries, entry{fmt.Sprint(n), ""})
	}
	long := []byte(commented(t, strings.Repeat("x", 60_000), entries...))
	binary.LittleEndian.PutUint16(long[bytes.LastIndex(long, endOfZip)+10:], 7)

	for name, c := range map[string]struct{ jar, why string }{
		"a larger end that nobody needs": {"#" + jar[:end] + largerEndAt(1+end, length, offset) + jar[end:], errTwoEnds.Error()},
		"a larger end with other words":  {jar[:end] + largerEndAt(end, length, offset+1) + jar[end:], errTwoEnds.Error()},
		"two lists":                      {string(twoLists), errTwoLists.Error()},
		"a long list with another count": {string(long), "unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			found := LanguagePackages(files{"a.jar": c.jar})
			if len(found) != 1 || !strings.Contains(found[0].Broken, c.why) {
				t.Errorf("%+v, want: broken, since %s", found, c.why)
			}
		})
	}
}

func TestArchivesWithALargerEnd(t *testing.T) {
	jar, end, length, offset := jarParts(t)
	needed := []byte(jar[end:])
	binary.LittleEndian.PutUint32(needed[16:], 1<<32-1)
	larger := largerEndAt(end, length, offset)
	expect(t, files{
		"in-front.jar":   "#!/bin/sh\n" + jar,
		"needed.jar":     jar[:end] + larger + string(needed),
		"not-needed.jar": jar[:end] + larger + jar[end:],
	},
		"in-front.jar jar "+isLog4j, "needed.jar jar "+isLog4j, "not-needed.jar jar "+isLog4j)
}

func TestStoredArchivesUnderAnyName(t *testing.T) {
	inner := zipped(t, log4j)
	for _, name := range []string{"BOOT-INF/lib/l.dat", "BOOT-INF/lib/l.class", "BOOT-INF/lib/pom.properties", "BOOT-INF/lib/node_modules/l/package.json"} {
		expect(t, files{"a.jar": packed(t, zip.Store, entry{name, "#" + inner})}, "a.jar/"+name+" jar "+isLog4j)
	}
}

// An archive in an archive that begins with blocks of nothing.
func TestArchivesThatBeginLate(t *testing.T) {
	inner := zipped(t, log4j)
	empty := strings.Repeat("\x00\x00\x00\xff\xff", 20_000) // stored blocks without content
	stored := func(last byte, text string) string {
		return string([]byte{last, byte(len(text)), byte(len(text) >> 8), ^byte(len(text)), ^byte(len(text) >> 8)}) + text
	}
	expect(t, files{"a.jar": raw(t, zip.Deflate, "l.dat", empty+stored(1, inner), len(inner))}, "a.jar/l.dat jar "+isLog4j)
}

// A name of an entry has up to 32,000 folders, and an archive a thousand such entries.
func TestArchivesUnderLongNames(t *testing.T) {
	name := strings.Repeat("a/", 30_000) + "l.jar"
	tree := walked{files: files{"a.jar": zipped(t, entry{name, zipped(t, log4j)})}, walks: new(int)}
	found := List(tree)
	if got, want := summary(found), "a.jar/"+name+" jar "+isLog4j; got != want || *tree.walks > 1000 {
		t.Errorf("%.100s after %d walks", got, *tree.walks)
	}
}

// walked counts how often somebody walks to a path.
type walked struct {
	files
	walks *int
}

func (w walked) Resolve(name string) (File, bool) {
	*w.walks++
	return w.files.Resolve(name)
}

func write(to *bytes.Buffer, values ...any) {
	for _, v := range values {
		_ = binary.Write(to, binary.LittleEndian, v)
	}
}

// commented is an archive whose list of entries is long.
func commented(t testing.TB, comment string, entries ...entry) string {
	t.Helper()
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	for _, e := range entries {
		to, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Comment: comment})
		if err == nil {
			_, err = to.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// raw is an archive with an entry that is compressed already.
func raw(t testing.TB, method uint16, name, content string, size int) string {
	t.Helper()
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	to, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: method, CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(size)})
	if err == nil {
		_, err = to.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}
