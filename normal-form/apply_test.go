package main

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"
)

func TestAPlainImageKeepsItsFiles(t *testing.T) {
	r := imageOf(t, []thing{folder("app"), file("app/a", "1"), link("app/s", "a")}, []thing{folder("app"), file("app/b", "2")}).accepted()
	r.has(0, "app/a = 1", "app/s -> a")
	r.has(1, "app/b = 2")
}

func TestAnEmptyLayerAndNoLayer(t *testing.T) {
	imageOf(t, []thing{}).accepted().has(0)
	if none := imageOf(t).accepted(); none.Layers == nil { // null is no list to those who read form.json
		t.Fatal(none.form)
	}
}

func TestNamesAreCleaned(t *testing.T) {
	imageOf(t, []thing{file("./a", "1"), file("/b", "2"), file("c//d", "3"), file("c/./e", "4"), folder("."), file("c/x/../f", "5")}).accepted().
		has(0, "a = 1", "b = 2", "c/d = 3", "c/e = 4", "c/f = 5")
}

func TestAHardLinkIsAFile(t *testing.T) {
	big := strings.Repeat("x", 3<<20)
	r := imageOf(t, []thing{file("a", big), hard("b", "a"), hard("/c", "./b"), link("s", "a"), hard("t", "s")}).accepted()
	r.has(0, "a = "+big, "b = "+big, "c = "+big, "s -> a", "t -> a")
}

func TestAPathIsThereOnce(t *testing.T) {
	imageOf(t, []thing{file("a", "1"), file("b", "1"), hard("c", "a"), file("a", "2"), folder("d"), file("d/e", "3"), link("d", "b"), folder("f"), folder("f")}).
		accepted().has(0, "a = 2", "b = 1", "c = 1", "d -> b")
}

func TestTheFirstBytesOfALayerAreNoMagic(t *testing.T) {
	for _, name := range []string{"BZh91AY", "PK\x03\x04", "P*M\x18", "\x1f\x8b\x08"} {
		l := plain(tarOf(t, thing{name: name, content: "x", change: func(h *tar.Header) { h.Format = tar.FormatGNU }}))
		l.mediaType, l.blob = ociTarType+"+gzip", gz(l.blob)
		r := (&testImage{t: t, layers: []testLayer{l}}).accepted()
		if head := r.blob(r.Layers[0].Normal)[:3]; string(head) != "./\x00" {
			t.Errorf("%q: the layer begins with %q", name, head)
		}
	}
}

func TestJavaArchives(t *testing.T) {
	for name, want := range map[string]bool{"a.jar": true, "b.WAR": true, "x/c.Ear": true, "d.par": true, "jar": false, "a.jar.txt": false} {
		if r := imageOf(t, []thing{file(name, "x")}).accepted(); *r.JavaArchives != want {
			t.Errorf("%s: %v", name, *r.JavaArchives)
		}
	}
	if r := imageOf(t, []thing{folder("a.jar")}).accepted(); *r.JavaArchives {
		t.Error("a folder")
	}
}

func TestWhatRuntimesTreatDifferentlyIsRefused(t *testing.T) {
	opaque := ".wh..wh..opq"
	device := func(major, minor int64) thing {
		return thing{name: "dev", kind: tar.TypeChar, change: func(h *tar.Header) { h.Devmajor, h.Devminor = major, minor }}
	}
	pax := func(key string) thing {
		return thing{name: "a", change: func(h *tar.Header) { h.PAXRecords = map[string]string{key: "y"} }}
	}
	global := func(name, key string) thing {
		return thing{name: name, kind: tar.TypeXGlobalHeader, change: func(h *tar.Header) {
			*h = tar.Header{Name: name, Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{key: "y"}}
		}}
	}
	for name, c := range map[string]struct {
		layers [][]thing
		says   string
	}{
		"a name out of the root":                {[][]thing{{file("../a", "1")}}, "out of the root"},
		"device 0:0":                            {[][]thing{{device(0, 0)}}, "overlayfs"},
		"a device that Linux does not have":     {[][]thing{{device(0, 1<<20)}}, "does not have"},
		"a hard link of another mode":           {[][]thing{{file("a", "1"), {name: "b", link: "a", kind: tar.TypeLink, mode: 0o755}}}, "different modes"},
		"a folder named like a whiteout":        {[][]thing{{file(".wh.a/b", "1")}}, "named like a deletion"},
		"a folder named like the opaque marker": {[][]thing{{file(".wh..wh..opq/b", "1")}}, "named like a deletion"},
		"overlay attribute":                     {[][]thing{{pax("SCHILY.xattr.trusted.overlay.opaque")}}, "trusted.overlay.opaque"},
		"fuse-overlayfs attribute":              {[][]thing{{pax("SCHILY.xattr.user.containers.override_stat")}}, "storage drivers"},
		"another kind of entry":                 {[][]thing{{{name: "a", kind: tar.TypeCont}}}, "type"},
		"global header with a path":             {[][]thing{{global("g", "path")}}, "global PAX header"},
		"global header over a file":             {[][]thing{{file("g", "1"), global("g", "comment")}}, "global PAX header"},
		"below a link of a lower layer":         {[][]thing{{link("lib", "usr/lib")}, {file("lib/a", "1")}}, "is a link to"},
		"below a file of a lower layer":         {[][]thing{{file("lib", "1")}, {file("lib/a", "1")}}, "is no folder in a layer below"},
		"below a file":                          {[][]thing{{file("lib", "1"), file("lib/a", "1")}}, "is no folder"},
		"deleted, then written below":           {[][]thing{{file(".wh.a", ""), file("a/b", "1")}}, "deleted and then written below"},
		"written, then deleted":                 {[][]thing{{file("a", "1"), file(".wh.a", "")}}, "deletes what this layer wrote"},
		"opaque root":                           {[][]thing{{file(opaque, "")}}, "root folder opaque"},
		"opaque behind folders on the way":      {[][]thing{{folder("a"), file("a/b/c", "1"), file("a/"+opaque, "")}}, "made opaque behind"},
		"a folder replaces a file":              {[][]thing{{file("a/b", "1")}, {file("a", "1"), folder("a")}}, "replaced by a folder"},
		"whiteout of nothing":                   {[][]thing{{file(".wh.", "")}}, "no valid whiteout"},
		"whiteout of a whiteout":                {[][]thing{{file(".wh..wh.a", "")}}, "no valid whiteout"},
		"whiteout of the folder":                {[][]thing{{file("a/.wh..", "")}}, "no valid whiteout"},
		"hard link to another layer":            {[][]thing{{file("a", "1")}, {hard("b", "a")}}, "does not hold"},
		"hard link to a folder":                 {[][]thing{{folder("a"), hard("b", "a")}}, "hard link to a folder"},
		"hard link to itself":                   {[][]thing{{file("a", "1"), hard("a", "a")}}, "does not hold"},
		"link targets that turn back":           {[][]thing{{link("a", "b/../c"), file("a/d", "1")}}, "resolve differently"},
		"links in a circle":                     {[][]thing{{link("a", "b"), link("b", "a"), file("a/d", "1")}}, "too many links"},
		"a name of more than 255 bytes":         {[][]thing{{file(strings.Repeat("a", 256), "1")}}, "longer path"},
		"a folder name of more than that":       {[][]thing{{file(strings.Repeat("a", 256)+"/b", "1")}}, "longer name"},
		"a path of more than 4096 bytes":        {[][]thing{{file(strings.Repeat("a/", 2100)+"b", "1")}}, "longer path"},
		"a link target of more than a page":     {[][]thing{{link("a", strings.Repeat("b", 5000))}}, "longer path"},
	} {
		t.Run(name, func(t *testing.T) { imageOf(t, c.layers...).refused("layer", "sha256:", c.says) })
	}
}

func TestWhatHonestBuildersWriteIsRead(t *testing.T) {
	commit := thing{name: "pax_global_header", kind: tar.TypeXGlobalHeader, change: func(h *tar.Header) {
		*h = tar.Header{Name: "pax_global_header", Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "5516cce"}}
	}}
	for name, layers := range map[string][][]thing{
		"git archive":                  {{commit, file("a", "1")}},
		"root folder":                  {{folder("./"), file("./a", "1")}},
		"a folder entry over a link":   {{link("var/run", "/run")}, {folder("var"), folder("var/run"), file("var/run/a", "1")}},
		"through a link of the layer":  {{folder("usr/lib"), link("lib", "usr/lib"), file("lib/a", "1")}},
		"a whiteout of what is absent": {{file(".wh.a", "")}},
		"a device":                     {{thing{name: "null", kind: tar.TypeChar, change: func(h *tar.Header) { h.Devmajor, h.Devminor = 1, 3 }}}},
		"the same layer twice":         {{file("a", "1")}, {file("a", "1")}},
		"names in all languages":       {{file("ünï/\u202e文", "1"), file("\xff\xfe", "2")}},
	} {
		t.Run(name, func(t *testing.T) { imageOf(t, layers...).accepted() })
	}
}

func TestSparseFilesOfTheOldFormatAreRefused(t *testing.T) {
	b := tarOf(t, thing{name: "a", change: func(h *tar.Header) { h.Format = tar.FormatGNU }})
	b[156] = 'S'
	sum := 0
	for i, c := range b[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int(c)
	}
	copy(b[148:156], []byte{byte('0' + sum>>15&7), byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	(&testImage{t: t, layers: []testLayer{plain(b)}}).refused("layer 1")
}

// A sparse file of the PAX format 1.0 begins with its map: here one that covers less than the data behind it.
func TestASparseMapThatCoversLessThanItsDataIsTheImagesFault(t *testing.T) {
	sparse := func(h *tar.Header) {
		h.Format = tar.FormatPAX
		h.PAXRecords = map[string]string{"xNU.sparse.major": "1", "xNU.sparse.minor": "0", "xNU.sparse.name": "a", "xNU.sparse.realsize": "1"}
	}
	withMap := "1\n0\n1\n" + strings.Repeat("\x00", 512-6) + strings.Repeat("x", 1024)
	b := tarOf(t, thing{name: "GNUSparseFile.0/a", content: withMap, change: sparse})
	b = bytes.ReplaceAll(b, []byte("xNU.sparse"), []byte("GNU.sparse")) // the writer knows no sparse files
	(&testImage{t: t, layers: []testLayer{plain(b)}}).refused("layer 1", "unreferenced")
}
