package books

import (
	"errors"
	"fmt"
	"io"
)

// What is read at most. An image may hold archives that unpack to anything, or themselves again.
const (
	mostOfFile      = 512 << 20 // unzipped, of one file and what is in it
	mostOfImage     = 2 << 30
	mostPacked      = 4 << 30   // of the image, as it is before it is unzipped: it may unzip to nothing
	mostEntries     = 5_000_000 // of all archives of the image
	mostOfDirectory = 64 << 20  // of the list of what an archive holds
	mostOfText      = 16 << 20  // of a file that a parser reads whole
	deepest         = 8         // archives within archives
	leastOfArchive  = 32 << 10  // what an archive counts for, however small
)

var errTooMuch = errors.New("more than is read")

// budget is what may still be unzipped and looked at.
type budget struct{ image, file, packed, entries int64 }

func wholeBudget() budget {
	return budget{image: mostOfImage, packed: mostPacked, entries: mostEntries}
}

func (b *budget) left() int64 { return min(b.image, b.file) }

func (b *budget) take(bytes int64) error {
	b.image -= bytes
	b.file -= bytes
	if b.left() < 0 {
		return fmt.Errorf("%w: %d MiB of what a file holds, %d MiB of the image", errTooMuch, mostOfFile>>20, mostOfImage>>20)
	}
	return nil
}

func (b *budget) takeEntries(n int) error {
	if b.entries -= int64(n); b.entries < 0 {
		return fmt.Errorf("%w: %d entries of archives", errTooMuch, mostEntries)
	}
	return nil
}

// counted reads what is packed.
type counted struct {
	from io.Reader
	left *int64
}

func (c counted) Read(p []byte) (int, error) {
	if *c.left <= 0 {
		return 0, fmt.Errorf("%w: %d MiB of what archives hold", errTooMuch, mostPacked>>20)
	}
	n, err := c.from.Read(p)
	*c.left -= int64(n)
	return n, err
}

// metered stops a parser that reads without end.
type metered struct {
	from io.ReaderAt
	left int64
}

func (m *metered) ReadAt(p []byte, at int64) (int, error) {
	if m.left -= int64(len(p)); m.left < 0 {
		return 0, errTooMuch
	}
	return m.from.ReadAt(p, at)
}

// readAll of something small.
func readAll(from io.ReaderAt, size, most int64) ([]byte, error) {
	if size > most {
		return nil, fmt.Errorf("%w: %d MiB", errTooMuch, most>>20)
	}
	return readAt(from, make([]byte, size), 0)
}
