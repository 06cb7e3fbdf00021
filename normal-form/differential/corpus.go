package differential

import (
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// recipes lay real packages out, each with the tool of its own manager: every folder that a script leaves is an installation.
//
//go:embed corpus/*.sh
var recipes embed.FS

// toolMissing is the exit status of a recipe whose tool this machine does not have.
const toolMissing = 69

// installation is what one run of a package manager left on the disk.
type installation struct {
	manager string // the recipe
	name    string
	entries []*entry
}

// isSystem: the packages are those of an operating system, so the installation is the root of the image.
func (i *installation) isSystem() bool {
	return i.manager == "dpkg" || i.manager == "rpm" || i.manager == "apk"
}

// corpus is all that the tools of this machine can lay out.
type corpus struct {
	installations []*installation
	notRun        map[string]string // by manager, and why
}

// layOut runs the recipes, or takes what an earlier run kept in the folder CORPUS.
func layOut(folder string) (*corpus, error) {
	if kept := os.Getenv("CORPUS"); kept != "" {
		folder = kept
	}
	scripts, err := fs.Glob(recipes, "corpus/*.sh")
	if err != nil {
		return nil, err
	}
	c := &corpus{notRun: map[string]string{}}
	for _, script := range scripts {
		manager := strings.TrimSuffix(filepath.Base(script), ".sh")
		made, err := follow(script, folder)
		var exit *exec.ExitError
		if errors.As(err, &exit) && exit.ExitCode() == toolMissing {
			c.notRun[manager] = "its tool is not on this machine"
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", script, err)
		}
		if err := c.read(manager, made); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// follow a recipe, once for each text of it.
func follow(script, folder string) (made string, err error) {
	text, err := recipes.ReadFile(script)
	if err != nil {
		return "", err
	}
	name := strings.TrimSuffix(filepath.Base(script), ".sh")
	made = filepath.Join(folder, fmt.Sprintf("%s-%.6x", name, sha256.Sum256(text)))
	if _, err := os.Stat(made); err == nil {
		return made, nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(folder, ".making-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	cmd := exec.Command("sh")
	cmd.Dir, cmd.Stdin = work, strings.NewReader(string(text))
	cmd.Env = append(os.Environ(), "TMPDIR="+os.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out[max(0, len(out)-3000):])
	}
	if err := os.Rename(work, made); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	return made, os.Chmod(made, 0o755)
}

func (c *corpus) read(manager, folder string) error {
	names, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, name := range names {
		i := &installation{manager: manager, name: manager + "/" + name.Name()}
		if i.entries, err = entriesOf(filepath.Join(folder, name.Name())); err != nil {
			return err
		}
		c.installations = append(c.installations, i)
	}
	return nil
}

// entriesOf a folder: files, links, and folders that are empty. Names are below the folder.
func entriesOf(folder string) (entries []*entry, err error) {
	err = filepath.WalkDir(folder, func(at string, d fs.DirEntry, err error) error {
		if err != nil || at == folder {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, at)
		if err != nil {
			return err
		}
		switch {
		case d.Type() == fs.ModeSymlink:
			to, err := os.Readlink(at)
			entries = append(entries, symlink(name, to))
			return err
		case d.IsDir():
			if inside, err := os.ReadDir(at); err != nil || len(inside) > 0 {
				return err
			}
			entries = append(entries, &entry{kind: '5', name: name + "/", mode: 0o755, time: 1})
		case d.Type().IsRegular():
			content, err := os.ReadFile(at)
			e := file(name, string(content))
			e.mode = int64(info.Mode().Perm())
			entries = append(entries, e)
			return err
		}
		return nil
	})
	return entries, err
}
