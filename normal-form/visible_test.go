package main

import (
	"archive/tar"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// program is the head of an ELF file with an entry point.
var program = "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 17) + "\x01" + strings.Repeat("\x00", 40)

func (r result) named(what holds, want ...string) {
	r.t.Helper()
	for n, l := range r.Layers {
		if l.Holds != what {
			continue
		}
		mark := regexp.MustCompile("~" + hexOf(r.Image)[:16] + `\.\d+\.\d+/`)
		if got := mark.ReplaceAllString(fmt.Sprint(r.entries(n)), "~#/"); got != fmt.Sprint(want) {
			r.t.Fatalf("%q, wanted %q", got, want)
		}
		return
	}
	r.t.Fatalf("no layer holds %s: %q", what, r.files())
}

// rule 5.9, what was scanned is what runs: what no runtime shows does not speak for the image, and is searched for secrets.
func TestEachVisibleFileIsThereOnceInTheLayerThatItComesFrom(t *testing.T) {
	for name, c := range map[string]struct {
		layers  [][]thing
		want    [][]string
		covered []string // of the first layer that has any
	}{
		"covered":             {[][]thing{{file("a", "1"), file("b", "2")}, {file("a", "3")}}, [][]string{{"b = 2"}, {"a = 3"}}, []string{"~#/~a~ = 1"}},
		"deleted":             {[][]thing{{file("d/a", "1"), file("b", "2")}, {file("d/.wh.a", "")}}, [][]string{{"b = 2"}, {}}, []string{"d/~#/~a~ = 1"}},
		"its folder deleted":  {[][]thing{{file("d/e/a", "1"), link("d/s", "x")}, {file(".wh.d", "")}}, [][]string{{}, {}}, []string{"d/e/~#/~a~ = 1"}},
		"in an opaque folder": {[][]thing{{file("o/p", "3")}, {folder("o"), file("o/.wh..wh..opq", ""), file("o/q", "4")}}, [][]string{{}, {"o/q = 4"}}, []string{"o/~#/~p~ = 3"}},
		"a link over it":      {[][]thing{{file("a", "1"), file("b/c", "2")}, {link("a", "e"), link("b", "e")}}, [][]string{{}, {"a -> e", "b -> e"}}, []string{"b/~#/~c~ = 2", "~#/~a~ = 1"}},
		"a folder over it":    {[][]thing{{file("d", "3")}, {folder("d"), file("d/e", "4")}}, [][]string{{}, {"d/e = 4"}}, []string{"~#/~d~ = 3"}},
		"a pipe over it":      {[][]thing{{file("e", "4")}, {{name: "e", kind: tar.TypeFifo}}}, [][]string{{}, {"e"}}, []string{"~#/~e~ = 4"}},
		"twice in its layer":  {[][]thing{{file("a", "1"), file("a", "2")}}, [][]string{{"a = 2"}}, []string{"~#/~a~ = 1"}},
		"written and deleted": {[][]thing{{file("x", "1")}, {file("x", "2")}, {file(".wh.x", "")}, {file("x", "3")}}, [][]string{{}, {}, {}, {"x = 3"}}, []string{"~#/~x~ = 1"}},
		"searched by its name": {[][]thing{{file("m/settings.xml", "1"), file("p/a.pyc", "2")}, {file(".wh.m", ""), file(".wh.p", "")}}, [][]string{{}, {}},
			[]string{"m/~#/settings.xml = 1", "p/~#/a.pyc = 2"}},
		"an empty file":                    {[][]thing{{file("a", "")}, {file("a", "1")}}, [][]string{{}, {"a = 1"}}, nil},
		"an earlier database":              {[][]thing{{file("var/lib/dpkg/status", "1")}, {file("var/lib/dpkg/status", "2")}}, [][]string{{"var/lib/dpkg/status = 1"}, {"var/lib/dpkg/status = 2"}}, nil},
		"a database twice in its layer":    {[][]thing{{file("var/lib/dpkg/status", "1"), file("var/lib/dpkg/status", "2")}}, [][]string{{"var/lib/dpkg/status = 2"}}, []string{"var/lib/dpkg/~#/~status~ = 1"}},
		"a database that is deleted":       {[][]thing{{file("var/lib/dpkg/status", "1")}, {file("var/lib/dpkg/.wh.status", "")}}, [][]string{{}, {}}, []string{"var/lib/dpkg/~#/~status~ = 1"}},
		"a release that nobody sees":       {[][]thing{{file("etc/os-release", "1")}, {file("etc/os-release", "2")}}, [][]string{{}, {"etc/os-release = 2"}}, []string{"etc/~#/~os-release~ = 1"}},
		"claims of files that nobody sees": {[][]thing{{file("var/lib/dpkg/info/a.md5sums", "1")}, {file("var/lib/dpkg/info/.wh.a.md5sums", "")}}, [][]string{{}, {}}, []string{"var/lib/dpkg/info/~#/~a.md5sums~ = 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := imageOf(t, c.layers...).accepted()
			for n, want := range c.want {
				r.has(n, want...)
			}
			if c.covered != nil {
				r.named(holdsCovered, c.covered...)
			} else if len(r.Layers) != len(c.layers) {
				t.Fatalf("a layer more: %q", r.files())
			}
		})
	}
}

func TestAProgramThatIsAnArchiveIsReadAsBoth(t *testing.T) {
	for _, mode := range []int64{0o644, 0o755} {
		r := imageOf(t, []thing{{name: "a.jar", content: program, mode: mode}, {name: "b", content: program, mode: mode}}).accepted()
		modes := map[string]int64{}
		for n, l := range r.Layers {
			for name, m := range modesOf(t, r.blob(r.Layers[n].Normal)) {
				modes[string(l.Holds)+" "+name] = m & 0o111
			}
		}
		if len(modes) != 3 || modes["files a.jar"] != 0 || modes["files b"] == 0 || modes["programs a.jar"] != 0o111 {
			t.Fatal(modes)
		}
	}
}

// The config's own diff_ids tell the base image: a golden base above another, or an SBOM, changes nothing of them.
func TestTheFormNamesTheDiffIDsOfTheConfig(t *testing.T) {
	i := imageOf(t, []thing{file("x.cdx", "1")}, []thing{file("x.cdx", "2")}, []thing{file("b", "1")})
	r := i.accepted()
	if got, want := fmt.Sprint(r.DiffIDs), fmt.Sprint([]string{i.layers[0].diffID, i.layers[1].diffID, i.layers[2].diffID}); got != want {
		t.Fatalf("%s, wanted %s", got, want)
	}
}

// rule 5.6, limits: the cost grows with the bytes of the image, and not with their square. These took minutes.
func TestCostIsLinear(t *testing.T) {
	nested := []thing{}
	for depth := 1; depth <= 2000; depth++ {
		nested = append(nested, folder(strings.TrimSuffix(strings.Repeat("a/", depth), "/")))
	}
	wide := []thing{}
	for n := range 40_000 {
		wide = append(wide, file(fmt.Sprintf("d/%d/f", n), ""))
	}
	for range 40_000 {
		wide = append(wide, file("d/e/.wh..wh..opq", ""))
	}
	turns := []thing{folder("d")}
	for n := range 200 {
		turns = append(turns, link(fmt.Sprintf("d/%d", n), strings.Repeat("./", 1000)+fmt.Sprint(n+1)))
	}
	turns = append(turns, folder("d/200"))
	for range 20_000 {
		turns = append(turns, file("d/0/f", ""))
	}
	for name, c := range map[string]struct {
		things  []thing
		refused string
	}{"nested folders": {nested, ""}, "opaque markers": {wide, ""}, "links": {turns, "lead through more than"}} {
		t.Run(name, func(t *testing.T) {
			i, done := imageOf(t, c.things), make(chan struct{})
			go func() {
				defer close(done)
				if c.refused != "" {
					i.refused(c.refused)
				} else {
					i.accepted()
				}
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("hangs")
			}
		})
	}
}
