package books

import (
	"cmp"
	"fmt"
	"path"
	"strings"
)

var apkFolders = []string{"lib/apk/db", "usr/lib/apk/db"}

const apkRemedy = "leave it in the image as apk writes it"

// apkDatabases at both places; where lib is a link to usr/lib they are one file.
func apkDatabases(tree Tree) []database {
	var found []database
	seen := map[string]bool{}
	for _, folder := range apkFolders {
		p := place{Apk, path.Join(folder, "installed")}
		file, broken := p.file(tree)
		switch {
		case broken != nil:
			found = append(found, database{Declaration: *broken})
		case file.ReaderAt == nil:
			found = append(found, apkBinary(tree, folder, seen)...)
		case !seen[file.Path]:
			seen[file.Path] = true
			found = append(found, readApk(p, file))
		}
	}
	return found
}

// apkBinary is a database in the format of packages of apk 3, which neither Trivy nor this program reads, and which has no text beside it.
func apkBinary(tree Tree, folder string, seen map[string]bool) []database {
	p := place{Apk, path.Join(folder, "installed.adb")}
	file, ok := tree.Resolve(p.path)
	if !ok || seen[file.Path] {
		return nil
	}
	seen[file.Path] = true
	return []database{{Declaration: *p.broken(file, fmt.Sprintf("%.100q is a binary database of apk, and Trivy reads the text only; "+
		"build the image with an apk that writes lib/apk/db/installed", p.path))}}
}

func readApk(p place, file File) database {
	d := database{Declaration: Declaration{Path: p.path, Kind: Apk, Layer: file.Layer}}
	err := eachApk(file, func(line) {}, d.add)
	if err != nil {
		d.fail(file, err, apkRemedy)
	}
	return d
}

// eachApk yields the lines of a package, and at its end the package.
func eachApk(file File, inside func(line), yield func(installation) error) error {
	fields := map[byte]string{}
	var failed error
	end := func() {
		if len(fields) > 0 {
			failed = endOfApk(fields, yield)
		}
		clear(fields)
	}
	err := eachLine(file, "\n", func(l line) bool {
		if len(l.text) == 0 {
			end()
		} else if failed = readApkLine(l, fields); failed == nil {
			inside(l)
		}
		return failed == nil
	})
	if err == nil && failed == nil {
		end()
	}
	return cmp.Or(err, failed)
}

// readApkLine keeps the name, the version, the architecture and the origin. Of the others it asks no more than their form.
func readApkLine(l line, fields map[byte]string) error {
	if len(l.text) < 2 || l.text[1] != ':' {
		return fmt.Errorf("line %d is not a field: %.100q", l.number, l.text)
	}
	key := l.text[0]
	if !strings.ContainsRune("PVAo", rune(key)) {
		return nil
	}
	if _, twice := fields[key]; twice || l.cut {
		return fmt.Errorf("line %d: the field %c of a package is there twice or longer than %d KiB", l.number, key, maxLine>>10)
	}
	fields[key] = string(l.text[2:])
	return nil
}

func endOfApk(fields map[byte]string, yield func(installation) error) error {
	if fields['P'] == "" || fields['V'] == "" {
		return fmt.Errorf("an installed package has no name or no version (name %.100q, version %.100q)", fields['P'], fields['V'])
	}
	source := cmp.Or(fields['o'], fields['P'])
	return yield(installation{
		Owner:  Owner{Manager: Apk, Name: fields['P'], Source: source, Version: fields['V']},
		arch:   fields['A'],
		source: source + " " + fields['V'],
		facts:  source,
	})
}
