package main

import (
	"archive/tar"
	"io"
	"os"
)

// relocated is a file of a layer that Trivy shall read at another place, in a layer of its own.
type relocated struct {
	place, from string // from: its name in the layer of the normal form
}

// relocate makes a layer of files of another one.
func (i *image) relocate(files []relocated, layerFile string) (blob, error) {
	l := &layer{index: -1, cost: &spending{of: i.budget}, tree: newTree()}
	b, err := l.copyFrom(files, layerFile, i)
	if err != nil {
		l.discard()
	}
	return b, err
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
