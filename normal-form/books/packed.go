package books

import (
	"archive/zip"
	"fmt"
	"path"
	"slices"
	"strings"
)

// mostPackages that an archive which Trivy does not read is listed with: they only say what is in it.
const mostPackages = 200

// listPythonArchive lists an egg, which Trivy reads, and wheels, zipapps and the like, which it does not.
func (l *lister) listPythonArchive(a archive, c contents) {
	if len(c.metadata) == 0 && !c.isPythonMain {
		return
	}
	d := Declaration{Path: a.path, Layer: a.layer, Kind: Python}
	if egg := eggInfo(c.metadata); egg >= 0 && a.depth == 0 {
		if text, err := l.textIn(c.metadata[egg]); err != nil {
			d.Broken = fmt.Sprintf("%v; install the package again", err)
		} else {
			declarePython(&d, text)
		}
		l.add(d)
		if more := slices.Delete(slices.Clone(c.metadata), egg, egg+1); len(more) > 0 {
			packages, _ := l.packagesIn(more, declarePython)
			l.add(Declaration{Path: a.path, Layer: a.layer, Kind: Python, Packages: packages,
				Unread: "more packages in an egg than its own, which Trivy does not read; install the packages, and delete it"})
		}
		return
	}
	d.Packages, _ = l.packagesIn(c.metadata, declarePython)
	switch {
	case len(c.metadata) == 0:
		d.Nameless = "it is a program of Python in one file that names no packages"
	case path.Ext(a.path) == ".whl" && strings.Contains(a.path, "ensurepip/_bundled/"):
		d.Unread = "a wheel that Python brings for new environments, which Trivy does not read; delete it if the image makes none"
	case c.isPythonMain:
		d.Unread = "a program of Python with its packages in one file, which Trivy does not read; install the packages into an environment"
	default:
		d.Unread = "a wheel, or another archive of packages of Python, which Trivy does not read; install the packages, and delete it"
	}
	l.add(d)
}

// eggInfo is the place of the metadata of an egg, -1 if there is none.
func eggInfo(metadata []*zip.File) int {
	return slices.IndexFunc(metadata, func(f *zip.File) bool { return f.Name == "EGG-INFO/PKG-INFO" })
}

// listNodeArchive lists packages that Node loads out of an archive, as with Yarn's Plug'n'Play.
func (l *lister) listNodeArchive(a archive, c contents) {
	if len(c.nodePackages) == 0 {
		return
	}
	if packages, areAll := l.packagesIn(c.nodePackages, declareNode); len(packages) > 0 || !areAll {
		l.add(Declaration{Path: a.path, Layer: a.layer, Kind: Node, Packages: packages,
			Unread: "packages of Node in an archive, which Trivy does not read; set nodeLinker to node-modules"})
	}
}

// packagesIn some files of an archive, and whether each of these could be told.
func (l *lister) packagesIn(files []*zip.File, declare func(*Declaration, []byte)) (packages []Package, areAll bool) {
	areAll = true
	for _, f := range files {
		if len(packages) >= mostPackages {
			return packages, false
		}
		var d Declaration
		text, err := l.textIn(f)
		if err == nil {
			declare(&d, text)
			packages = append(packages, d.Packages...)
		}
		areAll = areAll && err == nil && d.Broken == ""
	}
	return packages, areAll
}
