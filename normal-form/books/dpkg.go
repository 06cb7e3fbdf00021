package books

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

const (
	dpkgFolder  = "var/lib/dpkg"
	dpkgStatus  = dpkgFolder + "/status"
	dpkgJournal = dpkgFolder + "/updates"
	// Distroless images have a file for each package, which dpkg does not read.
	dpkgParts = dpkgFolder + "/status.d"
)

// installedStates are the third words of a status with which the files of a package are there, if only some of them. Trivy goes by other words
// ("deinstall", "purge": what is wanted) and misses those that are to be removed and have not been.
var installedStates = []string{"installed", "unpacked", "half-configured", "half-installed", "triggers-awaited", "triggers-pending"}

// removedStates are those of packages of which no program is left.
var removedStates = []string{"config-files", "not-installed"}

// dpkgDatabases are the database of dpkg, with its journal, and the files of status.d.
func dpkgDatabases(tree Tree) []database {
	var found []database
	if main, ok := dpkgMain(tree); ok {
		found = append(found, main)
	}
	for _, name := range tree.Names(dpkgParts) {
		if strings.HasSuffix(name, ".md5sums") {
			continue
		}
		p := place{Dpkg, path.Join(dpkgParts, name)}
		file, broken := p.file(tree)
		switch {
		case broken != nil:
			found = append(found, database{Declaration: *broken})
		case file.ReaderAt != nil:
			found = append(found, readDpkg(p, []File{file}))
		}
	}
	return found
}

// dpkgMain is the file status, as dpkg reads it: each file of the journal replaces the stanza of its package.
func dpkgMain(tree Tree) (database, bool) {
	p := place{Dpkg, dpkgStatus}
	file, broken := p.file(tree)
	if broken != nil {
		return database{Declaration: *broken}, true
	}
	files, broken := dpkgUpdates(tree)
	if broken != nil {
		return database{Declaration: *broken}, true
	}
	if file.ReaderAt != nil {
		files = slices.Insert(files, 0, file)
	}
	if len(files) == 0 {
		return database{}, false
	}
	return readDpkg(p, files), true
}

// dpkgUpdates are the files of the journal, in the order in which dpkg applies them: those whose names are digits.
func dpkgUpdates(tree Tree) (files []File, broken *Declaration) {
	if at := lostLink(tree, dpkgJournal); at != "" {
		return nil, place{Dpkg, dpkgJournal}.broken(File{}, fmt.Sprintf("%.100q leads to nothing of the image, and a container may find the journal of dpkg there; "+dpkgRemedy, at))
	}
	for _, name := range tree.Names(dpkgJournal) {
		if strings.Trim(name, "0123456789") != "" {
			continue
		}
		p := place{Dpkg, path.Join(dpkgJournal, name)}
		file, broken := p.file(tree)
		if broken != nil {
			return nil, broken
		}
		if file.ReaderAt != nil {
			files = append(files, file)
		}
	}
	return files, nil
}

// readDpkg reads the files one after another as one database.
func readDpkg(p place, files []File) database {
	d := database{Declaration: Declaration{Path: p.path, Kind: Dpkg, Layer: files[0].Layer}}
	byName := map[string]stanza{}
	var order []string
	for _, file := range files {
		err := readStanzas(file, func(s stanza) error {
			key := strings.ToLower(s["package"]) + ":" + s["architecture"]
			if len(order) == maxPackages {
				return errTooMany
			}
			if _, known := byName[key]; !known {
				order = append(order, key)
			}
			byName[key] = s
			return nil
		})
		if err != nil {
			d.fail(file, err, dpkgRemedy)
			return d
		}
	}
	for _, key := range order {
		if err := d.addStanza(byName[key]); err != nil {
			d.fail(files[0], err, dpkgRemedy)
			return d
		}
	}
	return d
}

const dpkgRemedy = "leave it in the image as dpkg writes it"

func (d *database) addStanza(s stanza) error {
	installed, err := s.isInstalled()
	if err != nil || !installed {
		return err
	}
	if s["package"] == "" || s["version"] == "" {
		return fmt.Errorf("an installed package has no name or no version (name %.100q, version %.100q)", s["package"], s["version"])
	}
	source, inBrackets, _ := strings.Cut(s["source"], " ")
	sourceVersion := strings.Trim(strings.TrimSpace(inBrackets), "()")
	return d.add(installation{
		Owner: Owner{
			Manager: Dpkg,
			Name:    strings.ToLower(s["package"]), // as dpkg
			Source:  cmp.Or(source, strings.ToLower(s["package"])),
			Version: withoutZero(s["version"]),
			Vendor:  s["maintainer"],
		},
		arch:   s["architecture"],
		source: cmp.Or(source, s["package"]) + " " + withoutZero(cmp.Or(sourceVersion, s["version"])),
		facts:  strings.Join([]string{cmp.Or(source, s["package"]), cmp.Or(sourceVersion, s["version"]), s["maintainer"]}, "\n"),
	})
}

// isInstalled by the third word of the status. What has no status, as in distroless images, is installed.
func (s stanza) isInstalled() (bool, error) {
	if s["status"] == "" {
		return s["package"] != "", nil
	}
	words := strings.Fields(strings.ToLower(s["status"]))
	if len(words) != 3 {
		return false, fmt.Errorf("package %.100q has the status %.100q, which is not three words", s["package"], s["status"])
	}
	installed := slices.Contains(installedStates, words[2])
	if !installed && !slices.Contains(removedStates, words[2]) {
		return false, fmt.Errorf("package %.100q is %.100q, which is no state of dpkg", s["package"], words[2])
	}
	return installed, nil
}

// withoutZero drops the epoch that says nothing, as the managers do when they list.
func withoutZero(version string) string {
	return strings.TrimPrefix(version, "0:")
}
