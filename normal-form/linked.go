package main

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
	"strings"

	"normal-form/books"
)

// linkedFile is a file that Trivy would read at that place, were it not a link that leads there.
type linkedFile struct {
	place, target string
	node          *node
}

// linkedFiles looks for them in the tree that all layers make together.
func linkedFiles(root *node, cost *spending) ([]linkedFile, error) {
	var found []linkedFile
	for _, s := range scannedPaths {
		places := slices.Clone(s.paths)
		for _, folder := range s.folders {
			if _, n := follow(root, folder, cost); n != nil && n.kind == tar.TypeDir {
				for _, name := range slices.Sorted(maps.Keys(n.kids)) {
					places = append(places, folder+"/"+name)
				}
			}
		}
		written := map[string]bool{} // two places that lead to one file would list its packages twice
		for _, place := range places {
			target, n := follow(root, place, cost)
			if n == nil || n.kind != tar.TypeReg || target == place || s.isReadAnyway(target) || written[target] {
				continue
			}
			written[target] = true
			found = append(found, linkedFile{place, target, n})
		}
	}
	return found, cost.steps(0)
}

// linkedDeclarations are files that declare packages of a language by the name of a link, such as a package.json that leads to package.prod.json:
// by that name runtimes read them.
func linkedDeclarations(root *node, declared []books.Declaration, cost *spending) ([]linkedFile, error) {
	var found []linkedFile
	for _, d := range declared {
		if !d.IsRead() || len(found) > 0 && found[len(found)-1].place == d.Path { // which declares packages of two kinds
			continue
		}
		if target, n := follow(root, d.Path, cost); n != nil && n.isFile() && target != d.Path {
			found = append(found, linkedFile{d.Path, target, n})
		}
	}
	return found, cost.steps(0)
}

// follow walks to a path as the kernel does in a container, and gives where it really is; nil if it leads nowhere, or over more steps than an image
// has: then steps says so.
func follow(root *node, p string, cost *spending) (string, *node) {
	todo := parts(p)
	var at []string
	nodes := []*node{root}
	for followed := 0; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		here := nodes[len(nodes)-1]
		switch {
		case name == "" || name == ".":
			continue
		case name == "..":
			if len(at) > 0 {
				at, nodes = at[:len(at)-1], nodes[:len(nodes)-1]
			}
			continue
		case len(at) > 0 && at[0] == "proc":
			// Of a process, proc has a link to its root: /proc/self/root/opt is /opt. Nothing of proc is in the image.
			if name == "root" {
				at, nodes = nil, nodes[:1]
				continue
			}
			at, nodes = append(at, name), append(nodes, &node{kind: tar.TypeDir})
			continue
		}
		n := here.kid(name)
		switch {
		case n == nil && len(at) == 0 && name == "proc":
			n = &node{kind: tar.TypeDir}
		case n == nil:
			return "", nil
		case n.kind == tar.TypeSymlink:
			if followed++; followed > maxLinksFollowed {
				return "", nil
			}
			if path.IsAbs(n.link) {
				at, nodes = nil, nodes[:1]
			}
			todo = append(strings.Split(n.link, "/"), todo...)
			if cost.steps(len(todo)) != nil {
				return "", nil
			}
			continue
		case n.kind != tar.TypeDir && len(todo) > 0:
			return "", nil
		}
		at, nodes = append(at, name), append(nodes, n)
	}
	return strings.Join(at, "/"), nodes[len(nodes)-1]
}
