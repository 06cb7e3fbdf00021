package main

import (
	"archive/tar"
	"io"
	"maps"
	"slices"

	"normal-form/books"
)

// finalTree is what a runtime shows of the image, with the content of its files, as the books read it.
type finalTree struct {
	root   *node
	layers []*layer
	cost   *spending // of the links that are followed
}

func (t *finalTree) Files(yield func(books.File) bool) {
	t.root.each(tar.TypeReg, "", func(p string, n *node) bool { return yield(t.file(p, n)) })
}

func (t *finalTree) Links(yield func(string) bool) {
	t.root.each(tar.TypeSymlink, "", func(p string, _ *node) bool { return yield(p) })
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
	n := t.root.find(parts(p))
	if n == nil || n.kind != tar.TypeSymlink {
		return "", false
	}
	return n.link, true
}
