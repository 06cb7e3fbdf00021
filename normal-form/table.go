package main

import (
	"archive/tar"
	"encoding/json"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// table compares a table of contents with the tree of its layer while it reads it: of a million files, it would be some hundred megabytes.
type table struct {
	layer  *layer
	text   *bounded
	seen   map[*node]bool
	opaque map[*node]bool
	open   *tableFile // the file whose chunks may follow
}

// maxEntryText bounds what one entry can make us hold. Attributes are 64 KiB at most, and names a page.
const maxEntryText = 16 << 20

// bounded is a reader that gives up unless it is told now and then that all is well.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left -= len(p); b.left < -maxEntryText {
		return 0, refuse("has an entry of more than %d bytes", maxEntryText)
	}
	return b.r.Read(p)
}

// tableEntry is what the two formats have in common.
type tableEntry struct {
	Name        string            `json:"name"`
	Type        string            `json:"type"`
	Size        int64             `json:"size"`
	LinkName    string            `json:"linkName"`
	Mode        int64             `json:"mode"`
	DevMajor    int64             `json:"devMajor"`
	DevMinor    int64             `json:"devMinor"`
	Xattrs      map[string]string `json:"xattrs"`
	Digest      string            `json:"digest"`
	ChunkOffset int64             `json:"chunkOffset"`
	ChunkSize   int64             `json:"chunkSize"`
	ChunkDigest string            `json:"chunkDigest"`
	ChunkType   string            `json:"chunkType"`
}

var tableKinds = map[string]byte{
	"reg": tar.TypeReg, "dir": tar.TypeDir, "symlink": tar.TypeSymlink, "char": tar.TypeChar, "block": tar.TypeBlock, "fifo": tar.TypeFifo,
}

// read gives the hash of the tar-split that the table names. All of the text is read.
func (t *table) read() (tarSplit string, err error) {
	p := strictParser{what: "the JSON", known: tocVocabulary, decoder: json.NewDecoder(t.text)}
	p.decoder.UseNumber()
	if start, err := p.token(); err != nil || start != json.Delim('{') {
		return "", refuse("is no JSON object")
	}
	seen := map[string]bool{}
	for p.decoder.More() {
		k, err := p.token()
		if err != nil {
			return "", err
		}
		key := k.(string)
		if seen[key] {
			return "", refuse("has the key %.40q twice", key)
		}
		seen[key] = true
		switch key {
		case "entries":
			err = t.entries(&p)
		case "version":
			err = is(&p, json.Number("1"))
		case "tarSplitDigest":
			var v json.Token
			if v, err = p.token(); err == nil {
				tarSplit, _ = v.(string)
			}
		default:
			err = refuse("has the key %.40q, which is not known", key)
		}
		if err != nil {
			return "", err
		}
	}
	if _, err := p.token(); err != nil {
		return "", err
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return "", refuse("has bytes behind its end")
	}
	return tarSplit, t.close()
}

func is(p *strictParser, want json.Token) error {
	got, err := p.token()
	if err == nil && got != want {
		err = refuse("has the version %v, known is %v", got, want)
	}
	return err
}

func (t *table) entries(p *strictParser) error {
	start, err := p.token()
	if err == nil && start == nil { // Go writes an empty list so
		return nil
	}
	if err != nil || start != json.Delim('[') {
		return refuse("has no list of entries")
	}
	for p.decoder.More() {
		t.text.left = maxEntryText
		v, err := p.value(1, false)
		if err != nil {
			return err
		}
		// Once the keys are known to be clear, the library may turn them into an entry.
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		var e tableEntry
		if err := json.Unmarshal(text, &e); err != nil {
			return refuse("has an entry that is not understood: %v", err)
		}
		if err := t.entry(e); err != nil {
			return err
		}
	}
	_, err = p.token()
	return err
}

func (t *table) entry(e tableEntry) error {
	if e.Type == "chunk" {
		if t.open == nil {
			return refuse("has a chunk of no file")
		}
		return t.open.chunk(e)
	}
	if err := t.close(); err != nil {
		return err
	}
	for attribute := range e.Xattrs {
		if isStorageAttribute(attribute) {
			return refuse("gives %.200q the extended attribute %.60q, on which storage drivers act", e.Name, attribute)
		}
	}
	name := path.Clean("/" + e.Name)[1:]
	if name == "" {
		return nil
	}
	folder, base := path.Split(name)
	if gone, ok := strings.CutPrefix(base, whiteoutPrefix); ok {
		return t.whiteout(name, t.layer.tree.find(parts(folder)), gone)
	}
	n := t.layer.tree.find(parts(name))
	if n == nil || n.kind == whiteout {
		return refuse("has %.200q, the tar does not", name)
	}
	if t.seen[n] && e.Type != "dir" {
		return refuse("has %.200q twice", name)
	}
	t.seen[n] = true
	if e.Type == "hardlink" {
		return t.hardLink(n, name, e)
	}
	kind, ok := tableKinds[e.Type]
	switch {
	case !ok || kind != n.kind,
		kind == tar.TypeReg && e.Size != n.size,
		kind == tar.TypeSymlink && e.LinkName != n.link,
		kind != tar.TypeSymlink && n.written && uint16(e.Mode&0o7777) != n.mode:
		return refuse("%.200q is another thing than in the tar", name)
	case kind == tar.TypeChar && e.DevMajor == 0 && e.DevMinor == 0:
		return refuse("%.200q is the device 0:0, which overlayfs takes for a deletion", name)
	}
	if kind == tar.TypeReg {
		t.open = newTableFile(t.layer.out, n, name, e.Digest)
		return t.open.chunk(e)
	}
	return nil
}

func (t *table) close() error {
	file := t.open
	t.open = nil
	if file == nil {
		return nil
	}
	return file.complete()
}

func (t *table) whiteout(name string, folder *node, gone string) error {
	if whiteoutPrefix+gone == opaqueMarker && folder != nil && folder.opaque {
		t.opaque[folder] = true
		return nil
	}
	n := folder.kid(gone)
	if n == nil || n.kind != whiteout {
		return refuse("deletes %.200q, the tar does not", name)
	}
	t.seen[n] = true
	return nil
}

// hardLink: both names have the same content, as the tar has it.
func (t *table) hardLink(n *node, name string, e tableEntry) error {
	target := t.layer.tree.find(parts(path.Clean("/" + e.LinkName)))
	if target == nil || target.kind != n.kind || target.size != n.size || target.link != n.link || target.kind == tar.TypeDir {
		return refuse("%.200q is another link than in the tar", name)
	}
	same, err := t.layer.out.sameContent(n, target)
	if err == nil && !same {
		err = refuse("%.200q is another link than in the tar", name)
	}
	return err
}

// complete: what the tar has, the table has too.
func (t *table) complete(n *node, at string) error {
	for _, name := range slices.Sorted(maps.Keys(n.kids)) {
		k, p := n.kids[name], path.Join(at, name)
		if !t.seen[k] && !k.isImplied() {
			return refuse("lacks %.200q, which the tar has", p)
		}
		if k.opaque && !t.opaque[k] {
			return refuse("does not make %.200q opaque, the tar does", p)
		}
		if err := t.complete(k, p); err != nil {
			return err
		}
	}
	return nil
}
