package differential

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"go.podman.io/storage/pkg/chunked/compressor"
)

const chunkedPrefix = "io.github.containers.zstd-chunked."

// zstdChunked packs a tar so that it can be pulled file by file, and lets change the table of contents and the annotations that lead to it.
func zstdChunked(tar []byte, change func(entries []map[string]any) []map[string]any) ([]byte, map[string]string, error) {
	var out bytes.Buffer
	notes := map[string]string{}
	w, err := compressor.ZstdCompressor(&out, notes, nil)
	if err == nil {
		_, err = w.Write(tar)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil || change == nil {
		return out.Bytes(), notes, err
	}
	blob := out.Bytes()
	at, size := positionOf(notes[chunkedPrefix+"manifest-position"])
	splitAt, splitSize := positionOf(notes[chunkedPrefix+"tarsplit-position"])
	d, err := zstd.NewReader(nil)
	if err != nil {
		return nil, nil, err
	}
	defer d.Close()
	text, err := d.DecodeAll(blob[at:at+size], nil)
	if err != nil {
		return nil, nil, err
	}
	var toc map[string]any
	if err := json.Unmarshal(text, &toc); err != nil {
		return nil, nil, err
	}
	var entries []map[string]any
	list, _ := toc["entries"].([]any)
	for _, e := range list {
		entries = append(entries, e.(map[string]any))
	}
	toc["entries"] = change(entries)
	if text, err = json.Marshal(toc); err != nil {
		return nil, nil, err
	}
	table, split := zstandard(text), blob[splitAt:splitAt+splitSize]
	newSplitAt := at + len(table) + 8
	splitLength := notes[chunkedPrefix+"tarsplit-position"][strings.LastIndexByte(notes[chunkedPrefix+"tarsplit-position"], ':')+1:]
	notes[chunkedPrefix+"manifest-position"] = fmt.Sprintf("%d:%d:%d:1", at, len(table), len(text))
	notes[chunkedPrefix+"manifest-checksum"] = digestOf(table)
	notes[chunkedPrefix+"tarsplit-position"] = fmt.Sprintf("%d:%d:%s", newSplitAt, len(split), splitLength)
	footer := make([]byte, 64)
	n, _ := strconv.Atoi(splitLength)
	for i, v := range []int{at, len(table), len(text), 1, newSplitAt, len(split), n} {
		binary.LittleEndian.PutUint64(footer[8*i:], uint64(v))
	}
	copy(footer[56:], "GNUlInUx")
	changed := append([]byte{}, blob[:at-8]...)
	for _, frame := range [][]byte{table, split, footer} {
		changed = append(changed, skippable(frame)...)
	}
	return changed, notes, nil
}

func positionOf(text string) (int, int) {
	parts := strings.Split(text, ":")
	at, _ := strconv.Atoi(parts[0])
	size, _ := strconv.Atoi(parts[1])
	return at, size
}

// changeTable does one thing to a table of contents.
func (g *generator) changeTable(entries []map[string]any) []map[string]any {
	if len(entries) == 0 {
		return []map[string]any{{"type": "dir", "name": "extra", "mode": 0o755}}
	}
	i := g.Intn(len(entries))
	e := entries[i]
	other := entries[g.Intn(len(entries))]
	name, _ := e["name"].(string)
	switch g.Intn(12) {
	case 0:
		return append(entries[:i:i], entries[i+1:]...)
	case 1:
		return append(entries, map[string]any{"type": pick(g, "dir", "symlink", "hardlink", "char", "fifo", "reg"), "name": g.path(), "linkName": g.path(), "mode": 0o755})
	case 2:
		e["name"] = pick(g, g.path(), "./"+name, "/"+name, name+"/", "../"+name, "a/../"+name, "")
	case 3:
		e["type"] = pick(g, "dir", "symlink", "hardlink", "char", "fifo", "reg", "chunk", "REG", "")
	case 4:
		e["linkName"] = g.path()
	case 5:
		e["mode"] = pick(g, 0, 0o4755, 0o100644)
	case 6:
		e["digest"], e["offset"], e["endOffset"], e["size"] = other["digest"], other["offset"], other["endOffset"], other["size"]
	case 7:
		e["offset"], e["endOffset"] = other["offset"], other["endOffset"]
	case 8:
		e["size"] = pick(g, 0, 1, 1<<20)
	case 9:
		entries[i], entries[0] = entries[0], entries[i]
	case 10:
		e["xattrs"] = map[string]string{pick(g, "trusted.overlay.opaque", "user.x"): "eQ=="}
	default:
		twin := map[string]any{}
		for k, v := range e {
			twin[k] = v
		}
		twin["name"] = pick(g, name, strings.ToUpper(name), name+"/")
		return append(entries, twin)
	}
	return entries
}

var chunkedTrick = blobTrick{"zstd:chunked", func(g *generator, t *tarball, b *blob) {
	change := g.changeTable
	if g.oneIn(3) {
		change = nil
	}
	raw := t.bytes()
	data, notes, err := zstdChunked(raw, change)
	if err != nil {
		return // not every hostile tar can be packed so
	}
	b.becomes(g, "zstd:chunked", ociLayer+"+zstd", data, raw, raw, raw, raw, raw, raw, raw)
	if g.oneIn(8) {
		delete(notes, chunkedPrefix+pick(g, "manifest-checksum", "manifest-position", "tarsplit-position"))
	}
	b.fields = map[string]any{"annotations": notes}
}}
