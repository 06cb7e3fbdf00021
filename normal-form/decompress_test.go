package main

import (
	"strings"
	"testing"
)

func TestTheMediaTypeSaysHowALayerIsCompressed(t *testing.T) {
	raw := tarOf(t, file("a", strings.Repeat("hello", 1000)))
	skip := append(skippable(5), "hello"...)
	plainGzip, plainZstd := gz(raw), zst(raw)
	join := func(parts ...[]byte) (all []byte) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for name, c := range map[string]struct {
		kind string
		blob []byte
		says string // "" if it is read
	}{
		"tar":                         {"", raw, ""},
		"gzip":                        {"+gzip", plainGzip, ""},
		"zstd":                        {"+zstd", plainZstd, ""},
		"gzip of two members":         {"+gzip", join(gz(raw[:700]), gz(raw[700:])), ""},
		"zstd of two frames":          {"+zstd", join(zst(raw[:700]), zst(raw[700:])), ""},
		"zstd of an empty frame":      {"+zstd", join(plainZstd, zst(nil)), ""},
		"tar that is called gzip":     {"+gzip", raw, ""}, // its digest is its diff_id: see isUncompressed
		"gzip that is called tar":     {"", plainGzip, "begins like gzip"},
		"zstd that is called tar":     {"", plainZstd, "begins like zstd"},
		"gzip that is called zstd":    {"+zstd", plainGzip, "no frame"},
		"zstd that is called gzip":    {"+gzip", plainZstd, "does not begin like it"},
		"skippable frame in front":    {"+zstd", join(skip, plainZstd), "begins with a skippable frame"},
		"skippable frame behind":      {"+zstd", join(plainZstd, skip), "no footer of zstd:chunked"},
		"skippable frame in between":  {"+zstd", join(zst(raw[:700]), skip, zst(raw[700:])), "behind a skippable one"},
		"skippable frame as a tar":    {"", join(skip, raw), "skippable frame"},
		"bytes behind gzip":           {"+gzip", join(plainGzip, []byte("hello")), "gzip"},
		"zeros behind gzip":           {"+gzip", join(plainGzip, make([]byte, 512)), "gzip"},
		"bytes behind zstd":           {"+zstd", join(plainZstd, []byte("hello")), "no frame"},
		"gzip that ends early":        {"+gzip", plainGzip[:len(plainGzip)-5], "gzip"},
		"zstd that ends early":        {"+zstd", plainZstd[:len(plainZstd)-5], "zstd"},
		"a tar behind the tar":        {"+gzip", gz(join(raw, raw)), "behind the end of its tar"},
		"a table behind the tar":      {"+gzip", gz(join(raw, tarOf(t, file(stargzTable, `{"version":1,"entries":[]}`)))), "lacks"},
		"two things behind the tar":   {"+gzip", gz(join(raw, tarOf(t, file(stargzTable, `{"version":1,"entries":[]}`), file("a", "")))), ""},
		"bytes behind the tar":        {"+gzip", gz(join(raw, []byte("hello"))), "behind the end of its tar"},
		"much padding behind the tar": {"+gzip", gz(join(raw, make([]byte, 1<<20+7))), ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := testLayer{blob: c.blob, diffID: digestOfBytes(raw), mediaType: ociTarType + c.kind}
			if strings.HasPrefix(c.says, "behind the end") || c.says == "lacks" || strings.HasSuffix(name, "behind the tar") {
				l.diffID = digestOfBytes(gunzipped(t, c.blob))
			}
			i := &testImage{t: t, layers: []testLayer{l}}
			if name == "two things behind the tar" {
				i.refused()
			} else if c.says != "" {
				i.refused(c.says)
			} else {
				i.accepted()
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limits options
		things []thing
		says   string
	}{
		"bytes":        {options{4096, 100}, []thing{file("a", strings.Repeat("x", 5000))}, "--max-bytes"},
		"hard links":   {options{20000, 100}, []thing{file("a", strings.Repeat("x", 5000)), hard("b", "a"), hard("c", "a"), hard("d", "a")}, "each hard link is a file"},
		"entries":      {options{1 << 20, 2}, []thing{file("a", "1"), file("b", "1"), file("c", "1")}, "--max-entries"},
		"folders made": {options{1 << 20, 2}, []thing{file("a/b/c/d", "1")}, "--max-entries"},
	} {
		t.Run(name, func(t *testing.T) {
			i := imageOf(t, c.things)
			i.limits = c.limits
			i.refused(c.says)
		})
	}
	i := imageOf(t, []thing{file("a", strings.Repeat("x", 3000))}, []thing{file("b", strings.Repeat("x", 3000))})
	i.limits = options{6000, 100}
	i.refused("--max-bytes") // of whichever layer comes last: they are read at the same time
}
