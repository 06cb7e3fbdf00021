package main

import (
	"archive/tar"
	"bufio"
	"cmp"
	"crypto/sha256"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// layer is one layer on its way from a blob to its normal form.
type layer struct {
	index       int16
	descriptor  descriptor
	diffID      string
	compression compression

	cost     *spending
	blob     *blobReader
	tree     *tree
	tail     *tail
	out      *output
	squeezed bool // an entry in the output is dead: a later one has its path
	java     bool
	hasTable bool // a lazy snapshotter may go by a table of contents
}

// read reads the blob to its end and writes its normal form, but for what depends on the layers below.
func (l *layer) read(from source, temporary string) error {
	return restarted(func() error {
		l.cost.giveBack()
		err := l.readOnce(from, temporary)
		if err != nil {
			l.discard()
		}
		return err
	})
}

func (l *layer) readOnce(from source, temporary string) error {
	body, err := from.blob(l.descriptor.digest)
	if err != nil {
		return err
	}
	l.blob = &blobReader{r: body, size: l.descriptor.size, h: sha256.New()}
	defer func() { body.Close() }()
	if err := l.create(temporary); err != nil {
		return err
	}
	l.tree, l.tail, l.squeezed, l.java, l.hasTable = newTree(), &tail{}, false, false, false
	compressed := bufio.NewReaderSize(l.blob, bufferSize)
	raw, done, err := decompressor(l.compression, compressed, l.tail)
	if err != nil {
		return l.broken(err)
	}
	defer done()
	rawHash := sha256.New()
	ahead := newPipeline(raw, rawHash)
	err = l.applyAll(ahead)
	if err != nil {
		err = l.broken(err)
		body.Close()
		ahead.stop()
		return err
	}
	ahead.stop()
	if !isAtEnd(compressed) {
		return l.broken(refuse("has bytes behind its end"))
	}
	if l.blob.n != l.descriptor.size {
		return refuse("has %d bytes, its descriptor says %d", l.blob.n, l.descriptor.size)
	}
	if d := digestOf(l.blob.h); d != l.descriptor.digest {
		return refuse("hashes to %s", d)
	}
	if d := digestOf(rawHash); d != l.diffID {
		return refuse("decompresses to %s, its diff_id is %s", d, l.diffID)
	}
	return l.checkTables()
}

// broken prefers why the blob broke over what the decompressor or the tar reader made of it.
func (l *layer) broken(err error) error {
	if why := l.blob.broke.Load(); why != nil {
		return *why
	}
	return err
}

// finish writes what could only be known with the layers below, and closes the file.
func (l *layer) finish(below *node, blobs string, deleted map[string]bool) (blob, error) {
	if err := l.tree.checkWays(below); err != nil {
		return blob{}, err
	}
	if l.hasTable {
		if err := checkUnmade(below, l.tree.root, ""); err != nil {
			return blob{}, err
		}
	}
	marks := l.out.n
	if err := l.writeWhiteouts(l.tree.root, "", deleted); err != nil {
		return blob{}, err
	}
	var living []extent
	if l.squeezed {
		living = l.living() // now, since merging takes the tree apart
	}
	hide := func(p string) error {
		deleted[p] = true
		return l.mark(path.Join(path.Dir(p), whiteoutPrefix+path.Base(p)))
	}
	if err := merge(below, l.tree.root, "", hide); err != nil {
		return blob{}, err
	}
	if l.squeezed {
		living = append(living, extent{marks, l.out.n})
		if err := l.out.squeeze(living); err != nil {
			return blob{}, err
		}
	}
	return l.close(blobs)
}

// create begins the file of the layer, under a name that says nothing until its hash is known.
func (l *layer) create(folder string) error {
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("layer-%d", l.index)))
	if err != nil {
		return err
	}
	l.out, err = newOutput(file, l.cost)
	return err
}

// close ends the file and gives it the name of its hash.
func (l *layer) close(blobs string) (blob, error) {
	digest, err := l.out.end()
	if err != nil {
		return blob{}, err
	}
	b, name := blob{digest, l.out.n}, l.out.file.Name()
	if err := l.out.file.Close(); err != nil {
		return blob{}, err
	}
	l.tree, l.out = nil, nil
	return b, os.Rename(name, filepath.Join(blobs, hexOf(digest)))
}

func (l *layer) discard() {
	if l.out != nil {
		l.out.file.Close()
		os.Remove(l.out.file.Name())
		l.out = nil
	}
}

func (l *layer) mark(name string) error {
	_, err := l.out.entry(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, nil)
	return err
}

// writeWhiteouts writes the deletions that the layer itself makes, in an order that is always the same.
func (l *layer) writeWhiteouts(n *node, at string, deleted map[string]bool) error {
	if n.opaque {
		deleted[at] = true
		if err := l.mark(path.Join(at, opaqueMarker)); err != nil {
			return err
		}
	}
	var names []string
	for name, k := range n.kids {
		if k.kind == whiteout || k.kind == tar.TypeDir {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		var err error
		if k := n.kids[name]; k.kind == whiteout {
			deleted[path.Join(at, name)] = true
			err = l.mark(path.Join(at, whiteoutPrefix+name))
		} else {
			err = l.writeWhiteouts(k, path.Join(at, name), deleted)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// living are the extents of the entries that are still in the tree, in the order of the output.
func (l *layer) living() []extent {
	all := []extent{{0, rootEntrySize}}
	var collect func(n *node)
	collect = func(n *node) {
		for _, k := range n.kids {
			if k.written {
				all = append(all, extent{k.start, k.end()})
			}
			collect(k)
		}
	}
	collect(l.tree.root)
	slices.SortFunc(all, func(a, b extent) int { return cmp.Compare(a.start, b.start) })
	return all
}
