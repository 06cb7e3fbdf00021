package main

import (
	"archive/tar"
	"crypto/sha256"
	"io"
)

// A snapshotter that loads lazily mounts what a table of contents says, and never reads the tar as a whole. So a table must say exactly what the
// tar says. eStargz: the table is a file of the tar, its hash in an annotation of the descriptor. zstd:chunked: see chunked.go.
//
// SOCI has no table in the layer: its index is an artifact of its own, made from the same gzip blob, and names ranges of the tar. It is not
// looked at here.

const (
	stargzTable      = "stargz.index.json"
	stargzAnnotation = "containerd.io/snapshot/stargz/toc.digest"
)

func (l *layer) checkTables() error {
	want, named := l.descriptor.annotations[stargzAnnotation]
	chunked, err := l.tail.table(l.descriptor)
	if err != nil {
		return err
	}
	if chunked != nil {
		table, err := chunked.open()
		if err != nil {
			return err
		}
		defer table.Close()
		return l.checkTable("zstd:chunked", table, nil, want, chunked.tarSplit)
	}
	index := l.tree.root.kid(stargzTable)
	if index == nil && (l.hasTable || !named) {
		return nil
	}
	if index == nil || index.kind != tar.TypeReg {
		return refuse("eStargz: names a table of contents that it does not hold")
	}
	table, err := l.out.section(index.data, index.size)
	if err != nil {
		return err
	}
	return l.checkTable("eStargz", table, index, want, nil)
}

// checkTable compares a table with the tar. The table's own file is the one thing that it does not name.
func (l *layer) checkTable(format string, text io.Reader, self *node, want string, tarSplit *tailFrame) error {
	l.hasTable = true
	h := sha256.New()
	t := &table{layer: l, text: &bounded{r: io.TeeReader(text, h)}, seen: map[*node]bool{}, opaque: map[*node]bool{}}
	if self != nil {
		t.seen[self] = true
	}
	split, err := t.read()
	if err != nil {
		return within(format+": its table of contents", err)
	}
	if want != "" && digestOf(h) != want {
		return refuse("%s: its table of contents hashes to %s, the annotation says %.100q", format, digestOf(h), want)
	}
	if split != "" && (tarSplit == nil || digestOf(tarSplit.hash) != split) {
		return refuse("%s: its tar-split is not the one that its table of contents names", format)
	}
	return within(format+": its table of contents", t.complete(l.tree.root, ""))
}
