package main

import (
	"archive/tar"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// relocated is a file of a layer that Trivy shall read at another place, in a layer of its own.
type relocated struct {
	place, from string // from: its name in the layer of the normal form
}

// relocate makes layers of files of others: one for each layer that they come from, so that what is found in them is said of that one.
func (i *image) relocate(byLayer map[int16][]relocated, blobs []blob) ([]blob, []formLayer, error) {
	made, described := []blob{}, []formLayer{}
	for _, index := range slices.Sorted(maps.Keys(byLayer)) {
		from := i.layers[index]
		l := &layer{index: -1, cost: &spending{of: i.budget}, tree: newTree()}
		b, err := l.copyFrom(byLayer[index], filepath.Join(i.blobs(), hexOf(blobs[index].digest)), i)
		if err != nil {
			l.discard()
			return nil, nil, within(from.String(), err)
		}
		made, described = append(made, b), append(described, formLayer{Normal: b.digest, Digest: from.descriptor.digest, DiffID: from.diffID})
	}
	return made, described, nil
}

func (l *layer) copyFrom(files []relocated, layerFile string, i *image) (blob, error) {
	places := map[string][]string{}
	for _, file := range files {
		places[file.from] = append(places[file.from], file.place)
	}
	source, err := os.Open(layerFile)
	if err != nil {
		return blob{}, err
	}
	defer source.Close()
	if err := l.create(i.folder); err != nil {
		return blob{}, err
	}
	for tr := tar.NewReader(source); ; {
		header, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return blob{}, err
		}
		start := int64(-1)
		for _, place := range places[header.Name] {
			header.Name = place
			var content io.Reader = tr
			if start >= 0 {
				if content, err = l.out.section(start, header.Size); err != nil {
					return blob{}, err
				}
			}
			if start, err = l.out.entry(header, content); err != nil {
				return blob{}, err
			}
		}
	}
	return l.close(i.blobs())
}
