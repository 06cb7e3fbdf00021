//go:build linux

package differential

import (
	"io"
	"os"

	"github.com/moby/go-archive"
	"github.com/moby/go-archive/chrootarchive"
)

// unpackInto a folder as Docker's vfs driver does. That all runtimes come to the same is another test's subject.
func unpackInto(layout, digest, root string) error {
	s, err := openStored(layout, digest)
	if err == nil {
		err = os.MkdirAll(root, 0o755)
	}
	if err != nil {
		return err
	}
	return docker(s, func(_ int, r io.Reader) error {
		_, err := chrootarchive.ApplyUncompressedLayer(root, r, &archive.TarOptions{})
		return err
	})
}
