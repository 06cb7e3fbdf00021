//go:build linux

package differential

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/moby/go-archive"
	"github.com/moby/go-archive/chrootarchive"
	"github.com/moby/go-archive/compression"
	"github.com/opencontainers/go-digest"
	"github.com/opencontainers/umoci/oci/cas/dir"
	"github.com/opencontainers/umoci/oci/layer"
)

// docker unpacks each layer with its decompression, and compares the diff_id as its layer store does.
func docker(s *stored, unpack func(i int, tar io.Reader) error) error {
	for i, l := range s.manifest.Layers {
		f, err := os.Open(s.blob(l.Digest))
		if err != nil {
			return err
		}
		defer f.Close()
		z, err := compression.DecompressStream(f)
		if err != nil {
			return err
		}
		defer z.Close()
		h := digest.Canonical.Digester()
		r := io.TeeReader(z, h.Hash())
		if err := unpack(i, r); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		if want := s.config.RootFS.DiffIDs[i]; h.Digest() != want {
			return fmt.Errorf("layer %d is %s, the config says %s", i+1, h.Digest(), want)
		}
	}
	return nil
}

// dockerOverlay is the overlay2 driver: each layer by itself, with whiteouts as overlayfs reads them.
func dockerOverlay(_ context.Context, s *stored, work string) (t tree, err error) {
	lowers := []string{"none"}
	err = docker(s, func(i int, r io.Reader) error {
		up := fmt.Sprint(i)
		lowers = append(lowers, up)
		if err := os.Mkdir(filepath.Join(work, up), 0o755); err != nil {
			return err
		}
		return chrootarchive.UntarUncompressed(r, filepath.Join(work, up), &archive.TarOptions{WhiteoutFormat: archive.OverlayWhiteoutFormat})
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(lowers)
	for _, d := range []string{"none", "merged"} {
		if err := os.Mkdir(filepath.Join(work, d), 0o755); err != nil {
			return nil, err
		}
	}
	for i, l := range lowers {
		lowers[i] = filepath.Join(work, l)
	}
	merged := filepath.Join(work, "merged")
	if len(lowers) == 1 {
		return tree{}, nil
	}
	if err := mountOverlay(lowers, merged); err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	defer func() {
		// Detached: a program that another goroutine just starts may hold a folder of it for a moment.
		if e := syscall.Unmount(merged, syscall.MNT_DETACH); e != nil && err == nil {
			err = fmt.Errorf("%w: %w", errBroken, e)
		}
	}()
	return readTree(merged)
}

func mountOverlay(lowers []string, at string) error {
	return syscall.Mount("overlay", at, "overlay", syscall.MS_RDONLY, "index=off,lowerdir="+strings.Join(lowers, ":"))
}

// dockerMerged is the vfs driver: each layer into the folder of those below.
func dockerMerged(_ context.Context, s *stored, work string) (tree, error) {
	err := docker(s, func(_ int, r io.Reader) error {
		_, err := chrootarchive.ApplyUncompressedLayer(work, r, &archive.TarOptions{})
		return err
	})
	if err != nil {
		return nil, err
	}
	return readTree(work)
}

// umociUnpack is what umoci does to make a bundle for runc. It reads OCI images only.
func umociUnpack(ctx context.Context, s *stored, work string) (tree, error) {
	engine, err := dir.Open(s.layout)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	defer engine.Close()
	root := filepath.Join(work, "rootfs")
	if err := layer.UnpackRootfs(ctx, engine, root, s.manifest, &layer.UnpackOptions{}); err != nil {
		return nil, err
	}
	return readTree(root)
}
