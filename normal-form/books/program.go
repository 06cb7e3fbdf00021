package books

import (
	"bytes"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
	"errors"
	"io"
)

// mostOfProgram is what the readers of programs may read: headers and tables, not the code.
const mostOfProgram = 256 << 20

// mostOfSectionNames bounds what a compressed table of names unpacks to.
const mostOfSectionNames = 16 << 20

// listProgram lists what a program declares, by what is in it: neither its name nor its mode counts.
func (l *lister) listProgram(f File) {
	marks, err := l.marksOf(f)
	if err != nil {
		l.add(Declaration{Path: f.Path, Layer: f.Layer, Kind: Go, Broken: unreadable(err)})
		return
	}
	tooLarge := modest(f)
	if tooLarge == nil {
		sections := sectionsOf(f)
		l.listGoProgram(f, marks, sections)
		l.listRustProgram(f, sections)
	} else if marks.isGo {
		l.add(unlistedGoProgram(f, tooLarge))
	}
	if marks.isBundle {
		l.add(Declaration{Path: f.Path, Layer: f.Layer, Kind: DotNet,
			Unread: "a program of .NET with its libraries in one file, which Trivy does not read; publish it without PublishSingleFile"})
	}
}

// marks that toolchains leave in programs.
type marks struct {
	isGo     bool // holds what Go knows its own programs by
	isBundle bool // .NET: the program, with its libraries behind it
}

var (
	goMark = []byte("\xff Go buildinf:")
	// bundleMark is the hash of ".net core bundle". The place of the bundle stands before it, 0 if there is none.
	bundleMark = []byte("\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae")
)

// marksOf reads a program once.
func (l *lister) marksOf(f File) (found marks, err error) {
	const overlap = 64
	if l.window == nil {
		l.window = make([]byte, 1<<20)
	}
	buffer := l.window
	for at := int64(0); at < f.Size; at += int64(len(buffer)) - overlap {
		part, err := readAt(f, buffer[:min(int64(len(buffer)), f.Size-at)], at)
		if err != nil {
			return found, err
		}
		found.isGo = found.isGo || hasGoMark(part, at)
		found.isBundle = found.isBundle || hasBundleMark(part)
		if int64(len(part)) == f.Size-at {
			break
		}
	}
	return found, nil
}

// hasGoMark: Go aligns its mark, and puts the size of a pointer or a flag behind it. Other programs hold it as a text to look for.
func hasGoMark(part []byte, at int64) bool {
	for i := 0; ; i++ {
		next := bytes.Index(part[i:], goMark)
		if next < 0 || i+next+16 > len(part) {
			return false
		}
		i += next
		pointer, flags := part[i+14], part[i+15]
		if (at+int64(i))%16 == 0 && (flags&2 != 0 || pointer == 4 || pointer == 8) {
			return true
		}
	}
}

func hasBundleMark(part []byte) bool {
	for i := 0; ; i += len(bundleMark) {
		next := bytes.Index(part[i:], bundleMark)
		if next < 0 {
			return false
		}
		if i += next; i >= 8 && binary.LittleEndian.Uint64(part[i-8:]) != 0 {
			return true
		}
	}
}

// modest says no to programs whose tables would take more memory than there is: debug/elf unpacks the names of the sections whole.
func modest(f File) error {
	var head [64]byte
	if _, err := readAt(f, head[:], 0); err != nil || !bytes.HasPrefix(head[:], []byte(elf.ELFMAG)) {
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	var table, size int64
	var count, names uint64
	if elf.Class(head[elf.EI_CLASS]) == elf.ELFCLASS32 {
		table, size = int64(order.Uint32(head[32:])), int64(order.Uint16(head[46:]))
		count, names = uint64(order.Uint16(head[48:])), uint64(order.Uint16(head[50:]))
	} else {
		table, size = int64(order.Uint64(head[40:])), int64(order.Uint16(head[58:]))
		count, names = uint64(order.Uint16(head[60:])), uint64(order.Uint16(head[62:]))
	}
	if table != 0 && count == 0 {
		return errors.New("it has more than 65,000 sections")
	}
	var section [64]byte
	if _, err := readAt(f, section[:min(size, 64)], table+int64(names)*size); err != nil {
		return nil // no such table: debug/elf says so
	}
	flags := uint64(order.Uint32(section[8:]))
	length := uint64(order.Uint32(section[20:]))
	if elf.Class(head[elf.EI_CLASS]) != elf.ELFCLASS32 {
		flags, length = order.Uint64(section[8:]), order.Uint64(section[32:])
	}
	if elf.SectionFlag(flags)&elf.SHF_COMPRESSED != 0 || length > mostOfSectionNames {
		return errors.New("the names of its sections are compressed, or larger than 16 MiB")
	}
	return nil
}

// sections of a program, by name.
type sections func(name string) (content io.Reader, found bool)

// sectionsOf a program that is small enough to be read. Of one that only the kernel can read there are none.
func sectionsOf(f File) sections {
	from := &metered{f, mostOfProgram}
	if e, err := elf.NewFile(from); err == nil {
		return func(name string) (io.Reader, bool) {
			if s := e.Section(name); s != nil {
				return s.Open(), true
			}
			return nil, false
		}
	}
	if p, err := pe.NewFile(from); err == nil {
		return func(name string) (io.Reader, bool) {
			if s := p.Section(name); s != nil {
				return s.Open(), true
			}
			return nil, false
		}
	}
	if m, err := macho.NewFile(from); err == nil {
		return func(name string) (io.Reader, bool) {
			if s := m.Section(name); s != nil {
				return s.Open(), true
			}
			return nil, false
		}
	}
	return func(string) (io.Reader, bool) { return nil, false }
}

func (s sections) oneOf(names ...string) (content io.Reader, found bool) {
	for _, name := range names {
		if content, found = s(name); found {
			return content, true
		}
	}
	return nil, false
}
