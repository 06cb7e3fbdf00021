package differential

import (
	"fmt"
	"math/rand"
	"strings"
)

// generator makes one image out of one seed. It builds an honest image first and then does a few things to it that an attacker would do:
// so most tricks meet an image that is otherwise fine, and a fair part of the images is accepted.
type generator struct {
	*rand.Rand
	id     int
	layers []*tarball
	blobs  []*blob
	below  map[string]byte // what the layers so far hold together, by kind
	tricks []string
}

var secretRules = []string{"ghp_", "gho_", "ghs_"}

// content is a package.json that Trivy lists under a name of its own, with a secret that it finds. Each layer uses another kind of secret in turn,
// because Trivy keeps one of a kind for each path.
func (g *generator) content() string {
	g.id++
	kind := secretRules[len(g.layers)%len(secretRules)]
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	token := make([]byte, 36)
	for i := range token {
		token[i] = letters[g.Intn(len(letters))]
	}
	return fmt.Sprintf("{\"name\":\"f%d\",\"version\":\"%d\",\n\"token\": \"%s%s\"}", g.id, g.Intn(1000), kind, token)
}

func (g *generator) oneIn(n int) bool { return g.Intn(n) == 0 }

func pick[T any](g *generator, list ...T) T { return list[g.Intn(len(list))] }

func (g *generator) path() string {
	n := 1 + g.Intn(3)
	if g.oneIn(2) {
		n = 1
	}
	var p []string
	for range n {
		p = append(p, pick(g, "a", "b", "c", "d", "e"))
	}
	return strings.Join(p, "/")
}

// existing picks a path of the layers below, of that kind if there is one.
func (g *generator) existing(kinds string) string {
	var l []string
	for _, p := range sortedKeys(g.below) {
		if kinds == "" || strings.IndexByte(kinds, g.below[p]) >= 0 {
			l = append(l, p)
		}
	}
	if len(l) == 0 {
		return g.path()
	}
	return l[g.Intn(len(l))]
}

// image makes the layers, does the tricks, and packs them into blobs.
func (g *generator) image() {
	g.below = map[string]byte{}
	n := 1 + g.Intn(3)
	if g.oneIn(20) {
		n = 4 + g.Intn(20)
	}
	for range n {
		if len(g.layers) > 0 && g.oneIn(30) {
			g.layers = append(g.layers, pick(g, g.layers...))
			continue
		}
		g.layers = append(g.layers, g.layer())
	}
	for range pick(g, 0, 1, 1, 1, 1, 2, 2, 3) {
		t := g.trick()
		t.do(g, pick(g, g.layers...))
		g.tricks = append(g.tricks, t.name)
	}
	g.pack()
}

// layer is honest: folders before what lies in them, each path once, whiteouts only of what lies below.
func (g *generator) layer() *tarball {
	t := &tarball{end: make([]byte, 2*block)}
	own := map[string]byte{}
	merged := map[string]byte{}
	for k, v := range g.below {
		merged[k] = v
	}
	add := func(p string, e *entry) {
		own[p], merged[p] = e.kind, e.kind
		t.entries = append(t.entries, e)
	}
	withFolders := !g.oneIn(4)
	// way says whether a path can be written: folders on its way are folders already or are made now.
	way := func(p string) bool {
		parts := strings.Split(p, "/")
		for i := 1; i < len(parts); i++ {
			d := strings.Join(parts[:i], "/")
			if k, ok := merged[d]; ok && k != '5' || own[d] == 'W' {
				return false
			}
			if own[d] == 0 && withFolders {
				add(d, folder(d))
			}
			own[d], merged[d] = '5', '5'
		}
		return own[p] == 0
	}
	for range 1 + g.Intn(7) {
		p := g.path()
		if !way(p) || merged[p] == '5' {
			continue
		}
		switch k := g.Intn(20); {
		case k < 9:
			add(p, file(p, g.content()))
		case k < 11:
			add(p, folder(p))
		case k < 13:
			add(p, symlink(p, pick(g, g.path(), "/"+g.path(), "../"+g.path(), g.existing("05"))))
		case k < 15:
			if to := anyOf(g, own, "01"); to != "" {
				add(p, hardlink(p, to))
			}
		case k < 16:
			add(p, &entry{kind: '6', name: p, mode: 0o644, time: 1})
		case k < 17 && g.oneIn(3):
			add(p, &entry{kind: pick[byte](g, '3', '4'), name: p, mode: 0o600, major: 1, minor: 3})
		default:
			g.hide(t, own, merged, way)
		}
	}
	for _, e := range t.entries {
		if e.kind != '2' && g.oneIn(8) {
			e.uid, e.gid = int64(g.Intn(2000)), int64(g.Intn(2000))
		}
		if e.kind == '0' && g.oneIn(8) {
			e.mode = pick[int64](g, 0o755, 0o600, 0o4755, 0o2711, 0o400, 0)
		}
		if e.kind == '1' {
			e.copyOwner(t)
		}
	}
	g.below = merged
	return t
}

// hide writes a whiteout or an opaque marker for something of the layers below.
func (g *generator) hide(t *tarball, own, merged map[string]byte, way func(string) bool) {
	gone := g.existing("")
	if g.below[gone] == 0 || own[gone] != 0 || !way(gone) {
		return
	}
	for p := range own {
		if strings.HasPrefix(p, gone+"/") {
			return
		}
	}
	if g.below[gone] == '5' && g.oneIn(2) {
		t.entries = append(t.entries, folder(gone), opaque(gone))
		own[gone] = '5'
	} else {
		t.entries = append(t.entries, whiteoutOf(gone))
		own[gone] = 'W'
		delete(merged, gone)
	}
	for p := range merged {
		if strings.HasPrefix(p, gone+"/") {
			delete(merged, p)
		}
	}
}

// copyOwner gives a hard link the mode and owner of what it links to, as tar does.
func (e *entry) copyOwner(t *tarball) {
	for _, to := range t.entries {
		if to.name == e.link {
			e.mode, e.uid, e.gid = to.mode, to.uid, to.gid
		}
	}
}

func anyOf(g *generator, m map[string]byte, kinds string) string {
	var l []string
	for _, p := range sortedKeys(m) {
		if strings.IndexByte(kinds, m[p]) >= 0 {
			l = append(l, p)
		}
	}
	if len(l) == 0 {
		return ""
	}
	return pick(g, l...)
}
