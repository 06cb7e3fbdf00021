package main

import (
	"archive/tar"
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
)

func TestAProgramIsExecutableForTrivy(t *testing.T) {
	self, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	program := string(self[:4096])
	library := program[:24] + strings.Repeat("\x00", 8) + program[32:]
	r := imageOf(t, []thing{file("program", program), file("short", program[:20]), file("library", library), file("text", "#!/bin/sh"), hard("twin", "program")}).accepted()
	modes := map[string]int64{}
	tr := tar.NewReader(bytes.NewReader(r.blob(r.Layers[0].Normal)))
	for h, err := tr.Next(); err != io.EOF; h, err = tr.Next() {
		if err != nil {
			t.Fatal(err)
		}
		if content, _ := io.ReadAll(tr); h.Name == "program" && string(content) != program {
			t.Error("the program is another one")
		}
		modes[h.Name] = h.Mode
	}
	for name, want := range map[string]int64{"program": 0o755, "twin": 0o755, "library": 0o644, "short": 0o644, "text": 0o644} {
		if modes[name] != want {
			t.Errorf("%s: %o, wanted %o", name, modes[name], want)
		}
	}
}
