package books

import (
	"archive/zip"
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
	mostOfTexts     = 256 << 20 // of the image
	deepest         = 8         // archives within archives
	leastOfArchive  = 32 << 10  // what an archive counts for, however small
	costOfName      = 16        // and each byte of its path, which has up to 64 KiB in each archive around it
)

var errTooMuch = errors.New("more than is read")

// budget is what may still be unzipped and looked at.
type budget struct{ image, file, packed, entries, texts int64 }

func wholeBudget() budget {
	return budget{image: mostOfImage, packed: mostPacked, entries: mostEntries, texts: mostOfTexts}
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

func (b *budget) takeText(bytes int64) error {
	if b.texts -= bytes; b.texts < 0 {
		return fmt.Errorf("%w: %d MiB of lists of packages", errTooMuch, mostOfTexts>>20)
	}
	return nil
}

func (b *budget) takeEntries(n int) error {
	if b.entries -= int64(n); b.entries < 0 {
		return fmt.Errorf("%w: %d entries of archives", errTooMuch, mostEntries)
	}
	return nil
}

var errTooMuchPacked = fmt.Errorf("%w: %d MiB of what archives hold", errTooMuch, mostPacked>>20)

// counted reads what is packed.
type counted struct {
	from io.Reader
	left *int64
}

func (c counted) Read(p []byte) (int, error) {
	if *c.left <= 0 {
		return 0, errTooMuchPacked
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

// text of a file for a parser.
func (l *lister) text(f File) ([]byte, error) {
	if f.Size > mostOfText {
		return nil, fmt.Errorf("%w: %d MiB", errTooMuch, mostOfText>>20)
	}
	if err := l.budget.takeText(f.Size); err != nil {
		return nil, err
	}
	return readAt(f, make([]byte, f.Size), 0)
}

// textIn an archive, for a parser.
func (l *lister) textIn(f *zip.File) ([]byte, error) {
	text, err := l.unzip(f, mostOfText)
	if err == nil {
		err = l.budget.takeText(int64(len(text)))
	}
	return text, err
}
