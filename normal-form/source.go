package main

import (
	"io"
	"os"
	"path/filepath"
)

// source gives manifests and blobs by digest. It need not be believed: who reads checks size and hash.
type source interface {
	manifest(digest string) (io.ReadCloser, error)
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
	info, err := os.Stat(name) // through links, of which some builders make their layouts: who reads checks the hash
	if os.IsNotExist(err) {
		return nil, fail(absent, "the layout has no blob %s", digest)
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a pipe would hang
		return nil, refuse("the blob %s is no regular file", digest)
	}
	return os.Open(name)
}

func (l layout) manifest(digest string) (io.ReadCloser, error) { return l.open(digest, imageGone) }

func (l layout) blob(digest string) (io.ReadCloser, error) { return l.open(digest, unscannable) }

// maxStarts: a connection that breaks is taken up from the start, since a hash cannot be continued from elsewhere.
const maxStarts = 3

// restarted reads once more what broke while it was read.
func restarted(read func() error) error {
	for start := 1; ; start++ {
		err := read()
		if err == nil || start == maxStarts || failureOf(err).Cause != registryUnavailable {
			return err
		}
	}
}

// readWhole reads something small, and checks that it is what its digest says.
func readWhole(what, digest string, most int64, open func(digest string) (io.ReadCloser, error)) (text []byte, err error) {
	err = restarted(func() error {
		body, err := open(digest)
		if err != nil {
			return err
		}
		defer body.Close()
		text, err = io.ReadAll(io.LimitReader(body, most+1))
		return err
	})
	if err != nil {
		return nil, within(what, err)
	}
	if int64(len(text)) > most {
		return nil, refuse("%s is larger than %d bytes", what, most)
	}
	if d := digestOfBytes(text); d != digest {
		return nil, refuse("%s hashes to %s, its digest is %s", what, d, digest)
	}
	return text, nil
}
