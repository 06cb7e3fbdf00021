package differential

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"

	"github.com/dsnet/compress/bzip2"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// format packs bytes in one way. All of it is done in memory, so no error can come but by a defect of this test.
type format struct {
	name string
	pack func([]byte) []byte
}

var formats = []format{
	{"gzip", gzipped},
	{"zstd", zstandard},
	{"bzip2", func(b []byte) []byte {
		return packed(b, func(w io.Writer) (io.WriteCloser, error) { return bzip2.NewWriter(w, nil) })
	}},
	{"xz", func(b []byte) []byte {
		return packed(b, func(w io.Writer) (io.WriteCloser, error) { return xz.NewWriter(w) })
	}},
	{"zip", zipped},
	{"skippable", skippable},
	{"tar", func(b []byte) []byte { return b }},
}

func packed(b []byte, with func(io.Writer) (io.WriteCloser, error)) []byte {
	var out bytes.Buffer
	w, err := with(&out)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err)
	}
	return out.Bytes()
}

func gzipped(b []byte) []byte {
	return packed(b, func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriter(w), nil })
}

func zstandard(b []byte) []byte {
	return packed(b, func(w io.Writer) (io.WriteCloser, error) { return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) })
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	w, err := z.Create("layer.tar")
	if err == nil {
		_, err = w.Write(b)
	}
	if err != nil || z.Close() != nil {
		panic("zip")
	}
	return out.Bytes()
}

// skippable is a zstd frame that decoders step over.
func skippable(b []byte) []byte {
	h := make([]byte, 8)
	binary.LittleEndian.PutUint32(h, 0x184D2A50)
	binary.LittleEndian.PutUint32(h[4:], uint32(len(b)))
	return append(h, b...)
}

// tarInFrame gives a tar whose first eight bytes are the head of a skippable zstd frame around it, and the name of its first entry.
func tarInFrame(t *tarball, magic uint32) []byte {
	b := append([]byte{}, t.bytes()...)
	if len(b) < block {
		return b
	}
	binary.LittleEndian.PutUint32(b, magic)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	sign(b[:block], 0)
	return b
}

// tarInGzipHeader gives a tar that is the extra field or the comment of a gzip header; what follows it is the member.
func tarInGzipHeader(t *tarball, member []byte) []byte {
	b := append([]byte{}, t.bytes()...)
	if len(b) < block || len(b) > 65535+12 {
		return b
	}
	copy(b, []byte{0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3})
	binary.LittleEndian.PutUint16(b[10:], uint16(len(b)-12))
	sign(b[:block], 0)
	return append(b, rawDeflate(member)...)
}

// rawDeflate is the part of a gzip member that follows its header.
func rawDeflate(b []byte) []byte { return gzipped(b)[10:] }

// gzipWith is a member with a name, a comment, an extra field or a checksum of its header.
func gzipWith(b []byte, flags byte, extra string) []byte {
	h := []byte{0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255}
	if flags&4 != 0 {
		h = append(append(h, byte(len(extra)), byte(len(extra)>>8)), extra...)
	}
	if flags&8 != 0 {
		h = append(append(h, "name"...), 0)
	}
	if flags&16 != 0 {
		h = append(append(h, "comment"...), 0)
	}
	if flags&2 != 0 {
		sum := crc32.ChecksumIEEE(h)
		h = append(h, byte(sum), byte(sum>>8))
	}
	return append(h, rawDeflate(b)...)
}
