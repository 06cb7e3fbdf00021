package books

import (
	"fmt"
	"path"
)

// isCondaPackage: conda reads all of these, in the base environment too.
func isCondaPackage(name string) bool {
	return path.Ext(name) == ".json" && path.Base(path.Dir(name)) == "conda-meta"
}

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
}
