package differential

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// headerTricks write headers that readers understand differently, or that lie.
var headerTricks = []trick{
	{"PAX record over a field", func(g *generator, t *tarball) {
		e := g.one(t, anyKind)
		e.pax = append(e.pax, pick(g,
			record{"path", pick(g, g.path(), "./"+g.path(), g.path()+"/", "", "../x", whiteoutOf(g.existing("")).name)},
			record{"linkpath", pick(g, g.path(), "", "/"+g.path())},
			record{"mode", "0777"}, record{"typeflag", "5"}, record{"devmajor", "0"}, record{"SCHILY.filetype", "5"}, record{"SCHILY.dev", "0"}, record{"LIBARCHIVE.symlinktype", "dir"},
			record{"uid", pick(g, "7", "-1", "", "x", "4294967296", " 7", "07", "+7")}, record{"gid", "8"}, record{"uname", "root"}, record{"gname", ""},
			record{"mtime", pick(g, "1.5", "-1", "", "x", "99999999999999", "1e3")}, record{"atime", "1"}, record{"comment", "x"}, record{"hdrcharset", "BINARY"}, record{"PATH", "z"}, record{"path ", "z"}, record{"path\x00", "z"}))
		if g.oneIn(3) {
			e.pax = append(e.pax, record{e.pax[len(e.pax)-1].key, pick(g, g.path(), "", "3")})
		}
	}},
	{"PAX size", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		n := int64(len(e.data))
		e.pax = append(e.pax, record{"size", pick(g, strconv.FormatInt(n, 10), strconv.FormatInt(n, 10), "0", "512", "-1", "", "x", fmt.Sprintf("0%d", n), fmt.Sprintf("%d.0", n), fmt.Sprintf("+%d", n))})
		e.size = pick(g, n, 0, 512, 1<<20)
		if g.oneIn(3) {
			e.pax = append(e.pax, record{"size", strconv.FormatInt(n, 10)})
		}
	}},
	{"PAX text that is malformed", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		text := pick(g, "9 path=zz\n", "10 path=zz\n", "11 path=zz\n", "010 path=zz\n", "10 path=zz\n\x00\x00", "10 path=zz", " 10 path=zz\n", "10 path\n", "13 path=z\x00zz\n", "10 =path=z\n", "-1 path=z\n", "99999999999999999999 path=z\n", "12  path=zz\n", "\n10 path=zz\n", "10\tpath=zz\n", "15 path=a\npath=b\n", "0 \n", "+10 path=z\n")
		e.before = rawBlocks('x', pick(g, ustarMagic, gnuMagic), []byte(text))
	}},
	{"global PAX header", func(g *generator, t *tarball) {
		r := pick(g, record{"path", g.path()}, record{"comment", "0123456789012345678901234567890123456789"}, record{"size", "0"}, record{"linkpath", g.path()}, record{"uid", "7"}, record{"SCHILY.xattr.trusted.overlay.opaque", "y"}, record{"GNU.sparse.name", "z"})
		g.one(t, "0125").before = paxBlocks('g', []record{r})
	}},
	{"several headers before one entry", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		var b []byte
		for range 2 + g.Intn(2) {
			b = append(b, pick(g, paxBlocks('x', []record{{"path", g.path()}}), longBlocks('L', g.path()+"\x00"), longBlocks('K', g.path()+"\x00"), longBlocks('L', g.path()), paxBlocks('g', []record{{"path", g.path()}}),
				paxBlocks('x', []record{{"linkpath", g.path()}}), longBlocks('L', ""), paxBlocks('x', []record{{"comment", "c"}}), rawBlocks('x', ustarMagic, nil), paxBlocks('X', []record{{"path", "X"}}), longBlocks('N', "x"))...)
		}
		e.before = b
	}},
	{"GNU name", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		e.before = longBlocks(pick[byte](g, 'L', 'L', 'K'), pick(g, g.path()+"\x00", g.path(), strings.Repeat("g", 120)+"\x00", "./"+g.path()+"\x00", "/"+g.path()+"\x00", g.path()+"/\x00", g.path()+"\x00\x00\x00", "\x00", g.path()+"\x00junk"))
	}},
	{"extra header before nothing", func(g *generator, t *tarball) {
		t.end = append(pick(g, paxBlocks('x', []record{{"path", "z"}}), longBlocks('L', "z\x00"), paxBlocks('g', []record{{"path", "z"}})), t.end...)
	}},
	{"sparse, GNU old", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		data := []byte(g.content())
		n, hole := int64(len(data)), pick[int64](g, 0, 0, 512, 4096)
		e.kind, e.magic, e.data, e.size = 'S', gnuMagic, data, n
		e.spoil = func(h []byte) {
			copy(h[386:398], fmt.Sprintf("%011o\x00", hole))
			copy(h[398:410], fmt.Sprintf("%011o\x00", n))
			if g.oneIn(2) {
				copy(h[410:422], fmt.Sprintf("%011o\x00", hole+n))
				copy(h[422:434], fmt.Sprintf("%011o\x00", 0))
			}
			copy(h[483:495], fmt.Sprintf("%011o\x00", hole+n+pick[int64](g, 0, 0, 0, 7)))
		}
	}},
	{"sparse, PAX", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		data := []byte(g.content())
		n, hole := len(data), pick(g, 0, 0, 512)
		real := strconv.Itoa(hole + n + pick(g, 0, 0, 0, 9))
		list := fmt.Sprintf("%d,%d", hole, n)
		switch g.Intn(4) {
		case 0:
			e.pax = []record{{"GNU.sparse.size", real}, {"GNU.sparse.numblocks", "1"}, {"GNU.sparse.offset", strconv.Itoa(hole)}, {"GNU.sparse.numbytes", strconv.Itoa(n)}}
		case 1:
			e.pax = []record{{"GNU.sparse.size", real}, {"GNU.sparse.numblocks", "1"}, {"GNU.sparse.map", list}, {"GNU.sparse.name", pick(g, e.name, g.path())}}
			e.name = pick(g, e.name, "GNUSparseFile.0/x")
		case 2:
			e.pax = []record{{"GNU.sparse.major", "1"}, {"GNU.sparse.minor", pick(g, "0", "0", "1")}, {"GNU.sparse.name", pick(g, e.name, g.path())}, {"GNU.sparse.realsize", real}}
			data = append(pad([]byte(fmt.Sprintf("1\n%d\n%d\n", hole, n))), data...)
		default:
			e.pax = []record{{pick(g, "GNU.sparse.name", "GNU.sparse.realsize", "GNU.sparse.size", "GNU.sparse.major", "GNU.sparse.map"), pick(g, "1", g.path(), "0")}}
		}
		e.data, e.size = data, int64(len(data))
	}},
	{"numbers", func(g *generator, t *tarball) {
		e := g.one(t, anyKind)
		e.binary = map[string]bool{pick(g, "size", "mode", "uid", "gid", "time", "major"): true}
		switch g.Intn(8) {
		case 0:
			e.uid = pick[int64](g, -1, 1<<31, 1<<32, 1<<40)
		case 1:
			e.gid = pick[int64](g, -1, 1<<31, 65534)
		case 2:
			e.time = pick[int64](g, -1, 1<<40, 1<<62, -(1 << 40))
		case 3:
			e.mode = pick[int64](g, 0o100644, 0o40755, 0o120777, 0o20644, 0o10644, 0o140644, 0o60644, -1, 0o7777777, 0o1000644)
		case 4:
			e.size = pick[int64](g, -1, -512, 1<<62, 1<<33)
		case 5:
			field := pick(g, 100, 108, 116, 124, 136, 329)
			text := pick(g, "       ", "8888888", "  644 \x00", "0x1FF\x00\x00", "644", "\x00\x00\x00\x00\x00\x00\x00", "-000644", "\x80\x00\x00\x00\x00\x00\x01", "+000644", "644 999")
			e.spoil = func(h []byte) { copy(h[field:field+7], text) }
		}
	}},
	{"mode with a kind in it", func(g *generator, t *tarball) {
		g.one(t, anyKind).mode |= pick[int64](g, 0o40000, 0o100000, 0o120000, 0o20000, 0o60000, 0o10000, 0o140000, 0o160000)
	}},
	{"content behind what has none", func(g *generator, t *tarball) {
		e := g.one(t, "12563")
		e.data = pick(g, []byte(g.content()), fakeEntry(g))
		e.size = int64(len(e.data))
		if g.oneIn(3) {
			e.pax = append(e.pax, record{"size", pick(g, "0", strconv.Itoa(len(e.data)))})
		}
	}},
	{"size that lies", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		e.size += pick[int64](g, 1, -1, 512, 1024, -20, 1<<20, 1<<34)
	}},
	{"file whose content is an entry", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		e.data = fakeEntry(g)
		e.size = pick[int64](g, int64(len(e.data)), 0)
	}},
	{"other kinds", func(g *generator, t *tarball) {
		e := g.one(t, "0")
		e.kind = pick[byte](g, '7', 0, 'D', 'M', 'N', 'V', 'A', 'Z', ' ', '8', 'g', 'x', 'S', 'I', 'X', 'L', 'K')
	}},
	{"old kind of folder", func(g *generator, t *tarball) {
		e := g.one(t, "05")
		e.kind, e.name = pick[byte](g, 0, '0'), strings.TrimSuffix(e.name, "/")+"/"
	}},
	{"magic", func(g *generator, t *tarball) {
		g.one(t, "0125").magic = pick(g, v7Magic, gnuMagic, "ustar  \x00", "ustar\x0001", "USTAR\x0000", "ustar\x00  ", "garbage!")
	}},
	{"checksum", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		e.sum = pick[int64](g, 1, -1, 256, -256)
		if g.oneIn(2) {
			e.name += "\xff"
		}
	}},
	{"a zero block in the middle", func(g *generator, t *tarball) {
		g.one(t, "0125").before = make([]byte, pick(g, 1, 1, 2, 3)*block)
	}},
	{"end of the archive", func(g *generator, t *tarball) {
		t.end = pick(g, nil, make([]byte, block), make([]byte, 700), make([]byte, 3*block), make([]byte, 20*block), make([]byte, 100), bytes.Repeat([]byte{'x'}, block))
	}},
	{"something behind the end", func(g *generator, t *tarball) {
		t.behind = pick(g, fakeEntry(g), []byte("x"), make([]byte, 9000), append(make([]byte, 4096), 'x'), gzipped(fakeEntry(g)), zstandard(fakeEntry(g)), []byte{0})
	}},
}

// fakeEntry is a whole tar of one file.
func fakeEntry(g *generator) []byte {
	return (&tarball{entries: []*entry{file(g.path(), g.content())}, end: make([]byte, 2*block)}).bytes()
}
