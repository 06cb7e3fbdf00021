package books

import (
	"fmt"
	"path"
	"regexp"
)

// isNodePackage: Node and npm know a package by a file of this very name.
func isNodePackage(name string) bool { return path.Base(name) == "package.json" }

const (
	number = `(0|[1-9]\d*)`
	part   = `(0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)`
)

var (
	// npm takes what a URL can hold unescaped (encodeURIComponent), in both halves of a scoped name.
	npmName = regexp.MustCompile(`^(@[\w.~!*'()-]+/)?[\w.~!*'()-]+$`)
	// npmVersion as https://semver.org has it, and as npm takes it besides: with blanks, a sign or a v in front, with zeros, without a dash.
	npmVersion   = regexp.MustCompile(`^` + number + `\.` + number + `\.` + number + `(-` + part + `(\.` + part + `)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	looseVersion = regexp.MustCompile(`^[v=\s\p{Z}\x{feff}]*\d+\.\d+\.\d+(-?[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?[\s\p{Z}\x{feff}]*$`)
	// What a text that is no JSON still seems to say.
	saysName    = regexp.MustCompile(`"name"\s*:\s*"(@[\w.~-]+/)?[\w.~-]+"`)
	saysVersion = regexp.MustCompile(`"version"\s*:\s*"[v=\s]*\d+\.[^"{}%$]*"`)
)

// declareNode reads a package.json as Node does: a byte-order mark is skipped, of a key that is there twice the last counts, other keys hold anything.
func declareNode(d *Declaration, text []byte) {
	d.Kind = Node
	all, err := members(unmarked(text))
	if err != nil {
		declareNoJSON(d, text, err)
		return
	}
	name, nameIsText := textOf(last(all, "name"))
	version, versionIsText := textOf(last(all, "version"))
	switch {
	case !nameIsText || name == "":
		d.Nameless = "it has no name"
	case !npmName.MatchString(name):
		d.Nameless = fmt.Sprintf("its name is %.100q, which npm allows for no package", name)
	case !versionIsText || version == "":
		d.Nameless = "it has no version"
	case !npmVersion.MatchString(version) && looseVersion.MatchString(version):
		d.Broken = fmt.Sprintf("npm reads its version %.100q, and Trivy compares it with no advisory; write the three numbers alone", version)
	default:
		d.Packages = []Package{{Name: name, Version: version}}
	}
}

// declareNoJSON: Node 20 throws, but Node 22 skips what is wrong in a value that it does not need, and loads the package. Both load what is nested
// deeper than Go reads. So only a text that names nothing, as templates do, is sure to be no package.
func declareNoJSON(d *Declaration, text []byte, err error) {
	if isTooDeep(err) {
		d.Broken = fmt.Sprintf("%.100q, which Node reads; correct the file, or delete it", err)
		return
	}
	if text = withoutEscapes(text); saysName.Match(text) && saysVersion.Match(text) {
		d.Broken = fmt.Sprintf("it is no JSON, but has a name and a version, and newer versions of Node load it: %.100q; correct the file, or delete it", err)
		return
	}
	d.Nameless = "it is no JSON, and has no name and version"
}
