package books

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// rpmPlaces are those where Trivy looks: of SQLite, of ndb and of Berkeley DB.
var rpmPlaces = []string{
	"usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite", "usr/share/rpm/rpmdb.sqlite",
	"usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages.db",
	"usr/lib/sysimage/rpm/Packages", "var/lib/rpm/Packages",
}

const rpmRemedy = "run `rpm --rebuilddb` in the build"

// maxHeader of one package; that of a kernel's headers has some MB.
const maxHeader = 64 << 20

// headersOf yields the header of each package of a database, in whatever format it is. The bytes are only valid until the next one.
func headersOf(file File, yield func([]byte) error) error {
	start := make([]byte, 16)
	if _, err := file.ReadAt(start, 0); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("it is shorter than any database")
		}
		return err
	}
	switch {
	case bytes.Equal(start, sqliteMagic):
		return readSqlite(file, yield)
	case bytes.HasPrefix(start, ndbMagic):
		return readNdb(file, yield)
	case isBerkeley(start):
		return readBerkeley(file, yield)
	}
	return errors.New("it is neither SQLite, nor ndb, nor a hash of Berkeley DB")
}

func rpmDatabases(tree Tree) []database {
	var found []database
	seen := map[string]bool{}
	for _, name := range rpmPlaces {
		p := place{Rpm, name}
		file, broken := p.file(tree)
		switch {
		case broken != nil:
			found = append(found, database{Declaration: *broken})
		case file.ReaderAt != nil && !seen[file.Path]:
			seen[file.Path] = true
			found = append(found, readRpm(tree, p, file))
		}
	}
	return append(found, rpmManifests(tree)...)
}

func readRpm(tree Tree, p place, file File) database {
	d := database{Declaration: Declaration{Path: p.path, Kind: Rpm, Layer: file.Layer}}
	if log := unwritten(tree, p, file); log != "" {
		d.fail(file, fmt.Errorf("%.100q beside it has changes that are not written back, and Trivy reads the database without them", log), rpmRemedy)
		return d
	}
	err := headersOf(file, func(blob []byte) error {
		_, i, err := readRpmPackage(blob)
		if err != nil || i == nil {
			return err
		}
		return d.add(*i)
	})
	if err != nil {
		d.fail(file, err, rpmRemedy)
	}
	return d
}

// unwritten is a log of SQLite with changes that the database does not have yet. SQLite looks for it beside the real file, and rpm opens the file by
// the path of its folder. Berkeley DB has caches (__db.001) instead, which rpm makes anew, and rpm never lets it write a log.
func unwritten(tree Tree, p place, file File) string {
	for _, database := range []string{p.path, file.Path} {
		if path.Ext(database) != ".sqlite" {
			continue
		}
		for _, suffix := range []string{"-wal", "-journal"} {
			log, ok := tree.Resolve(database + suffix)
			if ok && log.Size > 0 {
				return log.Path
			}
			if at := dangling(tree, database+suffix); at != "" && !ok {
				return at
			}
		}
	}
	return ""
}

// readRpmPackage gives the header of a package and what it says; no installation for a key, which rpm keeps as a package without a real version.
func readRpmPackage(blob []byte) (header, *installation, error) {
	h, err := readHeader(blob)
	if err != nil {
		return nil, nil, err
	}
	texts := map[uint32]string{}
	for _, tag := range []uint32{tagName, tagVersion, tagRelease, tagArch, tagSourceRpm, tagVendor, tagModularity} {
		if texts[tag], err = h.text(tag); err != nil {
			return nil, nil, err
		}
	}
	if texts[tagName] == "gpg-pubkey" {
		return h, nil, nil
	}
	if texts[tagName] == "" || texts[tagVersion] == "" || texts[tagRelease] == "" {
		return nil, nil, fmt.Errorf("%w: a package has no name, version or release", errHeader)
	}
	epoch, err := h.epoch()
	if err != nil {
		return nil, nil, err
	}
	return h, &installation{
		Owner: Owner{
			Manager: Rpm,
			Name:    texts[tagName],
			Source:  cmp.Or(sourceOfRpm(texts[tagSourceRpm]), texts[tagName]),
			Version: epoch + texts[tagVersion] + "-" + texts[tagRelease],
			Vendor:  texts[tagVendor],
		},
		arch:   texts[tagArch],
		source: nameAndVersionOfRpm(texts[tagSourceRpm]),
		facts:  strings.Join([]string{epoch, texts[tagSourceRpm], texts[tagVendor], texts[tagModularity]}, "\n"),
	}, nil
}

// epoch with the colon that stands before a version, if it has one that says something.
func (h header) epoch() (string, error) {
	numbers, err := h.numbers(tagEpoch)
	if err != nil || len(numbers) == 0 || numbers[0] == 0 {
		return "", err
	}
	return strconv.FormatUint(uint64(numbers[0]), 10) + ":", nil
}

func withoutEpoch(version string) string {
	if _, rest, found := strings.Cut(version, ":"); found {
		return rest
	}
	return version
}

// nameAndVersionOfRpm are "openssl 3.0.7-27.el9"; empty if it has another form.
func nameAndVersionOfRpm(file string) string {
	name := sourceOfRpm(file)
	version := strings.TrimPrefix(strings.TrimSuffix(file, ".rpm"), name+"-")
	end := strings.LastIndexByte(version, '.') // "src" follows
	if name == "" || end < 0 {
		return ""
	}
	return name + " " + version[:end]
}

// sourceOfRpm is the name in "openssl-3.0.7-27.el9.src.rpm".
func sourceOfRpm(file string) string {
	for range 2 {
		end := strings.LastIndexByte(file, '-')
		if end < 0 {
			return ""
		}
		file = file[:end]
	}
	return file
}
