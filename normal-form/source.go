package main

import (
	"io"
	"os"
	"path/filepath"
)

// source gives manifests and blobs by digest. It need not be believed: who reads checks size and hash.
type source interface {
	manifest(digest string) ([]byte, error)
	// blob opens a blob. If its reader ends with the cause REGISTRY_UNAVAILABLE, the blob may be opened once more.
	blob(digest string) (io.ReadCloser, error)
}

// sourceOf takes a folder for a layout, anything else for a repository in a registry.
func sourceOf(name string) (source, error) {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return layout(name), nil
	}
	return registryOf(name)
}

// layout is the folder of an OCI image layout.
type layout string

func (l layout) open(digest string, absent cause) (io.ReadCloser, error) {
	name := filepath.Join(string(l), "blobs", "sha256", hexOf(digest))
	info, err := os.Lstat(name)
	if os.IsNotExist(err) {
		return nil, fail(absent, "the layout has no blob %s", digest)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would hang, a link would lead out of the layout
		return nil, refuse("the blob %s is no regular file", digest)
	}
	return os.Open(name)
}

func (l layout) manifest(digest string) ([]byte, error) {
	file, err := l.open(digest, imageGone)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file, maxManifest, "the manifest")
}

func (l layout) blob(digest string) (io.ReadCloser, error) { return l.open(digest, unscannable) }

func readAll(r io.Reader, most int64, what string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, refuse("%s is larger than %d bytes", what, most)
	}
	return b, nil
}
