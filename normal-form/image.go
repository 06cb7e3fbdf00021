package main

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"normal-form/books"
)

// workers is how many layers are read at a time. Each keeps three goroutines busy; more would only cost memory.
const workers = 2

type options struct {
	maxBytes, maxEntries int64
}

// blob is a file of the normal form.
type blob struct {
	digest string
	size   int64
}

// makeForm reads the image with that digest and writes its normal form into the folder. Nothing is left of it if that fails.
func makeForm(from source, digest, folder string, limits options) (form, error) {
	f := form{Version: formVersion}
	if !isDigest(digest) {
		return f, fail(scannerFailed, "%.100q is no digest: give sha256: and 64 hexadecimal digits", digest)
	}
	f.Image = digest
	i := &image{digest: digest, source: from, folder: filepath.Join(folder, "image"), budget: &budget{maxBytes: limits.maxBytes, maxEntries: limits.maxEntries}}
	err := i.make(&f)
	if err != nil {
		for _, l := range i.layers {
			l.discard()
		}
		os.RemoveAll(i.folder)
	}
	return f, err
}

type image struct {
	digest string
	source source
	folder string
	budget *budget
	config config
	// others are the words of config and manifest that have no place in the normal config.
	others []string
	layers []*layer
}

func (i *image) make(f *form) error {
	m, err := i.readManifest(f.Image)
	if err != nil {
		return err
	}
	f.Config = m.config.digest
	if err := i.readConfig(m); err != nil {
		return err
	}
	if f.Platform, err = i.config.platform(); err != nil {
		return err
	}
	var secrets secretList
	i.others = otherWords(m.object, i.config.object, secrets.add)
	if err := i.describeLayers(m); err != nil {
		return err
	}
	if err := os.MkdirAll(i.blobs(), 0o755); err != nil {
		return err
	}
	f.DiffIDs = append([]string{}, i.config.diffIDs...) // null is no list to those who read form.json
	root, err := i.readLayers()
	if err != nil {
		return err
	}
	if err := i.list(root, f); err != nil {
		return err
	}
	f.JavaArchives = i.hasJavaArchives()
	if f.User, err = i.resolveUser(root); err != nil {
		return err
	}
	f.Secrets, f.MoreSecrets = i.secrets(secrets)
	blobs, err := i.writeLayers(root, f)
	if err != nil {
		return err
	}
	return i.writeLayout(f, blobs)
}

// list keeps what the image declares, as long as the layers are as they were read.
func (i *image) list(root *node, f *form) error {
	cost := &spending{of: i.budget}
	f.declared = books.List(&finalTree{root, i.layers, cost})
	return cost.steps(0)
}

func (i *image) blobs() string { return filepath.Join(i.folder, "blobs", "sha256") }

func (i *image) readManifest(digest string) (manifest, error) {
	raw, err := readWhole("the manifest", digest, maxManifest, i.source.manifest)
	if err != nil {
		return manifest{}, err
	}
	return parseManifest(raw)
}

func (i *image) readConfig(m manifest) error {
	raw, err := readWhole("the config", m.config.digest, maxConfig, i.source.blob)
	if err != nil {
		return err
	}
	if int64(len(raw)) != m.config.size {
		return refuse("the config has %d bytes, its descriptor says %d", len(raw), m.config.size)
	}
	i.config, err = parseConfig(raw, len(m.layers))
	return err
}

func (i *image) describeLayers(m manifest) error {
	for n, d := range m.layers {
		l := &layer{index: int16(n), descriptor: d, diffID: i.config.diffIDs[n], cost: &spending{of: i.budget}}
		var ok bool
		if l.compression, ok = compressionOf[d.mediaType]; !ok {
			return refuse("%s is of the type %.100q, which is no layer that is read: use a tar, plain or by gzip or zstd", l, d.mediaType)
		}
		if isUncompressed(d, l.diffID) {
			l.compression = none
		}
		i.layers = append(i.layers, l)
	}
	return nil
}

// String names a layer as a person finds it: by its place and by its digest in the registry.
func (l *layer) String() string { return fmt.Sprintf("layer %d (%s)", l.index+1, l.descriptor.digest) }

// readLayers reads some layers at a time, and lays them over each other in their order. It gives the tree that they make together.
func (i *image) readLayers() (*node, error) {
	results := make([]chan error, len(i.layers))
	for n := range results {
		results[n] = make(chan error, 1)
	}
	var next atomic.Int64
	var stopped atomic.Bool
	var running sync.WaitGroup
	for range min(workers, len(i.layers)) {
		running.Go(func() {
			for n := int(next.Add(1) - 1); n < len(i.layers) && !stopped.Load(); n = int(next.Add(1) - 1) {
				results[n] <- i.layers[n].read(i.source, i.folder)
			}
		})
	}
	defer running.Wait()
	root := &node{kind: tar.TypeDir}
	note := func(p string, n *node) {
		of := i.layers[n.layer]
		of.covered = append(of.covered, covered{path: p, node: n})
	}
	for n, l := range i.layers {
		err := <-results[n]
		if err == nil {
			err = l.layOver(root, note)
		}
		if err != nil {
			stopped.Store(true)
			return nil, within(l.String(), err)
		}
	}
	return root, nil
}

func (i *image) hasJavaArchives() *bool {
	java := false
	for _, l := range i.layers {
		java = java || l.java
	}
	return &java
}

// secrets of all layers, behind those of config and manifest.
func (i *image) secrets(all secretList) ([]foundSecret, int) {
	for _, l := range i.layers {
		for _, f := range l.secrets.listed {
			all.add(f)
		}
		all.more += l.secrets.more
	}
	return append([]foundSecret{}, all.listed...), all.more
}

// writeLayout writes the config and the manifest of the normal form, and what makes the folder an OCI layout.
func (i *image) writeLayout(f *form, layers []blob) error {
	diffIDs, descriptors, bytes := []string{}, []any{}, int64(0)
	for _, l := range layers {
		bytes += l.size
		diffIDs = append(diffIDs, l.digest)
		descriptors = append(descriptors, describe(ociTarType, l))
	}
	f.Bytes = &bytes
	config, err := i.put(i.config.normal(diffIDs, i.others))
	if err != nil {
		return err
	}
	f.NormalConfig = config.digest
	manifest, err := i.put(map[string]any{
		"schemaVersion": 2, "mediaType": ociManifestType, "config": describe(ociConfigType, config), "layers": descriptors,
	})
	if err != nil {
		return err
	}
	index, err := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []any{describe(ociManifestType, manifest)}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(i.folder, "index.json"), index, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(i.folder, "oci-layout"), []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
}

func describe(mediaType string, b blob) map[string]any {
	return map[string]any{"mediaType": mediaType, "digest": b.digest, "size": b.size}
}

func (i *image) put(document any) (blob, error) {
	text, err := json.Marshal(document)
	if err != nil {
		return blob{}, err
	}
	b := blob{digestOfBytes(text), int64(len(text))}
	return b, os.WriteFile(filepath.Join(i.blobs(), hexOf(b.digest)), text, 0o644)
}
