package main

import (
	"archive/tar"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// linkedFile is a file that Trivy would read at that place, were it not a link that leads there.
type linkedFile struct {
	place, target string
	node          *node
}

// linkedFiles looks for them in the tree that all layers make together.
func linkedFiles(root *node) []linkedFile {
	var found []linkedFile
	for _, s := range scannedPaths {
		places := slices.Clone(s.paths)
		for _, folder := range s.folders {
			if _, n := follow(root, folder); n != nil && n.kind == tar.TypeDir {
				for _, name := range slices.Sorted(maps.Keys(n.kids)) {
					places = append(places, folder+"/"+name)
				}
			}
		}
		written := map[string]bool{} // two places that lead to one file would list its packages twice
		for _, place := range places {
			target, n := follow(root, place)
			if n == nil || n.kind != tar.TypeReg || target == place || s.isReadAnyway(target) || written[target] {
				continue
			}
			written[target] = true
			found = append(found, linkedFile{place, target, n})
		}
	}
	return found
}

// follow walks to a path as the kernel does in a container, and gives where it really is; nil if it leads nowhere.
func follow(root *node, p string) (string, *node) {
	todo := parts(p)
	var at []string
	nodes := []*node{root}
	for followed := 0; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		here := nodes[len(nodes)-1]
		switch {
		case name == "" || name == ".":
			continue
		case name == "..":
			if len(at) > 0 {
				at, nodes = at[:len(at)-1], nodes[:len(nodes)-1]
			}
			continue
		case len(at) > 0 && at[0] == "proc":
			// Of a process, proc has a link to its root: /proc/self/root/opt is /opt. Nothing of proc is in the image.
			if name == "root" {
				at, nodes = nil, nodes[:1]
				continue
			}
			at, nodes = append(at, name), append(nodes, &node{kind: tar.TypeDir})
			continue
		}
		n := here.kid(name)
		switch {
		case n == nil && len(at) == 0 && name == "proc":
			n = &node{kind: tar.TypeDir}
		case n == nil:
			return "", nil
		case n.kind == tar.TypeSymlink:
			if followed++; followed > maxLinksFollowed {
				return "", nil
			}
			if path.IsAbs(n.link) {
				at, nodes = nil, nodes[:1]
			}
			todo = append(strings.Split(n.link, "/"), todo...)
			continue
		case n.kind != tar.TypeDir && len(todo) > 0:
			return "", nil
		}
		at, nodes = append(at, name), append(nodes, n)
	}
	return strings.Join(at, "/"), nodes[len(nodes)-1]
}

// writeLinked writes the linked files where Trivy reads them: a layer of its own for each layer that they come from, so that what is found in
// them is said of that one.
func (i *image) writeLinked(root *node, blobs []blob, f *form) ([]blob, error) {
	byLayer := map[int16][]linkedFile{}
	for _, file := range linkedFiles(root) {
		byLayer[file.node.layer] = append(byLayer[file.node.layer], file)
	}
	for _, index := range slices.Sorted(maps.Keys(byLayer)) {
		from := i.layers[index]
		extra := &layer{index: int16(len(blobs)), cost: &spending{of: i.budget}, tree: newTree()}
		b, err := extra.copyLinked(byLayer[index], filepath.Join(i.blobs(), hexOf(blobs[index].digest)), i)
		if err != nil {
			extra.discard()
			return nil, within(from.String(), err)
		}
		blobs = append(blobs, b)
		f.Layers = append(f.Layers, formLayer{Normal: b.digest, Digest: from.descriptor.digest, DiffID: from.diffID})
	}
	return blobs, nil
}

func (l *layer) copyLinked(files []linkedFile, from string, i *image) (blob, error) {
	places := map[string][]string{}
	for _, file := range files {
		places[file.target] = append(places[file.target], file.place)
	}
	source, err := os.Open(from)
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
