package differential

import (
	"slices"
	"strings"
)

// trick is one thing that an attacker does to a layer.
type trick struct {
	name string
	do   func(g *generator, t *tarball)
}

// Links and whiteouts are where runtimes differ most, so their tricks are drawn twice as often.
var allTricks = slices.Concat(nameTricks, treeTricks, treeTricks, headerTricks, []trick{linkedTrick, linkedTrick, linkedTrick})

func (g *generator) trick() trick { return pick(g, allTricks...) }

// one picks an entry of those kinds. A layer without one gets a file for it.
func (g *generator) one(t *tarball, kinds string) *entry {
	var l []*entry
	for _, e := range t.entries {
		if strings.IndexByte(kinds, e.kind) >= 0 && !strings.Contains(e.name, ".wh.") {
			l = append(l, e)
		}
	}
	if len(l) > 0 {
		return pick(g, l...)
	}
	e := file(g.path(), g.content())
	if !strings.Contains(kinds, "0") {
		e.kind, e.link, e.size, e.data = kinds[0], g.path(), 0, nil
	}
	t.entries = append(t.entries, e)
	return e
}

// somewhere is a place in the list of entries.
func (g *generator) somewhere(t *tarball) int { return g.Intn(len(t.entries) + 1) }

const anyKind = "0123456"

// nameTricks spell a path in another way, or one that some reader cannot spell.
var nameTricks = []trick{
	{"name in another form", func(g *generator, t *tarball) {
		e := g.one(t, anyKind)
		n := e.name
		e.name = pick(g, "./"+n, "/"+n, "//"+n, "a/../"+n, "./../"+n, "../"+n, "/../"+n, "../../"+n, strings.ReplaceAll(n, "/", "//"), strings.ReplaceAll(n, "/", "/./"),
			n+"/", n+"//", n+"/.", n+"/..", "./"+n+"/", "x/../../"+n, strings.Repeat("a/../", 30)+n, ".//"+n, "./.", ".", "..", "/", "", n+"/../z", ".../"+n)
	}},
	{"all names in another form", func(g *generator, t *tarball) {
		how := pick(g, "./", "/", "", "//", ".//")
		for _, e := range t.entries {
			e.name = how + e.name
			if e.kind == '1' && g.oneIn(2) {
				e.link = how + e.link
			}
		}
	}},
	{"root entry", func(g *generator, t *tarball) {
		t.insert(pick(g, 0, g.somewhere(t)), &entry{kind: pick[byte](g, '5', '5', '5', '0', '2'), name: pick(g, "./", "/", ".", ""), link: pick(g, "", "a"), mode: pick[int64](g, 0o755, 0o700), time: 1})
	}},
	{"path named twice", func(g *generator, t *tarball) {
		e := g.one(t, "0125").clone()
		if e.kind == '0' {
			e.data = []byte(g.content())
			e.size = int64(len(e.data))
		}
		if g.oneIn(3) {
			e.name = strings.TrimSuffix(e.name, "/")
			e.kind, e.link, e.size, e.data = pick[byte](g, '0', '2', '5', '6', '1'), g.path(), 0, nil
		}
		t.insert(g.somewhere(t), e)
	}},
	{"folded case", func(g *generator, t *tarball) {
		e := g.one(t, "0125").clone()
		first := min(1, len(e.name)) // another trick may have taken its name
		e.name = pick(g, strings.ToUpper(e.name), strings.ToUpper(e.name[:first])+e.name[first:], e.name+"\u212a", "ſ"+e.name, e.name+"e\u0301", e.name+"\u00e9")
		if e.kind == '0' {
			e.data = []byte(g.content())
			e.size = int64(len(e.data))
		}
		t.insert(g.somewhere(t), e)
	}},
	{"strange bytes in a name", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		e.name = pick(g, e.name+"\n", "x\ny"+e.name, "\xff"+e.name, e.name+"\xc3", "a\\b", "\x01"+e.name, " "+e.name, e.name+" ", "\u202e"+e.name, e.name+":", "=", "-", "*", "\ufffd"+e.name, "CON", "\x7f", "a\tb")
	}},
	{"NUL in a name", func(g *generator, t *tarball) {
		e := g.one(t, "012")
		switch g.Intn(4) {
		case 0:
			e.name += "\x00" + e.name
		case 1:
			e.pax = append(e.pax, record{"path", e.name + "\x00x"})
		case 2:
			e.before = longBlocks('L', e.name+"\x00/../z")
		case 3:
			e.before = longBlocks('L', "x\x00")
		}
	}},
	{"long name", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		n := strings.Repeat("n", pick(g, 99, 100, 101, 155, 254, 255, 256))
		e.name = pick(g, n, e.name+n, strings.Repeat("long/", 60)+"x", strings.Repeat("long/", 900)+"x", strings.Repeat(strings.Repeat("m", 200)+"/", 21)+"x")
		if g.oneIn(2) {
			e.pax = append(e.pax, record{"path", e.name})
			e.name = e.name[:min(len(e.name), 90)]
		}
	}},
	{"long link", func(g *generator, t *tarball) {
		e := g.one(t, "12")
		long := pick(g, strings.Repeat("n", 101), strings.Repeat("./", 80)+e.link, strings.Repeat("d/../", 60)+e.link, strings.Repeat("x", 5000))
		if g.oneIn(2) {
			e.pax = append(e.pax, record{"linkpath", long})
		} else {
			e.link = long
		}
	}},
	{"prefix field", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		e.prefix = pick(g, g.path(), g.path()+"/", "/", "..", ".", strings.Repeat("p", 155))
		e.magic = pick(g, ustarMagic, ustarMagic, gnuMagic, v7Magic, "ustar\x00\x00\x00", "ustar 00")
		if e.magic != ustarMagic && g.oneIn(2) {
			prefix := e.prefix
			e.spoil = func(h []byte) { copy(h[345:500], prefix) }
		}
		if g.oneIn(4) {
			e.spoil = func(h []byte) { copy(h[508:512], "tar\x00") } // star
		}
	}},
	{"special names", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		e.name = pick(g, "proc/a", "dev/null", "dev/a", "sys/a", "etc/hosts", "etc/resolv.conf", ".dockerenv", ".wh.", ".git/config", "node_modules/a/b", "a.tar.gz", "a.zip", "lost+found/a",
			".prefetch.landmark", ".no.prefetch.landmark", "stargz.index.json", "..a", "a..", "...", "run/.containerenv", "vendor/a.md")
	}},
}
