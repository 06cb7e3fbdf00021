package main

import (
	"archive/tar"
	"maps"
	"path"
	"slices"
)

// checkWays checks that no runtime is led elsewhere by a link of the layers below, or fails on a file there: the overlay snapshotter unpacks
// a layer into an empty folder, others unpack it into the merged tree.
func checkWays(below, upper *node, at string) error {
	if below == nil || upper == nil {
		return nil
	}
	if upper.made && below.kind == tar.TypeSymlink {
		return refuse("%.100q is a link to %.100q in a layer below, and this layer writes below it without an entry for the folder: "+
			"some runtimes follow the link, others put a folder in its place; write to the target, or let the builder write folder entries", at, below.link)
	}
	if upper.made && below.kind != tar.TypeDir {
		return refuse("%.200q is no folder in a layer below, and this layer writes below it: runtimes differ", at)
	}
	for _, name := range slices.Sorted(maps.Keys(upper.kids)) {
		if err := checkWays(below.kid(name), upper.kids[name], path.Join(at, name)); err != nil {
			return err
		}
	}
	return checkWays(below, upper.was, at)
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

// merge lays the tree of a layer over that of the layers below, and takes its nodes over. It calls note with each entry that no
// runtime shows any more.
// Deletions in a layer are applied before its files, so one may stand beside a file.
func merge(below, upper *node, at string, note func(string, *node)) error {
	if upper.opaque {
		for _, name := range slices.Sorted(maps.Keys(below.kids)) {
			below.kids[name].cover(path.Join(at, name), note)
		}
		below.kids = nil
	}
	for _, name := range slices.Sorted(maps.Keys(upper.kids)) { // in order, so that the same image gives the same form
		u, b, p := upper.kids[name], below.kid(name), path.Join(at, name)
		if b != nil && u.kind == tar.TypeDir && b.kind == tar.TypeDir {
			if u.replaced && !u.opaque {
				return refuse("%.200q is replaced by a folder and is a folder in a layer below: runtimes differ", p)
			}
			if err := merge(b, u, p, note); err != nil {
				return err
			}
			continue
		}
		if b != nil {
			b.cover(p, note)
			delete(below.kids, name)
		}
		if u.kind == whiteout {
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
	n.opaque, n.replaced, n.was = false, false, nil
	for name, k := range n.kids {
		if k.kind == whiteout {
			delete(n.kids, name)
			continue
		}
		k.forgetWhiteouts()
	}
}
