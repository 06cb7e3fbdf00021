package main

import (
	"strings"
	"testing"
)

func TestAnSBOMLiesBelowAllOtherLayers(t *testing.T) {
	for name, c := range map[string]struct {
		layers [][]thing
		want   []string // the layer at the bottom; none where nil
	}{
		"beside what it names":           {[][]thing{{file("a.jar", "1"), file("x.cdx.json", "2")}}, []string{"x.cdx.json = 2"}},
		"of each kind":                   {[][]thing{{file("a.spdx", "1"), file("b.spdx.json", "2"), file("c.cdx", "3"), file("d.cdx.json", "4")}}, []string{"a.spdx = 1", "b.spdx.json = 2", "c.cdx = 3", "d.cdx.json = 4"}},
		"in a later layer":               {[][]thing{{file("a", "1")}, {file("x.cdx", "2")}}, []string{"x.cdx = 2"}},
		"written again":                  {[][]thing{{file("x.cdx", "1")}, {file("x.cdx", "2")}}, []string{"x.cdx = 2"}},
		"deleted":                        {[][]thing{{file("x.cdx", "1")}, {file(".wh.x.cdx", "")}}, nil},
		"with its folder":                {[][]thing{{file("a/x.cdx", "1")}, {file(".wh.a", "")}}, nil},
		"deleted and written again":      {[][]thing{{file("x.cdx", "1")}, {file(".wh.x.cdx", "")}, {file("x.cdx", "2")}}, []string{"x.cdx = 2"}},
		"in a folder that was made anew": {[][]thing{{folder("a"), file("a/x.cdx", "1")}, {folder("a"), file("a/.wh..wh..opq", ""), file("a/x.cdx", "2")}}, []string{"a/x.cdx = 2"}},
		"behind a link":                  {[][]thing{{file("n", "1"), folder("var"), folder("var/lib"), folder("var/lib/dpkg"), folder("var/lib/dpkg/status.d"), link("var/lib/dpkg/status.d/x.cdx", "/n")}}, []string{"var/lib/dpkg/status.d/x.cdx = 1"}},
		"of Python, which Trivy skips":   {[][]thing{{file("a.dist-info/sboms/x.cdx.json", "1")}}, nil},
		"a folder":                       {[][]thing{{folder("x.cdx")}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := imageOf(t, c.layers...).accepted()
			for n := range r.Layers {
				for _, entry := range r.entries(n) {
					if n > 0 && isShownSBOM(entry) {
						t.Fatalf("%q is in layer %d of %q", entry, n+1, r.files())
					}
				}
			}
			if c.want == nil {
				return
			}
			r.has(0, c.want...)
		})
	}
}

func TestTwoLayersOfSBOMs(t *testing.T) {
	r := imageOf(t, []thing{file("a.cdx", "1")}, []thing{file("b.cdx", "2")}).accepted()
	r.has(0, "a.cdx = 1")
	r.has(1, "b.cdx = 2")
	r.has(2)
	r.has(3)
	if r.Layers[0].Digest != r.Layers[2].Digest || r.Layers[1].DiffID != r.Layers[3].DiffID {
		t.Fatal(r.Layers) // what is found in one is said of the layer that has it
	}
}

func isShownSBOM(entry string) bool {
	name, _, _ := strings.Cut(entry, " = ")
	return isSBOM(name) && !strings.Contains(name, " -> ")
}
