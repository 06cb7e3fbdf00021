package main

import (
	"archive/tar"
	"io"
	"maps"
	"path"
	"slices"

	"normal-form/books"
)

// finalTree is what a runtime shows of the image, with the content of its files, as the books read it.
type finalTree struct {
	root   *node
	layers []*layer
	cost   *spending // of the links that are followed
}

func (t *finalTree) Files(yield func(books.File) bool) { t.below(t.root, "", yield) }

func (t *finalTree) below(n *node, at string, yield func(books.File) bool) bool {
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		k, p := n.kids[name], path.Join(at, name)
		if k.isFile() && !yield(t.file(p, k)) {
			return false
		}
		if !t.below(k, p, yield) {
			return false
		}
	}
	return true
}

func (t *finalTree) Links(yield func(string) bool) { linksBelow(t.root, "", yield) }

func linksBelow(n *node, at string, yield func(string) bool) bool {
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		k, p := n.kids[name], path.Join(at, name)
		if k.kind == tar.TypeSymlink && !yield(p) || !linksBelow(k, p, yield) {
			return false
		}
	}
	return true
}

func (t *finalTree) file(p string, n *node) books.File {
	return books.File{Path: p, Size: n.size, Layer: int(n.layer), ReaderAt: io.NewSectionReader(t.layers[n.layer].file, n.data, n.size)}
}

func (t *finalTree) Resolve(p string) (books.File, bool) {
	at, n := follow(t.root, p, t.cost)
	if n == nil || !n.isFile() {
		return books.File{}, false
	}
	return t.file(at, n), true
}

func (t *finalTree) Names(folder string) []string {
	_, n := follow(t.root, folder, t.cost)
	if n == nil || n.kind != tar.TypeDir {
		return nil
	}
	return slices.Sorted(maps.Keys(n.kids))
}

func (t *finalTree) Link(p string) (string, bool) {
	n := t.root
	for _, name := range parts(p) {
		n = n.kid(name)
	}
	if n == nil || n.kind != tar.TypeSymlink {
		return "", false
	}
	return n.link, true
}
