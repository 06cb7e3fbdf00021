package books

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"io"
)

const (
	headSize = 4 << 10
	// The end of a zip archive, with the longest comment and what stands in front of it: what java looks through.
	tailSize = 20 + 22 + 1<<16
)

// looks are what the first and last bytes of a file show. They may show several things at once: a program may have an archive behind it.
type looks struct {
	head, tail []byte
	isProgram  bool // for Linux, Windows or macOS
	isArchive  bool
}

// sniffer reads the ends of files, always into the same memory.
type sniffer struct{ head, tail []byte }

func (s *sniffer) look(f File) (looks, error) {
	if s.head == nil {
		s.head, s.tail = make([]byte, headSize), make([]byte, tailSize)
	}
	head, err := readAt(f, s.head[:min(f.Size, headSize)], 0)
	if err != nil {
		return looks{}, err
	}
	tail := head
	if f.Size > headSize {
		n := min(f.Size, tailSize)
		if tail, err = readAt(f, s.tail[:n], f.Size-n); err != nil {
			return looks{}, err
		}
	}
	return looks{head: head, tail: tail, isProgram: isProgram(head), isArchive: endsAsZip(f, f.Size, tail)}, nil
}

// readAt fills the buffer: a file that is shorter than it says is an error.
func readAt(from io.ReaderAt, buffer []byte, at int64) ([]byte, error) {
	n, err := from.ReadAt(buffer, at)
	if n == len(buffer) {
		return buffer, nil
	}
	if err == nil || err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

var (
	endOfZip   = []byte("PK\x05\x06")
	startOfZip = []byte("PK\x03\x04")
	// A larger record of the end stands in front of the end, and in between where it is.
	locatorOfZip = []byte("PK\x06\x07")
	listOfZip    = []byte("PK\x01\x02")
)

// mostEnds that are tried: more of them are no accident.
const mostEnds = 64

// endsAsZip: the record at the end of an archive is in its last bytes, and the list of entries stands where the record says. All readers look there.
func endsAsZip(from io.ReaderAt, size int64, tail []byte) bool {
	for at, tries := 0, 0; ; at++ {
		i := bytes.Index(tail[at:], endOfZip)
		if i < 0 || at+i+22 > len(tail) {
			return false
		}
		if at += i; isEndOfZip(from, size-int64(len(tail)-at), tail[:at+22]) {
			return true
		}
		if tries++; tries == mostEnds {
			return true
		}
	}
}

// isEndOfZip: the record is what the bytes end with, and stands at this place.
func isEndOfZip(from io.ReaderAt, at int64, bytesTo []byte) bool {
	if n := len(bytesTo) - 22 - 20; n >= 0 && bytes.HasPrefix(bytesTo[n:], locatorOfZip) { // java goes by a larger record also where none is needed
		return true
	}
	record := bytesTo[len(bytesTo)-22:]
	entries, length := binary.LittleEndian.Uint16(record[10:]), binary.LittleEndian.Uint32(record[12:])
	if length == 0 {
		return entries == 0
	}
	return hasAt(from, at-int64(length), listOfZip)
}

// hasAt: the mark stands at that place.
func hasAt(from io.ReaderAt, at int64, mark []byte) bool {
	there, err := readAt(from, make([]byte, len(mark)), at)
	return err == nil && bytes.Equal(there, mark)
}

func isProgram(head []byte) bool {
	if len(head) < 64 {
		return false
	}
	switch binary.BigEndian.Uint32(head) {
	case 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe:
		return true
	case 0xcafebabe, 0xcafebabf: // for several processors; a class of Java, which begins alike, has its version there, from 45 up
		return binary.BigEndian.Uint32(head[4:]) < 45
	}
	if head[0] == 'M' && head[1] == 'Z' {
		at := int(binary.LittleEndian.Uint32(head[60:]))
		return at < 0 || at+4 > len(head) || bytes.HasPrefix(head[at:], []byte("PE\x00\x00"))
	}
	return bytes.HasPrefix(head, []byte(elf.ELFMAG))
}
