package differential

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"

	"github.com/containerd/stargz-snapshotter/estargz"
)

// eStargz packs a tar so that the stargz snapshotter can mount it by a table of contents, and lets change that table.
// It gives the blob, what it decompresses to, and the annotations of its descriptor.
func eStargz(layer []byte, change func(entries []map[string]any) []map[string]any) (blob, raw []byte, notes map[string]string, err error) {
	built, err := estargz.Build(io.NewSectionReader(bytes.NewReader(layer), 0, int64(len(layer))), estargz.WithParallelism(1))
	if err != nil {
		return nil, nil, nil, err
	}
	defer built.Close()
	if blob, err = io.ReadAll(built); err != nil {
		return nil, nil, nil, err
	}
	sum := built.TOCDigest().String()
	if change != nil {
		if blob, sum, err = changedTable(blob, change); err != nil {
			return nil, nil, nil, err
		}
	}
	z, err := gzip.NewReader(bytes.NewReader(blob))
	if err == nil {
		raw, err = io.ReadAll(z)
	}
	return blob, raw, map[string]string{estargz.TOCJSONDigestAnnotation: sum}, err
}

// changedTable writes another table in place of the one in the blob. The footer goes on to say where it begins.
func changedTable(blob []byte, change func([]map[string]any) []map[string]any) ([]byte, string, error) {
	at, footer, err := estargz.OpenFooter(io.NewSectionReader(bytes.NewReader(blob), 0, int64(len(blob))))
	if err != nil {
		return nil, "", err
	}
	z, err := gzip.NewReader(bytes.NewReader(blob[at:]))
	if err != nil {
		return nil, "", err
	}
	r := tar.NewReader(z)
	if _, err := r.Next(); err != nil {
		return nil, "", err
	}
	var toc struct {
		Version int              `json:"version"`
		Entries []map[string]any `json:"entries"`
	}
	if err := json.NewDecoder(r).Decode(&toc); err != nil {
		return nil, "", err
	}
	toc.Entries = change(toc.Entries)
	text, err := json.Marshal(toc)
	if err != nil {
		return nil, "", err
	}
	table := &tarball{entries: []*entry{file(estargz.TOCTarName, string(text))}, end: make([]byte, 2*block)}
	changed := append(append([]byte{}, blob[:at]...), gzipped(table.bytes())...)
	return append(changed, blob[len(blob)-int(footer):]...), digestOf(text), nil
}

var eStargzTrick = blobTrick{"eStargz", func(g *generator, t *tarball, b *blob) {
	change := g.changeTable
	if g.oneIn(3) {
		change = nil
	}
	data, raw, notes, err := eStargz(t.bytes(), change)
	if err != nil {
		return // not every hostile tar can be packed so
	}
	b.becomes(g, "eStargz", ociLayer+"+gzip", data, raw, raw, raw, raw, raw, raw, raw)
	b.fields = map[string]any{"annotations": notes}
	if g.oneIn(8) {
		b.fields = nil // found by its footer only
	}
}}
