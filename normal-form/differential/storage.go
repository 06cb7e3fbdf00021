//go:build linux

package differential

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/containerd/stargz-snapshotter/estargz"
	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"go.podman.io/storage"
	drivers "go.podman.io/storage/drivers"
	"go.podman.io/storage/pkg/chunked"
)

// containers/storage unpacks for Podman and CRI-O: into a store, the compression found by the first bytes. A layer with a table of contents
// (zstd:chunked, eStargz) is pulled file by file, as the table says, if the configuration says so, which Fedora's does.

func storageOverlay(ctx context.Context, s *stored, work string) (tree, error) {
	return containersStorage(ctx, s, work, "overlay", false)
}

func storageVFS(ctx context.Context, s *stored, work string) (tree, error) {
	return containersStorage(ctx, s, work, "vfs", false)
}

const noTable = "no layer has a table of contents"

// storagePartial believes the tables of contents even where nothing ties them to the diff_id: so does every lazy snapshotter.
func storagePartial(ctx context.Context, s *stored, work string) (tree, error) {
	for _, l := range s.manifest.Layers {
		if hasTable(l) {
			return containersStorage(ctx, s, work, "overlay", true)
		}
	}
	return nil, errors.New(noTable)
}

func hasTable(l ocispec.Descriptor) bool {
	return l.Annotations[chunkedPrefix+"manifest-checksum"] != "" || l.Annotations[estargz.TOCJSONDigestAnnotation] != ""
}

func containersStorage(ctx context.Context, s *stored, work, driver string, partial bool) (_ tree, err error) {
	opts := storage.StoreOptions{GraphRoot: filepath.Join(work, "root"), RunRoot: filepath.Join(work, "run"), GraphDriverName: driver, DisableVolatile: true}
	if partial {
		opts.PullOptions = map[string]string{"enable_partial_images": "true", "insecure_allow_unpredictable_image_contents": "true"}
	}
	store, err := storage.GetStore(opts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBroken, err)
	}
	defer func() {
		if _, e := store.Shutdown(true); e != nil && err == nil {
			err = fmt.Errorf("%w: %w", errBroken, e)
		}
		store.Free()
	}()
	top := ""
	for i, l := range s.manifest.Layers {
		var got digest.Digest
		if partial && hasTable(l) {
			top, got, err = putPartial(ctx, store, s, l, top, fmt.Sprintf("%064x", i+1))
			if got == "" {
				got = s.config.RootFS.DiffIDs[i]
			}
		} else {
			top, got, err = putWhole(store, s, l, top)
		}
		if err != nil {
			return nil, err
		}
		// containers/image compares what the store decompressed with the config.
		if want := s.config.RootFS.DiffIDs[i]; got != want {
			return nil, fmt.Errorf("layer %d is %s, the config says %s", i+1, got, want)
		}
	}
	root, err := store.Mount(top, "")
	if err != nil {
		return nil, err
	}
	defer store.Unmount(top, true)
	return readTree(root)
}

func putWhole(store storage.Store, s *stored, l ocispec.Descriptor, parent string) (string, digest.Digest, error) {
	f, err := os.Open(s.blob(l.Digest))
	if err != nil {
		return "", "", err
	}
	defer f.Close()
	layer, _, err := store.PutLayer("", parent, nil, "", false, nil, f)
	if err != nil {
		return "", "", err
	}
	return layer.ID, layer.UncompressedDigest, nil
}

func putPartial(ctx context.Context, store storage.Store, s *stored, l ocispec.Descriptor, parent, id string) (string, digest.Digest, error) {
	differ, err := chunked.NewDiffer(ctx, store, l.Digest, l.Size, l.Annotations, blobParts(s.blob(l.Digest)))
	if err != nil {
		return "", "", err
	}
	defer differ.Close()
	staged, err := store.PrepareStagedLayer(nil, differ)
	if err != nil {
		return "", "", err
	}
	layer, err := store.ApplyStagedLayer(storage.ApplyStagedLayerOptions{ID: id, ParentLayer: parent, DiffOutput: staged, DiffOptions: &drivers.ApplyDiffWithDifferOpts{}})
	if err != nil {
		return "", "", err
	}
	return layer.ID, layer.UncompressedDigest, nil
}

// blobParts gives parts of a blob, as a registry that knows ranges does.
type blobParts string

func (b blobParts) GetBlobAt(parts []chunked.ImageSourceChunk) (chan io.ReadCloser, chan error, error) {
	readers, errs := make(chan io.ReadCloser), make(chan error, 1)
	go func() {
		defer close(readers)
		defer close(errs)
		f, err := os.Open(string(b))
		if err != nil {
			errs <- err
			return
		}
		for _, p := range parts {
			readers <- io.NopCloser(io.NewSectionReader(f, int64(p.Offset), int64(p.Length)))
		}
	}()
	return readers, errs, nil
}
