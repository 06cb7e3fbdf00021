package main

import (
	"archive/tar"
	"io"
	"path"
	"strings"
)

const (
	whiteoutPrefix = ".wh."
	opaqueMarker   = ".wh..wh..opq"
)

// apply reads a layer's tar as a runtime unpacks it, and writes what is there at the end.
func (l *layer) apply(r io.Reader) error {
	tr := tar.NewReader(r)
	for {
		header, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if _, ok := err.(failure); ok {
				return err
			}
			return refuse("tar: %v", err)
		}
		if err := l.cost.readBytes(header.Size + 512); err != nil {
			return err
		}
		if err := l.applyEntry(header, entryContent{tr}); err != nil {
			return err
		}
	}
}

// entryContent is what an entry holds. What is wrong with it is the image's fault; errors of the blob below it have their cause already.
type entryContent struct{ r *tar.Reader }

func (c entryContent) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if err == nil || err == io.EOF {
		return n, err
	}
	if _, ok := err.(failure); ok {
		return n, err
	}
	return n, refuse("tar: %v", err)
}

func (l *layer) applyEntry(header *tar.Header, content io.Reader) error {
	if err := isPlainEntry(header); err != nil {
		return err
	}
	name := path.Clean(header.Name)
	if name == ".." || strings.HasPrefix(name, "../") || strings.HasPrefix(name, "/..") {
		return refuse("%.200q leads out of the root", header.Name)
	}
	folder, base := path.Split(name)
	if base == "" || base == "." { // the root itself, which every runtime has already
		return nil
	}
	at, err := l.tree.resolve(folder, l.cost)
	if err != nil {
		return err
	}
	if header.Typeflag == tar.TypeXGlobalHeader {
		return l.applyComment(header, at, base)
	}
	parent, err := l.tree.folder(at, l.cost)
	if err != nil {
		return err
	}
	full := path.Join(path.Join(at...), base)
	if len(base) > maxName || len(full) > maxPath || len(header.Linkname) > maxPath {
		return refuse("%.60q… is a longer path than Linux takes", full)
	}
	if err := l.cost.entry(len(base) + len(header.Linkname)); err != nil {
		return err
	}
	if gone, ok := strings.CutPrefix(base, whiteoutPrefix); ok {
		return l.applyWhiteout(parent, at, full, gone)
	}
	return l.put(parent, append(at, base), header, content)
}

// applyComment lets the global header of `git archive` pass, which holds the commit and nothing else. Runtimes skip global headers, but remove
// what stood at their name; other readers of tar apply their records to all entries that follow.
func (l *layer) applyComment(header *tar.Header, at []string, base string) error {
	for key := range header.PAXRecords {
		if key != "comment" {
			return refuse("has a global PAX header with %.60q, which readers of tar treat differently", key)
		}
	}
	if len(at) > 0 || l.tree.root.kid(base) != nil {
		return refuse("has a global PAX header with the name %.200q of a file", header.Name)
	}
	return nil
}

func (l *layer) applyWhiteout(parent *node, at []string, full, gone string) error {
	if whiteoutPrefix+gone == opaqueMarker {
		if len(at) == 0 {
			return refuse("makes the root folder opaque, which runtimes treat differently")
		}
		if parent.implied > 0 {
			return refuse("%.200q is made opaque behind things that were written below it: runtimes differ", path.Dir(full))
		}
		parent.opaque = true
		return nil
	}
	if gone == "" || gone == "." || gone == ".." || strings.HasPrefix(gone, whiteoutPrefix) {
		return refuse("%.200q is no valid whiteout", full)
	}
	if parent.kid(gone) != nil {
		return refuse("%.200q deletes what this layer wrote: runtimes differ", full)
	}
	parent.set(gone, &node{kind: whiteout})
	return nil
}

// put makes one file, folder, link or device. The last entry for a path counts; only a folder stays when it is named again.
func (l *layer) put(parent *node, at []string, header *tar.Header, content io.Reader) error {
	base, full := at[len(at)-1], path.Join(at...)
	old := parent.kid(base)
	if old != nil && old.kind == tar.TypeDir && header.Typeflag == tar.TypeDir {
		if old.isImplied() {
			l.tree.imply(at, -1)
		}
		old.written, old.mode = true, uint16(header.Mode&0o7777)
		return nil
	}
	n := &node{kind: header.Typeflag, link: strings.Clone(header.Linkname), layer: l.index, replaced: old != nil}
	if old != nil {
		old.cover(full, func(p string, n *node) { l.covered = append(l.covered, covered{p, n, true}) })
		l.forget(n, old, at)
		delete(parent.kids, base)
	}
	if header.Typeflag == tar.TypeLink {
		target, err := l.target(header)
		if err != nil {
			return err
		}
		if header, content, err = l.copyOf(target, header); err != nil {
			return err
		}
		n.kind, n.link = target.kind, target.link
	}
	if err := l.write(n, full, header, content); err != nil {
		return err
	}
	parent.set(base, n)
	if n.kind == tar.TypeReg && isJavaArchive(base) {
		l.java = true
	}
	return nil
}

// forget takes a folder out of the counts above it, and keeps which folders were made in it.
func (l *layer) forget(n, old *node, at []string) {
	if old.kind != tar.TypeDir {
		n.made, n.was = old.made, old.was
		return
	}
	n.made, n.was = old.made, old
	below := old.implied
	if old.isImplied() {
		below++
	}
	l.tree.imply(at, -below)
}

// target is what a hard link links to. Its folder is resolved through links, the name itself is not: link(2) does the same.
func (l *layer) target(header *tar.Header) (*node, error) {
	folder, base := path.Split(header.Linkname)
	if base == "" || base == "." || base == ".." {
		return nil, refuse("%.200q is a hard link to a folder", header.Name)
	}
	at, err := l.tree.resolve(folder, l.cost)
	if err != nil {
		return nil, err
	}
	n := l.tree.find(append(at, base))
	if n == nil || n.kind == whiteout {
		return nil, refuse("%.200q is a hard link to %.200q, which this layer does not hold", header.Name, header.Linkname)
	}
	if n.kind == tar.TypeDir {
		return nil, refuse("%.200q is a hard link to a folder", header.Name)
	}
	return n, nil
}

// copyOf makes a file of a hard link: Trivy does not look at links, and a runtime reads the content under both names.
func (l *layer) copyOf(target *node, header *tar.Header) (*tar.Header, io.Reader, error) {
	file := *header
	file.Typeflag, file.Linkname, file.Size = target.kind, target.link, target.size
	// Both names have one mode, of which runtimes take the first or the last; and Trivy reads binaries only if they are executable.
	if target.kind != tar.TypeSymlink && uint16(header.Mode&0o7777) != target.mode {
		return nil, nil, refuse("%.200q and what it is a hard link to have different modes: runtimes differ", header.Name)
	}
	if target.kind != tar.TypeReg {
		return &file, nil, nil
	}
	content, err := l.out.section(target.data, target.size)
	return &file, content, err
}

// write puts the entry of a node into the output, with nothing of the original header but what means the same to all.
func (l *layer) write(n *node, full string, header *tar.Header, content io.Reader) error {
	if header.Typeflag == tar.TypeDir { // a scanner of files needs none
		n.written, n.mode = true, uint16(header.Mode&0o7777)
		return nil
	}
	clean := &tar.Header{Typeflag: header.Typeflag, Name: full, Mode: header.Mode & 0o7777, Uid: header.Uid, Gid: header.Gid, ModTime: header.ModTime}
	switch header.Typeflag {
	case tar.TypeReg:
		clean.Size = header.Size
	case tar.TypeSymlink:
		clean.Linkname = header.Linkname
	case tar.TypeChar, tar.TypeBlock:
		clean.Devmajor, clean.Devminor = header.Devmajor, header.Devminor
	}
	if clean.Typeflag == tar.TypeReg {
		start, isProgram, err := beginsAsProgram(content)
		if err != nil {
			return err
		}
		content, n.program = l.searched(full, start), isProgram
		clean.Mode = modeForTrivy(clean.Mode, full, isProgram)
	}
	start := l.out.n
	data, err := l.out.entry(clean, content)
	if err == io.ErrUnexpectedEOF {
		return refuse("%.200q: the tar ends inside it", full)
	}
	if err != nil {
		return err
	}
	n.written, n.start, n.data, n.size, n.mode = true, start, data, clean.Size, uint16(header.Mode&0o7777)
	return nil
}

func isJavaArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jar", ".war", ".ear", ".par":
		return true
	}
	return false
}
