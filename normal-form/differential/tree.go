package differential

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"syscall"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// thing is what lies at one path of an unpacked image, as far as two readers must agree on it.
// Owners are left out: of a hard link with an owner of its own umoci keeps the first, all others the last, and nobody scans owners.
type thing struct {
	Kind    byte // 'f' file, 'l' symbolic link, 'd' folder, 'c' and 'b' devices, 'p' FIFO, 's' socket
	Mode    uint32
	Link    string
	Content string
	Device  uint64
}

// tree is what an image unpacks to, by path below its root.
type tree map[string]thing

// readTree lists a folder without following any link. What can't be read is an error: a view with holes proves nothing.
func readTree(root string) (tree, error) {
	t := tree{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if p == root {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		x := thing{Mode: st.Mode & 0o7777}
		switch st.Mode & syscall.S_IFMT {
		case syscall.S_IFREG:
			x.Kind = 'f'
			if x.Content, err = contentOf(p); err != nil {
				return err
			}
		case syscall.S_IFLNK:
			x.Kind, x.Mode = 'l', 0
			if x.Link, err = os.Readlink(p); err != nil {
				return err
			}
		case syscall.S_IFDIR:
			x = thing{Kind: 'd'} // owner and mode of a folder that only is on the way differ by runtime, and nobody scans them
		case syscall.S_IFCHR:
			x.Kind, x.Device = 'c', uint64(st.Rdev)
		case syscall.S_IFBLK:
			x.Kind, x.Device = 'b', uint64(st.Rdev)
		case syscall.S_IFIFO:
			x.Kind = 'p'
		default:
			x.Kind = 's'
		}
		rel, err := filepath.Rel(root, p)
		t[rel] = x
		return err
	})
	return t, err
}

func contentOf(p string) (string, error) {
	b, err := os.ReadFile(p)
	return shorten(b), err
}

// shorten keeps content as it is, as it is read as JSON once more, and the hash of what is larger than any generated file.
func shorten(b []byte) string {
	if len(b) <= 4<<20 {
		return string(b)
	}
	h := sha256.Sum256(b)
	return fmt.Sprintf("%d bytes, sha256 %s", len(b), hex.EncodeToString(h[:]))
}

func (x thing) String() string {
	s := fmt.Sprintf("%c %o", x.Kind, x.Mode)
	switch x.Kind {
	case 'f':
		return s + " " + shortContent([]byte(x.Content))
	case 'l':
		return "l -> " + x.Link
	case 'd':
		return "d"
	case 'c', 'b':
		return fmt.Sprintf("%s device %x", s, x.Device)
	}
	return s
}

// differences names up to eight paths on which two trees do not agree.
func differences(a, b tree) []string {
	var l []string
	for p, x := range a {
		if y, ok := b[p]; !ok {
			l = append(l, fmt.Sprintf("%q: %v | nothing", p, x))
		} else if x != y {
			l = append(l, fmt.Sprintf("%q: %v | %v", p, x, y))
		}
	}
	for p, y := range b {
		if _, ok := a[p]; !ok {
			l = append(l, fmt.Sprintf("%q: nothing | %v", p, y))
		}
	}
	sort.Strings(l)
	if len(l) > 8 {
		l = append(l[:8], fmt.Sprintf("and %d more", len(l)-8))
	}
	return l
}

// addFoldersTo puts the folders on the way to a path into the tree.
func (t tree) addFoldersTo(p string) {
	for d := filepath.Dir(p); d != "."; d = filepath.Dir(d) {
		if t[d].Kind != 'd' {
			t[d] = thing{Kind: 'd'}
		}
	}
}

// ofEStargz are the files that an eStargz layer has for its own sake. A runtime that reads its table does not show them.
var ofEStargz = map[string]bool{estargz.TOCTarName: true, estargz.PrefetchLandmark: true, estargz.NoPrefetchLandmark: true}

// entries is a tree without its folders: the normal form has none, since no scanner of files reads them.
func (t tree) entries() tree {
	kept := tree{}
	for p, x := range t {
		if x.Kind != 'd' {
			kept[p] = x
		}
	}
	return kept
}

func (t tree) filesAndLinks() tree {
	kept := tree{}
	for p, x := range t {
		if (x.Kind == 'f' || x.Kind == 'l') && !ofEStargz[p] {
			kept[p] = x
		}
	}
	return kept
}
