package differential

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

const (
	ociLayer    = "application/vnd.oci.image.layer.v1.tar"
	dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"
)

// blob is a layer as it lies in the registry: what was packed how, and what manifest and config say of it.
type blob struct {
	bytes  []byte
	how    string
	kind   string // media type
	diffID string
	size   int64
	fields map[string]any // more fields of its descriptor
}

func digestOf(b []byte) string {
	h := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(h[:])
}

// pack makes a blob of each layer, and plays with one of them now and then.
func (g *generator) pack() {
	docker := g.oneIn(10)
	for _, t := range g.layers {
		raw := t.bytes()
		b := &blob{bytes: raw, how: "plain", kind: ociLayer, diffID: digestOf(raw)}
		switch {
		case docker: // umoci does not read these types
			b.bytes, b.how, b.kind = gzipped(raw), "gzip", dockerLayer+".gzip"
		case g.oneIn(3):
			b.bytes, b.how, b.kind = gzipped(raw), "gzip", ociLayer+"+gzip"
		case g.oneIn(3):
			b.bytes, b.how, b.kind = zstandard(raw), "zstd", ociLayer+"+zstd"
		}
		b.size = int64(len(b.bytes))
		g.blobs = append(g.blobs, b)
	}
	if g.oneIn(3) {
		i := g.Intn(len(g.blobs))
		trick := pick(g, append(blobTricks, chunkedTrick, chunkedTrick, eStargzTrick, eStargzTrick)...)
		g.tricks = append(g.tricks, trick.name)
		b := g.blobs[i]
		trick.do(g, g.layers[i], b)
		b.size = int64(len(b.bytes))
		if trick.name == "descriptor that lies" {
			b.size += pick[int64](g, -1, 1, 512, -b.size)
		}
	}
}

type blobTrick struct {
	name string
	do   func(g *generator, t *tarball, b *blob)
}

// becomes sets what a blob is and what the config says it unpacks to: one of the things that some reader could take it for.
func (b *blob) becomes(g *generator, how string, kind string, data []byte, readings ...[]byte) {
	b.bytes, b.how, b.kind = data, how, kind
	b.diffID = digestOf(pick(g, append(readings, data)...))
}

var blobTricks = []blobTrick{
	{"declared as another type", func(g *generator, t *tarball, b *blob) {
		f := pick(g, formats...)
		kind := pick(g, ociLayer, ociLayer+"+gzip", ociLayer+"+zstd", dockerLayer, dockerLayer+".gzip", dockerLayer+".zstd", dockerLayer+".foreign.gzip", "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
			ociLayer+"+bzip2", ociLayer+"+xz", ociLayer+"+encrypted", ociLayer+"; a=b", "application/x-tar", "", "APPLICATION/VND.OCI.IMAGE.LAYER.V1.TAR", "application/vnd.oci.image.layer.v1.tar+GZIP")
		b.becomes(g, f.name, kind, f.pack(t.bytes()), t.bytes(), t.bytes())
	}},
	{"packed twice", func(g *generator, t *tarball, b *blob) {
		in, out := pick(g, formats...), pick(g, formats...)
		inner := in.pack(t.bytes())
		b.becomes(g, in.name+" in "+out.name, g.layerKind(), out.pack(inner), t.bytes(), inner)
	}},
	{"two packings in a row", func(g *generator, t *tarball, b *blob) {
		first, second := pick(g, formats...), pick(g, formats...)
		other := fakeEntry(g)
		a, c := t.bytes(), other
		if g.oneIn(2) {
			a, c = c, a
		}
		b.becomes(g, first.name+", then "+second.name, g.layerKind(), append(append([]byte{}, first.pack(a)...), second.pack(c)...), a, c, append(append([]byte{}, a...), c...))
	}},
	{"split into members", func(g *generator, t *tarball, b *blob) {
		f := pick(g, formats[0], formats[1])
		raw := t.bytes()
		at := g.Intn(len(raw) + 1)
		between := pick(g, nil, nil, nil, f.pack(nil), skippable(nil), skippable(fakeEntry(g)), make([]byte, 512), []byte{0}, []byte("junk"))
		data := append(append(append([]byte{}, f.pack(raw[:at])...), between...), f.pack(raw[at:])...)
		data = append(data, pick(g, nil, nil, make([]byte, 100), []byte("x"), f.pack(nil), skippable([]byte("x")))...)
		b.becomes(g, f.name+" in members", ociLayer+"+"+f.name, data, raw, raw, raw[:at])
	}},
	{"tar in a skippable frame", func(g *generator, t *tarball, b *blob) {
		magic := pick[uint32](g, 0x184D2A50, 0x184D2A5F)
		outer := tarInFrame(t, magic)
		inner := fakeEntry(g)
		b.becomes(g, "tar that is a skippable frame, then zstd", g.layerKind(), append(append([]byte{}, outer...), zstandard(inner)...), inner, outer)
	}},
	{"tar in a gzip header", func(g *generator, t *tarball, b *blob) {
		inner := fakeEntry(g)
		data := tarInGzipHeader(t, inner)
		b.becomes(g, "tar that is the header of a gzip", g.layerKind(), data, inner, data[:min(len(t.bytes()), len(data))])
	}},
	{"gzip header", func(g *generator, t *tarball, b *blob) {
		flags := pick[byte](g, 1, 2, 4, 8, 16, 31, 32, 64, 128)
		b.becomes(g, fmt.Sprintf("gzip with flags %d", flags), ociLayer+"+gzip", gzipWith(t.bytes(), flags, string(fakeEntry(g))), t.bytes(), t.bytes())
	}},
	{"name that is a magic", func(g *generator, t *tarball, b *blob) {
		t = &tarball{entries: append([]*entry{}, t.entries...), end: t.end, behind: t.behind}
		magic := pick(g, "\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "\x50\x2a\x4d\x18", "BZh91AY&SY", "\xfd7zXZ", "PK\x03\x04", "\x1f\x8b", "BZh", "\x1f\x9d", "\x04\x22\x4d\x18", "7z\xbc\xaf")
		t.insert(0, file(magic, g.content()))
		b.becomes(g, fmt.Sprintf("tar that begins with %q", magic), pick(g, ociLayer, ociLayer, ociLayer+"+gzip", ociLayer+"+zstd"), t.bytes(), t.bytes())
	}},
	{"bytes behind the packed end", func(g *generator, t *tarball, b *blob) {
		b.bytes = append(append([]byte{}, b.bytes...), pick(g, []byte{0}, make([]byte, 512), []byte("x"), fakeEntry(g), gzipped(fakeEntry(g)), zstandard(fakeEntry(g)), skippable(fakeEntry(g)), zipped(fakeEntry(g)))...)
		if b.how == "plain" && g.oneIn(2) {
			b.diffID = digestOf(b.bytes)
		}
		b.how += ", bytes behind it"
	}},
	{"cut off", func(g *generator, t *tarball, b *blob) {
		b.bytes = b.bytes[:g.Intn(len(b.bytes)+1)]
		if g.oneIn(2) {
			b.diffID = digestOf(b.bytes)
		}
		b.how += ", cut off"
	}},
	{"damaged", func(g *generator, t *tarball, b *blob) {
		b.bytes = append([]byte{}, b.bytes...)
		if len(b.bytes) > 0 {
			b.bytes[pick(g, len(b.bytes)-1, len(b.bytes)-min(6, len(b.bytes)), g.Intn(len(b.bytes)))] ^= 1
		}
		b.how += ", one bit changed"
	}},
	{"diff_id that lies", func(g *generator, t *tarball, b *blob) {
		b.diffID = pick(g, digestOf(b.bytes), digestOf(nil), digestOf(fakeEntry(g)), g.blobs[g.Intn(len(g.blobs))].diffID, "sha256:x", "")
	}},
	{"descriptor that lies", func(*generator, *tarball, *blob) {}},
	{"descriptor with more fields", func(g *generator, t *tarball, b *blob) {
		b.fields = pick(g, map[string]any{"data": fakeEntry(g)}, map[string]any{"urls": []string{"https://layer.invalid/"}}, map[string]any{"annotations": map[string]string{"a": "b"}}, map[string]any{"platform": map[string]string{"os": "linux", "architecture": "amd64"}})
	}},
}

func (g *generator) layerKind() string { return pick(g, ociLayer, ociLayer+"+gzip", ociLayer+"+zstd") }

// write puts the image into an OCI layout folder and gives its digest.
func (g *generator) write(folder string) (string, error) {
	blobs := filepath.Join(folder, "blobs", "sha256")
	err := os.MkdirAll(blobs, 0o755)
	put := func(data []byte, kind string) map[string]any {
		if e := os.WriteFile(filepath.Join(blobs, digestOf(data)[7:]), data, 0o644); e != nil && err == nil {
			err = e
		}
		return map[string]any{"mediaType": kind, "digest": digestOf(data), "size": len(data)}
	}
	asText := func(v any) []byte {
		var b bytes.Buffer
		if e := json.NewEncoder(&b).Encode(v); e != nil && err == nil {
			err = e
		}
		return b.Bytes()
	}
	var layers []any
	ids := []string{}
	for _, b := range g.blobs {
		d := put(b.bytes, b.kind)
		d["size"] = b.size
		for k, v := range b.fields {
			d[k] = v
		}
		layers, ids = append(layers, d), append(ids, b.diffID)
	}
	config := put(asText(map[string]any{"architecture": "amd64", "os": "linux", "rootfs": map[string]any{"type": "layers", "diff_ids": ids}}), "application/vnd.oci.image.config.v1+json")
	const kind = "application/vnd.oci.image.manifest.v1+json"
	manifest := put(asText(map[string]any{"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers}), kind)
	for name, text := range map[string][]byte{"index.json": asText(map[string]any{"schemaVersion": 2, "manifests": []any{manifest}}), "oci-layout": []byte(`{"imageLayoutVersion":"1.0.0"}`)} {
		if e := os.WriteFile(filepath.Join(folder, name), text, 0o644); e != nil && err == nil {
			err = e
		}
	}
	return manifest["digest"].(string), err
}
