package books

import (
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
)

// listRustProgram lists the crates that cargo auditable has left in a program: JSON in a section of its own.
func (l *lister) listRustProgram(f File, in sections) {
	section, found := in.oneOf(".dep-v0", ".rust-deps-v0", "rdep-v0", "rust-deps-v0")
	if !found {
		return
	}
	d := Declaration{Path: f.Path, Layer: f.Layer, Kind: Rust}
	packages, err := cratesOf(section)
	switch {
	case err != nil:
		d.Broken = fmt.Sprintf("its list of crates cannot be read: %.200q; build it again with cargo auditable", err)
	case len(packages) == 0:
		d.Nameless = "its list of crates is empty"
	default:
		d.Packages = packages
	}
	l.add(d)
}

func cratesOf(section io.Reader) ([]Package, error) {
	z, err := zlib.NewReader(io.LimitReader(section, mostOfText))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, mostOfText+1))
	if err != nil {
		return nil, err
	}
	if len(text) > mostOfText {
		return nil, fmt.Errorf("%w: %d MiB", errTooMuch, mostOfText>>20)
	}
	var list struct {
		Packages []struct{ Name, Version, Kind string }
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	var packages []Package
	for _, p := range list.Packages {
		if p.Kind == "" || p.Kind == "runtime" { // the others are only for the build
			packages = append(packages, Package{Name: p.Name, Version: p.Version})
		}
	}
	return packages, nil
}
