package books

import (
	"fmt"
	"path"
	"strings"
)

// otherManager is a package manager that Trivy does not know, by what it keeps: some entry of the folder, by its name.
type otherManager struct {
	name, folder string
	keeps        func(tree Tree, folder, entry string) bool
}

var managersUnknown = []otherManager{
	{"pacman", "var/lib/pacman/local", holds("desc")},
	{"opkg", "var/lib/opkg", isFile("status")},
	{"opkg", "usr/lib/opkg", isFile("status")},
	{"xbps", "var/db/xbps", isFile("pkgdb-")},
	{"Portage", "var/db/pkg", isFolder},
	{"Nix", "nix/var/nix/db", isFile("db.sqlite")},
	{"Guix", "var/guix/db", isFile("db.sqlite")},
	{"pkgtools", "var/lib/pkgtools/packages", isFile("")},
	{"pkgtools", "var/log/packages", isFile("")},
	{"swupd", "usr/share/clear/bundles", isFile("")},
	{"eopkg", "var/lib/eopkg/package", isFolder},
}

func holds(file string) func(Tree, string, string) bool {
	return func(tree Tree, folder, entry string) bool {
		_, found := tree.Resolve(path.Join(folder, entry, file))
		return found
	}
}

func isFile(prefix string) func(Tree, string, string) bool {
	return func(tree Tree, folder, entry string) bool {
		file, found := tree.Resolve(path.Join(folder, entry))
		return found && file.Size > 0 && strings.HasPrefix(entry, prefix)
	}
}

func isFolder(tree Tree, folder, entry string) bool {
	return len(tree.Names(path.Join(folder, entry))) > 0
}

// otherManagers that have packages in the image.
func otherManagers(tree Tree) []Declaration {
	var found []Declaration
	for _, m := range managersUnknown {
		for _, entry := range tree.Names(m.folder) {
			if m.keeps(tree, m.folder, entry) {
				at := path.Join(m.folder, entry)
				found = append(found, Declaration{Path: at, Kind: System, Broken: fmt.Sprintf("%.100q is of the package manager %s, whose packages Trivy does not read; "+
					"build the image on a system that it knows", at, m.name)})
				break
			}
		}
	}
	return found
}
