//go:build linux

package differential

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// toolbox copies the managers of the systems with their libraries, so that they run in a root that has nothing else.
func toolbox(folder string) (string, error) {
	for _, name := range []string{"bin", "lib", "rpm"} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return "", err
		}
	}
	for manager, program := range map[string]string{"dpkg": "dpkg-query", "rpm": "rpm"} {
		at, err := exec.LookPath(program)
		if err != nil {
			continue
		}
		if err := copyTool(at, folder); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(folder, "has-"+manager), nil, 0o644); err != nil {
			return "", err
		}
	}
	// rpm's own settings: where its database is comes from them
	if _, err := os.Stat("/usr/lib/rpm/macros"); err == nil {
		for _, name := range []string{"macros", "rpmrc"} {
			if err := copyFile(filepath.Join("/usr/lib/rpm", name), filepath.Join(folder, "rpm", name)); err != nil {
				return "", err
			}
		}
	}
	return folder, nil
}

// copyTool takes a program and what `ldd` says that it needs, the loader among it.
func copyTool(program, folder string) error {
	if err := copyFile(program, filepath.Join(folder, "bin", filepath.Base(program))); err != nil {
		return err
	}
	out, err := exec.Command("ldd", program).Output()
	if err != nil {
		return err
	}
	for _, word := range strings.Fields(string(out)) {
		if !strings.HasPrefix(word, "/") {
			continue
		}
		name := filepath.Base(word)
		if strings.HasPrefix(name, "ld-linux") || strings.HasPrefix(name, "ld.so") {
			name = "loader"
		}
		if err := copyFile(word, filepath.Join(folder, "lib", name)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o755)
}
