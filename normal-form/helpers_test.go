package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// thing is one tar entry. The kind of an entry without one is a regular file.
type thing struct {
	name, link, content string
	kind                byte
	mode                int64
	change              func(*tar.Header)
}

func file(name, content string) thing { return thing{name: name, content: content} }
func folder(name string) thing        { return thing{name: name + "/", kind: tar.TypeDir} }
func link(name, to string) thing      { return thing{name: name, link: to, kind: tar.TypeSymlink} }
func hard(name, to string) thing      { return thing{name: name, link: to, kind: tar.TypeLink} }

func tarOf(t testing.TB, things ...thing) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, x := range things {
		h := &tar.Header{Name: x.name, Linkname: x.link, Typeflag: x.kind, Mode: x.mode, Size: int64(len(x.content)), ModTime: time.Unix(1, 0)}
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = map[bool]int64{true: 0o755, false: 0o644}[h.Typeflag == tar.TypeDir]
		}
		if x.change != nil {
			x.change(h)
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(x.name, err)
		}
		io.WriteString(w, x.content)
	}
	w.Close()
	return b.Bytes()
}

func gz(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func zst(b []byte) []byte {
	w, _ := zstd.NewWriter(nil)
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// testLayer is a layer to be put into an image, with what is said of it.
type testLayer struct {
	blob        []byte
	diffID      string
	mediaType   string
	annotations map[string]string
	extra       map[string]any // fields of its descriptor
}

func plain(tar []byte) testLayer {
	return testLayer{blob: tar, diffID: digestOfBytes(tar), mediaType: ociTarType}
}

type testImage struct {
	t        testing.TB
	folder   string
	layers   []testLayer
	config   string // more fields of the config, as JSON
	manifest string // more fields of the manifest, as JSON
	limits   options
}

func imageOf(t testing.TB, layers ...[]thing) *testImage {
	i := &testImage{t: t}
	for _, l := range layers {
		i.layers = append(i.layers, plain(tarOf(t, l...)))
	}
	return i
}

func (i *testImage) put(b []byte) map[string]any {
	i.t.Helper()
	if err := os.WriteFile(filepath.Join(i.folder, "blobs", "sha256", hexOf(digestOfBytes(b))), b, 0o644); err != nil {
		i.t.Fatal(err)
	}
	return map[string]any{"digest": digestOfBytes(b), "size": len(b)}
}

// write makes the layout and gives the digest of the manifest.
func (i *testImage) write() string {
	i.t.Helper()
	i.folder = i.t.TempDir()
	os.MkdirAll(filepath.Join(i.folder, "blobs", "sha256"), 0o755)
	descriptors, ids := []any{}, []string{}
	for _, l := range i.layers {
		d := i.put(l.blob)
		d["mediaType"] = l.mediaType
		if l.annotations != nil {
			d["annotations"] = l.annotations
		}
		maps.Copy(d, l.extra)
		descriptors, ids = append(descriptors, d), append(ids, l.diffID)
	}
	rootfs, _ := json.Marshal(map[string]any{"type": "layers", "diff_ids": ids})
	if i.config == "" {
		i.config = `"architecture":"amd64","os":"linux"`
	}
	config := i.put([]byte(`{"rootfs":` + string(rootfs) + `,` + i.config + `}`))
	config["mediaType"] = ociConfigType
	text, _ := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": ociManifestType, "config": config, "layers": descriptors})
	if i.manifest != "" {
		text = []byte(strings.TrimSuffix(string(text), "}") + "," + i.manifest + "}")
	}
	return i.put(text)["digest"].(string)
}

func (i *testImage) normal() (result, error) {
	i.t.Helper()
	if i.limits == (options{}) {
		i.limits = options{defaultMaxBytes, defaultMaxEntries}
	}
	digest, out := i.write(), i.t.TempDir()
	f, err := makeForm(layout(i.folder), digest, out, i.limits)
	return result{f, filepath.Join(out, "image"), i.t}, err
}

func (i *testImage) accepted() result {
	i.t.Helper()
	r, err := i.normal()
	if err != nil {
		i.t.Fatal("refused: ", err)
	}
	return r
}

// refused wants a refusal that says these words.
func (i *testImage) refused(words ...string) {
	i.t.Helper()
	r, err := i.normal()
	if err == nil {
		i.t.Fatalf("accepted: %.1000q", fmt.Sprint(r.files()))
	}
	if !isRefused(err) {
		i.t.Fatalf("failed by the scanner's fault: %v", err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			i.t.Fatalf("says %q, but not %q", err, w)
		}
	}
	if _, err := os.Stat(r.folder); !os.IsNotExist(err) {
		i.t.Fatal("something is left of a refused image")
	}
}

func gunzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
