package books

import (
	"cmp"
	"fmt"
	"slices"
)

// maxPackages of one database. Whole distributions have fewer.
const maxPackages = 200_000

var errTooMany = fmt.Errorf("it has more than %d packages", maxPackages)

// database of a package manager, at one of the places where Trivy looks.
type database struct {
	Declaration
	installed []installation
}

// installation is what a database says of one package.
type installation struct {
	Owner
	arch string
	// source package and its version, as Trivy tells them.
	source string
	// facts by which Trivy chooses the advisories of the package: two packages that it takes for one must have the same.
	facts string
}

// SystemPackages reads the databases of dpkg, apk and rpm: what these list as installed, in a declaration for each file.
func SystemPackages(tree Tree) []Declaration {
	var declared []Declaration
	for _, databases := range systemDatabases(tree) {
		for _, d := range withoutContradictions(databases) {
			d.Packages = d.packages()
			declared = append(declared, d.Declaration)
		}
	}
	return declared
}

func systemDatabases(tree Tree) [][]database {
	return [][]database{dpkgDatabases(tree), apkDatabases(tree), rpmDatabases(tree)}
}

// withoutContradictions: where two databases have a package of one name and version, Trivy keeps the one or the other by chance. That is well
// if both say the same of it, as they do where `status` and `status.d` overlap; if not, the second is broken.
func withoutContradictions(databases []database) []database {
	said, by := map[string]string{}, map[string]string{}
	for n := range databases {
		d := &databases[n]
		for _, i := range d.installed {
			id := d.identity(i)
			if facts, known := said[id]; known && facts != i.facts && d.Broken == "" {
				d.Broken = fmt.Sprintf("%.100q says of the package %.100q another source, epoch or vendor than %.100q, and Trivy takes one of the two by chance; "+
					"leave one database of %s in the image", d.Path, id, by[id], d.Kind)
			}
			said[id], by[id] = i.facts, d.Path
		}
	}
	return databases
}

// identity of a package, by which Trivy tells it from others.
func (d *database) identity(i installation) string {
	if d.Kind == Rpm {
		return i.Name + "@" + withoutEpoch(i.Version) + "." + i.arch
	}
	return i.Name + "@" + i.Version
}

// packages without those that are installed for a second architecture: Trivy lists one of a name and version.
func (d *database) packages() []Package {
	if d.Broken != "" {
		return nil
	}
	var all []Package
	for _, i := range d.installed {
		all = append(all, Package{i.Name, i.Version, i.source})
	}
	slices.SortFunc(all, func(a, b Package) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Source, b.Source))
	})
	return slices.Compact(all)
}

func (d *database) add(i installation) error {
	if len(d.installed) == maxPackages {
		return errTooMany
	}
	d.installed = append(d.installed, i)
	return nil
}

func (d *database) fail(file File, err error, remedy string) {
	d.installed = nil
	d.Broken = fmt.Sprintf("%.100q cannot be read as a database of %s: %v; %s", file.Path, d.Kind, err, remedy)
}
