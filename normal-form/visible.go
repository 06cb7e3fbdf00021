package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"normal-form/books"
)

// writeLayers writes what Trivy gets: each file that a runtime shows once, in the layer that it comes from, without deletions. What layers do with
// each other is decided here, once, and not by Trivy: it merges what it found in layers, not their files, so a layer that nobody sees would speak.
func (i *image) writeLayers(root *node, f *form) ([]blob, error) {
	sboms, programs := visible(root)
	secrets, dead := i.covered(root, sboms)
	linked, err := i.linked(root, f.declared, sboms)
	if err != nil {
		return nil, err
	}
	blobs := []blob{}
	f.Layers = []formLayer{}
	add := func(what holds, files aside) error {
		made, described, err := i.writeAside(what, files)
		blobs, f.Layers = append(blobs, made...), append(f.Layers, described...)
		return err
	}
	if err := add(holdsSBOMs, sboms); err != nil {
		return nil, err
	}
	// Copies come first, since what is taken out of a layer moves what is behind it.
	under := len(blobs)
	for _, each := range []struct {
		what  holds
		files aside
	}{{holdsLinked, linked}, {holdsPrograms, programs}, {holdsCovered, secrets}} {
		if err := add(each.what, each.files); err != nil {
			return nil, err
		}
	}
	for n, l := range i.layers {
		b, err := l.strip(dead[n], i.blobs())
		if err != nil {
			return nil, within(l.String(), err)
		}
		blobs, f.Layers = slices.Insert(blobs, under+n, b), slices.Insert(f.Layers, under+n, l.as(holdsFiles, b))
	}
	return blobs, nil
}

// linked are the files that only a link reaches. One that Trivy takes for an SBOM, too, joins the others.
func (i *image) linked(root *node, declared []books.Declaration, sboms aside) (aside, error) {
	linked := aside{}
	cost := &spending{of: i.budget}
	files, err := linkedFiles(root, cost)
	if err != nil {
		return nil, err
	}
	declaring, err := linkedDeclarations(root, declared, cost)
	if err != nil {
		return nil, err
	}
	for _, file := range append(files, declaring...) {
		to := linked
		if isSBOM(file.place) {
			to = sboms
		}
		to.add(file.place, int64(file.node.mode), file.node)
	}
	return linked, nil
}

// covered gives for each layer what the search for secrets gets of it, and what is taken out of it.
func (i *image) covered(root *node, sboms aside) (aside, [][]extent) {
	secrets, dead := aside{}, make([][]extent, len(i.layers))
	for n, l := range i.layers {
		for at, c := range l.covered {
			if c.isEarlier(root) {
				continue
			}
			dead[n] = append(dead[n], c.node.extent())
			if c.node.isFile() && c.node.size > 0 {
				secrets.add(coveredName(c.path, i.digest, n, at), 0o644, c.node)
			}
		}
		for _, sbom := range sboms[int16(n)] {
			dead[n] = append(dead[n], sbom.node.extent())
		}
	}
	return secrets, dead
}

// strip takes entries out of the file of a layer, in place, so that the disk never holds two copies of it.
func (l *layer) strip(dead []extent, blobs string) (blob, error) {
	b := l.whole
	if len(dead) > 0 {
		slices.SortFunc(dead, func(a, b extent) int { return cmp.Compare(a.start, b.start) })
		var err error
		if b, err = squeeze(l.file, l.whole.size, dead); err != nil {
			return blob{}, err
		}
	}
	return b, l.place(blobs, b)
}

// place closes the file of the layer and gives it the name of its hash.
func (l *layer) place(blobs string, b blob) error {
	name := l.file.Name()
	if err := l.file.Close(); err != nil {
		return err
	}
	l.file = nil
	return os.Rename(name, filepath.Join(blobs, hexOf(b.digest)))
}
