package books

import (
	"fmt"
	"path"
	"slices"
)

// place is a path at which a package manager has its database.
type place struct {
	Kind
	path string
}

// file at the place, through links. Without one, a reason if the image still has something there, such as a link that leads out of it: in a container
// /proc/self/cwd/db is a file, and in the image it is nothing.
func (p place) file(tree Tree) (File, *Declaration) {
	if file, ok := tree.Resolve(p.path); ok {
		return file, nil
	}
	if at := dangling(tree, p.path); at != "" {
		return File{}, p.broken(File{}, fmt.Sprintf("%.100q is not a file of the image, nor a link to one; put the database of %s itself there", at, p.Kind))
	}
	return File{}, nil
}

func (p place) broken(file File, why string) *Declaration {
	return &Declaration{Path: p.path, Kind: p.Kind, Layer: file.Layer, Broken: why}
}

// dangling is what is there and is no file, or the link on the way to it that leads nowhere; empty if nothing of the kind.
func dangling(tree Tree, file string) string {
	if link := lostLink(tree, file); link != "" {
		return link
	}
	if slices.Contains(tree.Names(path.Dir(file)), path.Base(file)) && len(tree.Names(file)) == 0 {
		return file
	}
	return ""
}
