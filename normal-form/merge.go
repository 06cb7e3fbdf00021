package main

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
)

// checkWays checks that no runtime is led elsewhere by a link of the layers below, or fails on a file there: the overlay snapshotter unpacks
// a layer into an empty folder, others unpack it into the merged tree.
func (t *tree) checkWays(below *node) error {
	for _, p := range slices.Sorted(maps.Keys(t.made)) {
		n := below
		for _, name := range parts(p) {
			if n = n.kid(name); n == nil {
				break
			}
			if n.kind == tar.TypeSymlink {
				return refuse("%.100q is a link to %.100q in a layer below, and this layer writes below it without an entry for the folder: "+
					"some runtimes follow the link, others put a folder in its place; write to the target, or let the builder write folder entries", p, n.link)
			}
			if n.kind != tar.TypeDir {
				return refuse("%.200q is no folder in a layer below, and this layer writes below it: runtimes differ", p)
			}
		}
	}
	return nil
}

// checkUnmade: Podman's library makes no devices and pipes when it unpacks by a table of contents, and so leaves what they would have covered.
func checkUnmade(below, upper *node, at string) error {
	for name, u := range upper.kids {
		b := below.kid(name)
		if b == nil {
			continue
		}
		p := path.Join(at, name)
		switch u.kind {
		case tar.TypeChar, tar.TypeBlock, tar.TypeFifo:
			return refuse("%.200q is a device or pipe over something of a layer below, in a layer with a table of contents: runtimes differ", p)
		case tar.TypeDir:
			if err := checkUnmade(b, u, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// merge lays the tree of a layer over that of the layers below, and takes its nodes over.
// It calls hide for each path that Trivy could go on to show though this layer covers it: Trivy forgets a file only if it is deleted, or if it
// finds something of the same kind in its place. An SBOM is not shown at its own path. Deletions in a layer are applied before its files, so one may stand beside a file.
func merge(below, upper *node, at string, hide func(string) error) error {
	if upper.opaque {
		below.kids = nil
	}
	for _, name := range slices.Sorted(maps.Keys(upper.kids)) { // in order, so that the same image gives the same form
		u, b, p := upper.kids[name], below.kid(name), path.Join(at, name)
		bothFolders := b != nil && u.kind == tar.TypeDir && b.kind == tar.TypeDir
		if bothFolders && u.replaced && !u.opaque {
			return refuse("%.200q is replaced by a folder and is a folder in a layer below: runtimes differ", p)
		}
		if u.kind == whiteout {
			delete(below.kids, name)
			continue
		}
		if b != nil && (b.kind == tar.TypeReg && !isSBOM(p) || b.kind == tar.TypeDir && u.kind != tar.TypeDir) {
			if err := hide(p); err != nil {
				return err
			}
		}
		if bothFolders {
			if err := merge(b, u, p, hide); err != nil {
				return err
			}
			continue
		}
		u.forgetWhiteouts()
		if below.kids == nil {
			below.kids = map[string]*node{}
		}
		below.kids[name] = u
	}
	return nil
}

// forgetWhiteouts: over nothing, they delete nothing.
func (n *node) forgetWhiteouts() {
	n.opaque, n.replaced = false, false
	for name, k := range n.kids {
		if k.kind == whiteout {
			delete(n.kids, name)
			continue
		}
		k.forgetWhiteouts()
	}
}
