//go:build linux

package differential

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/pkg/archive"
	"github.com/containerd/stargz-snapshotter/estargz"
	moby "github.com/moby/go-archive"
	"github.com/moby/sys/user"
)

// How builders turn folders into layers: each by its own library.

func writeBuilt(t *testing.T, folder string, layers []builtLayer) string {
	t.Helper()
	blob := func(kind string, b []byte, notes map[string]string) map[string]any {
		put(t, filepath.Join(folder, "blobs", strings.ReplaceAll(digestOf(b), ":", "/")), string(b))
		d := map[string]any{"mediaType": kind, "digest": digestOf(b), "size": len(b)}
		if notes != nil {
			d["annotations"] = notes
		}
		return d
	}
	ids, all := []string{}, []any{}
	for _, l := range layers {
		ids, all = append(ids, l.diffID), append(all, blob(l.kind, l.blob, l.notes))
	}
	text, _ := json.Marshal(map[string]any{"architecture": "amd64", "os": "linux", "config": map[string]any{}, "rootfs": map[string]any{"type": "layers", "diff_ids": ids}})
	manifest, image := "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.config.v1+json"
	if strings.HasPrefix(layers[0].kind, dockerLayer) {
		manifest, image = "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.container.image.v1+json"
	}
	text, _ = json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": manifest, "config": blob(image, text, nil), "layers": all})
	d := blob(manifest, text, nil)
	index, _ := json.Marshal(map[string]any{"schemaVersion": 2, "manifests": []any{d}})
	put(t, filepath.Join(folder, "index.json"), string(index))
	put(t, filepath.Join(folder, "oci-layout"), `{"imageLayoutVersion":"1.0.0"}`)
	return d["digest"].(string)
}

// writeBase makes a folder like the root of a Debian with merged /usr.
func writeBase(t *testing.T, root string) {
	t.Helper()
	for _, f := range []string{"usr/bin/sh", "usr/bin/ls", "usr/lib/libc.so", "usr/lib/os-release", "etc/passwd", "opt/tool/bin/one", "var/lib/dpkg/status", "home/user/file"} {
		put(t, filepath.Join(root, f), "content of "+f)
	}
	for name, to := range map[string]string{"bin": "usr/bin", "lib": "usr/lib", "var/run": "/run", "etc/os-release": "../usr/lib/os-release"} {
		must(t, os.Symlink(to, filepath.Join(root, name)))
	}
	must(t, os.MkdirAll(filepath.Join(root, "run"), 0o755))
	for _, name := range []string{"two", "three"} {
		must(t, os.Link(filepath.Join(root, "opt/tool/bin/one"), filepath.Join(root, "opt/tool/bin", name)))
	}
}

// changeBase does what the RUN and COPY steps of many Dockerfiles do.
func changeBase(t *testing.T, root string) {
	t.Helper()
	in := func(p string) string { return filepath.Join(root, p) }
	put(t, in("etc/app.conf"), "conf")
	put(t, in("usr/lib/app/x"), "x")
	must(t, os.Remove(in("usr/bin/ls")))
	must(t, os.RemoveAll(in("opt/tool"))) // a folder becomes another folder
	put(t, in("opt/tool/new"), "new")
	must(t, os.RemoveAll(in("home/user"))) // a folder becomes a file, a file a link, a link a folder
	put(t, in("home/user"), "file")
	must(t, os.Remove(in("etc/passwd")))
	must(t, os.Symlink("/usr/lib/app/x", in("etc/passwd")))
	must(t, os.Remove(in("var/run")))
	put(t, in("var/run/pid"), "1")
	put(t, in("srv/one"), "one")
	must(t, os.Link(in("srv/one"), in("srv/two")))
	must(t, os.Chmod(in("srv/one"), 0o755))
}

func containerdDiff(t *testing.T, before, after string) []byte {
	t.Helper()
	var out bytes.Buffer
	must(t, archive.WriteDiff(context.Background(), &out, before, after))
	return out.Bytes()
}

func dockerDiff(t *testing.T, before, after string) []byte {
	t.Helper()
	changes, err := moby.ChangesDirs(after, before)
	must(t, err)
	r, err := moby.ExportChanges(after, changes, user.IdentityMapping{})
	must(t, err)
	return readAll(t, r)
}

// tarOf has an entry for each name, for a folder if it ends with a slash, and no others.
func tarOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Name: name, Mode: 0o755, Typeflag: tar.TypeDir}
		if !strings.HasSuffix(name, "/") {
			h.Typeflag, h.Size = tar.TypeReg, int64(len(name))
		}
		must(t, w.WriteHeader(h))
		if h.Size > 0 {
			_, err := io.WriteString(w, name)
			must(t, err)
		}
	}
	must(t, w.Close())
	return out.Bytes()
}

func plainLayer(raw []byte) builtLayer { return builtLayer{ociLayer, digestOf(raw), raw, nil} }

func gzipLayer(raw []byte) builtLayer {
	return builtLayer{ociLayer + "+gzip", digestOf(raw), gzipped(raw), nil}
}

func manyLayers(base, diff []byte, n int) []builtLayer {
	layers := []builtLayer{gzipLayer(base)}
	for len(layers) < n {
		layers = append(layers, gzipLayer(diff))
	}
	return layers
}

func lossyStargz(t *testing.T, raw []byte) builtLayer {
	t.Helper()
	blob, whole, notes, err := eStargz(raw, nil)
	must(t, err)
	return builtLayer{ociLayer + "+gzip", digestOf(whole), blob, notes}
}

func losslessStargz(t *testing.T, raw []byte) builtLayer {
	t.Helper()
	var out bytes.Buffer
	w := estargz.NewWriter(&out)
	must(t, w.AppendTarLossLess(bytes.NewReader(raw)))
	toc, err := w.Close()
	must(t, err)
	z, err := gzip.NewReader(bytes.NewReader(out.Bytes()))
	must(t, err)
	return builtLayer{ociLayer + "+gzip", digestOf(readAll(t, io.NopCloser(z))), out.Bytes(), map[string]string{estargz.TOCJSONDigestAnnotation: toc.String()}}
}

func chunkedLayer(t *testing.T, raw []byte) builtLayer {
	t.Helper()
	blob, notes, err := zstdChunked(raw, nil)
	must(t, err)
	return builtLayer{ociLayer + "+zstd", digestOf(raw), blob, notes}
}

func readAll(t *testing.T, r io.ReadCloser) []byte {
	t.Helper()
	defer r.Close()
	b, err := io.ReadAll(r)
	must(t, err)
	return b
}

func put(t *testing.T, name, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(name), 0o755))
	must(t, os.WriteFile(name, []byte(content), 0o644))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(fmt.Errorf("the test cannot make its image: %w", err))
	}
}
