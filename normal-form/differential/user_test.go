//go:build linux

package differential

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/containers"
	"github.com/containerd/containerd/v2/pkg/oci"
	"github.com/moby/sys/user"
	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Whoever a runtime starts as root, the program says so, or the rule runs-as-root (src/core/image/starts-as-root.ts) refuses the user by its form.
func TestTheUserIsTheOneOfRuntimes(t *testing.T) {
	p, err := findProgram(t.TempDir())
	must(t, err)
	random := rand.New(rand.NewSource(1))
	pickOf := func(list ...string) string { return list[random.Intn(len(list))] }
	lines := func() string {
		var all []string
		for range random.Intn(5) {
			name := pickOf("app", "app", "root", "web", "1000", " app", "app ", "#app", "+1000", "")
			id := pickOf("0", "1000", "1000", "1001", "00", "+0", "-0", "-1", "", "x", "4294967296", "4294967295", "2147483648", "99999999999999999999", "0x0", " 0", "01000")
			all = append(all, pickOf("", " ", "\t")+name+":x:"+id+pickOf(":0::/:", ":1000::/:", ":", "", "\r"))
		}
		return strings.Join(all, "\n")
	}
	roots, answered := 0, 0
	for n := range 400 {
		passwd, spec := lines(), pickOf("app", "app", "app", "web", "app:root", "app:0", "1000", "1000:1000", "+1000", "01000")
		root := t.TempDir()
		put(t, filepath.Join(root, "etc/passwd"), passwd)
		put(t, filepath.Join(root, "etc/group"), "root:x:0:\n")
		started := map[string]uint32{}
		if u, err := user.GetExecUser(spec, nil, strings.NewReader(passwd), strings.NewReader("root:x:0:\n")); err == nil {
			started["moby"] = uint32(u.Uid)
		}
		s := &oci.Spec{Version: specs.Version, Root: &specs.Root{Path: root}, Process: &specs.Process{}, Linux: &specs.Linux{}}
		if err := oci.WithUser(spec)(context.Background(), nil, &containers.Container{}, s); err == nil {
			started["containerd"] = s.Process.User.UID
		}
		ours := lookedUp(t, p, root, spec)
		if ours == "" {
			ours = "number"
		} else {
			answered++
		}
		for runtime, uid := range started {
			if uid == 0 || uid > 1<<31-1 {
				roots++
				if ours != "0" && ours != "unknown" && !isRefusedByForm(spec) {
					t.Errorf("%d: %s starts %q as %d, the program says %s of\n%q", n, runtime, spec, uid, ours, passwd)
				}
			} else if ours != strconv.Itoa(int(uid)) && ours != "number" && ours != "0" && ours != "unknown" {
				t.Errorf("%d: %s starts %q as %d, the program says %s of\n%q", n, runtime, spec, uid, ours, passwd)
			}
		}
	}
	t.Logf("%d starts as root or as no user; the program looked up %d of 400", roots, answered)
	if roots < 50 || answered < 200 {
		t.Error("the cases are too tame")
	}
}

// isRefusedByForm: of numbers, the rule accepts those that begin with 1 to 9.
func isRefusedByForm(spec string) bool { return regexp.MustCompile(`^[+0]`).MatchString(spec) }

// lookedUp is what form.json says of the user: an id, "unknown", or nothing.
func lookedUp(t *testing.T, p *program, root, spec string) string {
	t.Helper()
	passwd, err := os.ReadFile(filepath.Join(root, "etc/passwd"))
	must(t, err)
	tarball := &tarball{entries: []*entry{file("etc/passwd", string(passwd))}, end: make([]byte, 2*block)}
	layer, layout, out := tarball.bytes(), t.TempDir(), t.TempDir()
	blob := func(mediaType string, content []byte) string {
		put(t, filepath.Join(layout, "blobs/sha256", strings.TrimPrefix(digestOf(content), "sha256:")), string(content))
		return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d}`, mediaType, digestOf(content), len(content))
	}
	config := blob("application/vnd.oci.image.config.v1+json", fmt.Appendf(nil,
		`{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[%q]},"config":{"User":%q}}`, digestOf(layer), spec))
	manifest := fmt.Appendf(nil, `{"schemaVersion":2,"config":%s,"layers":[%s]}`, config, blob("application/vnd.oci.image.layer.v1.tar", layer))
	blob("", manifest)
	o, err := p.run(layout, digestOf(manifest), out)
	must(t, err)
	if o.Failure != nil {
		t.Fatal(o.Failure.Detail)
	}
	text, err := os.ReadFile(filepath.Join(out, "form.json"))
	must(t, err)
	var form struct {
		User *struct {
			UID     *json.Number
			Unknown string
		}
	}
	must(t, json.NewDecoder(bytes.NewReader(text)).Decode(&form))
	switch {
	case form.User == nil:
		return ""
	case form.User.UID != nil:
		return form.User.UID.String()
	}
	return "unknown"
}
