package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"normal-form/books"
)

func TestTheAccountIsWrittenOrItSaysWhyNot(t *testing.T) {
	const report = `{"Results":[{"Class":"lang-pkgs","Packages":[{"Name":"a","Version":"1","FilePath":"a/package.json","AnalyzedBy":"node-pkg"}]}]}`
	declared := []books.Declaration{{Kind: books.Node, Path: "a/package.json", Packages: []books.Package{{Name: "a", Version: "1"}}}}
	for name, c := range map[string]struct {
		report      string
		inventoried bool
		args        []string
		status      int
	}{
		"written":      {report, true, nil, 0},
		"no inventory": {report, false, nil, exitUnread},
		"no report":    {"", true, nil, exitUnread},
		"too many":     {report, true, []string{"more"}, exitUnread},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			if c.inventoried {
				books.WriteInventory(filepath.Join(folder, inventoryFile), declared)
			}
			file := filepath.Join(folder, "report.json")
			os.WriteFile(file, []byte(c.report), 0o644)
			if status := account(append([]string{folder, file}, c.args...)); status != c.status {
				t.Fatal(status)
			}
			text, err := os.ReadFile(filepath.Join(folder, "accounting.json"))
			if (err == nil) != (c.status == 0) {
				t.Fatal(err)
			}
			var a books.Accounting
			if err == nil && (json.Unmarshal(text, &a) != nil || a.Version != 1 || a.Declared != 1 || a.Found != 1) {
				t.Errorf("%s", text)
			}
		})
	}
}

func TestTheReaderWritesAnInventoryWhereItReadTheImage(t *testing.T) {
	good := imageOf(t, []thing{file("a", "1")})
	digest := good.write()
	for name, c := range map[string]struct {
		digest string
		is     bool
	}{"read": {digest, true}, "not read": {digestOfBytes(nil), false}} {
		out := t.TempDir()
		run(c.digest, out, good.folder, options{defaultMaxBytes, defaultMaxEntries})
		if _, err := books.ReadInventory(filepath.Join(out, inventoryFile)); (err == nil) != c.is {
			t.Error(name, err)
		}
	}
}
