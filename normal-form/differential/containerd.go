//go:build linux

package differential

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/containerd/containerd/v2/core/diff"
	"github.com/containerd/containerd/v2/core/diff/apply"
	"github.com/containerd/containerd/v2/core/mount"
	"github.com/containerd/containerd/v2/core/snapshots"
	"github.com/containerd/containerd/v2/core/snapshots/storage"
	"github.com/containerd/containerd/v2/pkg/rootfs"
	"github.com/containerd/containerd/v2/plugins/content/local"
	"github.com/containerd/containerd/v2/plugins/snapshots/native"
	"github.com/containerd/containerd/v2/plugins/snapshots/overlay"
	"github.com/opencontainers/image-spec/identity"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	bolt "go.etcd.io/bbolt"
)

// containerd unpacks in three ways: each layer over its parents (overlayfs), each layer alone with its parents laid below it afterwards
// (overlayfs, `max_concurrent_unpacks`), and each layer into a copy of the merged folder (native).

func containerdOverlay(ctx context.Context, s *stored, work string) (tree, error) {
	sn, err := overlaySnapshotter(work)
	if err != nil {
		return nil, err
	}
	defer sn.Close()
	return applyAndRead(ctx, s, sn)
}

func containerdNative(ctx context.Context, s *stored, work string) (tree, error) {
	sn, err := native.NewSnapshotter(filepath.Join(work, "snapshots"))
	if err != nil {
		return nil, err
	}
	defer sn.Close()
	return applyAndRead(ctx, s, sn)
}

func overlaySnapshotter(work string) (snapshots.Snapshotter, error) {
	ms, err := storage.NewMetaStore(filepath.Join(work, "metadata.db"), func(o *bolt.Options) error { o.NoSync = true; return nil })
	if err != nil {
		return nil, err
	}
	return overlay.NewSnapshotter(filepath.Join(work, "snapshots"), overlay.WithMetaStore(ms))
}

func applyAndRead(ctx context.Context, s *stored, sn snapshots.Snapshotter) (tree, error) {
	cs, err := local.NewStore(s.layout)
	if err != nil {
		return nil, err
	}
	var layers []rootfs.Layer
	for i, l := range s.manifest.Layers {
		layers = append(layers, rootfs.Layer{Blob: l, Diff: ocispec.Descriptor{MediaType: ocispec.MediaTypeImageLayer, Digest: s.config.RootFS.DiffIDs[i]}})
	}
	if _, err := rootfs.ApplyLayers(ctx, layers, sn, apply.NewFileSystemApplier(cs)); err != nil {
		return nil, err
	}
	return readSnapshot(ctx, s, sn)
}

// containerdParallel does what the unpacker does when layers are unpacked at the same time, one after the other.
func containerdParallel(ctx context.Context, s *stored, work string) (tree, error) {
	sn, err := overlaySnapshotter(work)
	if err != nil {
		return nil, err
	}
	defer sn.Close()
	cs, err := local.NewStore(s.layout)
	if err != nil {
		return nil, err
	}
	applier := apply.NewFileSystemApplier(cs)
	ids := identity.ChainIDs(append(s.config.RootFS.DiffIDs[:0:0], s.config.RootFS.DiffIDs...))
	parent := ""
	for i, id := range ids {
		if err := applyAlone(ctx, sn, applier, s, i, id.String(), parent); err != nil {
			return nil, err
		}
		parent = id.String()
	}
	return readSnapshot(ctx, s, sn)
}

func applyAlone(ctx context.Context, sn snapshots.Snapshotter, applier diff.Applier, s *stored, i int, id, parent string) error {
	key := fmt.Sprintf("unpack-%d", i)
	mounts, err := sn.Prepare(ctx, key, "")
	if err != nil {
		return err
	}
	var opts []snapshots.Opt
	if i > 0 {
		mounts = bindAsOverlay(mounts)
		opts = append(opts, snapshots.WithParent(parent))
	}
	d, err := applier.Apply(ctx, s.manifest.Layers[i], mounts)
	if err != nil {
		return err
	}
	if want := s.config.RootFS.DiffIDs[i]; d.Digest != want {
		return fmt.Errorf("wrong diff id %s, the config says %s", d.Digest, want)
	}
	return sn.Commit(ctx, id, key, opts...)
}

// bindAsOverlay tells the applier to write whiteouts as overlayfs reads them, though the snapshot has no parent yet.
func bindAsOverlay(mounts []mount.Mount) []mount.Mount {
	return []mount.Mount{{Type: "overlay", Source: "overlay", Options: []string{"upperdir=" + mounts[0].Source}}}
}

func readSnapshot(ctx context.Context, s *stored, sn snapshots.Snapshotter) (tree, error) {
	mounts, err := sn.View(ctx, "view", identity.ChainID(s.config.RootFS.DiffIDs).String())
	if err != nil {
		return nil, err
	}
	var t tree
	err = mount.WithTempMount(ctx, mounts, func(root string) error {
		t, err = readTree(root)
		return err
	})
	return t, err
}
