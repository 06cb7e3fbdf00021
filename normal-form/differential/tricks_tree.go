package differential

import "strings"

// treeTricks use links, whiteouts and kinds in an order that no builder writes.
var treeTricks = []trick{
	{"symbolic link elsewhere", func(g *generator, t *tarball) {
		p := g.path()
		t.insert(g.somewhere(t), symlink(pick(g, p, g.existing("")), pick(g, p, "/"+g.path(), "..", ".", "/", "../../"+g.path(), "b/../"+g.path(), g.path()+"/..", "/..", "./"+g.path(), "//"+g.path(), "../"+g.existing("5"), "/proc/self/root", "", "a/./b", "x/../../a", strings.Repeat("../", 20)+"a")))
	}},
	{"write through a link of the layer", func(g *generator, t *tarball) {
		l := symlink(g.path(), pick(g, g.path(), "/"+g.path(), "..", ".", "/", "../"+g.path(), "a/../"+g.path(), g.existing("5"), "a/b/.."))
		at := g.somewhere(t)
		t.insert(at, l)
		below := g.somewhereAfter(t, at+1)
		t.insert(below, pick(g, file(l.name+"/x", g.content()), folder(l.name+"/y"), whiteoutOf(l.name+"/a"), opaque(l.name), hardlink(l.name+"/h", g.one(t, "0").name), hardlink("h", l.name+"/a"), file(l.name+"/../z", g.content())))
	}},
	{"write through a link of a layer below", func(g *generator, t *tarball) {
		l := g.existing("2")
		t.insert(g.somewhere(t), pick(g, file(l+"/x", g.content()), folder(l+"/y"), whiteoutOf(l+"/a"), opaque(l), hardlink(l+"/h", g.one(t, "0").name), symlink(l+"/s", "a"), file(l+"/b/c", g.content())))
	}},
	{"loop of links", func(g *generator, t *tarball) {
		t.insert(g.somewhere(t), symlink("a", "b"), symlink("b", pick(g, "a", "b", "/a", "c")), symlink("c", "a/c"))
		if g.oneIn(2) {
			t.entries = append(t.entries, file(pick(g, "a/x", "b/x", "c/a/b"), g.content()))
		}
	}},
	{"chain of links", func(g *generator, t *tarball) {
		n := pick(g, 3, 39, 41, 254, 256)
		for i := range n {
			t.entries = append(t.entries, symlink("l"+strings.Repeat("i", i), "l"+strings.Repeat("i", i+1)))
		}
		t.entries = append(t.entries, pick(g, file("l/x", g.content()), folder("l"+strings.Repeat("i", n)), hardlink("h", "l/x")))
	}},
	{"hard link", func(g *generator, t *tarball) {
		to := pick(g, g.one(t, "0").name, g.one(t, "1").name, g.one(t, "2").name, g.existing("0"), g.existing("1"), g.existing("2"), g.existing("5"), g.existing("3456"), g.path())
		l := hardlink(pick(g, g.path(), g.existing("")), pick(g, to, to, "/"+to, "./"+to, "../"+to, "a/../"+to, to+"/", to+"/.", "//"+to, ".", "", "..", ".wh."+to, "/../"+to))
		l.mode = pick[int64](g, 0o644, 0o644, 0o600, 0o4755, 0)
		l.uid = pick[int64](g, 0, 0, 7)
		if g.oneIn(4) {
			l.data = []byte(g.content())
			l.size = int64(len(l.data))
		}
		if g.oneIn(4) {
			l.link = l.name
		}
		t.insert(g.somewhere(t), l)
	}},
	{"hard link to a link", func(g *generator, t *tarball) {
		t.entries = append(t.entries, symlink("s", pick(g, g.one(t, "0").name, "/"+g.path(), g.existing("0"), "nothing")), hardlink("hs", "s"), hardlink("hhs", "hs"))
		if g.oneIn(2) {
			t.entries = append(t.entries, file(pick(g, "s", "hs", "hhs"), g.content()))
		}
	}},
	{"linked file written again", func(g *generator, t *tarball) {
		f := g.one(t, "0")
		l := hardlink("h", f.name)
		l.mode, l.uid, l.gid = f.mode, f.uid, f.gid
		again := file(pick(g, f.name, "h"), g.content())
		t.entries = append(t.entries, l, again)
		if g.oneIn(2) {
			t.entries = append(t.entries, pick(g, whiteoutOf(f.name), hardlink("h2", f.name), hardlink("h2", "h"), folder(f.name)))
		}
	}},
	{"whiteout", func(g *generator, t *tarball) {
		p := pick(g, g.existing(""), g.path(), g.one(t, "0125").name)
		w := whiteoutOf(strings.TrimSuffix(p, "/"))
		if g.oneIn(3) {
			w.kind, w.link = pick[byte](g, '1', '2', '5', '6', '3', '0'), g.path()
			w.data = pick(g, nil, []byte("content"))
			w.size = int64(len(w.data))
			if w.kind == '5' {
				t.entries = append(t.entries, file(w.name+"/x", g.content()))
			}
		}
		t.insert(g.somewhere(t), w)
		if g.oneIn(4) {
			t.insert(g.somewhere(t), w.clone())
		}
	}},
	{"opaque marker", func(g *generator, t *tarball) {
		p := pick(g, g.existing("5"), g.path(), "", "a")
		w := opaque(p)
		if g.oneIn(6) {
			w.kind = pick[byte](g, '1', '2', '5', '6')
		}
		t.insert(g.somewhere(t), w)
		for range g.Intn(3) {
			t.insert(g.somewhere(t), pick(g, folder(join(p, "d")), file(join(p, "f"), g.content()), file(join(p, "d/f"), g.content()), opaque(join(p, "d")), whiteoutOf(join(p, "d"))))
		}
	}},
	{"whiteout of nothing", func(g *generator, t *tarball) {
		d := pick(g, "", "a/", g.existing("5")+"/")
		t.insert(g.somewhere(t), file(d+pick(g, ".wh.", ".wh..", ".wh...", ".wh..wh.x", ".wh..wh..plnk", ".wh..wh.aufs", ".wh..wh..opq/x", ".wh.x/y", ".WH.a", ".wh.a/../b", ".wh..opq", ".wh..wh.", ".wh./x", ".wh.a\n"), pick(g, "", g.content())))
	}},
	{"deleted and written again", func(g *generator, t *tarball) {
		p := g.existing("")
		l := []*entry{whiteoutOf(p), pick(g, file(p, g.content()), folder(p), symlink(p, g.path()), file(p+"/x", g.content()), hardlink(p, g.one(t, "0").name))}
		if g.oneIn(2) {
			l[0], l[1] = l[1], l[0]
		}
		if g.oneIn(4) {
			l = append(l, file(p+"/y", g.content()))
		}
		t.insert(g.somewhere(t), l...)
	}},
	{"kinds that replace each other", func(g *generator, t *tarball) {
		p := pick(g, g.existing(""), g.path())
		at := g.somewhere(t)
		for range 2 + g.Intn(2) {
			t.insert(at, pick(g, file(p, g.content()), folder(p), symlink(p, g.path()), file(p+"/x", g.content()), &entry{kind: '6', name: p, mode: 0o644}, hardlink(p, g.one(t, "0").name), whiteoutOf(p), symlink(p, "/"+g.existing("5"))))
			at = g.somewhereAfter(t, at)
		}
	}},
	{"device that is a whiteout", func(g *generator, t *tarball) {
		t.insert(g.somewhere(t), &entry{kind: pick[byte](g, '3', '3', '4'), name: pick(g, g.existing(""), g.path()), mode: 0o600, major: pick[int64](g, 0, 0, 1<<32, -1), minor: pick[int64](g, 0, 0, 1<<20, 1<<32, 256)})
	}},
	{"attribute that a driver reads", func(g *generator, t *tarball) {
		e := g.one(t, "0125")
		a := pick(g, "trusted.overlay.opaque", "trusted.overlay.redirect", "trusted.overlay.metacopy", "trusted.overlay.whiteout", "trusted.overlay.opaque.x", "user.overlay.opaque", "user.overlay.whiteout", "user.overlay.redirect",
			"user.fuseoverlayfs.opaque", "user.fuseoverlayfs.override_stat", "user.containers.override_stat", "trusted.overlay.overlay.opaque", "trusted.overlay.origin", "security.capability", "user.x", "security.selinux", "system.posix_acl_access", "trusted.x")
		v := pick(g, "y", "x", "", "/a", "0:0:0755", "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00")
		e.pax = append(e.pax, record{pick(g, "SCHILY.xattr.", "SCHILY.xattr.", "SCHILY.xattr.", "LIBARCHIVE.xattr.", "RHT.") + a, v})
	}},
	{"something below a file", func(g *generator, t *tarball) {
		p := pick(g, g.existing("0"), g.one(t, "0").name, g.existing("6"))
		t.insert(g.somewhere(t), pick(g, file(p+"/x", g.content()), folder(p+"/x"), whiteoutOf(p+"/x"), opaque(p), file(p+"/../x", g.content())))
	}},
	{"folder entry after what lies in it", func(g *generator, t *tarball) {
		p := g.path()
		t.entries = append(t.entries, file(p+"/x", g.content()), folder(p), file(p+"/y", g.content()))
		if g.oneIn(2) {
			t.entries = append(t.entries, folder(pick(g, p, g.existing("5"))))
		}
	}},
}

func (g *generator) somewhereAfter(t *tarball, at int) int {
	return min(at, len(t.entries)) + g.Intn(len(t.entries)-min(at, len(t.entries))+1)
}
