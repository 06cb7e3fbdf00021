package main

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
	"strings"
)

// An SBOM in an image may name any file, and Trivy 0.74 then forgets what it read of that file itself: of two packages under one key ApplyLayers
// (pkg/fanal/applier) keeps what comes last, and PostAnalyze (pkg/fanal/analyzer) reads no file that an SBOM in the same layer names.
// So the SBOMs that a container has lie in layers of their own below all others: there they only add.

// movedSuffix stands behind the name of an SBOM in its own layer, where it is searched for secrets only.
const movedSuffix = ".moved"

// coveredFolder holds the SBOMs whose own folder a layer deletes and makes again: Trivy would forget them with it.
const coveredFolder = ".sbom"

// isSBOM: Trivy reads this file as an SBOM (Required in its pkg/fanal/analyzer/sbom).
func isSBOM(p string) bool {
	if strings.Contains(p, ".dist-info/sboms/") {
		return false
	}
	for _, suffix := range []string{".spdx", ".spdx.json", ".cdx", ".cdx.json"} {
		if strings.HasSuffix(p, suffix) {
			return true
		}
	}
	return false
}

// nameInLayer is what a file of an image is called in its layer of the normal form.
func nameInLayer(kind byte, p string) string {
	if kind == tar.TypeReg && isSBOM(p) {
		return p + movedSuffix
	}
	return p
}

// sbomsByLayer finds the SBOMs in the tree that all layers make together.
func sbomsByLayer(root *node, deleted map[string]bool) map[int16][]relocated {
	found := map[int16][]relocated{}
	var collect func(n *node, at string, isCovered bool)
	collect = func(n *node, at string, isCovered bool) {
		for _, name := range slices.Sorted(maps.Keys(n.kids)) {
			k, p := n.kids[name], path.Join(at, name)
			covered := isCovered || deleted[p]
			if k.kind == tar.TypeReg && isSBOM(p) {
				place := p
				if covered {
					place = path.Join(coveredFolder, p)
				}
				found[k.layer] = append(found[k.layer], relocated{place: place, from: nameInLayer(k.kind, p)})
			}
			collect(k, p, covered)
		}
	}
	collect(root, "", false)
	return found
}

// writeSBOMs puts them below the layers that are there: a layer of its own for each that they come from.
func (i *image) writeSBOMs(root *node, blobs []blob, f *form) ([]blob, error) {
	below, described, err := i.relocate(sbomsByLayer(root, i.deleted), blobs)
	f.Layers = append(described, f.Layers...)
	return append(below, blobs...), err
}
