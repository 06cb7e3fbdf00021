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
	if a.depth == 0 && slices.ContainsFunc(c.metadata, isPkgInfo) {
		l.listEgg(d, c.metadata)
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

func isPkgInfo(f *zip.File) bool { return f.Name == "EGG-INFO/PKG-INFO" }

// listEgg lists what an egg says of itself, which Python reads from METADATA too, and apart from that what else lies in it.
func (l *lister) listEgg(d Declaration, metadata []*zip.File) {
	var others []*zip.File
	for _, f := range metadata {
		if path.Dir(f.Name) != "EGG-INFO" {
			others = append(others, f)
			continue
		}
		text, err := l.textIn(f)
		if err != nil {
			d.Broken = fmt.Sprintf("%v; install the package again", err)
			continue
		}
		own := Declaration{}
		declarePython(&own, text)
		d.Broken, d.Nameless = firstOf(d.Broken, own.Broken), firstOf(d.Nameless, own.Nameless)
		d.Packages = append(d.Packages, own.Packages...)
	}
	if len(d.Packages) > 0 {
		d.Nameless = ""
	}
	l.add(d)
	if packages, _ := l.packagesIn(others, declarePython); len(packages) > 0 {
		l.add(Declaration{Path: d.Path, Layer: d.Layer, Kind: Python, Packages: packages,
			Unread: "more packages of Python in an egg, of which Trivy reads the one only that the egg is for; install each of them by itself"})
	}
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
