package main

import (
	"archive/tar"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// What a layer deletes or covers is in the blob for everyone who pulls it, so it is searched for secrets, and for nothing else: as a package or as a
// release it would speak for an image that does not have it.

// covered is an entry of a layer that no runtime shows.
type covered struct {
	path  string
	node  *node
	again bool // by a later entry of the same layer
}

// cover calls note with each entry at that place and below it.
func (n *node) cover(p string, note func(string, *node)) {
	if n.written && n.kind != tar.TypeDir && n.kind != whiteout {
		note(p, n)
	}
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		n.kids[name].cover(path.Join(p, name), note)
	}
}

// coveredName is where the content of a covered file stands in the normal form. No analyser of Trivy takes a file of that name for anything, and
// its folder is still the one by which Trivy leaves a place out of the search for secrets. Nobody can write the digest of an image into the image.
// With the numbers of the layer and of the entry each name is there once: of two secrets of one kind under one name Trivy keeps one.
func coveredName(p, digest string, layer, entry int) string {
	folder, base := path.Split(p)
	if !namesASecret(base) {
		base = "~" + base + "~"
	}
	return fmt.Sprintf("%s~%s.%d.%d/%s", folder, hexOf(digest)[:16], layer+1, entry+1, base)
}

// namesASecret: Trivy 0.74 searches these only under their own names (pkg/fanal/secret/builtin-rules.go, allowedBinaries in
// pkg/fanal/analyzer/secret), and reads them as nothing else.
func namesASecret(base string) bool {
	switch strings.ToLower(base) {
	case "settings.xml", "settings-security.xml":
		return true
	}
	return path.Ext(base) == ".pyc"
}

// isEarlier: an earlier state of a package database, where the image still has one. By it Trivy tells which layer brought a package.
func (c covered) isEarlier(root *node) bool {
	if c.again || c.node.kind != tar.TypeReg || !isDatabase(c.path) {
		return false
	}
	n := root.find(parts(c.path))
	return n != nil && n.kind == tar.TypeReg
}
