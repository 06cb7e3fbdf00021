package main

import (
	"archive/tar"
	"io"
	"maps"
	"slices"
	"strings"
)

// holds is what a layer of the normal form has of a layer of the image.
type holds string

const (
	// holdsFiles: each file that a runtime shows, once, in the layer that it comes from.
	holdsFiles holds = "files"
	// holdsSBOMs: an SBOM in an image may name any file, and Trivy 0.74 then forgets what it read of that file itself: of two packages under one
	// key ApplyLayers (pkg/fanal/applier) keeps what comes last, and PostAnalyze (pkg/fanal/analyzer) reads no file that an SBOM in the same
	// layer names. So the SBOMs lie in layers of their own below all others: there they only add.
	holdsSBOMs holds = "sboms"
	// holdsLinked: what only a link reaches, where Trivy looks for it.
	holdsLinked holds = "linked"
	// holdsPrograms: archives that also begin as a program. PostAnalyze reads no archive that was read as a program in the same layer.
	holdsPrograms holds = "programs"
	// holdsCovered: what no runtime shows, under names that only the search for secrets reads.
	holdsCovered holds = "covered"
)

// copied is a file that Trivy shall read at that place, in a layer of its own.
type copied struct {
	place string
	mode  int64
	node  *node
}

// aside is what is copied, by the layer that it comes from.
type aside map[int16][]copied

func (a aside) add(place string, mode int64, n *node) {
	a[n.layer] = append(a[n.layer], copied{place, mode, n})
}

// visible sorts the files of the final tree that Trivy shall not read where they are, or not only there.
func visible(root *node) (sboms, programs aside) {
	sboms, programs = aside{}, aside{}
	root.each(tar.TypeReg, "", func(p string, n *node) bool {
		switch {
		case isSBOM(p):
			sboms.add(p, int64(n.mode), n)
		case n.program && isArchive(p):
			programs.add(p, int64(n.mode)|0o111, n)
		}
		return true
	})
	return sboms, programs
}

// writeAside makes a layer for each layer that files come from, so that what is found in them is said of that one.
func (i *image) writeAside(what holds, files aside) ([]blob, []formLayer, error) {
	made, described := []blob{}, []formLayer{}
	for _, index := range slices.Sorted(maps.Keys(files)) {
		from := i.layers[index]
		b, err := i.copyOut(from, files[index])
		if err != nil {
			return nil, nil, within(from.String(), err)
		}
		made, described = append(made, b), append(described, from.as(what, b))
	}
	return made, described, nil
}

func (i *image) copyOut(from *layer, files []copied) (blob, error) {
	to := &layer{index: -1, cost: &spending{of: i.budget}}
	if err := to.create(i.folder); err != nil {
		return blob{}, err
	}
	for _, file := range files {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: file.place, Mode: file.mode, Size: file.node.size}
		if _, err := to.out.entry(header, io.NewSectionReader(from.file, file.node.data, file.node.size)); err != nil {
			to.discard()
			return blob{}, err
		}
	}
	b, err := to.out.end()
	if err != nil {
		return blob{}, err
	}
	return b, to.place(i.blobs(), b)
}

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
