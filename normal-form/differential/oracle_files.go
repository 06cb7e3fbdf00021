//go:build linux

package differential

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// reachable is a regular file by one of its names.
type reachable struct {
	spelled string // from the root of the image
	real    string // without any link
	host    string // where a program outside of the container reads it
	head    []byte
	in      *walk
}

// names of the file, and of what is inside of it: as it was reached, and with each number of the folders on that way without links.
func (f reachable) names(inside string) []string {
	names := []string{f.spelled + inside}
	for at := 0; at < len(f.spelled); at++ {
		if f.spelled[at] != '/' {
			continue
		}
		if real, kind := f.in.follow(f.spelled[:at]); kind.IsDir() {
			names = append(names, path.Join(real, f.spelled[at+1:])+inside)
		}
	}
	names = append(names, f.real+inside)
	slices.Sort(names)
	return slices.Compact(names)
}

// mostNames of one image: links to folders that hold each other have no end.
const mostNames = 4000

// filesIn lists every regular file of a root, and each file that links lead to under the names that they give it.
func filesIn(root string) ([]reachable, error) {
	w := &walk{root: root}
	err := w.folder("", "", 0)
	return w.found, err
}

type walk struct {
	root  string
	found []reachable
}

func (w *walk) folder(spelled, real string, links int) error {
	names, err := os.ReadDir(filepath.Join(w.root, real))
	if err != nil {
		return err
	}
	for _, d := range names {
		if len(w.found) > mostNames {
			return nil
		}
		own := path.Join(spelled, d.Name())
		to, kind := w.follow(path.Join(real, d.Name()))
		switch {
		case kind.IsRegular():
			err = w.file(own, to)
		case kind.IsDir() && d.IsDir():
			err = w.folder(own, to, links)
		case kind.IsDir() && links < 2:
			err = w.folder(own, to, links+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// follow a path as a process in a container does, whose own root and working folder are the root of the image. The kind of what leads nowhere is none.
func (w *walk) follow(spelled string) (real string, kind fs.FileMode) {
	todo, at := strings.Split(spelled, "/"), ""
	const nowhere = fs.ModeIrregular
	for links := 0; len(todo) > 0; {
		name := todo[0]
		todo = todo[1:]
		switch name {
		case "", ".":
			continue
		case "..":
			if at = path.Dir(at); at == "." {
				at = ""
			}
			continue
		}
		at = path.Join(at, name)
		if inProc, rest := strings.HasPrefix(at, "proc/"), path.Base(at); inProc {
			if rest == "root" || rest == "cwd" {
				at = ""
			}
			continue
		}
		info, err := os.Lstat(filepath.Join(w.root, at))
		switch {
		case err != nil && at == "proc":
			continue
		case err != nil:
			return "", nowhere
		case info.Mode().Type() == fs.ModeSymlink:
			to, err := os.Readlink(filepath.Join(w.root, at))
			if links++; err != nil || links > 40 {
				return "", nowhere
			}
			if at = path.Dir(at); at == "." || path.IsAbs(to) {
				at = ""
			}
			todo = append(strings.Split(to, "/"), todo...)
			continue
		case !info.IsDir() && len(todo) > 0:
			return "", nowhere
		}
	}
	info, err := os.Lstat(filepath.Join(w.root, at))
	if err != nil || strings.HasPrefix(at, "proc/") {
		return "", nowhere
	}
	return at, info.Mode().Type()
}

func (w *walk) file(spelled, real string) error {
	host := filepath.Join(w.root, real)
	f, err := os.Open(host)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return err
	}
	w.found = append(w.found, reachable{spelled, real, host, head[:n], w})
	return nil
}
