package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func formOf(t *testing.T, folder string) form {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "form.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f form
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestExitStatusAndForm(t *testing.T) {
	limits := options{defaultMaxBytes, defaultMaxEntries}
	good, bad := imageOf(t, []thing{file("a", "1")}), imageOf(t, []thing{file("../a\u202e\n"+strings.Repeat("文", 500), "1")})
	goodDigest, badDigest := good.write(), bad.write()
	for name, c := range map[string]struct {
		digest, source string
		status         int
		cause          cause
	}{
		"written":             {goodDigest, good.folder, 0, ""},
		"refused":             {badDigest, bad.folder, exitRefused, unscannable},
		"no such image":       {digestOfBytes(nil), good.folder, exitUnread, imageGone},
		"no digest":           {"latest", good.folder, exitUnread, scannerFailed},
		"no such source":      {goodDigest, filepath.Join(good.folder, "none"), exitUnread, scannerFailed},
		"an unknown registry": {goodDigest, "registry.example/app", exitUnread, scannerFailed},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "new", "folder")
			if status := run(c.digest, out, c.source, limits); status != c.status {
				t.Fatalf("status %d", status)
			}
			f := formOf(t, out)
			_, err := os.Stat(filepath.Join(out, "image"))
			if (err == nil) != (c.status == 0) {
				t.Fatal(err)
			}
			if c.status == 0 {
				if f.Version != 2 || f.Image != goodDigest || !isDigest(f.Config) || !isDigest(f.NormalConfig) || len(f.Layers) != 1 || *f.Bytes != 2560 || f.Failure != nil {
					t.Fatalf("%+v", f)
				}
				return
			}
			d := f.Failure.Detail
			if f.Version != 2 || f.Failure.Cause != c.cause || d == "" || utf8.RuneCountInString(d) > maxDetail || strings.ContainsAny(d, "\n\u202e") || f.Image != "" {
				t.Fatalf("%+v", f)
			}
		})
	}
}

func TestADamagedBlobIsRefused(t *testing.T) {
	i := imageOf(t, []thing{file("a", "1")})
	digest := i.write()
	name := filepath.Join(i.folder, "blobs", "sha256", hexOf(i.layers[0].diffID))
	for what, text := range map[string][]byte{"longer": append(i.layers[0].blob, 0), "shorter": i.layers[0].blob[:600], "other": tarOf(t, file("a", "2"))} {
		os.WriteFile(name, text, 0o644)
		if _, err := makeForm(layout(i.folder), digest, t.TempDir(), options{1 << 20, 10}); err == nil || !isRefused(err) {
			t.Error(what, err)
		}
	}
	os.Remove(name)
	if _, err := makeForm(layout(i.folder), digest, t.TempDir(), options{1 << 20, 10}); err == nil || !isRefused(err) {
		t.Error(err)
	}
	os.Mkdir(name, 0o755)
	if _, err := makeForm(layout(i.folder), digest, t.TempDir(), options{1 << 20, 10}); err == nil || !isRefused(err) {
		t.Error(err)
	}
}

func TestTheSameImageGivesTheSameForm(t *testing.T) {
	i := imageOf(t, []thing{file("a", "1"), file("b/c", "2"), file("d/e", "2")}, []thing{link("a", "x"), link("b", "x"), link("d", "x"), file(".wh.q", ""), file(".wh.p", "")})
	first := i.accepted()
	for range 5 {
		if again := i.accepted(); again.Layers[1] != first.Layers[1] || again.NormalConfig != first.NormalConfig {
			t.Fatal("another form")
		}
	}
}
