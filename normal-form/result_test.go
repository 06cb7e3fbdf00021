package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// result is a normal form that was written.
type result struct {
	form
	folder string
	t      testing.TB
}

func (r result) blob(digest string) []byte {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.folder, "blobs", "sha256", hexOf(digest)))
	if err != nil {
		r.t.Fatal(err)
	}
	if digestOfBytes(b) != digest {
		r.t.Fatalf("%s hashes to %s", digest, digestOfBytes(b))
	}
	return b
}

// entries of one layer, as "name", "name -> link" or "name = content", sorted.
func (r result) entries(layer int) []string {
	r.t.Helper()
	return entriesOf(r.t, r.blob(r.Layers[layer].Normal))
}

func entriesOf(t testing.TB, b []byte) []string {
	t.Helper()
	all := []string{}
	tr := tar.NewReader(bytes.NewReader(b))
	for {
		h, err := tr.Next()
		if err == io.EOF {
			slices.Sort(all)
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(tr)
		switch {
		case h.Name == "./":
		case h.Typeflag == tar.TypeSymlink:
			all = append(all, h.Name+" -> "+h.Linkname)
		case len(content) > 0:
			all = append(all, h.Name+" = "+string(content))
		default:
			all = append(all, h.Name)
		}
	}
}

func (r result) files() [][]string {
	var all [][]string
	for n := range r.Layers {
		all = append(all, r.entries(n))
	}
	return all
}

func (r result) has(layer int, want ...string) {
	r.t.Helper()
	slices.Sort(want)
	if got := r.entries(layer); !slices.Equal(got, want) {
		r.t.Fatalf("layer %d has %q, wanted %q", layer+1, got, want)
	}
}

// normalDocument reads the normal config.
func (r result) normalDocument() map[string]any {
	r.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.blob(r.NormalConfig), &v); err != nil {
		r.t.Fatal(err)
	}
	return v
}

// modesOf gives the modes of the regular files of a tar.
func modesOf(t testing.TB, b []byte) map[string]int64 {
	t.Helper()
	modes := map[string]int64{}
	for tr := tar.NewReader(bytes.NewReader(b)); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return modes
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			modes[h.Name] = h.Mode
		}
	}
}
