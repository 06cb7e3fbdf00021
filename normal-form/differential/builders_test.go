//go:build linux

package differential

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/umoci/oci/layer"
)

// builtLayer is a layer as a builder packs it.
type builtLayer struct {
	kind, diffID string
	blob         []byte
	notes        map[string]string
}

// rule 5.1: what honest builders write is accepted, and shows what every runtime unpacks. Each layer comes from the builder's own library:
// a Debian-like base (links for /bin, /lib and /var/run, hard links), then the changes that people make.
func TestLayersOfBuildersAreAccepted(t *testing.T) {
	b := newBench(t)
	before, after := t.TempDir(), t.TempDir()
	writeBase(t, before)
	writeBase(t, after)
	changeBase(t, after)
	base, diff := containerdDiff(t, "", before), containerdDiff(t, before, after)
	insert := func(root, target string, opaque bool) []byte {
		return readAll(t, layer.GenerateInsertLayer(root, target, opaque, nil))
	}
	file, folder := filepath.Join(after, "etc/app.conf"), filepath.Join(after, "opt")
	for name, layers := range map[string][]builtLayer{
		"containerd's diff (nerdctl commit, BuildKit), gzip": {gzipLayer(base), gzipLayer(diff)},
		"Docker's diff (docker commit, the classic builder)": {gzipLayer(base), gzipLayer(dockerDiff(t, before, after))},
		"uncompressed": {plainLayer(base), plainLayer(diff)},
		"the same layer twice, the same empty layer twice":     {gzipLayer(base), gzipLayer(diff), gzipLayer(make([]byte, 1024)), gzipLayer(diff), gzipLayer(make([]byte, 1024))},
		"eStargz (nerdctl image convert)":                      {lossyStargz(t, base), lossyStargz(t, diff)},
		"eStargz of BuildKit: the table behind the tar's end":  {losslessStargz(t, base), losslessStargz(t, diff)},
		"zstd:chunked (podman push)":                           {chunkedLayer(t, base), chunkedLayer(t, diff)},
		"skopeo of an archive: gzip by name, plain in truth":   {{dockerLayer + ".gzip", digestOf(base), base, nil}, {dockerLayer + ".gzip", digestOf(diff), diff, nil}},
		"umoci insert of a file below a real folder":           {gzipLayer(base), gzipLayer(insert(file, "/usr/lib/app.conf", false))},
		"umoci insert of an opaque folder":                     {gzipLayer(base), gzipLayer(insert(folder, "/opt", true))},
		"rules_pkg: ./ and no folder entries":                  {gzipLayer(base), gzipLayer(tarOf(t, "./usr/local/bin/x", "./srv/app/y"))},
		"ko, Jib: a folder entry in the place of a link below": {gzipLayer(base), gzipLayer(tarOf(t, "/var/", "/var/run/", "/var/run/ko/", "/var/run/ko/data"))},
	} {
		t.Run(name, func(t *testing.T) { b.acceptsBuilt(t, layers) })
	}
	t.Run("127 layers", func(t *testing.T) {
		in := t.TempDir()
		if o, err := b.program.run(in, writeBuilt(t, in, manyLayers(base, diff, 127)), filepath.Join(in, "o")); err != nil || o.Failure != nil {
			t.Errorf("refused: %v %+v", err, o)
		}
	})
	// the runtimes themselves differ here: overlay puts a folder in the place of the link, the others write through it
	t.Run("refused: a layer without folder entries writes through a link", func(t *testing.T) {
		for _, path := range []string{"lib/foo.so", "bin/tool", "var/run/app/pid"} {
			if why := b.refusesBuilt(t, []builtLayer{gzipLayer(base), gzipLayer(tarOf(t, path))}); !strings.Contains(why, "link") {
				t.Errorf("%s: %q names no link", path, why)
			}
		}
	})
}

// rule 5.1: ko itself, with kodata (/var/run/ko) on the base. KO names ko, CRANE names crane, which serves the registry for the base.
func TestKoIsAccepted(t *testing.T) {
	ko, crane := os.Getenv("KO"), os.Getenv("CRANE")
	if ko == "" || crane == "" {
		t.Skip("KO and CRANE name no programs: GOBIN=FOLDER go install github.com/google/ko@v0.19.1")
	}
	b := newBench(t)
	before, app, address := t.TempDir(), t.TempDir(), "127.0.0.1:5957"
	writeBase(t, before)
	base := filepath.Join(t.TempDir(), "base.tar")
	put(t, base, string(containerdDiff(t, "", before)))
	put(t, filepath.Join(app, "go.mod"), "module example.com/app\ngo 1.24\n")
	put(t, filepath.Join(app, "main.go"), "package main\n\nfunc main() { println(1) }\n")
	put(t, filepath.Join(app, "kodata/page.html"), "page")
	serve := exec.Command(crane, "registry", "serve", "--address", address)
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { serve.Process.Kill(); serve.Wait() })
	name, out := address+"/base:1", filepath.Join(b.folder, "ko") // ko takes no capital letters here
	for try := 0; ; try++ {
		if said, err := exec.Command(crane, "append", "-f", base, "-t", name).CombinedOutput(); err == nil {
			break
		} else if try == 20 {
			t.Fatalf("crane append: %v: %s", err, said)
		}
		time.Sleep(100 * time.Millisecond)
	}
	cmd := exec.Command(ko, "build", "--sbom=none", "--push=false", "--oci-layout-path="+out, "--insecure-registry", ".")
	cmd.Dir, cmd.Env = app, append(os.Environ(), "KO_DEFAULTBASEIMAGE="+name, "KO_DOCKER_REPO="+address+"/ko", "GOFLAGS=-p=2")
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ko build: %v: %s", err, said)
	}
	for _, digest := range imagesOf(t, out) {
		b.accepts(t, out, digest)
	}
}

func (b *bench) acceptsBuilt(t *testing.T, layers []builtLayer) {
	t.Helper()
	in := t.TempDir()
	b.accepts(t, in, writeBuilt(t, in, layers))
}

// accepts holds the tars of the normal form against what every runtime unpacks.
func (b *bench) accepts(t *testing.T, in, digest string) {
	t.Helper()
	folder, err := os.MkdirTemp(b.folder, "") // short and plain: overlayfs takes no colon in the names of its layers
	must(t, err)
	defer os.RemoveAll(folder)
	o, err := b.program.run(in, digest, filepath.Join(folder, "o"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Failure != nil {
		t.Fatalf("refused: %s", o.Failure.Detail)
	}
	form, err := shown(filepath.Join(folder, "o", "image"), o)
	must(t, err)
	v := &verdict{refused: map[string]string{}}
	trees := b.unpackAll(in, digest, folder, v)
	for _, name := range sortedKeys(trees) {
		for _, d := range differencesTo(name, form.files.entries(), trees[name].entries()) {
			t.Errorf("normal form | %s: %s", name, d)
		}
	}
	for _, u := range v.unequal {
		t.Error(u)
	}
	if len(trees) < 7 { // a partial pull needs a table, umoci takes no schema 2
		t.Errorf("only %d runtimes unpack it: %v", len(trees), v.refused)
	}
}

func (b *bench) refusesBuilt(t *testing.T, layers []builtLayer) string {
	t.Helper()
	in := t.TempDir()
	o, err := b.program.run(in, writeBuilt(t, in, layers), filepath.Join(in, "o"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Failure == nil {
		t.Error("accepted")
		return ""
	}
	return o.Failure.Detail
}
