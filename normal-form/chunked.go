package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"strconv"
	"strings"
)

// zstd:chunked keeps a table of contents in skippable frames at the end of the blob: the table, often data to rebuild the tar ("tar-split"), and
// a footer that says where both are. Podman's library finds them by annotations of the descriptor, the stargz snapshotter by the footer.
// A builder that takes over somebody's layer may lose the annotations, so the frames are read by the footer, and must be what the annotations say.

// maxTable is where Podman's library stops as well: a larger table is not used.
const maxTable = 150 << 20

var chunkedPrefixes = []string{"io.github.containers.zstd-chunked.", "io.containers.zstd-chunked."}

// The footers of Podman's library (64 bytes; once 40) and of the stargz snapshotter (40 bytes).
const (
	longFooter   = 64
	shortFooter  = 40
	podmanMagic  = "GNUlInUx"
	stargzMagic  = "GnUlInUx"
	tableCRFS    = 1
	tarSplitKind = "tarsplit"
	manifestKind = "manifest"
)

// tailFrame is a skippable frame at the end of a blob.
type tailFrame struct {
	at, size int64 // of its content in the blob
	hash     hash.Hash
	content  []byte // of the first, which is the table, and of small ones, of which the last is the footer
	keeps    bool
}

func (f *tailFrame) Write(p []byte) (int, error) {
	f.hash.Write(p)
	if f.keeps {
		f.content = append(f.content, p...)
	}
	return len(p), nil
}

// tail is all of them.
type tail struct{ frames []*tailFrame }

const maxTailFrames = 3

func (t *tail) begin(at, size int64) (io.Writer, error) {
	if at <= 8 {
		return nil, refuse("zstd: begins with a skippable frame")
	}
	if len(t.frames) == maxTailFrames {
		return nil, refuse("zstd: has more skippable frames than zstd:chunked has")
	}
	f := &tailFrame{at: at, size: size, hash: sha256.New(), keeps: len(t.frames) == 0 || size <= longFooter}
	if f.keeps && size > maxTable {
		return nil, refuse("zstd: has a table of contents of more than %d bytes", maxTable)
	}
	t.frames = append(t.frames, f)
	return f, nil
}

// chunkedTable is the table of contents of a zstd:chunked layer, still compressed.
type chunkedTable struct {
	compressed []byte
	size       int64 // when it is decompressed
	tarSplit   *tailFrame
}

// table reads the frames by their footer, and gives nil if the blob has none.
func (t *tail) table(d descriptor) (*chunkedTable, error) {
	annotations, err := chunkedAnnotations(d)
	if err != nil {
		return nil, err
	}
	if len(t.frames) == 0 {
		if len(annotations) > 0 {
			return nil, refuse("zstd:chunked: names a table of contents that it does not hold")
		}
		return nil, nil
	}
	table, footer := t.frames[0], t.frames[len(t.frames)-1]
	c := &chunkedTable{compressed: table.content}
	words, err := footerWords(footer)
	if err != nil {
		return nil, err
	}
	c.size = int64(words[2])
	said := []uint64{uint64(table.at), uint64(table.size), words[2], tableCRFS}
	positions := map[string]string{manifestKind: position(said)}
	checksums := map[string]string{manifestKind: digestOf(table.hash)}
	if len(t.frames) == maxTailFrames && len(words) > 4 {
		c.tarSplit = t.frames[1]
		split := []uint64{uint64(c.tarSplit.at), uint64(c.tarSplit.size), words[6]}
		said = append(said, split...)
		positions[tarSplitKind], checksums[tarSplitKind] = position(split), digestOf(c.tarSplit.hash)
	}
	if len(said) < len(words) { // a long footer over a table without a tar-split
		said = append(said, make([]uint64, len(words)-len(said))...)
	}
	if len(t.frames) < 2 || len(t.frames) == maxTailFrames && c.tarSplit == nil || position(words) != position(said) {
		return nil, refuse("zstd:chunked: its footer names other frames than there are")
	}
	for kind, what := range annotations {
		name, property, _ := strings.Cut(kind, "-")
		if property == "position" && what != positions[name] || property == "checksum" && what != checksums[name] {
			return nil, refuse("zstd:chunked: the annotation %q does not say what its frames are", kind)
		}
	}
	return c, nil
}

// chunkedAnnotations by their last word: "manifest-position" and the like.
func chunkedAnnotations(d descriptor) (map[string]string, error) {
	found := map[string]string{}
	for key, value := range d.annotations {
		for _, prefix := range chunkedPrefixes {
			kind, ok := strings.CutPrefix(key, prefix)
			if !ok {
				continue
			}
			switch kind {
			case "manifest-position", "manifest-checksum", "tarsplit-position", "tarsplit-checksum":
			default:
				return nil, refuse("zstd:chunked: has the annotation %.80q, which is not known", key)
			}
			if other, twice := found[kind]; twice && other != value {
				return nil, refuse("zstd:chunked: has two different annotations %q", kind)
			}
			found[kind] = value
		}
	}
	return found, nil
}

func position(words []uint64) string {
	text := make([]string, len(words))
	for i, w := range words {
		text[i] = strconv.FormatUint(w, 10)
	}
	return strings.Join(text, ":")
}

// footerWords are the numbers of a footer: where the table is, its size, its size decompressed, its kind; then the same of the tar-split.
func footerWords(footer *tailFrame) ([]uint64, error) {
	text := footer.content
	magic := ""
	if len(text) >= 8 {
		magic = string(text[len(text)-8:])
	}
	if !(len(text) == longFooter && magic == podmanMagic || len(text) == shortFooter && (magic == podmanMagic || magic == stargzMagic)) {
		return nil, refuse("zstd: has a skippable frame at its end that is no footer of zstd:chunked")
	}
	var words []uint64
	for at := 0; at < len(text)-8; at += 8 {
		words = append(words, binary.LittleEndian.Uint64(text[at:]))
	}
	return words, nil
}

// open decompresses the table. It is no larger than the footer says, and only that.
func (c *chunkedTable) open() (io.ReadCloser, error) {
	if c.size > maxTable*8 {
		return nil, refuse("zstd:chunked: has a table of contents of %d bytes", c.size)
	}
	z, err := newZstd(&zstdFrames{r: bytes.NewReader(c.compressed)})
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{&exactly{z, c.size}, z.z.IOReadCloser()}, nil
}

// exactly is a reader that has so many bytes, or it is an error.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	if e.left -= int64(n); e.left < 0 || err == io.EOF && e.left != 0 {
		return 0, refuse("zstd:chunked: its table of contents is not as long as its footer says")
	}
	return n, err
}
