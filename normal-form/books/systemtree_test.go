package books

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
)

// systemTree is a tree in memory. A content that begins with "-> " is a link. Files are of the first layer, or of the second if there is an entry "layer2:" with their path.
type systemTree map[string]string

func (t systemTree) Link(at string) (string, bool) {
	target, isLink := strings.CutPrefix(t[at], "-> ")
	return target, isLink
}

// real is the way to a path without links.
func (t systemTree) real(at string) string {
	for range 100 {
		walked, parts := "", strings.Split(path.Clean("/" + at)[1:], "/")
		followed := false
		for n, part := range parts {
			here := path.Join(walked, part)
			if target, isLink := t.Link(here); isLink {
				if !path.IsAbs(target) {
					target = path.Join("/", walked, target)
				}
				at, followed = path.Join(append([]string{target}, parts[n+1:]...)...), true
				break
			}
			walked = here
		}
		if !followed {
			return walked
		}
	}
	return ""
}

func (t systemTree) Files(yield func(File) bool) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if file, ok := t.Resolve(name); ok && file.Path == name && !yield(file) {
			return
		}
	}
}

func (t systemTree) Links(yield func(string) bool) {
	for _, name := range slices.Sorted(maps.Keys(t)) {
		if _, isLink := t.Link(name); isLink && !yield(name) {
			return
		}
	}
}

func (t systemTree) Resolve(at string) (File, bool) {
	name := t.real(at)
	content, ok := t[name]
	if _, isLink := t.Link(name); !ok || isLink {
		return File{}, false
	}
	file := File{Path: name, Size: int64(len(content)), ReaderAt: bytes.NewReader([]byte(content))}
	if _, second := t["layer2:"+name]; second {
		file.Layer = 1
	}
	return file, true
}

func (t systemTree) Names(folder string) []string {
	prefix := strings.TrimPrefix(t.real(folder)+"/", "/")
	names := map[string]bool{}
	for name := range t {
		if rest, inside := strings.CutPrefix(name, prefix); inside {
			first, _, _ := strings.Cut(rest, "/")
			names[first] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
