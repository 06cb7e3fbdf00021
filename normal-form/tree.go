package main

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
	"strings"
)

// node is one name in the tree that a layer, or all layers so far, make.
type node struct {
	kind     byte // a type of archive/tar, or whiteout
	written  bool // an entry names it: false for a folder that was made on the way to something
	made     bool // a folder was made here on the way to something: in the layers below there must be a folder or nothing
	opaque   bool // hides what the layers below have in this folder
	replaced bool // another thing stood here before, in this layer
	program  bool // it begins as a program for Linux
	layer    int16
	mode     uint16
	// implied counts the folders below that no entry of the layer names.
	implied int32
	link    string
	kids    map[string]*node
	// was is the folder that stood here before, with the folders that were made below it.
	was *node
	// Where its entry, and the content in it, stand in the output.
	start, data, size int64
}

const whiteout = 'W'

// each goes through what is of that kind below a node, in the order of the paths, until one is not to be followed by another.
func (n *node) each(kind byte, at string, yield func(string, *node) bool) bool {
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		k, p := n.kids[name], path.Join(at, name)
		if k.kind == kind && !yield(p, k) || !k.each(kind, p, yield) {
			return false
		}
	}
	return true
}

func (n *node) kid(name string) *node {
	if n == nil {
		return nil
	}
	return n.kids[name]
}

func (n *node) set(name string, k *node) {
	if n.kids == nil {
		n.kids = map[string]*node{}
	}
	// The name is cut from a whole path, which would stay in memory with it.
	n.kids[strings.Clone(name)] = k
}

// extent is where its entry stands, padding included.
func (n *node) extent() extent { return extent{n.start, n.data + (n.size+511)&^511} }

func (n *node) isFile() bool { return n.kind == tar.TypeReg }

// isImplied: a folder that no entry of the layer names. A runtime makes it where nothing is, or goes through what is there.
func (n *node) isImplied() bool { return n.kind == tar.TypeDir && !n.written }

// tree is what a layer's tar makes in an empty folder, as containerd's overlay snapshotter unpacks it.
type tree struct{ root *node }

func newTree() *tree { return &tree{root: &node{kind: tar.TypeDir, written: true}} }

// imply counts a folder that no entry names, or no longer does, in all folders above it.
func (t *tree) imply(at []string, change int32) {
	n := t.root
	for _, name := range at[:len(at)-1] {
		n.implied += change
		n = n.kids[name]
	}
	n.implied += change
}

func (t *tree) find(at []string) *node { return t.root.find(at) }

// find walks down without following a link. Nil if nothing is there.
func (n *node) find(at []string) *node {
	for _, name := range at {
		if n = n.kid(name); n == nil {
			return nil
		}
	}
	return n
}

// parts of a path, without empty ones.
func parts(p string) []string {
	p = strings.Trim(p, "/")
	if p == "" || p == "." {
		return nil
	}
	return strings.Split(p, "/")
}

const maxLinksFollowed = 255

// resolve gives the real folder of a path. As with containerd's RootPath, links are followed, absolute ones and ".." stay below the root.
func (t *tree) resolve(p string, cost *spending) ([]string, error) {
	todo := strings.Split(p, "/")
	var at []string
	nodes := []*node{t.root} // of the folders on the way; nil where there is none yet
	followed := 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if len(at) > 0 {
				at, nodes = at[:len(at)-1], nodes[:len(nodes)-1]
			}
			continue
		}
		n := nodes[len(nodes)-1].kid(name)
		if n == nil || n.kind != tar.TypeSymlink {
			at, nodes = append(at, name), append(nodes, n)
			continue
		}
		if followed++; followed > maxLinksFollowed {
			return nil, refuse("%.200q goes through too many links", p)
		}
		if turnsBack(n.link) {
			return nil, refuse("%.200q goes through the link target %.200q, which runtimes resolve differently", p, n.link)
		}
		if path.IsAbs(n.link) {
			at, nodes = nil, nodes[:1]
		}
		todo = append(strings.Split(n.link, "/"), todo...)
		if err := cost.steps(len(todo)); err != nil {
			return nil, err
		}
	}
	return at, nil
}

// turnsBack: "a/../b" is "b" to who cleans it first, and the neighbour of where a leads to who walks it.
func turnsBack(link string) bool {
	return strings.Contains(strings.TrimLeft(link, "./"), "..") && path.Clean(link) != link
}

// folder gives the node of that folder, and makes what is missing on the way.
func (t *tree) folder(at []string, cost *spending) (*node, error) {
	n := t.root
	for i, name := range at {
		if strings.HasPrefix(name, whiteoutPrefix) {
			return nil, refuse("%.200q has a folder named like a deletion, which runtimes treat differently", strings.Join(at, "/"))
		}
		k := n.kid(name)
		switch {
		case k == nil:
			if len(name) > maxName {
				return nil, refuse("%.60q… is a longer name than any file system takes", name)
			}
			if err := cost.entry(len(name)); err != nil {
				return nil, err
			}
			k = &node{kind: tar.TypeDir, made: true}
			n.set(name, k)
			t.imply(at[:i+1], 1)
		case k.kind == whiteout:
			return nil, refuse("%.200q is deleted and then written below", strings.Join(at[:i+1], "/"))
		case k.kind != tar.TypeDir:
			return nil, refuse("%.200q is no folder but things are written below it", strings.Join(at[:i+1], "/"))
		}
		n = k
	}
	return n, nil
}
