package main

import (
	"bytes"
	"crypto/sha256"
	"hash"
	"io"
)

// tableFile checks the chunks of one file in a table of contents against the file in the tar.
type tableFile struct {
	name    string
	size    int64
	content io.Reader
	out     *output
	err     error
	whole   hash.Hash
	digest  string // of the whole file, if the table has one
	done    int64  // bytes that chunks have covered so far
	proven  bool   // the table has the hash of every chunk
}

func newTableFile(out *output, n *node, name, digest string) *tableFile {
	f := &tableFile{name: name, size: n.size, out: out, whole: sha256.New(), digest: digest, proven: true}
	f.content, f.err = out.section(n.data, n.size)
	return f
}

// chunk takes the next part of the file. One without a size reaches to the file's end.
func (f *tableFile) chunk(e tableEntry) error {
	if f.err != nil {
		return f.err
	}
	size := e.ChunkSize
	if size == 0 {
		size = f.size - e.ChunkOffset
	}
	if e.ChunkOffset != f.done || size < 0 || size > f.size-f.done {
		return refuse("the chunks of %.200q do not follow each other", f.name)
	}
	f.done += size
	if size == 0 {
		return nil
	}
	h := sha256.New()
	to := []io.Writer{h, f.whole}
	switch e.ChunkType {
	case "":
	case "zeros":
		to = append(to, onlyZeros{})
	default:
		return refuse("a chunk of %.200q is of the type %.40q", f.name, e.ChunkType)
	}
	if _, err := io.CopyBuffer(onlyWriter{io.MultiWriter(to...)}, io.LimitReader(onlyReader{f.content}, size), f.out.buffer); err != nil {
		return within(f.name, err)
	}
	if e.ChunkDigest != "" && e.ChunkDigest != digestOf(h) {
		return refuse("a chunk of %.200q has another hash than in the tar", f.name)
	}
	f.proven = f.proven && e.ChunkDigest != ""
	return nil
}

func (f *tableFile) complete() error {
	if f.done != f.size {
		return refuse("lacks the end of %.200q", f.name)
	}
	if f.digest != "" && f.digest != digestOf(f.whole) {
		return refuse("%.200q has another hash than in the tar", f.name)
	}
	if f.digest == "" && !f.proven {
		return refuse("has no hash for %.200q", f.name)
	}
	return nil
}

type onlyZeros struct{}

func (onlyZeros) Write(p []byte) (int, error) {
	if len(bytes.TrimLeft(p, "\x00")) > 0 {
		return 0, refuse("a chunk of zeros has other bytes in the tar")
	}
	return len(p), nil
}

// sameContent compares two files of the output.
func (o *output) sameContent(a, b *node) (bool, error) {
	x, err := o.section(a.data, a.size)
	if err != nil {
		return false, err
	}
	y, err := o.section(b.data, b.size)
	if err != nil {
		return false, err
	}
	left, right := sha256.New(), sha256.New()
	for _, part := range []struct {
		to   hash.Hash
		from io.Reader
	}{{left, x}, {right, y}} {
		if _, err := io.CopyBuffer(onlyWriter{part.to}, onlyReader{part.from}, o.buffer); err != nil {
			return false, err
		}
	}
	return digestOf(left) == digestOf(right), nil
}
