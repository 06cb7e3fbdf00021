package main

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
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
	file     *os.File // what out wrote, with each entry that the layer has
	whole    blob     // its hash and size
	covered  []covered
	secrets  secretList
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
	l.tree, l.tail, l.covered, l.secrets, l.java, l.hasTable = newTree(), &tail{}, nil, secretList{}, false, false
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
	if err := l.checkTables(); err != nil {
		return err
	}
	l.whole, err = l.out.end()
	l.out, l.blob, l.tail = nil, nil, nil
	return err
}

// broken prefers why the blob broke over what the decompressor or the tar reader made of it.
func (l *layer) broken(err error) error {
	if why := l.blob.broke.Load(); why != nil {
		return *why
	}
	return err
}

// layOver lays the layer over those below, and takes its tree apart.
func (l *layer) layOver(below *node, note func(string, *node)) error {
	if err := checkWays(below, l.tree.root, ""); err != nil {
		return err
	}
	if l.hasTable {
		if err := checkUnmade(below, l.tree.root, ""); err != nil {
			return err
		}
	}
	upper := l.tree.root
	l.tree = nil
	return merge(below, upper, "", note)
}

// as describes a layer of the normal form that has something of this one.
func (l *layer) as(what holds, b blob) formLayer {
	return formLayer{Normal: b.digest, Digest: l.descriptor.digest, DiffID: l.diffID, Holds: what}
}

// create begins the file of the layer, under a name that says nothing until its hash is known.
func (l *layer) create(folder string) error {
	file, err := os.Create(filepath.Join(folder, fmt.Sprintf("layer-%d", l.index)))
	if err != nil {
		return err
	}
	l.file = file
	l.out, err = newOutput(file, l.cost)
	return err
}

func (l *layer) discard() {
	if l.file != nil {
		l.file.Close()
		os.Remove(l.file.Name())
		l.file, l.out = nil, nil
	}
}
