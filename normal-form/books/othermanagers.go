package books

import (
	"fmt"
	"path"
	"strings"
)

// otherManager is a package manager that Trivy does not know, by what it keeps: some entry of the folder, by its name.
type otherManager struct {
	name, folder string
	keeps        func(tree Tree, folder, entry string) (File, bool)
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

func holds(name string) func(Tree, string, string) (File, bool) {
	return func(tree Tree, folder, entry string) (File, bool) {
		return tree.Resolve(path.Join(folder, entry, name))
	}
}

func isFile(prefix string) func(Tree, string, string) (File, bool) {
	return func(tree Tree, folder, entry string) (File, bool) {
		file, found := tree.Resolve(path.Join(folder, entry))
		return file, found && file.Size > 0 && strings.HasPrefix(entry, prefix)
	}
}

func isFolder(tree Tree, folder, entry string) (File, bool) {
	names := tree.Names(path.Join(folder, entry))
	if len(names) == 0 {
		return File{}, false
	}
	file, _ := tree.Resolve(path.Join(folder, entry, names[0])) // for its layer
	return file, true
}

// otherManagers that have packages in the image.
func otherManagers(tree Tree) []Declaration {
	var found []Declaration
	for _, m := range managersUnknown {
		for _, entry := range tree.Names(m.folder) {
			if file, keeps := m.keeps(tree, m.folder, entry); keeps {
				at := path.Join(m.folder, entry)
				found = append(found, Declaration{Path: at, Kind: System, Layer: file.Layer, Broken: fmt.Sprintf("%.100q is of the package manager %s, "+
					"whose packages Trivy does not read; build the image on a system that it knows", at, m.name)})
				break
			}
		}
	}
	return found
}
