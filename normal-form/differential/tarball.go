package differential

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// A tar is written here block by block: the writers of the libraries refuse most of what an attacker would write.

const block = 512

// record is one PAX record. A list of them keeps order and doubles, as a map would not.
type record struct{ key, value string }

// entry is one tar entry as an attacker sets it, field by field.
type entry struct {
	kind       byte
	name, link string
	prefix     string
	mode       int64
	uid, gid   int64
	time       int64
	size       int64 // what the header says; data is what follows
	data       []byte
	major      int64
	minor      int64
	magic      string // of 8 bytes; empty for ustar
	pax        []record
	before     []byte              // whole blocks in front of the header, and of the PAX header
	binary     map[string]bool     // fields written in base 256
	spoil      func(header []byte) // changes the header before it is summed up
	sum        int64               // added to the checksum
}

const (
	ustarMagic = "ustar\x0000"
	gnuMagic   = "ustar  \x00"
	v7Magic    = "\x00\x00\x00\x00\x00\x00\x00\x00"
)

func file(name, content string) *entry {
	return &entry{kind: '0', name: name, mode: 0o644, time: 1, size: int64(len(content)), data: []byte(content)}
}

func folder(name string) *entry { return &entry{kind: '5', name: name + "/", mode: 0o755, time: 1} }

func symlink(name, to string) *entry {
	return &entry{kind: '2', name: name, link: to, mode: 0o777, time: 1}
}

func hardlink(name, to string) *entry {
	return &entry{kind: '1', name: name, link: to, mode: 0o644, time: 1}
}

func whiteoutOf(p string) *entry {
	d, f := splitPath(p)
	return file(d+".wh."+f, "")
}

func opaque(folder string) *entry { return file(join(folder, ".wh..wh..opq"), "") }

func splitPath(p string) (string, string) {
	i := strings.LastIndexByte(p, '/') + 1
	return p[:i], p[i:]
}

func join(d, f string) string {
	if d == "" {
		return f
	}
	return d + "/" + f
}

func (e *entry) clone() *entry {
	c := *e
	c.pax = append([]record{}, e.pax...)
	return &c
}

// write gives the blocks of the entry: what comes before it, its PAX header, its own header, its content.
func (e *entry) write(b *bytes.Buffer) {
	b.Write(e.before)
	if len(e.pax) > 0 {
		b.Write(paxBlocks('x', e.pax))
	}
	name, link := e.name, e.link
	if len(name) > 100 && e.prefix == "" {
		b.Write(longBlocks('L', name+"\x00"))
		name = name[:100]
	}
	if len(link) > 100 {
		b.Write(longBlocks('K', link+"\x00"))
		link = link[:100]
	}
	h := make([]byte, block)
	copy(h[0:100], name)
	e.number(h[100:108], "mode", e.mode)
	e.number(h[108:116], "uid", e.uid)
	e.number(h[116:124], "gid", e.gid)
	e.number(h[124:136], "size", e.size)
	e.number(h[136:148], "time", e.time)
	h[156] = e.kind
	copy(h[157:257], link)
	magic := e.magic
	if magic == "" {
		magic = ustarMagic
		if len(e.name) > 100 || len(e.link) > 100 {
			magic = gnuMagic
		}
	}
	copy(h[257:265], magic)
	e.number(h[329:337], "major", e.major)
	e.number(h[337:345], "minor", e.minor)
	if magic == ustarMagic {
		copy(h[345:500], e.prefix)
	}
	if e.spoil != nil {
		e.spoil(h)
	}
	sign(h, e.sum)
	b.Write(h)
	b.Write(pad(e.data))
}

func sign(h []byte, add int64) {
	copy(h[148:156], "        ")
	sum := add
	for _, c := range h {
		sum += int64(c)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

func (e *entry) number(to []byte, field string, n int64) {
	octal := strconv.FormatInt(n, 8)
	if n >= 0 && len(octal) < len(to) && !e.binary[field] {
		copy(to, strings.Repeat("0", len(to)-1-len(octal))+octal)
		return
	}
	for i := len(to) - 1; i >= 0; i-- {
		to[i] = byte(n)
		n >>= 8
	}
	to[0] |= 0x80
}

func pad(data []byte) []byte {
	return append(append([]byte{}, data...), make([]byte, (block-len(data)%block)%block)...)
}

// paxText writes records as "LENGTH KEY=VALUE\n", the length counting itself.
func paxText(records []record) []byte {
	var b bytes.Buffer
	for _, r := range records {
		body := " " + r.key + "=" + r.value + "\n"
		n := len(body) + 1
		for len(strconv.Itoa(n))+len(body) != n {
			n = len(strconv.Itoa(n)) + len(body)
		}
		b.WriteString(strconv.Itoa(n) + body)
	}
	return b.Bytes()
}

func paxBlocks(kind byte, records []record) []byte {
	return rawBlocks(kind, ustarMagic, paxText(records))
}

func longBlocks(kind byte, text string) []byte { return rawBlocks(kind, gnuMagic, []byte(text)) }

func rawBlocks(kind byte, magic string, data []byte) []byte {
	var b bytes.Buffer
	(&entry{kind: kind, name: "././@Extra", mode: 0o644, size: int64(len(data)), data: data, magic: magic}).write(&b)
	return b.Bytes()
}

// tarball is one layer before it is compressed.
type tarball struct {
	entries []*entry
	end     []byte // what follows the last entry: two zero blocks
	behind  []byte // what follows that
}

func (t *tarball) bytes() []byte {
	var b bytes.Buffer
	for _, e := range t.entries {
		e.write(&b)
	}
	b.Write(t.end)
	b.Write(t.behind)
	return b.Bytes()
}

// insert puts an entry at a place of the list.
func (t *tarball) insert(at int, e ...*entry) {
	t.entries = append(t.entries[:at:at], append(e, t.entries[at:]...)...)
}

func (t *tarball) String() string {
	var say []string
	for _, e := range t.entries {
		s := fmt.Sprintf("%c %q", printable(e.kind), e.name)
		if e.link != "" {
			s += fmt.Sprintf(" -> %q", e.link)
		}
		if e.mode != 0o644 {
			s += fmt.Sprintf(" %o", e.mode)
		}
		if e.size != int64(len(e.data)) {
			s += fmt.Sprintf(" size %d", e.size)
		}
		for _, r := range e.pax {
			s += fmt.Sprintf(" {%s=%q}", r.key, r.value)
		}
		if e.kind == '3' || e.kind == '4' {
			s += fmt.Sprintf(" %d:%d", e.major, e.minor)
		}
		if e.kind == '0' && len(e.data) > 0 && len(e.data) < 200 {
			s += " " + shortContent(e.data)
		}
		say = append(say, s)
	}
	if len(t.end) != 2*block || len(t.behind) > 0 {
		say = append(say, fmt.Sprintf("end of %d bytes, %d behind it", len(t.end), len(t.behind)))
	}
	return strings.Join(say, "\n    ")
}

func printable(kind byte) byte {
	if kind < ' ' || kind > '~' {
		return '?'
	}
	return kind
}

func shortContent(b []byte) string {
	if i := bytes.IndexByte(b, ','); i > 0 {
		return string(b[:i])
	}
	return fmt.Sprintf("%.40q", b)
}
