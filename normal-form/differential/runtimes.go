//go:build linux

package differential

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// stored is an image in an OCI layout folder, as the runtimes get it after a pull.
type stored struct {
	layout   string
	digest   digest.Digest
	manifest ocispec.Manifest
	config   ocispec.Image
}

func openStored(layout, manifest string) (*stored, error) {
	s := &stored{layout: layout, digest: digest.Digest(manifest)}
	if err := s.read(s.digest, &s.manifest); err != nil {
		return nil, err
	}
	if err := s.read(s.manifest.Config.Digest, &s.config); err != nil {
		return nil, err
	}
	if len(s.config.RootFS.DiffIDs) != len(s.manifest.Layers) {
		return nil, fmt.Errorf("%d layers, %d diff_ids", len(s.manifest.Layers), len(s.config.RootFS.DiffIDs))
	}
	// Every runtime compares what it pulled with its descriptor before it unpacks anything.
	for _, l := range s.manifest.Layers {
		b, err := os.ReadFile(s.blob(l.Digest))
		if err != nil {
			return nil, err
		}
		if int64(len(b)) != l.Size || digest.FromBytes(b) != l.Digest {
			return nil, fmt.Errorf("blob %s is not what its descriptor says", l.Digest)
		}
	}
	return s, nil
}

func (s *stored) blob(d digest.Digest) string {
	return filepath.Join(s.layout, "blobs", d.Algorithm().String(), d.Encoded())
}

func (s *stored) read(d digest.Digest, to any) error {
	if err := d.Validate(); err != nil {
		return err
	}
	b, err := os.ReadFile(s.blob(d))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// runtime unpacks an image with the library code of one container runtime, into folders below work, and lists what a container would see.
// The folder is new and empty; an error says that this runtime does not run the image.
//
// Not run, and why: the erofs snapshotter of containerd calls `mkfs.erofs --tar`, which the erofs-utils of Debian 12 (1.5) do not have.
// The store of dockerd itself (layer, graphdriver/overlay2) is no library any more: its unpacking is github.com/moby/go-archive, which is run.
// Lazy snapshotters (stargz, nydus, SOCI) need FUSE or a daemon, gVisor and Kata take what containerd or CRI-O unpacked.
type runtime struct {
	name   string
	unpack func(ctx context.Context, s *stored, work string) (tree, error)
}

const partialPull = "containers/storage partial"

func runtimes() []runtime {
	return []runtime{
		{"containerd overlay", containerdOverlay},
		{"containerd parallel", containerdParallel},
		{"containerd native", containerdNative},
		{"containers/storage overlay", storageOverlay},
		{"containers/storage vfs", storageVFS},
		{partialPull, storagePartial},
		{"docker overlay2", dockerOverlay},
		{"docker vfs", dockerMerged},
		{"umoci", umociUnpack},
	}
}
