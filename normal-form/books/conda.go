package books

import (
	"fmt"
	"path"
	"regexp"
)

// isCondaPackage: conda reads all of these, in the base environment too.
func isCondaPackage(name string) bool {
	return path.Ext(name) == ".json" && path.Base(path.Dir(name)) == "conda-meta"
}

// condaOfTrivy: Trivy looks into named environments only, and the base environment of conda is none.
var condaOfTrivy = regexp.MustCompile(`/envs/.+/conda-meta/`)

const condaElsewhere = "a package in the base environment of conda, or in a folder that is not below envs, where Trivy does not look; " +
	"what it brings of other kinds is read"

func declareConda(d *Declaration, text []byte) {
	d.Kind = Conda
	all, err := members(text)
	if err != nil {
		d.Broken = fmt.Sprintf("it is no JSON: %.100q; install the package again", err)
		return
	}
	name, _ := textOf(last(all, "name"))
	version, _ := textOf(last(all, "version"))
	if name == "" || version == "" {
		d.Nameless = "it has no name or no version"
		return
	}
	d.Packages = []Package{{Name: name, Version: version}}
	if !condaOfTrivy.MatchString(d.Path) {
		d.Unread = condaElsewhere
	}
}
