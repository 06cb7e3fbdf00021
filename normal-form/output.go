package main

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"hash"
	"io"
	"os"
)

// output is the tar of one layer in the normal form while it is written. What is in it can be read back: a hard link becomes a copy.
type output struct {
	file    *os.File
	w       *bufio.Writer
	h       hash.Hash
	n       int64
	flushed int64
	cost    *spending
	buffer  []byte
}

func newOutput(file *os.File, cost *spending) (*output, error) {
	o := &output{file: file, w: bufio.NewWriterSize(file, 1<<20), h: sha256.New(), cost: cost, buffer: make([]byte, bufferSize)}
	// The first bytes of a file named like a compression's magic would be taken for compressed data. No reader minds an entry for the root.
	_, err := o.entry(&tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}, nil)
	return o, err
}

func (o *output) Write(p []byte) (int, error) {
	if err := o.cost.writeBytes(int64(len(p))); err != nil {
		return 0, err
	}
	o.n += int64(len(p))
	o.h.Write(p)
	return o.w.Write(p)
}

// entry writes one entry with a header of our own, and says where its content begins.
func (o *output) entry(header *tar.Header, content io.Reader) (int64, error) {
	tw := tar.NewWriter(o)
	if err := tw.WriteHeader(header); err != nil {
		if isRefused(err) {
			return 0, err
		}
		return 0, refuse("%.200q cannot be written into a tar: %v", header.Name, err)
	}
	data := o.n
	if header.Size > 0 {
		n, err := io.CopyBuffer(onlyWriter{tw}, onlyReader{content}, o.buffer)
		if err != nil {
			return 0, err
		}
		if n != header.Size {
			return 0, refuse("%.200q has %d bytes, its header says %d", header.Name, n, header.Size)
		}
	}
	return data, tw.Flush()
}

// onlyWriter and onlyReader hide ReadFrom and WriteTo, which would copy with buffers of their own.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

// section reads back what was written there.
func (o *output) section(at, size int64) (*io.SectionReader, error) {
	if at+size > o.flushed {
		if err := o.w.Flush(); err != nil {
			return nil, err
		}
		o.flushed = o.n
	}
	return io.NewSectionReader(o.file, at, size), nil
}

// end writes the two empty blocks with which a tar ends, and gives the hash and size of it all.
func (o *output) end() (blob, error) {
	if _, err := o.Write(make([]byte, 1024)); err != nil {
		return blob{}, err
	}
	if err := o.w.Flush(); err != nil {
		return blob{}, err
	}
	return blob{digestOf(o.h), o.n}, nil
}

// extent is a run of bytes of a file.
type extent struct{ start, end int64 }

// squeeze takes runs of bytes, which are in order, out of a file of that size, and gives what is left.
func squeeze(file *os.File, size int64, dead []extent) (blob, error) {
	h, buffer, to := sha256.New(), make([]byte, bufferSize), int64(0)
	keep := func(from, end int64) error {
		for from < end {
			part := buffer[:min(int64(len(buffer)), end-from)]
			if _, err := file.ReadAt(part, from); err != nil {
				return err
			}
			h.Write(part)
			if from != to {
				if _, err := file.WriteAt(part, to); err != nil {
					return err
				}
			}
			from += int64(len(part))
			to += int64(len(part))
		}
		return nil
	}
	from := int64(0)
	for _, e := range append(dead, extent{size, size}) {
		if err := keep(from, e.start); err != nil {
			return blob{}, err
		}
		from = e.end
	}
	return blob{digestOf(h), to}, file.Truncate(to)
}
