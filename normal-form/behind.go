package main

import (
	"archive/tar"
	"bytes"
	"io"
)

// applyAll reads the tar, and behind its end nothing but padding: some readers read on there. The one exception is a table of contents that
// BuildKit appends to a tar that it must not change: to every reader of tar it is no file of the layer, to a lazy one it is all there is.
func (l *layer) applyAll(r io.Reader) error {
	if err := l.apply(r); err != nil {
		return err
	}
	block, err := l.skipPadding(r)
	if err != nil || block == nil {
		return err
	}
	behind := tar.NewReader(io.MultiReader(bytes.NewReader(block), r))
	header, err := behind.Next()
	if err != nil || header.Name != stargzTable || header.Typeflag != tar.TypeReg || l.tree.root.kid(stargzTable) != nil {
		return refuse("has bytes behind the end of its tar")
	}
	if err := l.cost.readBytes(header.Size); err != nil {
		return err
	}
	if err := l.checkTable("eStargz", behind, nil, l.descriptor.annotations[stargzAnnotation], nil); err != nil {
		return err
	}
	if _, err := behind.Next(); err != io.EOF {
		return refuse("has bytes behind the end of its tar")
	}
	if block, err = l.skipPadding(r); err == nil && block != nil {
		err = refuse("has bytes behind the end of its tar")
	}
	return err
}

const blockSize = 512

// skipPadding gives the first block that is not empty, or nil.
func (l *layer) skipPadding(r io.Reader) ([]byte, error) {
	block := make([]byte, blockSize)
	for {
		n, err := io.ReadFull(r, block)
		if e := l.cost.readBytes(int64(n)); e != nil {
			return nil, e
		}
		if len(bytes.TrimLeft(block[:n], "\x00")) != 0 {
			return block[:n], nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
}
