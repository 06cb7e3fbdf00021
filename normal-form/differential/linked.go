package differential

import (
	"fmt"
	"maps"
	"strings"
)

// Trivy follows no links, but every program in a container does. So the normal form has copies of the package databases and release files that are
// reached through a link only, in layers behind those of the image.

// databases are some of the paths that Trivy reads.
var databases = []string{"lib/apk/db/installed", "var/lib/dpkg/status", "etc/os-release", "var/lib/rpm/rpmdb.sqlite"}

// packageDatabases: of these, and of no release file, the form also has what earlier layers had.
var packageDatabases = []string{"lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/dpkg/status", "var/lib/rpm/rpmdb.sqlite"}

func (t tree) clone() tree { return maps.Clone(t) }

// follow gives where a path leads in a container, and "" if nowhere.
func (t tree) follow(p string) string {
	todo, at := strings.Split(p, "/"), []string{}
	for links := 0; len(todo) > 0; {
		c := todo[0]
		todo = todo[1:]
		switch c {
		case "", ".":
			continue
		case "..":
			at = at[:max(0, len(at)-1)]
			continue
		}
		next := append(at[:len(at):len(at)], c)
		switch x := t[strings.Join(next, "/")]; {
		case x.Kind == 'l':
			if links++; links > 40 {
				return ""
			}
			if strings.HasPrefix(x.Link, "/") {
				at = nil
			}
			todo = append(strings.Split(x.Link, "/"), todo...)
			continue
		case x.Kind == 0, x.Kind != 'd' && len(todo) > 0:
			return ""
		}
		at = next
	}
	return strings.Join(at, "/")
}

// wrongLinks says which copies are not what a container reads there, and which are missing.
func (t tree) wrongLinks(copies tree) (bad []string) {
	copied := map[string]bool{}
	for p, x := range copies {
		if x.Kind != 'f' {
			continue
		}
		to := t.follow(p)
		copied[to] = true
		if to == p || t[to].Kind != 'f' || t[to].Content != x.Content {
			bad = append(bad, fmt.Sprintf("%q is a copy of %v, a container reads %q there: %v", p, x, to, t[to]))
		}
	}
	read := map[string]bool{"usr/lib/apk/db/installed": true, "usr/lib/os-release": true}
	for _, p := range databases {
		read[p] = true
	}
	for _, p := range databases {
		if to := t.follow(p); to != p && t[to].Kind == 'f' && !copied[to] && !read[to] {
			bad = append(bad, fmt.Sprintf("%q leads to %q, which Trivy does not read: there is no copy", p, to))
		}
	}
	return bad
}

var linkedTrick = trick{"package database behind a link", func(g *generator, t *tarball) {
	p := pick(g, databases...)
	parts := strings.Split(p, "/")
	at := 1 + g.Intn(len(parts))
	link, rest := strings.Join(parts[:at], "/"), strings.Join(parts[at:], "/")
	to := pick(g, "x", "opt/y", "usr/"+link, "a", g.existing("5"))
	target := pick(g, "/"+to, strings.Repeat("../", at-1)+to, "/z", strings.Repeat("../", 9)+to)
	l := symlink(link, target)
	f := file(strings.TrimSuffix(to+"/"+rest, "/"), g.content())
	t.entries = append(t.entries, l, f)
	if target == "/z" {
		t.entries = append(t.entries, symlink("z", "x"))
	}
	if g.oneIn(2) {
		t.entries = append(t.entries, hardlink("h", f.name))
	}
	if g.oneIn(3) {
		last := g.layers[len(g.layers)-1]
		last.entries = append(last.entries, pick(g, whiteoutOf(f.name), file(f.name, g.content()), symlink(f.name, "/h"), file(p, g.content())))
	}
}}
