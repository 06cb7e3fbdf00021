package main

import (
	"bufio"
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

type compression string

const (
	none    compression = "none"
	gzipped compression = "gzip"
	zstded  compression = "zstd"
)

// maxWindow: zstd -19 needs 8 MiB, --ultra -22 needs 128 MiB. It bounds what one layer can make us hold.
const maxWindow = 128 << 20

// The media type alone says how a layer is compressed. Readers that look at the first bytes instead are how one blob becomes two layers.
var compressionOf = map[string]compression{
	ociTarType:           none,
	ociTarType + "+gzip": gzipped,
	ociTarType + "+zstd": zstded,
	"application/vnd.docker.image.rootfs.diff.tar":      none,
	"application/vnd.docker.image.rootfs.diff.tar.gzip": gzipped,
	"application/vnd.docker.image.rootfs.diff.tar.zstd": zstded,
}

var compressedMagic = []struct{ name, bytes string }{
	{"gzip", "\x1f\x8b"},
	{"zstd", "\x28\xb5\x2f\xfd"},
	{"bzip2", "BZh"},
	{"xz", "\xfd7zXZ\x00"},
	{"lzma", "\x5d\x00\x00"},
	{"lz4", "\x04\x22\x4d\x18"},
	{"zip", "PK\x03\x04"},
}

// isUncompressed: a blob with its own diff_id as its digest is the tar, whatever its type says: who decompressed it would come to another diff_id.
// skopeo writes such manifests when the registry holds the uncompressed layer already, and every runtime takes them.
func isUncompressed(d descriptor, diffID string) bool {
	return d.digest == diffID
}

// decompressor gives the bytes of the tar in a blob, and an error for every byte of the blob that is not part of a plain member or frame.
// Between the blob and the decompressor stands a bufio.Reader: inflate asks for single bytes, and is half as fast without one.
func decompressor(kind compression, blob *bufio.Reader, tail *tail) (io.Reader, func(), error) {
	head, err := blob.Peek(8)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	switch kind {
	case gzipped:
		return gunzip(head, blob)
	case zstded:
		walk := &zstdFrames{r: blob, tail: tail}
		z, err := newZstd(walk)
		if err != nil {
			return nil, nil, err
		}
		return z, z.z.Close, nil
	}
	if err := isPlain(head); err != nil {
		return nil, nil, err
	}
	return blob, func() {}, nil
}

func gunzip(head []byte, blob *bufio.Reader) (io.Reader, func(), error) {
	if !bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) {
		return nil, nil, refuse("is declared as gzip but does not begin like it")
	}
	z, err := gzip.NewReader(blob)
	if err != nil {
		return nil, nil, refuse("gzip: %v", err)
	}
	return &gzipReader{z, blob}, func() { z.Close() }, nil
}

func newZstd(walk *zstdFrames) (*zstdReader, error) {
	z, err := zstd.NewReader(walk, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, refuse("zstd: %v", err)
	}
	return &zstdReader{z, walk}, nil
}

// isPlain refuses a tar that some reader would take for a compressed stream.
func isPlain(head []byte) error {
	for _, magic := range compressedMagic {
		if bytes.HasPrefix(head, []byte(magic.bytes)) {
			return refuse("is a plain tar by its type or its diff_id, but begins like %s", magic.name)
		}
	}
	if isSkippable(head) {
		return refuse("is a plain tar by its type or its diff_id, but begins like zstd (a skippable frame)")
	}
	return nil
}

// gzipReader reads all members; bytes between or behind them are an error to the library.
type gzipReader struct {
	z    *gzip.Reader
	blob *bufio.Reader
}

func (g *gzipReader) Read(p []byte) (int, error) {
	n, err := g.z.Read(p)
	switch {
	case err == io.EOF && !isAtEnd(g.blob):
		return n, refuse("gzip: has bytes behind the last member")
	case err != nil && err != io.EOF:
		return n, refuse("gzip: %v (foreign bytes or damage)", err)
	}
	return n, err
}

type zstdReader struct {
	z    *zstd.Decoder
	walk *zstdFrames
}

func (z *zstdReader) Read(p []byte) (int, error) {
	n, err := z.z.Read(p)
	switch {
	case err == io.EOF:
		if e := z.walk.finish(); e != nil {
			return n, e
		}
	case err != nil && z.walk.err != nil:
		return n, z.walk.err
	case err != nil:
		return n, refuse("zstd: %v", err)
	}
	return n, err
}

func isAtEnd(r *bufio.Reader) bool {
	_, err := r.Peek(1)
	return err == io.EOF
}
