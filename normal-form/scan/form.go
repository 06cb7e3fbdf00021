//go:build linux

package scan

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// keep takes a small file of the image reader into the results.
func (s *scanner) keep(name string) error {
	text, err := os.ReadFile(filepath.Join(s.folder, "form", name))
	if err != nil {
		return err
	}
	return os.WriteFile(s.result(name), text, 0o666)
}

// keepIfThere: a reader that crashed wrote none.
func (s *scanner) keepIfThere(name string) error {
	if err := s.keep(name); !os.IsNotExist(err) {
		return err
	}
	return nil
}

func hasJavaArchives(form string) (bool, error) {
	text, err := os.ReadFile(form)
	if err != nil {
		return false, err
	}
	var f struct {
		JavaArchives bool `json:"javaArchives"`
	}
	return f.JavaArchives, json.Unmarshal(text, &f)
}
