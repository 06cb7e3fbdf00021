package books

import (
	"bytes"
	"io"
)

// maxLine is how much of a line is kept. No name, version or path is that long; the rest of a longer line is read over.
const maxLine = 64 << 10

// line of a text, without what ends it.
type line struct {
	number int
	text   []byte // only until the next line is read
	cut    bool   // it was longer than maxLine
}

// eachLine reads a text of any size, with lines of any length, in little memory. Each of the bytes of ends ends a line. It stops when yield says false.
func eachLine(file File, ends string, yield func(line) bool) error {
	text := io.NewSectionReader(file, 0, file.Size)
	chunk := make([]byte, 64<<10)
	l := line{number: 1}
	for {
		n, err := text.Read(chunk)
		for rest := chunk[:n]; len(rest) > 0; {
			end := bytes.IndexAny(rest, ends)
			if end < 0 {
				l.keep(rest)
				break
			}
			l.keep(rest[:end])
			if !yield(l) {
				return nil
			}
			l = line{number: l.number + 1, text: l.text[:0]}
			rest = rest[end+1:]
		}
		switch {
		case err == io.EOF:
			if len(l.text) > 0 {
				yield(l)
			}
			return nil
		case err != nil:
			return err
		}
	}
}

func (l *line) keep(part []byte) {
	room := maxLine - len(l.text)
	l.cut = l.cut || len(part) > room
	l.text = append(l.text, part[:min(len(part), room)]...)
}
