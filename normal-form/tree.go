package main

import (
	"archive/tar"
	"path"
	"strings"
)

// node is one name in the tree that a layer, or all layers so far, make.
type node struct {
	kind     byte // a type of archive/tar, or whiteout
	written  bool // an entry names it: false for a folder that was made on the way to something
	opaque   bool // hides what the layers below have in this folder
	replaced bool // another thing stood here before, in this layer
	layer    int16
	mode     uint16
	link     string
	kids     map[string]*node
	// Where its entry, and the content in it, stand in the output.
	start, data, size int64
}

const whiteout = 'W'

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

// end is where the entry ends, padding included.
func (n *node) end() int64 { return n.data + (n.size+511)&^511 }

// isImplied: a folder that no entry of the layer names. A runtime makes it where nothing is, or goes through what is there.
func (n *node) isImplied() bool { return n.kind == tar.TypeDir && !n.written }

func (n *node) impliesBelow() bool {
	for _, k := range n.kids {
		if k.isImplied() || k.impliesBelow() {
			return true
		}
	}
	return false
}

// tree is what a layer's tar makes in an empty folder, as containerd's overlay snapshotter unpacks it.
type tree struct {
	root *node
	// made: each folder that was made only on the way to something. In the layers below there must be a folder or nothing.
	made map[string]bool
}

func newTree() *tree {
	return &tree{root: &node{kind: tar.TypeDir, written: true}, made: map[string]bool{}}
}

func (t *tree) find(at []string) *node {
	n := t.root
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
func (t *tree) resolve(p string) ([]string, error) {
	todo := strings.Split(p, "/")
	var at []string
	followed := 0
	for len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if len(at) > 0 {
				at = at[:len(at)-1]
			}
			continue
		}
		n := t.find(append(at, name))
		if n == nil || n.kind != tar.TypeSymlink {
			at = append(at[:len(at):len(at)], name)
			continue
		}
		if followed++; followed > maxLinksFollowed {
			return nil, refuse("%.200q goes through too many links", p)
		}
		if turnsBack(n.link) {
			return nil, refuse("%.200q goes through the link target %.200q, which runtimes resolve differently", p, n.link)
		}
		if path.IsAbs(n.link) {
			at = nil
		}
		todo = append(strings.Split(n.link, "/"), todo...)
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
			k = &node{kind: tar.TypeDir}
			n.set(name, k)
			t.made[strings.Join(at[:i+1], "/")] = true
		case k.kind == whiteout:
			return nil, refuse("%.200q is deleted and then written below", strings.Join(at[:i+1], "/"))
		case k.kind != tar.TypeDir:
			return nil, refuse("%.200q is no folder but things are written below it", strings.Join(at[:i+1], "/"))
		}
		n = k
	}
	return n, nil
}
