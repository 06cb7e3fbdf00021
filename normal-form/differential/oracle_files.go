//go:build linux

package differential

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// reachable is a regular file by one of its names.
type reachable struct {
	spelled string // from the root of the image
	real    string // without links
	host    string // where a program outside of the container reads it
	head    []byte
}

// mostNames of one image: links to folders that hold each other have no end.
const mostNames = 4000

// filesIn lists every regular file of a root, and each file that links lead to under the names that they give it. The kernel follows the links.
func filesIn(root string) ([]reachable, error) {
	w := &walk{root: root, real: map[string]bool{}}
	var err error
	if w.at, err = unix.Open(root, unix.O_PATH|unix.O_DIRECTORY, 0); err != nil {
		return nil, err
	}
	defer unix.Close(w.at)
	return w.found, w.folder("", 0)
}

type walk struct {
	root  string
	at    int
	real  map[string]bool
	found []reachable
}

func (w *walk) folder(folder string, links int) error {
	names, err := os.ReadDir(filepath.Join(w.root, folder))
	if links > 0 {
		names, err = w.names(folder)
	}
	if err != nil {
		return err
	}
	for _, d := range names {
		spelled := strings.TrimPrefix(folder+"/"+d.Name(), "/")
		if len(w.found) > mostNames {
			return nil
		}
		isLink := d.Type() == os.ModeSymlink
		switch {
		case d.IsDir():
			if err := w.folder(spelled, links); err != nil {
				return err
			}
		case d.Type().IsRegular() || isLink:
			isFolder, err := w.file(spelled)
			if isFolder && isLink && links < 2 {
				err = w.folder(spelled, links+1)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walk) open(spelled string, flags uint64) (*os.File, error) {
	fd, err := unix.Openat2(w.at, spelled, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT})
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), spelled), nil
}

func (w *walk) names(folder string) ([]os.DirEntry, error) {
	f, err := w.open(folder, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, nil // it leads nowhere
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func (w *walk) file(spelled string) (isFolder bool, err error) {
	f, err := w.open(spelled, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return false, nil // it leads nowhere
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return false, err
	}
	if info.IsDir() || !info.Mode().IsRegular() {
		return info.IsDir(), nil
	}
	real, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(int(f.Fd())))
	if err != nil {
		return false, err
	}
	head := make([]byte, 64)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return false, err
	}
	w.found = append(w.found, reachable{spelled, strings.TrimPrefix(real, w.root+"/"), real, head[:n]})
	return false, nil
}
