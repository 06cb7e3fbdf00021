package main

import (
	"archive/tar"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// testdata/lazy holds one layer as three libraries build it: estargz and its zstdchunked of stargz-snapshotter 0.18.2, and the compressor of
// go.podman.io/storage 1.65.1.
func lazyLayer(t *testing.T, name string) testLayer {
	t.Helper()
	text, err := os.ReadFile("testdata/lazy/layers.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		MediaType, DiffID string
		Annotations       map[string]string
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	blob, err := os.ReadFile("testdata/lazy/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return testLayer{blob: blob, diffID: all[name].DiffID, mediaType: all[name].MediaType, annotations: all[name].Annotations}
}

func TestLazyLayersOfTheirLibrariesAreRead(t *testing.T) {
	for _, name := range []string{"estargz", "podman-zstd-chunked", "stargz-zstd-chunked"} {
		t.Run(name, func(t *testing.T) {
			l := lazyLayer(t, name)
			(&testImage{t: t, layers: []testLayer{l}}).accepted()
			// A builder that takes over the layer of a base image may lose the annotations.
			l.annotations = nil
			(&testImage{t: t, layers: []testLayer{l}}).accepted()
		})
	}
}

func TestAPipeInALayerWithATableOverAFile(t *testing.T) {
	for _, name := range []string{"estargz", "podman-zstd-chunked"} {
		l := lazyLayer(t, name)
		below := plain(tarOf(t, folder("app"), file("app/p", "1")))
		(&testImage{t: t, layers: []testLayer{below, l}}).refused("layer 2", "device or pipe")
	}
}

// tampers change one thing in a table of contents. Each makes a lazy reader see something else than the tar has.
var tampers = map[string]func(list []map[string]any) []map[string]any{
	"another name":     edit("app/a", "name", "app/z"),
	"another size":     edit("app/a", "size", 4),
	"another hash":     edit("app/a", "digest", digestOfBytes([]byte("evil"))),
	"another link":     edit("app/s", "linkName", "big"),
	"another target":   edit("app/h", "linkName", "app/big"),
	"another kind":     edit("app/a", "type", "dir"),
	"another mode":     edit("app/a", "mode", 0o755),
	"another whiteout": edit("app/.wh.gone", "name", "app/.wh.a"),
	"no opaque marker": edit("data/.wh..wh..opq", "name", ""),
	"device 0:0":       edit("app/p", "type", "char"),
	"an attribute":     edit("data/", "xattrs", map[string]any{"trusted.overlay.opaque": "eQ=="}),
	"a chunk elsewhere": func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if e["type"] == "chunk" {
				e["chunkOffset"] = 1
				break
			}
		}
		return list
	},
	"a chunk's hash": func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if e["type"] == "chunk" {
				e["chunkDigest"] = digestOfBytes(nil)
			}
		}
		return list
	},
	"a file more": func(list []map[string]any) []map[string]any {
		return append(list, map[string]any{"name": "more", "type": "reg"})
	},
	"a file less": func(list []map[string]any) []map[string]any { return list[1:] },
	"a file twice": func(list []map[string]any) []map[string]any {
		return append(list, list[slices.IndexFunc(list, func(e map[string]any) bool { return e["name"] == "app/a" })])
	},
	"chunks only": func(list []map[string]any) []map[string]any {
		return append([]map[string]any{{"type": "chunk"}}, list...)
	},
	"no hash": func(list []map[string]any) []map[string]any {
		return edit("app/a", "chunkDigest", "")(edit("app/a", "digest", "")(list))
	},
	"spelled oddly": edit("app/a", "Size", 1),
}

func edit(name, key string, value any) func([]map[string]any) []map[string]any {
	return func(list []map[string]any) []map[string]any {
		for _, e := range list {
			if strings.TrimSuffix(fmt.Sprint(e["name"]), "/") == strings.TrimSuffix(name, "/") && e["type"] != "chunk" {
				e[key] = value
			}
		}
		return list
	}
}

func changed(t *testing.T, text []byte, change func([]map[string]any) []map[string]any) []byte {
	t.Helper()
	var table struct {
		Version int              `json:"version"`
		Entries []map[string]any `json:"entries"`
		Split   string           `json:"tarSplitDigest,omitempty"`
	}
	if err := json.Unmarshal(text, &table); err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(table)
	table.Entries = change(table.Entries)
	after, _ := json.Marshal(table)
	if bytes.Equal(before, after) && strings.Contains(t.Name(), "SomethingElse/") && !strings.HasSuffix(t.Name(), "nothing") {
		t.Fatal("the table is as before")
	}
	return after
}

func nothing(list []map[string]any) []map[string]any { return list }

func TestEStargzTableThatSaysSomethingElse(t *testing.T) {
	l := lazyLayer(t, "estargz")
	z, err := gzip.NewReader(bytes.NewReader(l.blob))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	with := func(t *testing.T, change func([]map[string]any) []map[string]any) *testImage {
		var b bytes.Buffer
		w, r := tar.NewWriter(&b), tar.NewReader(bytes.NewReader(raw))
		annotation := ""
		for {
			h, err := r.Next()
			if err == io.EOF {
				break
			}
			content, _ := io.ReadAll(r)
			if h.Name == stargzTable {
				content = changed(t, content, change)
				annotation, h.Size = digestOfBytes(content), int64(len(content))
			}
			w.WriteHeader(h)
			w.Write(content)
		}
		w.Close()
		return &testImage{t: t, layers: []testLayer{{
			blob: gz(b.Bytes()), diffID: digestOfBytes(b.Bytes()), mediaType: l.mediaType, annotations: map[string]string{stargzAnnotation: annotation},
		}}}
	}
	t.Run("nothing", func(t *testing.T) { with(t, nothing).accepted() })
	for name, change := range tampers {
		t.Run(name, func(t *testing.T) { with(t, change).refused("eStargz") })
	}
}

// chunkedLayer is Podman's layer with another table, and a footer and annotations that fit.
func chunkedLayer(t *testing.T, change func([]map[string]any) []map[string]any) testLayer {
	t.Helper()
	l := lazyLayer(t, "podman-zstd-chunked")
	var at, size, full, kind, splitAt, splitSize, splitFull int
	fmt.Sscanf(l.annotations[chunkedPrefixes[0]+"manifest-position"], "%d:%d:%d:%d", &at, &size, &full, &kind)
	fmt.Sscanf(l.annotations[chunkedPrefixes[0]+"tarsplit-position"], "%d:%d:%d", &splitAt, &splitSize, &splitFull)
	d, _ := zstd.NewReader(nil)
	defer d.Close()
	text, err := d.DecodeAll(l.blob[at:at+size], nil)
	if err != nil {
		t.Fatal(err)
	}
	text = changed(t, text, change)
	table, split := zst(text), l.blob[splitAt:splitAt+splitSize]
	blob := append([]byte{}, l.blob[:at-8]...)
	blob = append(append(blob, skippable(len(table))...), table...)
	splitAt = len(blob) + 8
	blob = append(append(blob, skippable(len(split))...), split...)
	var footer []byte
	for _, n := range []int{at, len(table), len(text), 1, splitAt, splitSize, splitFull} {
		footer = binary.LittleEndian.AppendUint64(footer, uint64(n))
	}
	l.blob = append(append(blob, skippable(64)...), append(footer, podmanMagic...)...)
	l.annotations = map[string]string{
		chunkedPrefixes[0] + "manifest-position": fmt.Sprintf("%d:%d:%d:1", at, len(table), len(text)),
		chunkedPrefixes[0] + "manifest-checksum": digestOfBytes(table),
		chunkedPrefixes[0] + "tarsplit-position": fmt.Sprintf("%d:%d:%d", splitAt, splitSize, splitFull),
	}
	return l
}

func skippable(size int) []byte {
	return binary.LittleEndian.AppendUint32([]byte{0x50, 0x2a, 0x4d, 0x18}, uint32(size))
}

func TestChunkedTableThatSaysSomethingElse(t *testing.T) {
	t.Run("nothing", func(t *testing.T) { (&testImage{t: t, layers: []testLayer{chunkedLayer(t, nothing)}}).accepted() })
	for name, change := range tampers {
		t.Run(name, func(t *testing.T) {
			l := chunkedLayer(t, change)
			(&testImage{t: t, layers: []testLayer{l}}).refused("zstd:chunked")
			l.annotations = nil // the stargz snapshotter needs none
			(&testImage{t: t, layers: []testLayer{l}}).refused("zstd:chunked")
		})
	}
}

func TestChunkedFramesElsewhere(t *testing.T) {
	frame := append(skippable(5), "hello"...)
	tar := tarOf(t, file("a", "a"))
	for name, change := range map[string]func(*testLayer){
		"an annotation lies":        func(l *testLayer) { l.annotations[chunkedPrefixes[0]+"manifest-position"] = "1:2:3:1" },
		"an annotation is unknown":  func(l *testLayer) { l.annotations[chunkedPrefixes[0]+"manifest-place"] = "1" },
		"two annotations differ":    func(l *testLayer) { l.annotations[chunkedPrefixes[1]+"manifest-position"] = "1:2:3:1" },
		"the hash lies":             func(l *testLayer) { l.annotations[chunkedPrefixes[0]+"manifest-checksum"] = digestOfBytes(nil) },
		"a stargz hash lies":        func(l *testLayer) { l.annotations[stargzAnnotation] = digestOfBytes(nil) },
		"a frame in front":          func(l *testLayer) { l.blob = append(append([]byte{}, frame...), l.blob...) },
		"a frame behind":            func(l *testLayer) { l.blob = append(l.blob, frame...) },
		"a layer behind":            func(l *testLayer) { l.blob = append(l.blob, zst([]byte("evil"))...) },
		"a footer of another":       func(l *testLayer) { l.blob[len(l.blob)-1]++ },
		"a footer that lies":        func(l *testLayer) { l.blob[len(l.blob)-64]++ },
		"annotations and no frames": func(l *testLayer) { l.blob, l.diffID = zst(tar), digestOfBytes(tar) },
	} {
		t.Run(name, func(t *testing.T) {
			l := chunkedLayer(t, nothing)
			change(&l)
			(&testImage{t: t, layers: []testLayer{l}}).refused("zstd")
		})
	}
}
